#include "log/sim_disk.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "base/text.h"

namespace batuta::log {

namespace {

constexpr uint64_t kSector = 512;

std::string FolderOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return "";
  return path.substr(0, slash);
}

// "a/b/" and "a/b" are one folder; "." and "/" are the root.
std::string Folder(std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  return path == "." ? "" : path;
}

absl::Status NoSuch(const std::string& path) {
  return absl::NotFoundError(base::StrCat(path, ": no such file or folder"));
}

}  // namespace

// What programs see, and for each sector written since the last sync what was there before: first
// what is durable, then the versions in between, which the system may have written out on its own.
struct SimDisk::Inode {
  std::string live;
  using Versions = std::vector<std::string>;  // shorter than a sector where the file ended
  std::map<uint64_t, Versions> unsynced_sectors;
  uint64_t durable_size = 0;
  bool is_dirty() const { return !unsynced_sectors.empty() || live.size() != durable_size; }

  // Remembers what is in the sectors of [begin, end) before they are written.
  void Remember(uint64_t begin, uint64_t end) {
    constexpr size_t kMaxVersions = 8;
    for (uint64_t sector = begin / kSector; sector * kSector < end; ++sector) {
      const uint64_t at = sector * kSector;
      Versions& versions = unsynced_sectors[sector];
      if (versions.size() == kMaxVersions) continue;
      const uint64_t known =
          versions.empty() ? std::min<uint64_t>(live.size(), durable_size) : live.size();
      versions.push_back(at < known ? live.substr(at, std::min(kSector, known - at)) : "");
    }
  }

  void Resize(uint64_t size) {
    if (size < live.size()) Remember(size, live.size());
    live.resize(size, '\0');
  }

  void Write(uint64_t offset, std::string_view data) {
    Remember(offset, offset + data.size());
    if (offset + data.size() > live.size()) live.resize(offset + data.size(), '\0');
    live.replace(offset, data.size(), data);
  }

  void Sync() {
    unsynced_sectors.clear();
    durable_size = live.size();
  }

  // Back to what is durable.
  void Drop() {
    live.resize(durable_size, '\0');
    for (const auto& [sector, versions] : unsynced_sectors) Restore(sector, versions.front());
    Sync();
  }

  void Restore(uint64_t sector, std::string bytes) {
    const uint64_t at = sector * kSector;
    if (at >= live.size()) return;
    bytes.resize(std::min<uint64_t>(kSector, live.size() - at), '\0');
    live.replace(at, bytes.size(), bytes);
  }

  void Crash(base::Random& random) {
    if (random.Below(2) == 0) live.resize(durable_size, '\0');
    for (const auto& [sector, versions] : unsynced_sectors) {
      const uint64_t at = sector * kSector;
      if (at >= live.size()) continue;
      const std::string& old = versions[random.Below(versions.size())];
      switch (random.Below(4)) {
        case 0:  // kept
          break;
        case 1:  // lost
          Restore(sector, old);
          break;
        case 2: {  // torn
          std::string torn = old;
          torn.resize(kSector, '\0');
          const uint64_t kept = std::min(random.Below(kSector), live.size() - at);
          torn.replace(0, kept, live, at, kept);
          Restore(sector, torn);
          break;
        }
        default: {  // garbled
          std::string garbage;
          while (garbage.size() < kSector) garbage += base::Id128{0, random.Bits()}.ToBytes();
          Restore(sector, garbage);
        }
      }
    }
    Sync();
  }
};

class SimFile final : public base::File {
 public:
  SimFile(SimDisk* disk, std::string path, std::shared_ptr<SimDisk::Inode> inode, uint64_t boot,
          bool is_writable)
      : disk_(disk),
        path_(std::move(path)),
        inode_(std::move(inode)),
        boot_(boot),
        is_writable_(is_writable) {}

  absl::StatusOr<std::string> Read(uint64_t offset, size_t size) override {
    BATUTA_RETURN_IF_ERROR(disk_->Begin(DiskCall::kRead, path_));
    const absl::MutexLock lock(&disk_->mutex_);
    BATUTA_RETURN_IF_ERROR(CheckAlive());
    if (offset >= inode_->live.size()) return std::string();
    return inode_->live.substr(offset, size);
  }

