// The monotonic clock that the timeouts of sockets run on. Internal to this folder.
#pragma once

#include "base/time.h"

namespace batuta::http {

base::Duration MonotonicNow();

}  // namespace batuta::http
