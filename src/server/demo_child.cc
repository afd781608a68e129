#include "server/demo_child.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "base/text.h"

namespace batuta::server {
namespace {

constexpr int kEndingSteps = 600;  // of a tenth of a second
constexpr size_t kLastBytes = 2000;

// In the child, between fork and exec: only what is safe there.
[[noreturn]] void Become(char* const* arguments, int log) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv("/proc/self/exe", arguments);
  _exit(127);
}

// The port that could be had, or 0.
int TryPort(const std::string& host, int port) {
  const int socket_file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_file < 0) return 0;
  const int one = 1;
  setsockopt(socket_file, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  socklen_t size = sizeof(address);
  auto* general = reinterpret_cast<sockaddr*>(&address);
  const bool is_free =
      bind(socket_file, general, size) == 0 && getsockname(socket_file, general, &size) == 0;
  close(socket_file);
  return is_free ? ntohs(address.sin_port) : 0;
}

}  // namespace

std::string FreeAddress(const std::string& host, int port) {
  const int wanted = TryPort(host, port);
  return base::StrCat(host, ":", wanted != 0 ? wanted : TryPort(host, 0));
}

absl::StatusOr<ChildHub> ChildHub::Start(const std::vector<std::string>& arguments,
                                         std::string log_path) {
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return absl::InternalError(base::StrCat("cannot write ", log_path));
  std::error_code error;
  const size_t log_begin = std::filesystem::file_size(log_path, error);
  std::vector<std::string> texts = arguments;
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) Become(pointers.data(), log);
  close(log);
  if (pid < 0) return absl::InternalError("cannot start another process");
  return ChildHub(pid, std::move(log_path), log_begin);
}

ChildHub::ChildHub(ChildHub&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      status_(other.status_),
      log_path_(std::move(other.log_path_)),
      log_begin_(other.log_begin_) {}

ChildHub::~ChildHub() { End().IgnoreError(); }

bool ChildHub::IsRunning() {
  if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

absl::Status ChildHub::End() {
  if (IsRunning()) kill(pid_, SIGTERM);
  for (int step = 0; step < kEndingSteps && IsRunning(); ++step) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  if (IsRunning()) {
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, -1), &status_, 0);
  }
  const bool is_well = WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
  if (is_well) return absl::OkStatus();
  return absl::InternalError(base::StrCat("the hub did not end well:\n", LastLines()));
}

std::string ChildHub::LastLines() const {
  std::ifstream file(log_path_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(log_begin_));
  std::ostringstream text;
  text << file.rdbuf();
  std::string lines = text.str();
  if (lines.size() > kLastBytes) lines.erase(0, lines.size() - kLastBytes);
  return lines;
}

}  // namespace batuta::server
