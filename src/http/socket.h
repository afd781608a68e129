// A blocking TCP connection with deadlines, for the client. Internal to this folder.
//
// Owns its descriptor. One thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"

namespace batuta::http {

class Socket {
 public:
  Socket() = default;
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  // Tries each address of the name in turn. Unavailable or DeadlineExceeded.
  static absl::StatusOr<Socket> Connect(const std::string& host, const std::string& port,
                                        base::Duration timeout);

  int descriptor() const { return descriptor_; }
  bool IsOpen() const { return descriptor_ >= 0; }
  // Whether the peer has sent nothing unasked and has not closed: it can take another request.
  bool IsQuiet() const;
  void Close();
  void EndSending();  // the peer reads an end; its answers still arrive

  // `deadline` is a point of the monotonic clock. DeadlineExceeded; Unavailable if the peer is
  // gone.
  absl::Status Write(std::string_view data, base::Duration deadline);
  // Up to `size` bytes; 0 when the peer has ended.
  absl::StatusOr<size_t> Read(char* data, size_t size, base::Duration deadline);

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}

  absl::Status Wait(short events, base::Duration deadline) const;

  int descriptor_ = -1;
};

}  // namespace batuta::http
