#include "server/signals.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <cstdlib>
#include <thread>

#include "server/exit_code.h"

namespace batuta::server {
namespace {

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

void WaitOnce() {
  const sigset_t signals = EndingSignals();
  int signal = 0;
  sigwait(&signals, &signal);
}

}  // namespace

void BlockEndingSignals() {
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // a client that went away is an error of its connection only
  ::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is then an error as a full disk is
}

bool AwaitEndingSignal(base::Duration most) {
  const sigset_t signals = EndingSignals();
  constexpr int64_t kSecond = 1'000'000;
  const timespec time = {.tv_sec = most.micros / kSecond,
                         .tv_nsec = (most.micros % kSecond) * 1000};
  return sigtimedwait(&signals, nullptr, &time) > 0;
}

void WaitForEndingSignal() {
  WaitOnce();
  std::thread([] {
    WaitOnce();
    std::_Exit(static_cast<int>(ExitCode::kInterrupted));
  }).detach();
}

}  // namespace batuta::server
