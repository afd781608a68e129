// Names the calling thread, as `top -H`, debuggers and profilers show it. At most 15 characters.
#pragma once

#include <pthread.h>

namespace batuta::base {

inline void NameThread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace batuta::base
