// Fuzzes the recovery of the log: its files are damaged as the input says, then opened. Either the
// log is refused, or it holds the beginning of what was appended, with all that was acknowledged,
// and goes on from there. The first byte may instead ask for a group with good sums and any
// content, which may be anything but a crash.
#include <cstddef>
#include <cstdint>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "fuzz/file_edits.h"
#include "fuzz/sample_log.h"
#include "log/chain_hash.h"
#include "log/recovery.h"

namespace batuta::fuzz {
namespace {

struct Sample {
  Files files;
  Records records;
  log::Offsets acknowledged;
  log::CommitPoint end;
};

const Sample& TheSample() {
  static const Sample& sample = *[] {
    auto* made = new Sample();
    log::SimDisk disk;
    base::ManualClock clock;
    const auto log = MakeSampleLog(disk, clock, made->acknowledged);
    for (int p = 0; p < kPartitions; ++p) made->records[p] = Read(*log, p).first;
    made->files = ReadFolder(disk, kLogFolder);
    log::Recovery recovery(&disk, kLogFolder, kHub, base::Disk::Open::kRead);
    BATUTA_CHECK_OK(recovery.Run());
    made->end = recovery.end();
    return made;
  }();
  return sample;
}

// A group that continues the log rightly, whatever its frames are; see docs/log-format.md.
void Forge(Files& files, const log::CommitPoint& end, uint32_t entries, std::string_view body) {
  base::ByteWriter group;
  group.Raw("BGRP");
  group.U32(entries);
  group.U32(static_cast<uint32_t>(body.size()));
  group.U64(end.segment);
  group.U64(end.segment);
  group.U64(end.byte);
  group.U64(end.groups);
  group.Raw(end.chain.ToBytes());
  group.U32(base::Crc32c(group.bytes(), log::HeaderSeed(kHub)));
  group.Raw(body);
  group.U32(base::Crc32c(body));
  group.Raw(log::ChainHash(end.chain, {body}).ToBytes());
  std::string bytes = group.Take();
  bytes.resize(log::RoundUpToSector(bytes.size()), '\0');
  std::string& segment = files[log::SegmentName(end.segment)];
  if (segment.size() < end.byte + bytes.size()) segment.resize(end.byte + bytes.size(), '\0');
  segment.replace(end.byte, bytes.size(), bytes);
}

void CheckForged(const log::EmbeddedLog& log) {
  for (int p = 0; p < kPartitions; ++p) {
    const auto [records, status] = Read(log, p);
    BATUTA_CHECK(status.ok(), "what was opened cannot be read");
    BATUTA_CHECK(records.size() >= TheSample().records.at(p).size());
  }
}

void CheckRecovered(log::EmbeddedLog& log, bool is_new) {
  const Sample& sample = TheSample();
  for (int p = 0; p < kPartitions; ++p) {
    const std::vector<log::Record>& all = sample.records.at(p);
    const auto [records, status] = Read(log, p);
    BATUTA_CHECK(status.ok(), "what was opened cannot be read");
    BATUTA_CHECK(records.size() <= all.size(), "records that nobody appended");
    for (size_t i = 0; i < records.size(); ++i) {
      BATUTA_CHECK(Same(records[i], all[i]), "a record is not what was appended");
    }
    const auto known = sample.acknowledged.find(Partition(p));
    if (known == sample.acknowledged.end() || is_new) continue;
    BATUTA_CHECK(base::Offset{records.size()} >= known->second, "acknowledged records are lost");
  }
  const base::Offset before = log.End(Partition(0));
  log::Entry entry;
  entry.partition = Partition(0);
  entry.payload = "next";
  const auto appended = log.Append({&entry, 1});
  BATUTA_CHECK(appended.ok() && appended->front() == base::Next(before), "it does not go on");
}

}  // namespace
}  // namespace batuta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::fuzz;
  Input input(data, size);
  Files files = TheSample().files;
  const bool forges = input.U8() % 4 == 3;
  if (forges) {
    const uint32_t entries = input.U8();
    Forge(files, TheSample().end, entries, input.rest());
  } else {
    Edit(files, input);
  }
  batuta::log::SimDisk disk;
  batuta::base::ManualClock clock;
  WriteFolder(disk, kLogFolder, files);
  const auto report = batuta::log::VerifySegments(disk, kLogFolder, kHub);
  const auto log = OpenLog(disk, clock);
  BATUTA_CHECK(report.error.ok() == log.ok(), "verifying and opening disagree");
  if (!log.ok()) return 0;
  if (forges) {
    CheckForged(**log);
  } else {
    CheckRecovered(**log, !files.contains(batuta::log::kWatermarkName));
  }
  return 0;
}
