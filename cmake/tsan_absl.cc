// For ThreadSanitizer builds alone: tells it what absl's mutexes order.
//
// The system's abseil is not instrumented, so what a Mutex guards looks unguarded. The functions
// here stand in front of the library's (symbols of a program go before those of its libraries),
// call them, and say what was acquired and released. Await polls: in the library, whoever unlocks
// may also evaluate the condition of another thread, which the sanitizer cannot follow.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <time.h>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

// RocksDB is not instrumented either: of its own synchronisation the sanitizer sees nothing. What
// stands in a stack of a report with it is its business; races between our own accesses are
// reported.
extern "C" const char* __tsan_default_suppressions() { return "race:librocksdb.so\n"; }

namespace {

template <typename Function>
Function Real(const char* name) {
  void* const found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) __builtin_trap();  // another release of abseil: the names below change
  return reinterpret_cast<Function>(found);
}

void Nap() {
  const timespec span{0, 200'000};
  nanosleep(&span, nullptr);
}

}  // namespace

#define BATUTA_REAL(signature, name) \
  static auto* const real = Real<signature>("_ZN4absl7debian3" name)
#define BATUTA_REAL_CONST(signature, name) \
  static auto* const real = Real<signature>("_ZNK4absl7debian3" name)

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  BATUTA_REAL(void (*)(Mutex*), "5Mutex4LockEv");
  real(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  BATUTA_REAL(void (*)(Mutex*), "5Mutex6UnlockEv");
  __tsan_release(this);
  real(this);
}

bool Mutex::TryLock() {
  BATUTA_REAL(bool (*)(Mutex*), "5Mutex7TryLockEv");
  if (!real(this)) return false;
  __tsan_acquire(this);
  return true;
}

void Mutex::ReaderLock() {
  BATUTA_REAL(void (*)(Mutex*), "5Mutex10ReaderLockEv");
  real(this);
  __tsan_acquire(this);
}

void Mutex::ReaderUnlock() {
  BATUTA_REAL(void (*)(Mutex*), "5Mutex12ReaderUnlockEv");
  __tsan_release(this);
  real(this);
}

void Mutex::Await(const Condition& condition) {
  while (!condition.Eval()) {
    Unlock();
    Nap();
    Lock();
  }
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  for (const Time end = Now() + timeout; !condition.Eval();) {
    if (Now() >= end) return false;
    Unlock();
    Nap();
    Lock();
  }
  return true;
}

void CondVar::Wait(Mutex* mutex) {
  BATUTA_REAL(void (*)(CondVar*, Mutex*), "7CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  real(this, mutex);
  __tsan_acquire(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  BATUTA_REAL(bool (*)(CondVar*, Mutex*, Duration),
              "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  __tsan_release(mutex);
  const bool expired = real(this, mutex, timeout);
  __tsan_acquire(mutex);
  return expired;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  BATUTA_REAL(bool (*)(CondVar*, Mutex*, Time),
              "7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mutex);
  const bool expired = real(this, mutex, deadline);
  __tsan_acquire(mutex);
  return expired;
}

void Notification::Notify() {
  BATUTA_REAL(void (*)(Notification*), "12Notification6NotifyEv");
  __tsan_release(this);
  real(this);
}

void Notification::WaitForNotification() const {
  BATUTA_REAL_CONST(void (*)(const Notification*), "12Notification19WaitForNotificationEv");
  real(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  BATUTA_REAL_CONST(bool (*)(const Notification*, Duration),
                    "12Notification30WaitForNotificationWithTimeoutENS0_8DurationE");
  const bool notified = real(this, timeout);
  if (notified) __tsan_acquire(const_cast<Notification*>(this));
  return notified;
}

ABSL_NAMESPACE_END
}  // namespace absl
