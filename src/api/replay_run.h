// Makes logged decisions again, as many as are asked for, and compares the bytes: the history is
// read once, some of it at a time, beside everything else. Internal to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "absl/status/status.h"
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

  uint64_t found() const { return found_; }  // decisions in what is kept of the history
  const decision::ReplayAudit& audit() const { return audit_; }

 private:
  void Post();
  void ReadSome();
  void Look(const log::Record& record);
  const decision::Catalogue* CatalogueOf(uint64_t version);

  const ExchangePtr exchange_;
  const double share_;
  const Ended ended_;
  base::PartitionId partition_{0};
  base::Offset next_{0};
  base::Offset end_{0};
  uint64_t found_ = 0;
  decision::ReplayAudit audit_;
  std::map<uint64_t, std::shared_ptr<const engine::Definitions>> definitions_;  // null: not known
};

}  // namespace batuta::api