  absl::Status Write(uint64_t offset, std::string_view data) override {
    const absl::Status fault = disk_->Begin(DiskCall::kWrite, path_);
    const absl::MutexLock lock(&disk_->mutex_);
    BATUTA_RETURN_IF_ERROR(CheckWritable());
    if (!fault.ok()) data = data.substr(0, data.size() / 2);
    BATUTA_RETURN_IF_ERROR(CheckGrowth(offset + data.size()));
    inode_->Write(offset, data);
    return fault;
  }

  absl::Status SyncData() override {
    const absl::Status fault = disk_->Begin(DiskCall::kSyncData, path_);
    const absl::MutexLock lock(&disk_->mutex_);
    BATUTA_RETURN_IF_ERROR(CheckAlive());
    if (fault.ok()) {
      inode_->Sync();
    } else {
      inode_->Drop();
    }
    return fault;
  }

  absl::Status Truncate(uint64_t size) override {
    BATUTA_RETURN_IF_ERROR(disk_->Begin(DiskCall::kTruncate, path_));
    const absl::MutexLock lock(&disk_->mutex_);
    BATUTA_RETURN_IF_ERROR(CheckWritable());
    BATUTA_RETURN_IF_ERROR(CheckGrowth(size));
    inode_->Resize(size);
    return absl::OkStatus();
  }

  absl::Status Allocate(uint64_t size) override {
    BATUTA_RETURN_IF_ERROR(disk_->Begin(DiskCall::kAllocate, path_));
    const absl::MutexLock lock(&disk_->mutex_);
    BATUTA_RETURN_IF_ERROR(CheckWritable());
    BATUTA_RETURN_IF_ERROR(CheckGrowth(size));
    if (size > inode_->live.size()) inode_->Resize(size);
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> Size() override {
    BATUTA_RETURN_IF_ERROR(disk_->Begin(DiskCall::kSize, path_));
    const absl::MutexLock lock(&disk_->mutex_);
    BATUTA_RETURN_IF_ERROR(CheckAlive());
    return inode_->live.size();
  }

 private:
  absl::Status CheckAlive() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_->mutex_) {
    if (boot_ == disk_->boot_) return absl::OkStatus();
    return absl::FailedPreconditionError(base::StrCat(path_, ": opened before a crash"));
  }
  absl::Status CheckWritable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_->mutex_) {
    if (is_writable_) return CheckAlive();
    return absl::PermissionDeniedError(base::StrCat(path_, ": opened for reading"));
  }
  absl::Status CheckGrowth(uint64_t size) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_->mutex_) {
    const uint64_t now = inode_->live.size();
    return size <= now ? absl::OkStatus() : disk_->CheckSpace(size - now);
  }

  SimDisk* const disk_;
  const std::string path_;
  const std::shared_ptr<SimDisk::Inode> inode_;
  const uint64_t boot_;
  const bool is_writable_;
};

SimDisk::SimDisk() = default;
SimDisk::~SimDisk() = default;

absl::Status SimDisk::Begin(DiskCall call, const std::string& path) {
  std::shared_ptr<const Hook> hook;
  {
    const absl::MutexLock lock(&mutex_);
    hook = hook_;
  }
  if (hook != nullptr && *hook) (*hook)(call, path);
  const absl::MutexLock lock(&mutex_);
  ++calls_;
  absl::Status error;
  for (DiskFault& fault : faults_) {
    if ((fault.kind && *fault.kind != call) || fault.nth == 0) continue;
    if (fault.nth > 1) {
      --fault.nth;
      continue;
    }
    if (!fault.sticky) fault.nth = 0;
    error = absl::Status(fault.error.code(), base::StrCat(path, ": ", fault.error.message()));
  }
  return error;
}

uint64_t SimDisk::UsedBytes() const {
  std::vector<const Inode*> inodes;
  inodes.reserve(live_.files.size());
  for (const auto& [path, inode] : live_.files) inodes.push_back(inode.get());
  std::sort(inodes.begin(), inodes.end());
  inodes.erase(std::unique(inodes.begin(), inodes.end()), inodes.end());
  uint64_t used = 0;
  for (const Inode* inode : inodes) used += inode->live.size();
  return used;
}

absl::Status SimDisk::CheckSpace(uint64_t growth) {
  if (!quota_ || UsedBytes() + growth <= *quota_) return absl::OkStatus();
  return absl::ResourceExhaustedError("no space left on the simulated disk");
}

