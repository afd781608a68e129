// A hub of the demo's own: `batuta serve` as a child process of this one.
//
// The child has a process group of its own, so that Ctrl-C reaches the demo alone, which then ends
// the hub when nobody talks to it any more. If the demo dies, the hub gets SIGTERM.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace batuta::server {

class ChildHub {
 public:
  // Starts the same binary with these arguments; what it prints is appended to `log_path`. To be
  // called before there are threads.
  static absl::StatusOr<ChildHub> Start(const std::vector<std::string>& arguments,
                                        std::string log_path);
  ChildHub(ChildHub&& other) noexcept;
  ChildHub& operator=(ChildHub&&) = delete;
  ~ChildHub();

  bool IsRunning();
  // SIGTERM, and waits until it has ended; after a minute it is killed. An error if it did not end
  // well.
  absl::Status End();
  // The last lines of what it printed since this start.
  std::string LastLines() const;

 private:
  ChildHub(pid_t pid, std::string log_path, size_t log_begin)
      : pid_(pid), log_path_(std::move(log_path)), log_begin_(log_begin) {}

  pid_t pid_ = -1;  // -1: it has ended
  int status_ = 0;
  std::string log_path_;
  size_t log_begin_ = 0;
};

// "127.0.0.1:8480" if nobody listens there, else the same address with a port that is free.
std::string FreeAddress(const std::string& host, int port);

}  // namespace batuta::server
