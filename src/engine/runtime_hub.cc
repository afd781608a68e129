#include "engine/runtime_hub.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status.h"
#include "base/thread.h"
#include "base/value.h"
#include "vault/entropy.h"

namespace batuta::engine {
namespace {

constexpr int kFormat = 1;
constexpr base::Duration kHousekeeping = base::Millis(100);
constexpr base::Duration kBetweenSteps = base::Millis(1);
constexpr base::Duration kBetweenReaches = base::Millis(5);
constexpr absl::Duration kPatience = absl::Seconds(5);

void PrintAndAbort(const absl::Status& status) {
  std::fprintf(stderr, "batuta: the hub stops: %s\n", status.ToString().c_str());
  std::abort();
}

}  // namespace

Hub::Hub(HubOptions options)
    : clock_(std::make_unique<ClockGuard>(*options.clock)), options_(std::move(options)) {
  options_.clock = clock_.get();
  if (!options_.fatal) options_.fatal = PrintAndAbort;
}

Hub::~Hub() { Stop(); }

absl::StatusOr<std::unique_ptr<Hub>> Hub::Open(HubOptions options) {
  BATUTA_CHECK(options.disk != nullptr && options.clock != nullptr);
  auto hub = std::unique_ptr<Hub>(new Hub(std::move(options)));
  BATUTA_RETURN_IF_ERROR(hub->OpenParts());
  return hub;
}

absl::Status Hub::OpenParts() {
  base::Disk& disk = *options_.disk;
  BATUTA_RETURN_IF_ERROR(disk.MakeDirectory(options_.folder));
  const bool is_new = !disk.Exists(options_.folder + "/hub.json");
  shared_ = std::make_unique<store::SharedResources>(
      store::SharedResources::Options{.block_cache_bytes = options_.block_cache_bytes,
                                      .write_buffer_bytes = options_.write_buffer_bytes});
  BATUTA_ASSIGN_OR_RETURN(
      vault_, vault::Vault::Open(*shared_, {.path = options_.folder + "/vault",
                                            .disk = options_.disk,
                                            .access = options_.access,
                                            .master_key = options_.master_key,
                                            .if_absent = is_new ? vault::Vault::IfAbsent::create
                                                                : vault::Vault::IfAbsent::refuse,
                                            .entropy = options_.entropy}));
  // The vault first: a crash in between leaves a folder that is still new, and a vault to take up.
  BATUTA_RETURN_IF_ERROR(ReadOrWriteShape());
  BATUTA_ASSIGN_OR_RETURN(log_, log::EmbeddedLog::Open({.disk = options_.disk,
                                                        .clock = options_.clock,
                                                        .folder = options_.folder + "/log",
                                                        .hub = vault_->HubId(),
                                                        .segment_bytes = options_.segment_bytes,
                                                        .reserve_bytes = options_.reserve_bytes,
                                                        .fatal = options_.fatal}));
  BATUTA_ASSIGN_OR_RETURN(archive_, log::Archive::Open({.disk = options_.disk,
                                                        .folder = options_.folder + "/archive",
                                                        .hub = vault_->HubId()}));
  // The names of all of these: the archive is trusted as soon as it has taken something over.
  BATUTA_RETURN_IF_ERROR(disk.SyncDirectory(options_.folder));
  history_ = std::make_unique<log::History>(archive_.get(), log_.get());
  BATUTA_RETURN_IF_ERROR(OpenDatabases());
  RuntimeOptions runtime = {.clock = options_.clock,
                            .log = log_.get(),
                            .vault = vault_.get(),
                            .databases = {},
                            .hub_seed = vault_->HubSeed(),
                            .workers = options_.workers,
                            .cache_bytes = options_.cache_bytes,
                            .checkpoint = options_.checkpoint,
                            .queue_entries_max = options_.queue_entries_max,
                            .queue_bytes_max = options_.queue_bytes_max,
                            .backlog_records_max = options_.backlog_records_max,
                            .fatal = options_.fatal,
                            .release_reserve = [this] { return log_->ReleaseReserve(); },
                            .restore_reserve = [this] { return log_->RestoreReserve(); },
                            .has_room = [this](uint64_t bytes) { return HasRoom(bytes); }};
  for (const auto& database : databases_) runtime.databases.push_back(database.get());
  BATUTA_ASSIGN_OR_RETURN(runtime_, Runtime::Recover(std::move(runtime)));
  reach_ = std::make_unique<Reach>(ReachOptions{.runtime = runtime_.get(),
                                                .history = history_.get(),
                                                .clock = options_.clock,
                                                .bytes_max = options_.reach_bytes,
                                                .fatal = options_.fatal});
  return absl::OkStatus();
}

absl::Status Hub::ReadOrWriteShape() {
  const std::string path = options_.folder + "/hub.json";
  if (!options_.disk->Exists(path)) {
    BATUTA_RETURN_IF_ERROR(options_.disk->MakeDirectory(options_.folder + "/state"));
    return base::ReplaceFile(
        *options_.disk, path,
        absl::StrCat("{\"format\": ", kFormat, ", \"partitions\": ", options_.partitions, "}\n"));
  }
  BATUTA_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(*options_.disk, path));
  BATUTA_ASSIGN_OR_RETURN(const base::Value shape, base::ParseJson(text));
  const base::Value* format = base::Find(shape.object(), "format");
  const base::Value* partitions = base::Find(shape.object(), "partitions");
  if (format == nullptr || partitions == nullptr || partitions->number() < 1) {
    return absl::DataLossError(absl::StrCat(path, " is damaged: it has no format or partitions"));
  }
  if (format->number() > kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the hub was written by a newer release; use that release"));
  }
  options_.partitions = static_cast<uint16_t>(partitions->number());
  return absl::OkStatus();
}