void SimDisk::Apply(const DirectoryChange& change, Names& names) {
  switch (change.kind) {
    case DirectoryChange::Kind::kAdd:
      names.files[change.to] = change.inode;
      break;
    case DirectoryChange::Kind::kRemove:
      names.files.erase(change.from);
      names.folders.erase(change.from);
      break;
    case DirectoryChange::Kind::kRename:
      names.files.erase(change.from);
      names.files[change.to] = change.inode;
      break;
    case DirectoryChange::Kind::kMakeDirectory:
      names.folders.insert(change.to);
      break;
  }
}

void SimDisk::Change(DirectoryChange change) {
  Apply(change, live_);
  unsynced_.push_back(std::move(change));
}

absl::StatusOr<std::unique_ptr<base::File>> SimDisk::OpenFile(const std::string& path, Open mode) {
  BATUTA_RETURN_IF_ERROR(Begin(DiskCall::kOpen, path));
  const absl::MutexLock lock(&mutex_);
  auto it = live_.files.find(path);
  if (it == live_.files.end()) {
    const std::string folder = FolderOf(path);
    const bool has_folder = folder.empty() || folder == "." || live_.folders.contains(folder);
    if (mode != Open::kCreate || !has_folder) return NoSuch(path);
    Change({.kind = DirectoryChange::Kind::kAdd,
            .from = "",
            .to = path,
            .inode = std::make_shared<Inode>()});
    it = live_.files.find(path);
  }
  return std::make_unique<SimFile>(this, path, it->second, boot_, mode != Open::kRead);
}

absl::Status SimDisk::Rename(const std::string& from, const std::string& to) {
  BATUTA_RETURN_IF_ERROR(Begin(DiskCall::kRename, from));
  const absl::MutexLock lock(&mutex_);
  const auto it = live_.files.find(from);
  if (it == live_.files.end()) return NoSuch(from);
  Change({.kind = DirectoryChange::Kind::kRename, .from = from, .to = to, .inode = it->second});
  return absl::OkStatus();
}

absl::Status SimDisk::Remove(const std::string& path) {
  BATUTA_RETURN_IF_ERROR(Begin(DiskCall::kRemove, path));
  const absl::MutexLock lock(&mutex_);
  const std::string folder = Folder(path);
  const bool is_folder = !folder.empty() && live_.folders.contains(folder);
  if (!is_folder && !live_.files.contains(path)) return NoSuch(path);
  const auto is_inside = [&](const std::string& name) { return FolderOf(name) == folder; };
  const bool is_empty = std::none_of(live_.files.begin(), live_.files.end(),
                                     [&](const auto& file) { return is_inside(file.first); }) &&
                        std::none_of(live_.folders.begin(), live_.folders.end(), is_inside);
  if (is_folder && !is_empty) return absl::InternalError(base::StrCat(path, ": not empty"));
  Change({.kind = DirectoryChange::Kind::kRemove,
          .from = is_folder ? folder : path,
          .to = "",
          .inode = nullptr});
  return absl::OkStatus();
}

absl::Status SimDisk::MakeDirectory(const std::string& path) {
  BATUTA_RETURN_IF_ERROR(Begin(DiskCall::kMakeDirectory, path));
  const absl::MutexLock lock(&mutex_);
  const std::string folder = Folder(path);
  for (size_t end = folder.find('/', 1);; end = folder.find('/', end + 1)) {
    const std::string part = folder.substr(0, end);
    if (!part.empty() && !live_.folders.contains(part)) {
      Change({.kind = DirectoryChange::Kind::kMakeDirectory,
              .from = "",
              .to = part,
              .inode = nullptr});
    }
    if (end == std::string::npos) return absl::OkStatus();
  }
}

