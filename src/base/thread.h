// What the operating system knows of the calling thread: its name, and how much it matters.
#pragma once

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace batuta::base {

// As `top -H`, debuggers and profilers show it. At most 15 characters.
inline void NameThread(const char* name) { pthread_setname_np(pthread_self(), name); }

// For work that nobody waits for: when the processors are busy, the calling thread gets about a
// third of what others get. Where the system does not allow it, everything stays as it was.
inline void LowerPriority() {
  constexpr int kNice = 5;
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  setpriority(PRIO_PROCESS, thread, kNice);
}

}  // namespace batuta::base
