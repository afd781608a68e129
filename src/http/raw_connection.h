// A connection on which a test says exactly the bytes it wants and reads the answers one by one.
// For tests and the benchmark only; every wait is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/socket.h"

namespace batuta::http {

class RawConnection {
 public:
  explicit RawConnection(uint16_t port);

  void Say(std::string_view bytes);  // fails silently once the server has closed
  // The next answer; status 0 if the connection ends before a whole one, or nothing comes for 20 s.
  Response Answer(Method asked = Method::kGet);
  // Sends, and reads the answer.
  Response Ask(std::string_view bytes, Method asked = Method::kGet);
  // Reads on until the server closes; true if it does, without another byte.
  bool Closes();
  // One read; "" at the end.
  std::string ReadSome();
  size_t ReadInto(char* data, size_t size);  // one read, past what is kept for Answer
  int descriptor() const { return socket_.descriptor(); }
  void HalfClose();
  void Leave() { socket_.Close(); }

 private:
  bool Fill();

  Socket socket_;
  std::string in_;
};

inline constexpr Status kNoAnswer = static_cast<Status>(0);

// "POST <target>" with a body and its length.
std::string PostOf(std::string_view target, std::string_view body, std::string_view fields = "");
std::string GetOf(std::string_view target, std::string_view fields = "");

}  // namespace batuta::http