absl::Status SimDisk::SyncDirectory(const std::string& path) {
  BATUTA_RETURN_IF_ERROR(Begin(DiskCall::kSyncDirectory, path));
  const absl::MutexLock lock(&mutex_);
  const std::string folder = Folder(path);
  if (!folder.empty() && !live_.folders.contains(folder)) return NoSuch(path);
  std::erase_if(unsynced_, [&](const DirectoryChange& change) {
    const bool is_here = (!change.from.empty() && FolderOf(change.from) == folder) ||
                         (!change.to.empty() && FolderOf(change.to) == folder);
    if (is_here) Apply(change, durable_);
    return is_here;
  });
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SimDisk::List(const std::string& path) {
  BATUTA_RETURN_IF_ERROR(Begin(DiskCall::kList, path));
  const absl::MutexLock lock(&mutex_);
  const std::string folder = Folder(path);
  if (!folder.empty() && !live_.folders.contains(folder)) return NoSuch(path);
  std::vector<std::string> names;
  for (const auto& [name, inode] : live_.files) {
    if (FolderOf(name) == folder)
      names.push_back(name.substr(folder.empty() ? 0 : folder.size() + 1));
  }
  for (const std::string& name : live_.folders) {
    if (FolderOf(name) == folder)
      names.push_back(name.substr(folder.empty() ? 0 : folder.size() + 1));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool SimDisk::Exists(const std::string& path) {
  const absl::MutexLock lock(&mutex_);
  return live_.files.contains(path) || live_.folders.contains(Folder(path));
}

absl::Status SimDisk::Link(const std::string& from, const std::string& to) {
  BATUTA_RETURN_IF_ERROR(Begin(DiskCall::kLink, from));
  const absl::MutexLock lock(&mutex_);
  const auto it = live_.files.find(from);
  if (it == live_.files.end()) return NoSuch(from);
  if (live_.files.contains(to)) return absl::AlreadyExistsError(base::StrCat(to, ": exists"));
  Change({.kind = DirectoryChange::Kind::kAdd, .from = "", .to = to, .inode = it->second});
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SimDisk::FreeBytes(const std::string& path) {
  BATUTA_RETURN_IF_ERROR(Begin(DiskCall::kFreeBytes, path));
  const absl::MutexLock lock(&mutex_);
  constexpr uint64_t kPlenty = uint64_t{1} << 40;
  const uint64_t used = UsedBytes();
  const uint64_t all = quota_.value_or(kPlenty);
  return all > used ? all - used : 0;
}

void SimDisk::Crash(uint64_t seed) {
  const absl::MutexLock lock(&mutex_);
  base::Random random(seed, {}, "disk crash", "");
  std::set<Inode*> inodes;
  std::vector<Inode*> in_order;  // of their names, so that a seed always does the same
  const auto note = [&](const std::shared_ptr<Inode>& inode) {
    if (inode != nullptr && inodes.insert(inode.get()).second) in_order.push_back(inode.get());
  };
  for (const auto& [path, inode] : live_.files) note(inode);
  for (const auto& [path, inode] : durable_.files) note(inode);
  for (const DirectoryChange& change : unsynced_) note(change.inode);
  for (Inode* inode : in_order) inode->Crash(random);
  for (const DirectoryChange& change : unsynced_) {
    if (random.Below(2) == 0) Apply(change, durable_);
  }
  unsynced_.clear();
  // A file whose folder was lost is lost with it.
  std::erase_if(durable_.files, [&](const auto& file) {
    const std::string folder = FolderOf(file.first);
    return !folder.empty() && folder != "." && !durable_.folders.contains(folder);
  });
  live_ = durable_;
  ++boot_;
}

void SimDisk::Kill() {
  const absl::MutexLock lock(&mutex_);
  ++boot_;
}

void SimDisk::SetHook(Hook hook) {
  const absl::MutexLock lock(&mutex_);
  hook_ = std::make_shared<const Hook>(std::move(hook));
}

void SimDisk::Inject(DiskFault fault) {
  const absl::MutexLock lock(&mutex_);
  faults_.push_back(std::move(fault));
}

void SimDisk::ClearFaults() {
  const absl::MutexLock lock(&mutex_);
  faults_.clear();
}

void SimDisk::SetQuota(std::optional<uint64_t> bytes) {
  const absl::MutexLock lock(&mutex_);
  quota_ = bytes;
}

void SimDisk::Flip(const std::string& path, uint64_t byte, int bit) {
  const absl::MutexLock lock(&mutex_);
  const auto it = live_.files.find(path);
  BATUTA_CHECK(it != live_.files.end() && byte < it->second->live.size(), path);
  Inode& inode = *it->second;
  const char mask = static_cast<char>(1 << bit);
  inode.live[byte] = static_cast<char>(inode.live[byte] ^ mask);
  const auto old = inode.unsynced_sectors.find(byte / kSector);
  if (old == inode.unsynced_sectors.end() || byte % kSector >= old->second.front().size()) return;
  char& durable = old->second.front()[byte % kSector];
  durable = static_cast<char>(durable ^ mask);
}

uint64_t SimDisk::calls() const {
  const absl::MutexLock lock(&mutex_);
  return calls_;
}

bool SimDisk::HasUnsynced() const {
  const absl::MutexLock lock(&mutex_);
  return !unsynced_.empty() ||
         std::any_of(live_.files.begin(), live_.files.end(),
                     [](const auto& file) { return file.second->is_dirty(); });
}

}  // namespace batuta::log
