#include "connect/text_file.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::connect {
namespace {

constexpr unsigned kBufferBytes = 1U << 18;

absl::Status CannotRead(const std::string& path) {
  return absl::NotFoundError(base::StrCat("cannot read ", path));
}

}  // namespace

void TextFile::Closer::operator()(gzFile_s* file) const { gzclose(file); }

TextFile::TextFile(std::unique_ptr<gzFile_s, Closer> file, std::string path, uint64_t size)
    : file_(std::move(file)), path_(std::move(path)), stored_size_(size) {}

absl::StatusOr<TextFile> TextFile::Open(const std::string& path) {
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return CannotRead(path);
  std::unique_ptr<gzFile_s, Closer> file(gzopen(path.c_str(), "rb"));
  if (file == nullptr) return CannotRead(path);
  gzbuffer(file.get(), kBufferBytes);
  return TextFile(std::move(file), path, static_cast<uint64_t>(about.st_size));
}

uint64_t TextFile::stored_offset() const {
  const auto place = gzoffset(file_.get());
  return place < 0 ? 0 : static_cast<uint64_t>(place);
}

absl::Status TextFile::Seek(uint64_t offset) {
  buffer_.clear();
  at_ = 0;
  if (gzseek(file_.get(), static_cast<z_off_t>(offset), SEEK_SET) < 0) {
    return absl::DataLossError(base::StrCat(path_, " ends before byte ", offset));
  }
  offset_ = offset;
  return absl::OkStatus();
}

absl::StatusOr<bool> TextFile::Fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const size_t before = buffer_.size();
  buffer_.resize(before + kBufferBytes);
  const int size = gzread(file_.get(), buffer_.data() + before, kBufferBytes);
  buffer_.resize(before + static_cast<size_t>(std::max(size, 0)));
  int error = Z_OK;
  const char* text = gzerror(file_.get(), &error);
  if (size < 0 || (error != Z_OK && error != Z_STREAM_END)) {
    return absl::DataLossError(base::StrCat(path_, " is damaged or cut short: ", text));
  }
  return size > 0;
}

absl::StatusOr<bool> TextFile::NextLine(std::string& line) {
  line.clear();
  bool has_any = false;
  while (true) {
    const size_t end = buffer_.find('\n', at_);
    const size_t stop = end == std::string::npos ? buffer_.size() : end;
    has_any |= stop > at_ || end != std::string::npos;
    const size_t room = kMaxLineBytes - std::min(line.size(), kMaxLineBytes);
    line.append(buffer_, at_, std::min(stop - at_, room));
    offset_ += stop - at_ + (end == std::string::npos ? 0 : 1);
    at_ = stop + (end == std::string::npos ? 0 : 1);
    if (end != std::string::npos) break;
    BATUTA_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
  }
  if (line.ends_with('\r')) line.pop_back();
  return has_any;
}

absl::StatusOr<base::Id128> HashOfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return CannotRead(path);
  base::Id128 hash;
  std::string part(size_t{1} << 20, '\0');
  while (file) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    const auto size = static_cast<size_t>(file.gcount());
    if (size == 0) break;
    hash = base::Hash128(hash.ToBytes() + part.substr(0, size));
  }
  return hash;
}

}  // namespace batuta::connect