std::string Hub::StateFolderName(size_t partition) const {
  return partition == options_.partitions ? "control" : absl::StrFormat("p%03d", partition);
}

absl::Status Hub::OpenDatabases() {
  dedup_horizons_ = std::vector<std::atomic<int64_t>>(options_.partitions + size_t{1});
  for (auto& horizon : dedup_horizons_) horizon = base::kDistantPast.micros;
  for (size_t i = 0; i <= options_.partitions; ++i) {
    const store::Database::Options options = {
        .path = options_.folder + "/state/" + StateFolderName(i),
        .hub = vault_->HubId(),
        .partition = base::PartitionId{static_cast<uint16_t>(i)},
        .disk = options_.access == store::FileAccess::through_disk ? options_.disk : nullptr,
        .dedup_expired = [&horizon = dedup_horizons_[i]](std::string_view, std::string_view value) {
          base::ByteReader reader(value);
          return static_cast<int64_t>(reader.U64()) <= horizon.load();
        }};
    BATUTA_ASSIGN_OR_RETURN(auto database, store::Database::Open(*shared_, options));
    databases_.push_back(std::move(database));
  }
  return absl::OkStatus();
}

// What the state and the vault need to take a write as a whole; a write that fails halfway would
// end the process. When the disk does not say, the write itself will.
bool Hub::HasRoom(uint64_t bytes) const {
  constexpr uint64_t kMargin = uint64_t{256} << 10;
  const auto free = options_.disk->FreeBytes(options_.folder);
  return !free.ok() || *free >= kMargin + 2 * bytes;
}

void Hub::Start() {
  runtime_->Start();
  stop_housekeeper_ = false;
  housekeeper_ = std::thread([this] {
    base::NameThread("housekeeping");
    base::LowerPriority();
    RunHousekeeper();
  });
  reacher_ = std::thread([this] {
    base::NameThread("reach");
    base::LowerPriority();
    RunReach();
  });
}

void Hub::Stop() {
  if (!housekeeper_.joinable()) return;
  stop_housekeeper_ = true;
  housekeeper_.join();
  reacher_.join();
  FinishOutbox();
  runtime_->Stop();
  const absl::Status closed = log_->Close();
  if (!closed.ok()) std::fprintf(stderr, "batuta: %s\n", closed.ToString().c_str());
}

base::RecordId Hub::DrawId() {
  constexpr size_t kRandomBytes = 10;
  constexpr size_t kDrawAtOnce = 400 * kRandomBytes;
  const auto millis = static_cast<uint64_t>(options_.clock->Wall().micros / 1000);
  base::ByteWriter writer;
  writer.U16(static_cast<uint16_t>(millis >> 32));
  writer.U32(static_cast<uint32_t>(millis));
  absl::MutexLock lock(&entropy_mutex_);
  if (entropy_.size() < kRandomBytes) {
    entropy_.resize(kDrawAtOnce);
    if (options_.entropy) {
      options_.entropy(entropy_);
    } else {
      vault::SystemEntropy(entropy_);
    }
  }
  for (size_t i = 0; i < kRandomBytes; ++i) {
    writer.U8(entropy_.back());
    entropy_.pop_back();
  }
  return base::RecordId::FromBytes(writer.bytes());
}

base::Id128 Hub::StateHash() {
  base::Id128 sum;
  for (size_t i = 0; i <= options_.partitions; ++i) {
    const base::Id128 hash =
        runtime_->partition(base::PartitionId{static_cast<uint16_t>(i)}).fold().StateHash();
    sum.high += hash.high;
    sum.low += hash.low;
  }
  return sum;
}

// ---- Housekeeping
// ----------------------------------------------------------------------------------

void Hub::RunHousekeeper() {
  base::Duration archived_at = options_.clock->Monotonic();
  while (!stop_housekeeper_) {
    StepClock();
    const bool more = StepOutbox();
    if (options_.clock->Monotonic().micros - archived_at.micros >= options_.archive_every.micros) {
      StepArchive();
      archived_at = options_.clock->Monotonic();
    }
    absl::SleepFor(absl::Microseconds((more ? kBetweenSteps : kHousekeeping).micros));
  }
}

