#include "simulation/world.h"

#include <cstdio>

#include "base/status.h"
#include "base/text.h"
#include "decision/decision.pb.h"
#include "simulation/company.h"
#include "simulation/invariants.h"
#include "simulation/model.h"

namespace batuta::simulation {

using engine::RecordType;

World::World(const Plan& plan, bool verbose)
    : plan_(plan),
      verbose_(verbose),
      dice_(plan.seed),
      workload_(std::make_unique<Workload>(plan_, dice_.workload)) {}

World::~World() {
  is_dead_ = true;
  hub_.reset();
}

void World::Note(const std::string& what) {
  trace_.Add(what);
  if (verbose_) std::fprintf(stderr, "  %s\n", what.c_str());
}

void World::Run() {
  Live([this] { Open(); });
  Live([this] {
    ChangeDefinitions();
    RunUntilIdle();
  });
  for (uint32_t step = 0; step < plan_.steps; ++step) {
    PlanFault();
    Live([this] { Step(); });
    if (dice_.schedule.Below(150) == 0) Live([this] { Rest(false); });
  }
  EndFaults();
  Live([this] { Rest(true); });
}

// ---- Clients
// ---------------------------------------------------------------------------------------

void World::Submit(std::vector<log::Entry> entries, std::vector<EventSpec> specs,
                   const base::RecordId* question) {
  auto request = std::make_unique<Request>();
  request->entries = entries;
  request->specs = std::move(specs);
  Request* const raw = request.get();
  const base::RecordId id = question == nullptr ? base::RecordId{} : *question;
  const absl::Status accepted = hub_->runtime().Append(
      std::move(entries), [this, raw, id](absl::StatusOr<std::vector<base::Position>> stored) {
        raw->state = stored.ok() ? Request::State::kStored : Request::State::kRefused;
        if (stored.ok()) raw->positions = *std::move(stored);
        if (id.IsZero()) return;
        if (stored.ok()) {
          if (const auto found = questions_.find(id); found != questions_.end()) {
            found->second.is_stored = true;
          }
        } else {
          questions_.erase(id);
        }
      });
  if (!accepted.ok()) {
    Require(absl::IsResourceExhausted(accepted),
            "refused otherwise than by too much: " + accepted.ToString());
    if (question != nullptr) questions_.erase(id);
    request->state = Request::State::kRefused;
  }
  requests_.push_back(std::move(request));
}

void World::SendBatch(const std::vector<EventSpec>& specs) {
  std::vector<log::Entry> entries;
  for (const EventSpec& spec : specs) entries.push_back(MakeEvent(*hub_, spec));
  if (Percent(dice_.workload, 3)) {
    engine::Rejection rejection;
    rejection.set_code("missing_identifier");
    entries.push_back({.partition = entries.front().partition,
                       .type = static_cast<uint8_t>(RecordType::kRejection),
                       .stamp = clock_.Wall(),
                       .id = hub_->DrawId(),
                       .payload = rejection.SerializeAsString()});
  }
  Submit(std::move(entries), specs, nullptr);
}

void World::Await(const base::RecordId& id, std::function<void(absl::StatusOr<std::string>)> then) {
  questions_[id] = {.asked_at = clock_.Monotonic()};
  hub_->runtime().Await(id, [this, id, then](absl::StatusOr<std::string> answer) {
    questions_.erase(id);
    trace_.Add("answer", answer.ok() ? *answer : answer.status().ToString());
    then(std::move(answer));
  });
}

void World::AskForDecision() {
  const auto named = workload_->AnyIdentifier();
  const base::RecordId id = hub_->DrawId();
  engine::DecisionAsk ask;
  *ask.mutable_person()->mutable_identifier() = MakeIdentifier(*hub_, named);
  ask.mutable_person()->set_source("web");
  decision::DecisionRequest& request = *ask.mutable_request();
  request.set_request_id(id.ToBytes());
  request.set_placement(Percent(dice_.workload, 50) ? "home" : "list");
  request.set_dry_run(Percent(dice_.workload, 5));
  const bool is_dry = request.dry_run();
  Await(id, [this, is_dry](absl::StatusOr<std::string> answer) {
    if (!answer.ok() || is_dry) return;
    decision::Decision made;
    Require(made.ParseFromString(*answer), "a decision does not parse");
    answered_.emplace_back(made.id(), *answer);
    decisions_.push_back(made.id());
  });
  std::vector<log::Entry> entries;
  entries.push_back({.partition = HomeOf(*hub_, named),
                     .type = static_cast<uint8_t>(RecordType::kDecisionAsk),
                     .stamp = clock_.Wall(),
                     .id = id,
                     .payload = ask.SerializeAsString()});
  Submit(std::move(entries), {}, &id);
}

void World::ReportOutcome() {
  if (decisions_.empty()) return AskForDecision();
  const size_t recent = std::min<size_t>(decisions_.size(), 10);
  const std::string& decision = decisions_[decisions_.size() - 1 - dice_.workload.Below(recent)];
  const base::RecordId id = hub_->DrawId();
  engine::OutcomeAsk ask;
  ask.set_request_id(id.ToBytes());
  ask.set_decision(decision);
  ask.set_kind(static_cast<uint32_t>(dice_.workload.Below(5)));
  ask.set_slot(static_cast<uint32_t>(dice_.workload.Below(2)));
  Await(id, [](const absl::StatusOr<std::string>&) {});
  std::vector<log::Entry> entries;
  entries.push_back({.partition = base::DecisionId::FromBytes(decision).partition,
                     .type = static_cast<uint8_t>(RecordType::kOutcomeAsk),
                     .stamp = clock_.Wall(),
                     .id = id,
                     .payload = ask.SerializeAsString()});
  Submit(std::move(entries), {}, &id);
}

void World::Erase() {
  const auto named = workload_->AnyIdentifier();
  const base::RecordId id = hub_->DrawId();
  const engine::EraseAsk ask = MakeErasure(*hub_, id, named);
  Await(id, [](const absl::StatusOr<std::string>&) {});
  std::vector<log::Entry> entries;
  entries.push_back({.partition = HomeOf(*hub_, named),
                     .type = static_cast<uint8_t>(RecordType::kEraseAsk),
                     .stamp = clock_.Wall(),
                     .id = id,
                     .payload = ask.SerializeAsString()});
  Submit(std::move(entries), {}, &id);
}

void World::ChangeDefinitions() {
  const base::PartitionId control{plan_.partitions};
  const auto& now = hub_->runtime().partition(control).fold().definitions();
  const resource::ResourceSet next =
      now.version() == 0 ? FirstDefinitions(plan_.guarded)
                         : ChangedDefinitions(now.resources, dice_.workload.Below(90));
  const base::RecordId id = hub_->DrawId();
  engine::DefinitionsAsk ask;
  ask.set_request_id(id.ToBytes());
  ask.set_resources(next.Encode());
  ask.set_replaces(now.version());
  Await(id, [](const absl::StatusOr<std::string>&) {});
  std::vector<log::Entry> entries;
  entries.push_back({.partition = control,
                     .type = static_cast<uint8_t>(RecordType::kDefinitionsAsk),
                     .stamp = clock_.Wall(),
                     .id = id,
                     .payload = ask.SerializeAsString()});
  Submit(std::move(entries), {}, &id);
}

void World::ClientStep() {
  if (!lost_.empty() && Percent(dice_.workload, 50)) {
    const std::vector<EventSpec> again = std::move(lost_.back());
    lost_.pop_back();
    return SendBatch(again);
  }
  const uint64_t kind = dice_.workload.Below(100);
  if (plan_.decisions && kind < 15) return AskForDecision();
  if (plan_.decisions && kind < 25) return ReportOutcome();
  if (plan_.erasures && kind < 32) return Erase();
  if (kind == 99) return ChangeDefinitions();
  SendBatch(workload_->NextBatch(clock_.Wall()));
}

// ---- The scheduler
// ---------------------------------------------------------------------------------

bool World::StepHub(uint64_t kind) {
  engine::Runtime& runtime = hub_->runtime();
  bool worked = false;
  switch (kind) {
    case 0:
      worked = runtime.StepCommit();
      break;
    case 1:
      worked = runtime.StepCheckpoint();
      break;
    case 2:
      worked = runtime.StepTicks();
      break;
    case 3:
      worked = hub_->StepOutbox();
      break;
    case 4:
      worked = plan_.archive && hub_->StepArchive();
      break;
    default:
      worked = runtime.StepPartition(
          base::PartitionId{static_cast<uint16_t>((kind - 5) % (plan_.partitions + uint64_t{1}))});
  }
  if (worked && kind == 1) ++tally_.checkpoints;
  if (worked && kind == 2) ++tally_.ticks;
  if (worked && kind == 4) ++tally_.archived;
  trace_.Add("step", kind * 2 + (worked ? 1 : 0));
  LookAtLog();
  return worked;
}

void World::Step() {
  base::Random& dice = dice_.schedule;
  if (Percent(dice, plan_.client_percent)) return ClientStep();
  switch (dice.Below(20)) {
    case 0:
      clock_.Advance(base::Millis(static_cast<int64_t>(dice.Below(200))));
      break;
    case 1:
      if (dice.Below(10) == 0) clock_.Advance(base::Hours(static_cast<int64_t>(dice.Below(60))));
      break;
    case 2:
      if (dice.Below(3) == 0) hub_->runtime().RequestCheckpoints();
      break;
    case 3:
      CompareHashes(false);
      break;
    default:
      StepHub(dice.Below(5 + 2 * (plan_.partitions + uint64_t{1})));
  }
}

void World::RunUntilIdle() {
  constexpr int kMostRounds = 100'000;
  int rounds = 0;
  for (bool worked = true; worked; ++rounds) {
    Require(rounds < kMostRounds, "the hub never comes to rest");
    worked = false;
    for (const uint64_t kind : {2u, 0u, 1u, 3u}) worked |= StepHub(kind);
    for (uint64_t p = 0; p <= plan_.partitions; ++p) worked |= StepHub(5 + p);
  }
}

// Everything on its way arrives, and a second passes; then all promises about rest must hold.
void World::Rest(bool at_end) {
  EndFaults();
  Note("rest");
  while (at_end && !lost_.empty()) {
    SendBatch(lost_.back());
    lost_.pop_back();
    RunUntilIdle();
  }
  for (int i = 0; i < 10; ++i) {
    RunUntilIdle();
    clock_.Advance(base::Millis(200));
  }
  RunUntilIdle();
  Require(!hub_->runtime().DiskFull(), "there is space again, and clients are still refused");
  Require(shadow_->messages_on_way() == 0, "a message was never sent");
  Require(answered_.empty(), "a decision was answered that is not in the log");
  for (const auto& [id, question] : questions_) {
    Require(!question.is_stored, "a question was stored and is never answered");
  }
  CompareHashes(true);
  CheckKeys();
  const auto fold = [this](base::PartitionId p) -> engine::Fold& {
    return hub_->runtime().partition(p).fold();
  };
  const Invariants invariants(plan_.partitions, fold, plan_.guarded);
  invariants.CheckAtRest();
  if (!plan_.erasures) {
    Model model;
    for (const auto& partition : shadow_->records()) {
      for (const log::Record& record : partition) model.Take(record);
    }
    invariants.CheckCounts(model);
    if (!plan_.guarded) invariants.CheckAgainst(model);
  }
  if (!at_end) return;
  // Whatever the wall clock says by now, what is due comes.
  for (const base::Duration span : {base::Hours(1), base::Days(2), base::Days(3)}) {
    clock_.Advance(span);
    RunUntilIdle();
  }
  for (uint16_t p = 0; p < plan_.partitions; ++p) {
    Require(fold(base::PartitionId{p}).NextDue() == base::kDistantFuture,
            "a timer is still set after everything is over");
  }
  CompareHashes(true);
  OpenSealedValues();
}

}  // namespace batuta::simulation
