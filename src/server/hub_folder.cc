#include "server/hub_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/status.h"
#include "base/text.h"

namespace batuta::server {
namespace {

absl::Status SystemError(std::string_view what, const std::string& path) {
  const int code = errno;
  return absl::ErrnoToStatus(code, base::AbslView(base::StrCat("cannot ", what, " ", path)));
}

// Changes that may wait in memory however small the cache is.
constexpr uint64_t kLeastForChanges = uint64_t{32} << 20;

[[noreturn]] void EndProcess(const absl::Status& status) {
  std::fprintf(stderr,
               "batuta: the hub stops, because it cannot know what is on the disk: %s\n"
               "What was acknowledged is safe; the next start reads it again.\n",
               std::string(status.message()).c_str());
  std::_Exit(1);
}

}  // namespace

absl::StatusOr<FolderLock> FolderLock::Take(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::FailedPreconditionError(
        base::StrCat("cannot make the folder ", folder, ": ", error.message()));
  }
  const std::string path = folder + "/lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return SystemError("open", path);
  FolderLock lock(file);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t size = read(file, holder, sizeof(holder) - 1);
    return absl::FailedPreconditionError(base::StrCat(
        "another process", size > 0 ? base::StrCat(" (", base::TrimAscii(holder), ")") : "",
        " has the hub in ", folder, " open; stop it first, or use another folder with --data"));
  }
  const std::string number = base::StrCat(getpid(), "\n");
  if (ftruncate(file, 0) != 0) return SystemError("write", path);
  if (pwrite(file, number.data(), number.size(), 0) < 0 && errno != ENOSPC) {
    return SystemError("write", path);
  }
  return lock;
}

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

bool HoldsHub(base::Disk& disk, const std::string& folder) {
  return disk.Exists(folder + "/hub.json");
}

absl::StatusOr<vault::MasterKey> TakeMasterKey(base::Disk& disk, const std::string& folder,
                                               const std::string& file) {
  if (!file.empty()) return vault::LoadMasterKey(file);
  const std::string own = folder + "/master.key";
  if (disk.Exists(own)) return vault::LoadMasterKey(own);
  if (HoldsHub(disk, folder)) {
    return absl::NotFoundError(
        base::StrCat("the hub in ", folder, " needs its master key: put it back as ", own,
                     ", or name its file with --master-key-file or BATUTA_MASTER_KEY_FILE"));
  }
  return vault::CreateMasterKey(own);
}

std::string KeyPath(const std::string& folder, KeyFile which) {
  return folder + (which == KeyFile::kAdmin ? "/admin.key" : "/write.key");
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& folder, KeyFile which) {
  const std::string path = KeyPath(folder, which);
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) {
    if (errno == ENOENT) return absl::NotFoundError("there is no " + path);
    return SystemError("open", path);
  }
  char text[512] = {};
  const size_t size = std::fread(text, 1, sizeof(text), file);
  std::fclose(file);
  return std::string(base::TrimAscii({text, size}));
}

absl::Status WriteKeyFile(const std::string& folder, KeyFile which, const std::string& secret) {
  const std::string path = KeyPath(folder, which);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return SystemError("make", path);
  const std::string text = secret + "\n";
  const bool is_written =
      write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool is_safe = is_written && fsync(file) == 0;
  const absl::Status status = is_safe ? absl::OkStatus() : SystemError("write", path);
  close(file);
  return status;
}

engine::HubOptions HubOptionsOf(const Config& config, base::Disk& disk, base::Clock& clock,
                                const vault::MasterKey& master_key) {
  engine::HubOptions options;
  options.folder = config.Text("data");
  options.disk = &disk;
  options.clock = &clock;
  options.master_key = master_key;
  options.partitions = static_cast<uint16_t>(config.Number("partitions"));
  options.workers = config.Number("workers");
  options.cache_bytes = config.Number("memory.cache");
  options.block_cache_bytes = config.Number("memory.block_cache");
  options.write_buffer_bytes = config.Number("memory.write_buffers");
  options.segment_bytes = config.Number("log.segment");
  options.reserve_bytes = config.Number("log.reserve");
  options.archive_every = config.Duration("log.archive_every");
  options.archive_keep = config.Duration("archive.keep");
  options.checkpoint = {
      .dirty_bytes = config.Number("checkpoint.bytes"),
      .records = config.Number("checkpoint.records"),
      .age = config.Duration("checkpoint.every"),
      .unwritten_bytes_max = std::max(config.Number("memory.cache"), kLeastForChanges)};
  options.queue_entries_max = config.Number("limits.queue_entries");
  options.queue_bytes_max = config.Number("limits.queue_bytes");
  options.backlog_records_max = config.Number("limits.backlog");
  options.fatal = EndProcess;
  options.notice = [](const std::string& text) {
    std::fprintf(stderr, "batuta: %s\n", text.c_str());
  };
  return options;
}

}  // namespace batuta::server
