// What the operating system knows of the calling thread: its name, and how much it matters; and
// what a program says of all its locks.
#pragma once

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "absl/synchronization/mutex.h"

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

// Abseil as Debian builds it looks for cycles in the order of locks, which takes a lock of its own
// for all threads at every lock and unlock. That is for tests; programs call this first.
inline void TrustTheOrderOfLocks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace batuta::base
