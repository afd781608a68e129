// Makes logged decisions again, as many as are asked for, and compares the bytes: the history is
// read once, some of it at a time, beside everything else; of several partitions at once. Internal
// to this folder.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "api/exchange.h"
#include "base/ids.h"
#include "decision/replay_audit.h"
#include "engine/definitions.h"
#include "log/record.h"

namespace batuta::api {

class ReplayRun : public std::enable_shared_from_this<ReplayRun> {
 public:
  // Called once, from any thread: Cancelled if the client has gone, or what the history said.
  using Ended = std::function<void(const absl::Status& status, const ReplayRun& run)>;

  // Of `made` decisions about `wanted` are drawn, by a hash of their bytes.
  ReplayRun(ExchangePtr exchange, uint64_t wanted, uint64_t made, Ended ended);

  void Begin();

  // Both once it has ended.
  uint64_t Found() const;  // decisions in what is kept of the history
  decision::ReplayAudit Audit() const;

 private:
  // What is read of one partition, by one thread at a time.
  struct Part {
    base::PartitionId partition;
    base::Offset next{0};
    base::Offset end{0};
    uint64_t found = 0;
    decision::ReplayAudit audit = {};
  };

  void BeginNext();
  void Post(Part& part);
  void ReadSome(Part& part);
  void Look(const log::Record& record, Part& part);
  const decision::Catalogue* CatalogueOf(uint64_t version);
  void Fail(const absl::Status& status);
  bool HasFailed();
  void EndOne();

  const ExchangePtr exchange_;
  const double share_;
  const Ended ended_;
  std::vector<Part> parts_;
  std::atomic<size_t> begun_ = 0;    // of the parts
  std::atomic<size_t> reading_ = 0;  // how many are read at once

  absl::Mutex mutex_;
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);
  // null: not known
  std::map<uint64_t, std::shared_ptr<const engine::Definitions>> definitions_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::api
