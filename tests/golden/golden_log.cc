#include "golden/golden_log.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/encoding.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/hub_testing.h"
#include "log/embedded_log.h"

namespace batuta::golden {
namespace {

std::string Hex(uint64_t number) {
  base::ByteWriter writer;
  writer.U64(number);
  return base::EncodeHex(writer.bytes());
}

std::string ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The files are copied, as opening a log may write to it.
absl::Status CopyTo(base::Disk& disk) {
  BATUTA_RETURN_IF_ERROR(disk.MakeDirectory("/log"));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kLogFolder, error)) {
    const std::string path = "/log/" + entry.path().filename().string();
    BATUTA_ASSIGN_OR_RETURN(auto file, disk.OpenFile(path, base::Disk::Open::kCreate));
    BATUTA_RETURN_IF_ERROR(file->Write(0, ReadWhole(entry.path())));
  }
  if (error) return absl::NotFoundError(base::StrCat(kLogFolder, ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace

std::string Expected::ToText() const {
  std::string text =
      base::StrCat("hub ", base::EncodeHex(hub.ToBytes()), "\n", "seed ", Hex(hub_seed), "\n");
  for (const base::Id128& state : states) {
    base::StrAppend(&text, "state ", base::EncodeHex(state.ToBytes()), "\n");
  }
  return text;
}

absl::StatusOr<Expected> ReadExpected() {
  std::ifstream file(kExpectedFile);
  Expected expected;
  std::string name;
  std::string hex;
  while (file >> name >> hex) {
    BATUTA_ASSIGN_OR_RETURN(const std::string bytes, base::DecodeHex(hex));
    if (name == "hub" && bytes.size() == 16)
      expected.hub = base::Id128::FromBytes(bytes);
    else if (name == "seed" && bytes.size() == 8)
      expected.hub_seed = base::ByteReader(bytes).U64();
    else if (name == "state" && bytes.size() == 16)
      expected.states.push_back(base::Id128::FromBytes(bytes));
    else
      return absl::DataLossError(base::StrCat(kExpectedFile, ": what is ", name, " ", hex));
  }
  if (expected.states.empty()) return absl::NotFoundError(base::StrCat("no ", kExpectedFile));
  return expected;
}

absl::StatusOr<Records> ReadRecords(const base::Id128& hub, size_t partitions) {
  log::SimDisk disk;
  base::ManualClock clock;
  BATUTA_RETURN_IF_ERROR(CopyTo(disk));
  BATUTA_ASSIGN_OR_RETURN(const auto log,
                          log::EmbeddedLog::Open({.disk = &disk,
                                                  .clock = &clock,
                                                  .folder = "/log",
                                                  .hub = hub,
                                                  .segment_bytes = uint64_t{1} << 16,
                                                  .reserve_bytes = 0,
                                                  .fatal = {}}));
  Records records(partitions);
  for (size_t i = 0; i < partitions; ++i) {
    const base::PartitionId partition{static_cast<uint16_t>(i)};
    BATUTA_RETURN_IF_ERROR(
        log->Scan(partition, base::Offset{0}, log->End(partition), [&](const log::Record& record) {
          records[i].push_back(record);
          return absl::OkStatus();
        }));
  }
  return records;
}

Folded::Folded(const Records& records, uint64_t hub_seed)
    : shared_({.block_cache_bytes = size_t{1} << 20, .write_buffer_bytes = size_t{1} << 20}),
      sent_(records.size()) {
  for (size_t i = 0; i < records.size(); ++i) {
    const base::PartitionId partition{static_cast<uint16_t>(i)};
    auto database = store::Database::Open(
        shared_, {.path = base::StrCat("/state/", i), .partition = partition, .disk = &disk_});
    BATUTA_CHECK_OK(database.status());
    databases_.push_back(*std::move(database));
    const engine::FoldSettings settings = {.hub_seed = hub_seed,
                                           .partition = partition,
                                           .partitions = static_cast<uint16_t>(records.size() - 1)};
    folds_.push_back(std::make_unique<engine::Fold>(settings, *databases_.back()));
    for (const log::Record& record : records[i]) {
      engine::Effects effects;
      folds_.back()->Apply(record, effects);
      for (engine::Outgoing& outgoing : effects.messages) {
        outgoing.message.set_source(base::Index(partition));
        outgoing.message.set_offset(base::Number(outgoing.offset));
        outgoing.message.set_number(outgoing.number);
        sent_[base::Index(outgoing.destination)].push_back(outgoing.message.SerializeAsString());
      }
    }
  }
}

std::vector<base::Id128> Folded::States() {
  std::vector<base::Id128> states;
  for (const auto& fold : folds_) states.push_back(fold->StateHash());
  return states;
}

}  // namespace batuta::golden
