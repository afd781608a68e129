// What the operating system knows of the calling thread: its name, and how much it matters; and
// what a program says of all its locks.
#pragma once

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

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

// For work that others wait for and that is soon done: the calling thread's turns at a processor
// are that long at most, in microseconds, and in exchange it need not wait for the end of a longer
// turn of another when it has something to do. Linux heeds it since 6.12; where the system does
// not, or does not allow it, everything stays as it was; and so does the thread's policy.
inline void TakeShortTurns(uint64_t micros) {
  // As the kernel has it in linux/sched/types.h, which not all C libraries bring.
  struct {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;  // nanoseconds
    uint64_t deadline;
    uint64_t period;
  } attributes = {};
  constexpr uint64_t kKeepPolicy = 8;
  attributes.size = sizeof(attributes);
  attributes.flags = kKeepPolicy;
  attributes.nice = getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)));
  attributes.runtime = micros * 1000;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

// Abseil as Debian builds it looks for cycles in the order of locks, which takes a lock of its own
// for all threads at every lock and unlock. That is for tests; programs call this first.
inline void TrustTheOrderOfLocks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace batuta::base
