#include "log/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <system_error>
#include <utility>

#include "base/status.h"
#include "base/text.h"

namespace batuta::log {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::StatusCode::kNotFound;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
      return absl::StatusCode::kUnavailable;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status Error(int error, std::string_view call, const std::string& path) {
  return absl::Status(
      CodeOf(error),
      base::StrCat(path, ": ", call, " failed: ", std::generic_category().message(error)));
}

// Repeats a call for as long as signals interrupt it.
template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

absl::Status Check(int result, std::string_view call, const std::string& path) {
  return result == 0 ? absl::OkStatus() : Error(errno, call, path);
}

absl::StatusOr<off_t> ToOffset(uint64_t offset, const std::string& path) {
  if (offset <= static_cast<uint64_t>(std::numeric_limits<off_t>::max())) {
    return static_cast<off_t>(offset);
  }
  return absl::InvalidArgumentError(base::StrCat(path, ": no file has a byte ", offset));
}

class PosixFile final : public base::File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override { ::close(descriptor_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  absl::StatusOr<std::string> Read(uint64_t offset, size_t size) override {
    std::string bytes(size, '\0');
    size_t done = 0;
    while (done < size) {
      BATUTA_ASSIGN_OR_RETURN(const off_t at, ToOffset(offset + done, path_));
      const ssize_t count =
          Uninterrupted([&] { return ::pread(descriptor_, bytes.data() + done, size - done, at); });
      if (count < 0) return Error(errno, "read", path_);
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    bytes.resize(done);
    return bytes;
  }

  absl::Status Write(uint64_t offset, std::string_view data) override {
    while (!data.empty()) {
      BATUTA_ASSIGN_OR_RETURN(const off_t at, ToOffset(offset, path_));
      const ssize_t count =
          Uninterrupted([&] { return ::pwrite(descriptor_, data.data(), data.size(), at); });
      if (count < 0) return Error(errno, "write", path_);
      if (count == 0) return Error(EIO, "write", path_);
      data.remove_prefix(static_cast<size_t>(count));
      offset += static_cast<uint64_t>(count);
    }
    return absl::OkStatus();
  }

  absl::Status SyncData() override {
    return Check(Uninterrupted([&] { return ::fdatasync(descriptor_); }), "fdatasync", path_);
  }

  absl::Status Truncate(uint64_t size) override {
    BATUTA_ASSIGN_OR_RETURN(const off_t length, ToOffset(size, path_));
    return Check(Uninterrupted([&] { return ::ftruncate(descriptor_, length); }), "truncate",
                 path_);
  }

  absl::Status Allocate(uint64_t size) override {
    BATUTA_ASSIGN_OR_RETURN(const off_t length, ToOffset(size, path_));
    // Falls back to writing zeros where the file system cannot reserve.
    int error = ::posix_fallocate(descriptor_, 0, length);
    while (error == EINTR) error = ::posix_fallocate(descriptor_, 0, length);
    return error == 0 ? absl::OkStatus() : Error(error, "allocate", path_);
  }

  absl::StatusOr<uint64_t> Size() override {
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) return Error(errno, "stat", path_);
    return static_cast<uint64_t>(status.st_size);
  }

 private:
  const int descriptor_;
  const std::string path_;
};

int FlagsOf(base::Disk::Open mode) {
  switch (mode) {
    case base::Disk::Open::kRead:
      return O_RDONLY | O_CLOEXEC;
    case base::Disk::Open::kReadWrite:
      return O_RDWR | O_CLOEXEC;
    case base::Disk::Open::kCreate:
      return O_RDWR | O_CREAT | O_CLOEXEC;
  }
  return O_RDONLY | O_CLOEXEC;
}

absl::Status Copy(base::Disk& disk, const std::string& from, const std::string& to) {
  BATUTA_ASSIGN_OR_RETURN(const auto source, disk.OpenFile(from, base::Disk::Open::kRead));
  BATUTA_ASSIGN_OR_RETURN(const auto target, disk.OpenFile(to, base::Disk::Open::kCreate));
  BATUTA_RETURN_IF_ERROR(target->Truncate(0));
  constexpr size_t kStep = size_t{1} << 20;
  for (uint64_t offset = 0;; offset += kStep) {
    BATUTA_ASSIGN_OR_RETURN(const std::string bytes, source->Read(offset, kStep));
    BATUTA_RETURN_IF_ERROR(target->Write(offset, bytes));
    if (bytes.size() < kStep) return target->SyncData();
  }
}

bool IsFolder(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

absl::StatusOr<std::unique_ptr<base::File>> PosixDisk::OpenFile(const std::string& path,
                                                                Open mode) {
  // What the hub keeps is for the account that runs it and nobody else.
  constexpr mode_t kOwnerOnly = 0600;
  const int descriptor =
      Uninterrupted([&] { return ::open(path.c_str(), FlagsOf(mode), kOwnerOnly); });
  if (descriptor < 0) return Error(errno, "open", path);
  return std::make_unique<PosixFile>(descriptor, path);
}

absl::Status PosixDisk::Rename(const std::string& from, const std::string& to) {
  return Check(::rename(from.c_str(), to.c_str()), base::StrCat("rename to ", to), from);
}

absl::Status PosixDisk::Remove(const std::string& path) {
  return Check(::remove(path.c_str()), "remove", path);  // an empty folder, too
}

absl::Status PosixDisk::MakeDirectory(const std::string& path) {
  if (path.empty() || IsFolder(path)) return absl::OkStatus();
  const size_t slash = path.find_last_of('/');
  if (slash != std::string::npos && slash > 0) {
    BATUTA_RETURN_IF_ERROR(MakeDirectory(path.substr(0, slash)));
  }
  constexpr mode_t kOwnerOnly = 0700;
  if (::mkdir(path.c_str(), kOwnerOnly) == 0 || IsFolder(path)) return absl::OkStatus();
  return Error(errno, "make folder", path);
}

absl::Status PosixDisk::SyncDirectory(const std::string& path) {
  const int descriptor =
      Uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0) return Error(errno, "open folder", path);
  const absl::Status synced =
      Check(Uninterrupted([&] { return ::fsync(descriptor); }), "fsync of folder", path);
  ::close(descriptor);
  return synced;
}

absl::StatusOr<std::vector<std::string>> PosixDisk::List(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (folder == nullptr) return Error(errno, "list", path);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) return Error(errno, "list", path);
  std::sort(names.begin(), names.end());
  return names;
}

bool PosixDisk::Exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

absl::Status PosixDisk::Link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  if (errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) {
    return Copy(*this, from, to);
  }
  return Error(errno, base::StrCat("link to ", to), from);
}

absl::StatusOr<uint64_t> PosixDisk::FreeBytes(const std::string& path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) != 0) return Error(errno, "statvfs", path);
  return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace batuta::log
