#include "whatif/simulation.h"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "store/shared_resources.h"
#include "whatif/case_book.h"
#include "whatif/real_course.h"
#include "whatif/record_reader.h"
#include "whatif/steps_ahead.h"
#include "whatif/world.h"
#include "whatif/world_pair.h"

namespace batuta::whatif {
namespace {

constexpr uint64_t kRecordsPerTold = 1024;

class Run {
 public:
  explicit Run(const SimulationOptions& options)
      : options_(options),
        shared_({.block_cache_bytes = options.memory_bytes / 4,
                 .write_buffer_bytes = options.memory_bytes / 4}),
        book_({.from = options.from, .segment = options.segment, .segments = options.segments}) {}

  absl::StatusOr<Comparison> Go() {
    BATUTA_RETURN_IF_ERROR(Open());
    BATUTA_RETURN_IF_ERROR(FoldToTheFork());
    BATUTA_RETURN_IF_ERROR(MakeFolder("/other"));
    BATUTA_ASSIGN_OR_RETURN(other_, real_->Fork({.folder = options_.folder + "/other",
                                                 .observer = &book_.other_observer(),
                                                 .learns = false}));
    BATUTA_RETURN_IF_ERROR(FoldBoth());
    return book_.Compare();
  }

 private:
  absl::Status Open();
  absl::Status MakeFolder(const std::string& name);
  absl::Status FoldToTheFork();
  absl::Status FoldPartition(size_t partition);
  absl::Status FoldBoth();
  absl::Status Count() ABSL_LOCKS_EXCLUDED(mutex_);

  const SimulationOptions& options_;
  store::SharedResources shared_;
  CaseBook book_;
  RealObserver real_observer_;
  std::vector<std::unique_ptr<RecordReader>> readers_;  // by partition
  std::unique_ptr<World> real_;
  std::unique_ptr<World> other_;
  std::atomic<uint64_t> done_ = 0;
  uint64_t all_ = 0;
  absl::Mutex mutex_;  // held while the caller is told
};

absl::Status Run::MakeFolder(const std::string& name) {
  return options_.disk->MakeDirectory(options_.folder + name);
}

absl::Status Run::Open() {
  for (uint16_t i = 0; i <= options_.partitions; ++i) {
    const base::PartitionId partition{i};
    if (base::Number(options_.history->Start(partition)) > 0) {
      return absl::FailedPreconditionError(
          "the beginning of the history is no longer kept, so it cannot be folded again");
    }
    const base::Offset end = options_.history->End(partition);
    all_ += base::Number(end);
    readers_.push_back(std::make_unique<RecordReader>(*options_.history, partition, end));
  }
  BATUTA_RETURN_IF_ERROR(MakeFolder("/real"));
  BATUTA_ASSIGN_OR_RETURN(real_,
                          World::Make({.folder = options_.folder + "/real",
                                       .disk = options_.through_disk ? options_.disk : nullptr,
                                       .hub = options_.hub,
                                       .hub_seed = options_.hub_seed,
                                       .partitions = options_.partitions,
                                       .memory_bytes = options_.memory_bytes / 4,
                                       .resources = &shared_,
                                       .observer = &real_observer_}));
  return absl::OkStatus();
}

absl::Status Run::Count() {
  const uint64_t done = ++done_;
  if (done % kRecordsPerTold != 0 || options_.progress == nullptr) return absl::OkStatus();
  absl::MutexLock lock(&mutex_);
  const SimulationProgress progress = {
      .records = done, .all = all_, .have_parted = other_ != nullptr};
  return options_.progress(progress);
}

// ---- One course

// Its partitions need nothing of one another: what they said is in the log.
absl::Status Run::FoldToTheFork() {
  std::vector<absl::Status> results(readers_.size());
  const auto work = [&](size_t worker) {
    for (size_t i = worker; i < readers_.size(); i += options_.threads) {
      results[i] = FoldPartition(i);
    }
  };
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < options_.threads; ++i) helpers.emplace_back(work, i);
  work(0);
  for (std::thread& helper : helpers) helper.join();
  for (const absl::Status& result : results) BATUTA_RETURN_IF_ERROR(result);
  return absl::OkStatus();
}

absl::Status Run::FoldPartition(size_t partition) {
  const base::PartitionId id{static_cast<uint16_t>(partition)};
  engine::Effects effects;
  RecordReader& reader = *readers_[partition];
  for (const log::Record* record = reader.Peek();
       record != nullptr && record->stamp < options_.from; record = reader.Peek()) {
    real_->fold(id).Apply(reader.Take(), effects);
    effects.Clear();
    if (base::Number(real_->fold(id).applied()) % 256 == 0) {
      BATUTA_RETURN_IF_ERROR(real_->Settle(id));
    }
    BATUTA_RETURN_IF_ERROR(Count());
  }
  return reader.status();
}

// ---- Both

absl::Status Run::FoldBoth() {
  const Alteration alteration = {options_.change, options_.author, options_.from};
  WorldPair pair(*other_, *options_.history, alteration, book_);
  BATUTA_RETURN_IF_ERROR(pair.Begin());
  RealCourse course(*real_, real_observer_, readers_, options_.to);
  std::optional<StepsAhead> ahead;
  if (options_.threads > 1) ahead.emplace(course);
  while (true) {
    BATUTA_ASSIGN_OR_RETURN(std::optional<RealStep> step,
                            ahead.has_value() ? ahead->Next() : course.Next());
    if (!step.has_value()) return absl::OkStatus();
    BATUTA_RETURN_IF_ERROR(pair.Take(*std::move(step)));
    BATUTA_RETURN_IF_ERROR(Count());
  }
}

}  // namespace

absl::StatusOr<Comparison> Simulate(const SimulationOptions& options) {
  Run run(options);
  return run.Go();
}

}  // namespace batuta::whatif
