// Undoes the content codings gzip and deflate, up to a limit, so that a small body cannot become a
// huge one. Kept for reuse, because starting zlib costs more than a small body does. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace batuta::http {

enum class Coding { kGzip, kDeflate };

// Whether a body is gzip by its first bytes: some clients send it without saying so.
bool LooksLikeGzip(std::string_view body);

class Inflater {
 public:
  enum class Result { kDone, kBroken, kTooLarge };

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Sets *decoded, with room for kBodyPadding more. gzip may have several members; deflate may be
  // with or without its zlib wrapper. Broken: damaged, cut short, or followed by other bytes.
  Result Decode(Coding coding, std::string_view body, size_t limit, std::string* decoded);

 private:
  struct Stream;

  Result DecodeMember(size_t limit, std::string* decoded);

  std::unique_ptr<Stream> stream_;
};

}  // namespace batuta::http