void Hub::RunReach() {
  while (!stop_housekeeper_) {
    if (!StepReach()) absl::SleepFor(absl::Microseconds(kBetweenReaches.micros));
  }
}

// What an erasure was answered for is done before the process ends, unless the disk hinders it;
// then the next start does it.
void Hub::FinishOutbox() {
  while (StepOutbox()) {
    const auto settled = std::make_shared<absl::Notification>();
    runtime_->Settle([settled] { settled->Notify(); });
    if (!settled->WaitForNotificationWithTimeout(kPatience)) return;
  }
}

// What is due is collected on the partitions' threads and done here, as destroying keys takes a
// while.
bool Hub::StepOutbox() {
  std::vector<DueRow> due;
  {
    absl::MutexLock lock(&due_mutex_);
    if (!due_.empty() && !HasRoom(0)) return false;
    due.swap(due_);
  }
  for (const DueRow& row : due) {
    if (const absl::Status done = WorkOff(row); !done.ok()) options_.fatal(done);
  }
  if (!runtime_->TakeOutboxChanged()) return !due.empty();
  for (size_t i = 0; i < options_.partitions; ++i) {
    const base::PartitionId partition{static_cast<uint16_t>(i)};
    runtime_->Run(partition, [this, partition](Fold& fold) {
      absl::MutexLock lock(&due_mutex_);
      for (auto& [key, row] : fold.state().RowsOf<OutboxRow>(RowKind::kOutbox)) {
        due_.push_back({partition, std::move(key), std::move(row)});
      }
    });
  }
  return true;
}

// Destroying keys twice would also destroy those made in between: the vault knows by the moment
// of the row what it has done already.
absl::Status Hub::WorkOff(const DueRow& due) {
  std::vector<base::IdentifierHash> owners;
  for (const std::string& hash : due.row.destroy_keys_of()) {
    owners.push_back(base::IdentifierHash::FromBytes(hash));
  }
  BATUTA_RETURN_IF_ERROR(vault_->Erase(owners, base::Time{due.row.moment()}));
  OutboxDone done;
  done.set_row(due.key);
  std::vector<log::Entry> entries;
  entries.push_back({.partition = due.partition,
                     .type = static_cast<uint8_t>(RecordType::kOutboxDone),
                     .stamp = options_.clock->Wall(),
                     .id = DrawId(),
                     .payload = done.SerializeAsString()});
  runtime_->AppendInternal(std::move(entries));
  return absl::OkStatus();
}

bool Hub::StepArchive() {
  log::Offsets needed;
  for (size_t i = 0; i < databases_.size(); ++i) {
    const base::PartitionId id{static_cast<uint16_t>(i)};
    const RuntimePartition& partition = runtime_->partition(id);
    needed[id] = base::Next(partition.checkpointed());
    // Folding may begin again at the checkpoint; what was expired there stays expired.
    dedup_horizons_[i] = (partition.checkpointed_log_time() - kDedupWindow).micros;
  }
  absl::MutexLock lock(&disk_mutex_);
  auto dropped = log_->ArchiveThrough(*archive_, needed);
  if (dropped.ok()) {
    if (const absl::Status forgotten = ForgetOld(needed); !forgotten.ok()) dropped = forgotten;
  }
  if (!dropped.ok()) {
    // Out of space: tried again later. Anything else puts the archive in doubt.
    if (!absl::IsResourceExhausted(dropped.status())) options_.fatal(dropped.status());
    return false;
  }
  return *dropped > 0;
}

// The control partition's records stay: they are few, and say who defined what.
absl::Status Hub::ForgetOld(const log::Offsets& needed) {
  const base::Time now = clock_->Wall();
  if (options_.archive_keep.micros <= 0 || clock_->Look().holds) return absl::OkStatus();
  for (uint16_t i = 0; i < options_.partitions; ++i) {
    const base::PartitionId id{i};
    BATUTA_RETURN_IF_ERROR(
        archive_->ForgetBefore(id, now - options_.archive_keep, needed.find(id)->second));
  }
  return absl::OkStatus();
}

void Hub::StepClock() {
  clock_->Wall();  // so that a jump is noticed also when nobody asks for the time
  const ClockGuard::Report report = clock_->Look();
  if (!options_.notice) return;
  if (report.jumps != told_jumps_) {
    options_.notice(absl::StrCat(
        "the clock of this machine jumped ", report.by.micros < 0 ? "back" : "ahead", " by ",
        std::abs(report.by.micros) / 1'000'000,
        " s; the hub keeps its own time until the clock has run evenly for 10 minutes"));
  } else if (told_hold_ && !report.holds) {
    options_.notice("the hub follows the clock of this machine again");
  }
  told_jumps_ = report.jumps;
  told_hold_ = report.holds;
}

}  // namespace batuta::engine
