// A small history of a hub in which everything happens that a log can tell of.
//
// The same each time it is lived with the same release; another release may write other records for
// it, which is why the log of one is kept.
#pragma once

#include "engine/hub_testing.h"

namespace batuta::golden {

inline constexpr uint16_t kPartitions = 3;

// Lives the history on a new hub of kPartitions partitions; afterwards nothing is left to do.
void Live(engine::TestHub& hub);

}  // namespace batuta::golden
