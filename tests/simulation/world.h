// One simulated world: a real hub on a simulated disk and clock, its clients, its faults, and a
// scheduler that picks what happens next. One seed, one history.
//
// Uses the calling thread alone. Not to be used again after Run().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/manual_clock.h"
#include "engine/runtime_hub.h"
#include "log/sim_disk.h"
#include "simulation/coverage.h"
#include "simulation/failure.h"
#include "simulation/invariants.h"
#include "simulation/model.h"
#include "simulation/plan.h"
#include "simulation/promises.h"
#include "simulation/random_rules.h"
#include "simulation/rule_check.h"
#include "simulation/shadow.h"
#include "simulation/trace.h"
#include "simulation/uploads.h"
#include "simulation/workload.h"

namespace batuta::simulation {

class World {
 public:
  World(const Plan& plan, bool verbose);
  ~World();

  // Lives the whole history. Throws Failure where a promise is broken.
  void Run();

  base::Id128 trace() const { return trace_.hash(); }
  const Coverage& coverage() const { return coverage_; }

 private:
  // A request of clients on its way: it is stored whole, or not at all.
  struct Request {
    std::vector<log::Entry> entries;
    std::vector<EventSpec> specs;  // to be sent again if it was lost; empty: it is not
    std::vector<base::Position> positions;
    enum class State { kWaiting, kStored, kRefused } state = State::kWaiting;
  };
  struct Question {
    base::Duration asked_at;
    engine::RecordType type = {};
    bool is_stored = false;
  };

  // A request for a decision that may be repeated.
  struct Wish {
    std::pair<std::string, std::string> person;  // an identifier
    std::string key;                             // of idempotency
    std::string placement;
  };

  // world.cc: the scheduler
  void Step();
  void ClientStep();
  void ClientBurst();
  void MeasureNow();
  void Upload();
  void Submit(std::vector<log::Entry> entries, std::vector<EventSpec> specs,
              const base::RecordId* question);
  void SendBatch(const std::vector<EventSpec>& specs);
  void SubmitQuestion(base::PartitionId partition, engine::RecordType type, std::string payload,
                      const base::RecordId& question, std::string_view audited = {});
  void AskForDecision();
  void ReportOutcome();
  void ImportDecision();
  void Erase();
  void ChangeDefinitions();
  resource::ResourceSet WithOthers(resource::ResourceSet resources, uint64_t variant);
  void Define(const resource::ResourceSet& next, uint64_t replaces);
  void ChangeKey();
  void Await(const base::RecordId& id, std::function<void(absl::StatusOr<std::string>)> then);
  bool StepHub(uint64_t kind);
  void RunUntilIdle();
  void TellModel();
  void Rest(bool at_end);
  void Note(const std::string& what);

  // world_faults.cc: what goes wrong, and what must be true after it
  void PlanFault();
  void Live(const std::function<void()>& action);
  void Open();
  void TryOpen();
  void Restart(const std::string& reason);
  void LookAtLog();
  void TakeInOrder(std::vector<std::deque<log::Record>> news);
  void LookAtRecoveredLog();
  void TakeRecovered(const log::Record& record);
  void CountPolicies(const decision::Decision& decision);
  absl::TimeZone ZoneOfCompany() const;
  void CountRecord(const log::Record& record);
  void SettleRequests(const std::map<std::string, base::Position>& found);
  void CompareHashes(bool all);
  Invariants ShadowInvariants();
  void CheckKeys();
  void OpenSealedValues();
  void EndFaults();
  void SetQuota(std::optional<uint64_t> bytes);

  const Plan plan_;
  const bool verbose_;
  Dice dice_;
  base::ManualClock clock_;
  log::SimDisk disk_;
  std::unique_ptr<Workload> workload_;
  std::unique_ptr<engine::Hub> hub_;
  std::unique_ptr<Shadow> shadow_;
  RandomRules rules_;
  std::unique_ptr<RuleCheck> rule_check_;  // null: the world has no random rules
  Model model_;
  std::vector<size_t> modelled_;  // by partition: how many records it was told
  Trace trace_;
  Coverage coverage_;

  std::vector<std::unique_ptr<Request>> requests_;  // that are not settled
  std::set<std::string> refused_;                   // ids of records that must never be stored
  std::map<base::Id128, Question> questions_;       // that wait for their answer
  std::vector<std::pair<std::string, std::string>> answered_;  // decisions: id, bytes; not yet seen
  std::vector<std::string> decisions_;                         // ids, of those that were answered
  std::vector<Wish> imported_;                                 // so far; some are sent again
  std::vector<Wish> keyed_;                                    // requests under a key, all so far
  std::set<std::string> made_;                                 // bytes of the decisions in the log
  const Limits limits_;
  Promises promises_{limits_};
  Uploads uploads_;
  std::vector<std::vector<EventSpec>> lost_;  // batches to be sent again

  int64_t calls_to_crash_ = -1;   // of the disk; -1: none planned
  std::string crash_at_sync_of_;  // the next file with this in its path; empty: none planned
  bool is_dead_ = false;          // the process has ended; nothing may touch the disk
  bool expects_stop_ = false;     // a fault was injected after which the hub may stop itself
  bool is_full_ = false;          // the disk has no space
  uint64_t opened_ = 0;
};

}  // namespace batuta::simulation
