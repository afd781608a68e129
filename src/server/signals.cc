#include "server/signals.h"

#include <pthread.h>
#include <signal.h>

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

void WaitForEndingSignal() {
  WaitOnce();
  std::thread([] {
    WaitOnce();
    std::_Exit(static_cast<int>(ExitCode::kInterrupted));
  }).detach();
}

}  // namespace batuta::server
