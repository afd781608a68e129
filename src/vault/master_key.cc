#include "vault/master_key.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::vault {

namespace {

// Closes the descriptor when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool ok() const { return number_ >= 0; }

 private:
  const int number_;
};

absl::Status SystemError(const std::string& what, const std::string& path) {
  return absl::InternalError(
      absl::StrCat("cannot ", what, " the master key file ", path, ": ", std::strerror(errno)));
}

absl::Status SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  const Descriptor descriptor(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.ok() || fsync(descriptor.number()) != 0) return SystemError("sync", path);
  return absl::OkStatus();
}

}  // namespace

MasterKey::~MasterKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

absl::StatusOr<MasterKey> MasterKey::FromBytes(std::string_view bytes) {
  if (bytes.size() != kSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("a master key has ", kSize, " bytes, not ", bytes.size()));
  }
  MasterKey key;
  std::memcpy(key.bytes_.data(), bytes.data(), kSize);
  return key;
}

absl::StatusOr<MasterKey> MasterKey::Parse(std::string_view text) {
  absl::StatusOr<std::string> bytes = base::DecodeHex(base::TrimAscii(text));
  // The message of the decoder might quote the key.
  if (!bytes.ok()) {
    return absl::InvalidArgumentError("a master key is written as 64 hexadecimal digits");
  }
  absl::StatusOr<MasterKey> key = FromBytes(*bytes);
  OPENSSL_cleanse(bytes->data(), bytes->size());
  return key;
}

absl::StatusOr<MasterKey> MasterKey::Draw() {
  MasterKey key;
  const ssize_t drawn = getrandom(key.bytes_.data(), kSize, 0);
  if (drawn != static_cast<ssize_t>(kSize)) {
    return absl::InternalError("the operating system gave no random bytes");
  }
  return key;
}

std::string_view MasterKey::bytes() const {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

std::string MasterKey::ToHex() const { return base::EncodeHex(bytes()); }

absl::StatusOr<MasterKey> LoadMasterKey(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok() && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat("there is no master key file ", path));
  }
  struct stat about = {};
  if (!file.ok() || fstat(file.number(), &about) != 0) return SystemError("open", path);
  if ((about.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("others may use the master key file ", path, "; run: chmod 600 ", path));
  }
  char text[256];
  const ssize_t size = read(file.number(), text, sizeof(text));
  if (size < 0) return SystemError("read", path);
  absl::StatusOr<MasterKey> key = MasterKey::Parse({text, static_cast<size_t>(size)});
  OPENSSL_cleanse(text, sizeof(text));
  if (!key.ok()) {
    return absl::DataLossError(absl::StrCat(path, ": ", key.status().message()));
  }
  return key;
}

absl::StatusOr<MasterKey> CreateMasterKey(const std::string& path) {
  BATUTA_ASSIGN_OR_RETURN(const MasterKey key, MasterKey::Draw());
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.ok() && errno == EEXIST) {
    return absl::AlreadyExistsError(absl::StrCat("there is a master key file ", path));
  }
  if (!file.ok()) return SystemError("make", path);
  std::string text = key.ToHex() + "\n";
  const ssize_t written = write(file.number(), text.data(), text.size());
  const bool is_whole = written == static_cast<ssize_t>(text.size());
  OPENSSL_cleanse(text.data(), text.size());
  if (!is_whole || fsync(file.number()) != 0) return SystemError("write", path);
  BATUTA_RETURN_IF_ERROR(SyncFolderOf(path));
  return key;
}

}  // namespace batuta::vault
