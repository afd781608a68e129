#include "log/archive.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "log/archive_block.h"
#include "log/archive_writer.h"
#include "log/chain_hash.h"
#include "log/segment_writer.h"

namespace batuta::log {
namespace {

base::Offset Before(base::Offset offset) { return base::Offset{base::Number(offset) - 1}; }

absl::Status NoRecord(base::Position position) {
  return absl::NotFoundError(base::StrCat("the archive of partition ",
                                          base::Index(position.partition), " has no record ",
                                          base::Number(position.offset)));
}

absl::Status Forgotten(base::PartitionId partition, base::Offset start) {
  return absl::OutOfRangeError(base::StrCat("the records of partition ", base::Index(partition),
                                            " up to ", base::Number(start),
                                            " are no longer in the archive"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Archive>> Archive::Open(ArchiveOptions options) {
  BATUTA_CHECK(options.disk != nullptr);
  auto archive = std::make_unique<Archive>(std::move(options));
  BATUTA_RETURN_IF_ERROR(archive->Load());
  return archive;
}

Archive::Archive(ArchiveOptions options)
    : options_(std::move(options)), cache_(options_.cache_bytes) {}

absl::Status Archive::Load() {
  base::Disk& disk = *options_.disk;
  BATUTA_RETURN_IF_ERROR(disk.MakeDirectory(options_.folder));
  BATUTA_RETURN_IF_ERROR(disk.SyncDirectory(options_.folder));
  BATUTA_ASSIGN_OR_RETURN(const std::vector<std::string> names, disk.List(options_.folder));
  // Sorted by name is sorted by partition and offset, except for partitions of more than three
  // digits.
  std::vector<std::pair<base::Position, std::string>> files;
  for (const std::string& name : names) {
    const std::string path = base::StrCat(options_.folder, "/", name);
    if (name.ends_with(kTemporarySuffix)) {
      BATUTA_RETURN_IF_ERROR(disk.Remove(path));
    } else if (const auto first = ParseArchiveName(name)) {
      files.emplace_back(*first, path);
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& [first, path] : files) {
    BATUTA_ASSIGN_OR_RETURN(auto file, ArchiveFile::Open(&disk, path, options_.hub));
    if (base::Position(file->summary().partition, file->summary().first) != first) {
      return absl::DataLossError(
          base::StrCat(path, " at byte 0: the file was written under another name"));
    }
    BATUTA_RETURN_IF_ERROR(Add(std::move(file)));
  }
  return absl::OkStatus();
}

absl::Status Archive::Add(std::shared_ptr<const ArchiveFile> file) {
  const absl::MutexLock lock(&mutex_);
  Files& files = files_[file->summary().partition];
  if (!files.empty()) {
    const ArchiveSummary& before = files.back()->summary();
    const bool follows = file->summary().first == base::Next(before.last) &&
                         file->summary().previous_chain == before.chain;
    if (!follows) {
      return absl::DataLossError(base::StrCat(file->path(), " at byte 0: the file does not follow ",
                                              files.back()->path(), ", which ends with record ",
                                              base::Number(before.last)));
    }
  }
  files.push_back(std::move(file));
  return absl::OkStatus();
}

Archive::Files Archive::FilesOf(base::PartitionId partition) const {
  const absl::MutexLock lock(&mutex_);
  const auto it = files_.find(partition);
  return it == files_.end() ? Files() : it->second;
}

absl::Status Archive::Extend(const Log& log, base::PartitionId partition, base::Offset up_to) {
  const base::Offset end = End(partition);
  if (std::min(up_to, log.End(partition)) <= end) return absl::OkStatus();
  const Files files = FilesOf(partition);
  const base::Id128 chain =
      files.empty() ? ChainOrigin(options_.hub, "archive") : files.back()->summary().chain;
  BATUTA_ASSIGN_OR_RETURN(
      const std::unique_ptr<ArchiveWriter> writer,
      ArchiveWriter::Create({.disk = options_.disk,
                             .folder = options_.folder,
                             .hub = options_.hub,
                             .first = {.partition = partition, .offset = base::Next(end)},
                             .previous_chain = chain,
                             .block_bytes = options_.block_bytes,
                             .compression_level = options_.compression_level}));
  base::Offset last = end;
  BATUTA_RETURN_IF_ERROR(log.Scan(partition, end, up_to, [&](const Record& record) {
    last = record.position.offset;
    return writer->Add(record);
  }));
  BATUTA_CHECK(last > end);
  BATUTA_ASSIGN_OR_RETURN(const std::string path, writer->Finish());
  BATUTA_ASSIGN_OR_RETURN(auto file, ArchiveFile::Open(options_.disk, path, options_.hub));
  return Add(std::move(file));
}

base::Offset Archive::End(base::PartitionId partition) const {
  const absl::MutexLock lock(&mutex_);
  const auto it = files_.find(partition);
  return it == files_.end() ? base::Offset{} : it->second.back()->summary().last;
}

base::Offset Archive::Start(base::PartitionId partition) const {
  const absl::MutexLock lock(&mutex_);
  const auto it = files_.find(partition);
  return it == files_.end() ? base::Offset{} : Before(it->second.front()->summary().first);
}

std::vector<base::PartitionId> Archive::Partitions() const {
  const absl::MutexLock lock(&mutex_);
  std::vector<base::PartitionId> partitions;
  for (const auto& [partition, files] : files_) partitions.push_back(partition);
  return partitions;
}

absl::StatusOr<BlockCache::Bytes> Archive::IndexOf(const ArchiveFile& file) const {
  const ArchiveSummary& summary = file.summary();
  const BlockCache::Key key{{summary.partition, summary.first}, summary.index_byte};
  if (BlockCache::Bytes index = cache_.Find(key)) return index;
  BATUTA_ASSIGN_OR_RETURN(std::string bytes, file.ReadIndex());
  auto index = std::make_shared<const std::string>(std::move(bytes));
  cache_.Insert(key, index);
  return index;
}

absl::StatusOr<BlockCache::Bytes> Archive::BlockOf(const ArchiveFile& file,
                                                   const std::string& index, size_t number,
                                                   Caching caching) const {
  const ArchiveSummary& summary = file.summary();
  const BlockCache::Key key{{summary.partition, summary.first},
                            DecodeBlockPlace(index, number).byte};
  if (BlockCache::Bytes block = cache_.Find(key)) return block;
  BATUTA_ASSIGN_OR_RETURN(std::string frames, file.ReadBlock(index, number));
  auto block = std::make_shared<const std::string>(std::move(frames));
  if (caching == Caching::kKeep) cache_.Insert(key, block);
  return block;
}

absl::Status Archive::ScanFile(const ArchiveFile& file, base::Offset after, base::Offset up_to,
                               RecordVisitor visit) const {
  const ArchiveSummary& summary = file.summary();
  BATUTA_ASSIGN_OR_RETURN(const BlockCache::Bytes index, IndexOf(file));
  const base::Offset begin = std::max(base::Next(after), summary.first);
  for (size_t number = file.FindBlock(*index, begin); number < summary.blocks; ++number) {
    const base::Position first{summary.partition, DecodeBlockPlace(*index, number).first};
    if (first.offset > up_to) break;
    // A scan goes through a block once; it must not push out what random reads come back for.
    BATUTA_ASSIGN_OR_RETURN(const BlockCache::Bytes block,
                            BlockOf(file, *index, number, Caching::kPass));
    BATUTA_RETURN_IF_ERROR(VisitFrames(*block, first, after, up_to, visit));
  }
  return absl::OkStatus();
}

absl::Status Archive::Scan(base::PartitionId partition, base::Offset after, base::Offset up_to,
                           RecordVisitor visit) const {
  const Files files = FilesOf(partition);
  if (files.empty() || after >= up_to) return absl::OkStatus();
  const base::Offset start = Before(files.front()->summary().first);
  if (after < start) return Forgotten(partition, start);
  for (const std::shared_ptr<const ArchiveFile>& file : files) {
    if (file->summary().last <= after) continue;
    if (file->summary().first > up_to) break;
    BATUTA_RETURN_IF_ERROR(ScanFile(*file, after, up_to, visit));
  }
  return absl::OkStatus();
}

std::shared_ptr<const ArchiveFile> Archive::FindFile(base::Position position) const {
  const absl::MutexLock lock(&mutex_);
  const auto it = files_.find(position.partition);
  if (it == files_.end()) return nullptr;
  const auto file = std::partition_point(
      it->second.begin(), it->second.end(),
      [&](const auto& candidate) { return candidate->summary().last < position.offset; });
  if (file == it->second.end() || position.offset < (*file)->summary().first) return nullptr;
  return *file;
}

absl::StatusOr<Record> Archive::Read(base::Position position) const {
  const std::shared_ptr<const ArchiveFile> file = FindFile(position);
  if (file == nullptr) {
    const base::Offset start = Start(position.partition);
    const bool was_forgotten = position.offset != base::Offset{} && position.offset <= start;
    return was_forgotten ? Forgotten(position.partition, start) : NoRecord(position);
  }
  BATUTA_ASSIGN_OR_RETURN(const BlockCache::Bytes index, IndexOf(*file));
  const size_t number = file->FindBlock(*index, position.offset);
  BATUTA_ASSIGN_OR_RETURN(const BlockCache::Bytes block,
                          BlockOf(*file, *index, number, Caching::kKeep));
  const base::Position first{position.partition, DecodeBlockPlace(*index, number).first};
  std::optional<Record> found;
  BATUTA_RETURN_IF_ERROR(VisitFrames(*block, first, Before(position.offset), position.offset,
                                     [&](const Record& record) {
                                       found = record;
                                       return absl::OkStatus();
                                     }));
  if (found) return *std::move(found);
  return absl::DataLossError(
      base::StrCat(file->path(), " at byte ", DecodeBlockPlace(*index, number).byte,
                   ": the block lacks record ", base::Number(position.offset)));
}

absl::Status Archive::Forget(base::PartitionId partition, base::Offset first_kept) {
  while (true) {
    const Files files = FilesOf(partition);
    // The last file stays: it says where the archive goes on.
    if (files.size() < 2 || files.front()->summary().last >= first_kept) break;
    {
      const absl::MutexLock lock(&mutex_);
      Files& kept = files_[partition];
      kept.erase(kept.begin());
    }
    BATUTA_RETURN_IF_ERROR(options_.disk->Remove(files.front()->path()));
    // One at a time, so that a crash cannot leave a hole between files.
    BATUTA_RETURN_IF_ERROR(options_.disk->SyncDirectory(options_.folder));
  }
  return absl::OkStatus();
}

absl::Status Archive::ForgetBefore(base::PartitionId partition, base::Time time,
                                   base::Offset first_kept) {
  base::Offset kept = first_kept;
  for (const std::shared_ptr<const ArchiveFile>& file : FilesOf(partition)) {
    if (file->summary().latest < time) continue;
    kept = std::min(kept, file->summary().first);
    break;
  }
  return Forget(partition, kept);
}

VerifyReport Archive::Verify() const {
  VerifyReport report;
  for (const base::PartitionId partition : Partitions()) {
    for (const std::shared_ptr<const ArchiveFile>& file : FilesOf(partition)) {
      if (!file->Verify(report)) return report;
    }
  }
  return report;
}

}  // namespace batuta::log
