// A hub in a folder: its vault, log, archive, databases and runtime, opened, kept and closed
// together.
//
//     hub.json   the number of partitions, fixed when the hub is made
//     vault/     keys and secrets        log/      the open segments
//     archive/   what was logged         state/    one database per partition, and the control
//     one's
//
// The world is given: disk, clock and entropy are seams, so a simulation opens the same hub on its
// own. Besides the runtime's threads one housekeeper works off the outbox and archives closed
// segments, and one thread finds new features from the history. Thread-safe, but for Open, Start
// and Stop.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/disk.h"
#include "engine/runtime.h"
#include "engine/runtime_clock.h"
#include "engine/runtime_reach.h"
#include "log/archive.h"
#include "log/embedded_log.h"
#include "log/history.h"
#include "store/key_value.h"
#include "store/shared_resources.h"
#include "vault/vault.h"

namespace batuta::engine {

struct HubOptions {
  std::string folder;
  // Neither is owned; both outlive the hub.
  base::Disk* disk = nullptr;
  base::Clock* clock = nullptr;
  store::FileAccess access = store::FileAccess::direct;
  vault::MasterKey master_key;
  vault::Vault::Entropy entropy;  // null: the operating system's

  uint16_t partitions = 8;  // of a new hub; an existing one keeps its own
  size_t workers = 2;
  size_t cache_bytes = size_t{384} << 20;         // decoded rows
  size_t block_cache_bytes = size_t{128} << 20;   // the databases' blocks
  size_t write_buffer_bytes = size_t{128} << 20;  // the databases' writes
  uint64_t segment_bytes = uint64_t{64} << 20;
  uint64_t reserve_bytes = uint64_t{64} << 20;
  CheckpointTriggers checkpoint;
  base::Duration archive_every = base::Seconds(10);
  base::Duration archive_keep = {};  // records of people older than this may go; zero: all stay
  size_t queue_entries_max = 10'000;
  size_t queue_bytes_max = size_t{64} << 20;
  uint64_t backlog_records_max = 200'000;
  size_t reach_bytes = size_t{128} << 20;  // while new features are found from the history

  // Called when the process cannot go on; must not return. Null: print and abort.
  std::function<void(const absl::Status&)> fatal;
  // Told what an operator should know of, by the housekeeper. Null: nobody.
  std::function<void(const std::string&)> notice = nullptr;
};

class Hub {
 public:
  // Opens the hub of the folder, or makes one where there is none, and brings its state up to the
  // end of its log. Errors say what is wrong and what to do; nothing was changed then.
  static absl::StatusOr<std::unique_ptr<Hub>> Open(HubOptions options);
  ~Hub();

  void Start();
  void Stop();  // everything accepted is applied and checkpointed; the log is closed

  Runtime& runtime() { return *runtime_; }
  vault::Vault& vault() { return *vault_; }
  log::EmbeddedLog& log() { return *log_; }
  log::Archive& archive() { return *archive_; }
  const log::History& history() const { return *history_; }
  // The machine's, guarded: what the hub goes by.
  ClockGuard& clock() { return *clock_; }
  base::Disk& disk() { return *options_.disk; }
  // Whether the databases' files, too, are the disk's and not the operating system's.
  bool reads_through_disk() const { return options_.access == store::FileAccess::through_disk; }
  const Reach& reach() const { return *reach_; }
  uint16_t partitions() const { return options_.partitions; }
  const std::string& folder() const { return options_.folder; }

  // A new id for a request or an event: the wall clock's milliseconds and 80 random bits.
  base::RecordId DrawId();

  // Sum of the hashes of all partitions' states. Only while nothing is being appended, or before
  // Start(): the partitions are read one after the other.
  base::Id128 StateHash();

  // Copies the hub into a folder that must not exist, while it runs: state, archive, log, and the
  // vault beside them. What was acknowledged before the call is in it.
  absl::Status Backup(const std::string& path);

  // Erases, as a request would, whoever the vault's ledger lists and the state still has: after the
  // restore of an older backup, or of one that was made during an erasure. Everything is applied,
  // and the keys are destroyed, on return. Gives the number of people. Requires: not started.
  absl::StatusOr<size_t> EraseListed();

  // Steps of the housekeeper; a simulation calls them itself.
  bool StepOutbox();
  bool StepArchive();
  bool StepReach() { return reach_->Step(); }  // of a thread of its own
  void StepClock();

 private:
  explicit Hub(HubOptions options);
  absl::Status OpenParts();
  absl::Status ReadOrWriteShape();
  absl::Status OpenDatabases();
  absl::Status CopyDatabases(const std::string& path);
  std::string StateFolderName(size_t partition) const;  // "p000", …, "control"
  void FinishOutbox();
  void RunHousekeeper();
  void RunReach();
  void StepUntilQuiet();
  struct DueRow {
    base::PartitionId partition{};
    std::string key;
    OutboxRow row;
  };
  bool HasRoom(uint64_t bytes) const;
  absl::Status WorkOff(const DueRow& due);
  absl::Status ForgetOld(const log::Offsets& needed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_mutex_);

  std::unique_ptr<ClockGuard> clock_;
  uint64_t told_jumps_ = 0;  // by the housekeeper
  bool told_hold_ = false;
  HubOptions options_;
  std::unique_ptr<store::SharedResources> shared_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<log::EmbeddedLog> log_;
  std::unique_ptr<log::Archive> archive_;
  std::unique_ptr<log::History> history_;
  std::vector<std::unique_ptr<store::Database>> databases_;
  std::unique_ptr<Reach> reach_;  // before the runtime, whose tasks use it
  std::unique_ptr<Runtime> runtime_;

  absl::Mutex entropy_mutex_;
  std::vector<uint8_t> entropy_ ABSL_GUARDED_BY(entropy_mutex_);
  // By partition: dedup rows of this log time and before may vanish.
  std::vector<std::atomic<int64_t>> dedup_horizons_;
  absl::Mutex due_mutex_;
  std::vector<DueRow> due_ ABSL_GUARDED_BY(due_mutex_);

  std::thread housekeeper_;
  std::thread reacher_;
  std::atomic<bool> stop_housekeeper_ = false;
  absl::Mutex disk_mutex_;  // held while files are archived, dropped or copied
};

}  // namespace batuta::engine
