// Messages with random content, for tests of what is packed. Internal to this folder.
#pragma once

#include "base/random.h"
#include "google/protobuf/message.h"

namespace batuta::decision {

// Sets about every second field, whatever it is, to one of a few values, so that neighbours often
// have the same; and fields of its messages.
void FillRandomly(base::Random& random, google::protobuf::Message& message);

}  // namespace batuta::decision
