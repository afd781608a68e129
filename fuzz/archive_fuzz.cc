// Fuzzes the reading of archive files: they are damaged as the input says, then opened, verified
// and read. What is read is what was archived; what is not found whole is said to be damaged.
#include <cstddef>
#include <cstdint>

#include "fuzz/file_edits.h"
#include "fuzz/sample_log.h"
#include "log/archive.h"

namespace batuta::fuzz {
namespace {

constexpr char kArchiveFolder[] = "/archive";

absl::StatusOr<std::unique_ptr<log::Archive>> OpenArchive(base::Disk& disk) {
  return log::Archive::Open(
      {.disk = &disk, .folder = kArchiveFolder, .hub = kHub, .block_bytes = 512});
}

struct Sample {
  Files files;
  Records records;
};

const Sample& TheSample() {
  static const Sample& sample = *[] {
    auto* made = new Sample();
    log::SimDisk disk;
    base::ManualClock clock;
    log::Offsets acknowledged;
    const auto log = MakeSampleLog(disk, clock, acknowledged);
    const auto archive = OpenArchive(disk);
    BATUTA_CHECK_OK(archive.status());
    for (int p = 0; p < kPartitions; ++p) {
      made->records[p] = Read(*log, p).first;
      const uint64_t half = made->records[p].size() / 2;
      BATUTA_CHECK_OK((*archive)->Extend(*log, Partition(p), base::Offset{half}));
      BATUTA_CHECK_OK((*archive)->Extend(*log, Partition(p), log->End(Partition(p))));
    }
    made->files = ReadFolder(disk, kArchiveFolder);
    return made;
  }();
  return sample;
}

void CheckPartition(const log::Archive& archive, int p, bool is_sound) {
  const std::vector<log::Record>& all = TheSample().records.at(p);
  const base::Offset start = archive.Start(Partition(p));
  const auto [records, status] = Read(archive, p, start);
  BATUTA_CHECK(!is_sound || status.ok(), "verified and yet not readable");
  if (is_sound && status.ok()) {
    const base::Offset last =
        records.empty() ? start : base::Offset{records.back().position.offset};
    BATUTA_CHECK(records.empty() || last == archive.End(Partition(p)), "records are missing");
  }
  for (const log::Record& record : records) {
    const uint64_t offset = base::Number(record.position.offset);
    BATUTA_CHECK(offset >= 1 && offset <= all.size(), "a record that nobody archived");
    BATUTA_CHECK(Same(record, all[offset - 1]), "a record is not what was archived");
  }
  for (uint64_t offset = 1; offset <= all.size(); offset += 3) {
    const auto record = archive.Read({Partition(p), base::Offset{offset}});
    BATUTA_CHECK(!record.ok() || Same(*record, all[offset - 1]));
  }
}

}  // namespace
}  // namespace batuta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::fuzz;
  Input input(data, size);
  Files files = TheSample().files;
  Edit(files, input);
  batuta::log::SimDisk disk;
  WriteFolder(disk, kArchiveFolder, files);
  const auto archive = OpenArchive(disk);
  if (!archive.ok()) return 0;
  const bool is_sound = (*archive)->Verify().error.ok();
  for (int p = 0; p < kPartitions; ++p) CheckPartition(**archive, p, is_sound);
  return 0;
}
