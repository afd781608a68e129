// The declared type of an event within conditions on events: its fields are `name`, `source`,
// `time`, `properties` and `context`; `properties` has the type that the tracking plan gives.
#pragma once

#include "expr/type.h"

namespace batuta::feature {

expr::Type EventType(expr::Type properties = {});

}  // namespace batuta::feature
