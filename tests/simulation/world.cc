#include "simulation/world.h"

#include <cstdio>

#include "base/hash.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "simulation/company.h"
#include "simulation/invariants.h"

namespace batuta::simulation {

using engine::RecordType;

World::World(const Plan& plan, bool verbose)
    : plan_(plan),
      verbose_(verbose),
      dice_(plan.seed),
      workload_(std::make_unique<Workload>(plan_, dice_.workload)),
      rules_(plan.seed),
      limits_(plan.burst > 0 ? AmpleFor(static_cast<int>(plan.burst)) : Limits{}) {
  // Days before clocks are changed, in spring or in autumn.
  constexpr base::Duration kToSpring = base::Days(64);
  constexpr base::Duration kToAutumn = base::Days(295);
  if (plan_.rules) clock_.Jump(plan_.seed % 2 == 0 ? kToSpring : kToAutumn);
}

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
    if (dice_.schedule.Below(plan_.burst > 0 ? 600 : 150) == 0) Live([this] { Rest(false); });
  }
  EndFaults();
  Live([this] { Rest(true); });
  coverage_.Add(shadow_->Seen());
  coverage_.CountMeetings();
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
        if (!stored.ok()) coverage_.Count("full disk");
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
    coverage_.Count(hub_->runtime().DiskFull() ? "full disk" : "queue full");
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

// What is `audited` is stored together with its entry of the audit trail.
void World::SubmitQuestion(base::PartitionId partition, RecordType type, std::string payload,
                           const base::RecordId& question, std::string_view audited) {
  questions_[question].type = type;
  std::vector<log::Entry> entries;
  entries.push_back({.partition = partition,
                     .type = static_cast<uint8_t>(type),
                     .stamp = clock_.Wall(),
                     .id = hub_->DrawId(),
                     .payload = std::move(payload)});
  if (!audited.empty()) {
    engine::Audit audit;
    audit.set_action(std::string(audited));
    audit.set_object(base::EncodeHex(question.ToBytes()));
    entries.push_back({.partition = base::PartitionId{plan_.partitions},
                       .type = static_cast<uint8_t>(RecordType::kAudit),
                       .stamp = clock_.Wall(),
                       .id = hub_->DrawId(),
                       .payload = audit.SerializeAsString()});
  }
  Submit(std::move(entries), {}, &question);
}

// Some requests carry a key; some of these are asked again, after a while, or with another body.
void World::AskForDecision() {
  base::Random& dice = dice_.workload;
  Wish wish = {.person = workload_->AnyIdentifier(),
               .key = Percent(dice, 30) ? base::StrCat("k", dice.Below(1000)) : "",
               .placement = Percent(dice, 50) ? "home" : "list"};
  if (!keyed_.empty() && Percent(dice, 20)) {
    wish = keyed_[keyed_.size() - 1 - dice.Below(std::min<size_t>(keyed_.size(), 10))];
    if (Percent(dice, 30)) wish.placement = "home";
  } else if (!wish.key.empty()) {
    keyed_.push_back(wish);
  }
  const bool is_dry = wish.key.empty() && Percent(dice, 5);
  const auto& [type, value] = wish.person;
  const base::RecordId id =
      wish.key.empty() ? hub_->DrawId()
                       : base::RecordId{base::Hash128(base::StrCat(type, value, wish.key))};
  if (questions_.contains(id)) return;
  engine::DecisionAsk ask;
  *ask.mutable_person()->mutable_identifier() = MakeIdentifier(*hub_, wish.person);
  ask.mutable_person()->set_source("web");
  decision::DecisionRequest& request = *ask.mutable_request();
  request.set_request_id(id.ToBytes());
  request.set_placement(wish.placement);
  request.set_dry_run(is_dry);
  request.set_idempotency_key(wish.key);
  Await(id, [this, is_dry](absl::StatusOr<std::string> answer) {
    if (absl::IsAlreadyExists(answer.status())) coverage_.Count("request repeated");
    if (absl::IsFailedPrecondition(answer.status())) {
      coverage_.Count("request repeated with another body");
    }
    if (absl::IsAborted(answer.status())) coverage_.Count("decision of the erased");
    if (is_dry) coverage_.Count("dry run");
    if (!answer.ok() || is_dry) return;
    decision::Decision made;
    Require(decision::Parse(*answer, made), "a decision does not parse");
    answered_.emplace_back(made.id(), *answer);
    const auto& chosen = made.chosen();
    const bool is_nothing =
        std::all_of(chosen.begin(), chosen.end(), [](const auto& one) { return one.nothing(); });
    if (!is_nothing || decisions_.empty()) decisions_.push_back(made.id());
  });
  SubmitQuestion(HomeOf(*hub_, wish.person), RecordType::kDecisionAsk, ask.SerializeAsString(), id);
}

// Of the past, by another system; some are sent again, also when they are long forgotten elsewhere.
void World::ImportDecision() {
  base::Random& dice = dice_.workload;
  if (imported_.empty() || !Percent(dice, 30)) {
    imported_.push_back({.person = workload_->AnyIdentifier(),
                         .key = base::StrCat("i", imported_.size()),
                         .placement = "home"});
  }
  const Wish& wish =
      imported_[imported_.size() - 1 - dice.Below(std::min<size_t>(imported_.size(), 20))];
  const base::RecordId id{base::Hash128(base::StrCat("imported ", wish.key))};
  if (questions_.contains(id)) return;
  engine::DecisionAsk ask;
  *ask.mutable_person()->mutable_identifier() = MakeIdentifier(*hub_, wish.person);
  ask.mutable_request()->set_request_id(id.ToBytes());
  ask.mutable_request()->set_placement(wish.placement);
  decision::Imported& imported = *ask.mutable_request()->mutable_imported();
  imported.set_key(wish.key);
  imported.set_time(
      (clock_.Wall() - base::Minutes(static_cast<int64_t>(dice.Below(20'000)))).micros);
  imported.set_action(Percent(dice, 80) ? "card" : "");
  imported.set_probability(0.5);
  if (!imported.action().empty()) {
    imported.set_outcome(Percent(dice, 30) ? policy::ACCEPTED : policy::IGNORED);
  }
  Await(id, [this](const absl::StatusOr<std::string>& answer) {
    if (answer.ok()) coverage_.Count("decision imported");
    if (absl::IsAlreadyExists(answer.status())) coverage_.Count("decision imported again");
  });
  SubmitQuestion(HomeOf(*hub_, wish.person), RecordType::kDecisionAsk, ask.SerializeAsString(), id);
}

void World::ReportOutcome() {
  if (decisions_.empty()) return AskForDecision();
  base::Random& dice = dice_.workload;
  const size_t recent = std::min<size_t>(decisions_.size(), 10);
  const std::string& decision = decisions_[decisions_.size() - 1 - dice.Below(recent)];
  const base::RecordId id = hub_->DrawId();
  engine::OutcomeAsk ask;
  ask.set_request_id(id.ToBytes());
  ask.set_decision(decision);
  ask.set_kind(static_cast<uint32_t>(dice.Below(5)));
  ask.set_slot(static_cast<uint32_t>(Percent(dice, 20)));
  if (Percent(dice, 20)) {
    ask.set_at((clock_.Wall() - base::Minutes(static_cast<int64_t>(dice.Below(2000)))).micros);
  }
  Await(id, [this](const absl::StatusOr<std::string>& answer) {
    if (absl::IsFailedPrecondition(answer.status())) coverage_.Count("outcome too late");
    if (answer.ok() && *answer == "it was taken") coverage_.Count("outcome");
  });
  SubmitQuestion(base::DecisionId::FromBytes(decision).partition, RecordType::kOutcomeAsk,
                 ask.SerializeAsString(), id);
}

void World::Erase() {
  const auto named = workload_->AnyIdentifier();
  const base::RecordId id = hub_->DrawId();
  const engine::EraseAsk ask = MakeErasure(*hub_, id, named);
  Await(id, [](const absl::StatusOr<std::string>&) {});
  SubmitQuestion(HomeOf(*hub_, named), RecordType::kEraseAsk, ask.SerializeAsString(), id,
                 "people.erase");
}

// Sometimes two change the same version, or somebody an old one.
void World::ChangeDefinitions() {
  const auto& now =
      hub_->runtime().partition(base::PartitionId{plan_.partitions}).fold().definitions();
  if (now.version() == 0) return Define(WithOthers(FirstDefinitions(plan_.guarded, limits_), 0), 0);
  base::Random& dice = dice_.workload;
  const uint64_t changes = Percent(dice, 30) ? 2 : 1;
  const uint64_t replaces = now.version() - (Percent(dice, 10) ? 1 : 0);
  for (uint64_t i = 0; i < changes; ++i) {
    const uint64_t variant = dice.Below(90);
    Define(WithOthers(ChangedDefinitions(now.resources, variant, limits_), variant), replaces);
  }
}

// What only some worlds have.
resource::ResourceSet World::WithOthers(resource::ResourceSet resources, uint64_t variant) {
  if (plan_.rules) resources = WithDocuments(resources, rules_.Documents(variant));
  if (plan_.uploads) resources = WithDocuments(resources, Uploads::Documents());
  return resources;
}

void World::Define(const resource::ResourceSet& next, uint64_t replaces) {
  const base::RecordId id = hub_->DrawId();
  engine::DefinitionsAsk ask;
  ask.set_request_id(id.ToBytes());
  ask.set_resources(next.Encode());
  ask.set_replaces(replaces);
  Await(id, [this](const absl::StatusOr<std::string>& answer) {
    if (answer.ok()) coverage_.Count("definitions changed");
    if (absl::IsAborted(answer.status())) coverage_.Count("definitions changed by two at once");
  });
  SubmitQuestion(base::PartitionId{plan_.partitions}, RecordType::kDefinitionsAsk,
                 ask.SerializeAsString(), id, "resources.apply");
}

void World::ChangeKey() {
  const base::RecordId id = hub_->DrawId();
  engine::KeyAsk ask;
  ask.set_request_id(id.ToBytes());
  ask.mutable_key()->set_id(base::StrCat("key", dice_.workload.Below(3)));
  ask.mutable_key()->set_revoked(Percent(dice_.workload, 30));
  ask.mutable_key()->set_created_at(clock_.Wall().micros);
  Await(id, [this](const absl::StatusOr<std::string>& answer) {
    if (answer.ok()) coverage_.Count("API key changed");
  });
  SubmitQuestion(base::PartitionId{plan_.partitions}, RecordType::kKeyAsk, ask.SerializeAsString(),
                 id, "keys.change");
}

void World::MeasureNow() {
  const base::RecordId id = hub_->DrawId();
  engine::PopulationAsk ask;
  ask.set_request_id(id.ToBytes());
  ask.set_population("activity");
  Await(id, [this](const absl::StatusOr<std::string>& answer) {
    if (answer.ok()) coverage_.Count("population asked for");
  });
  SubmitQuestion(base::PartitionId{plan_.partitions}, RecordType::kPopulationAsk,
                 ask.SerializeAsString(), id, "populations.compute");
}

void World::Upload() {
  const Uploads::Part part = uploads_.Next(*hub_, *workload_, dice_.workload);
  Await(part.request, [this, part](const absl::StatusOr<std::string>& answer) {
    uploads_.OnAnswer(part, answer.ok());
    if (absl::IsAborted(answer.status())) coverage_.Count("upload overtaken");
    if (!answer.ok() || !part.is_last) return;
    coverage_.Count(part.is_of_list ? "list uploaded" : "table uploaded");
  });
  SubmitQuestion(base::PartitionId{plan_.partitions}, RecordType::kTablePartAsk, part.bytes,
                 part.request);
}

// Many clients at the same moment: most ask, some tell what came of what they were shown, or
// something else.
void World::ClientBurst() {
  for (uint64_t left = 1 + dice_.workload.Below(2 * plan_.burst); left > 0; --left) {
    const uint64_t kind = dice_.workload.Below(100);
    if (kind < 82) {
      AskForDecision();
    } else if (kind < 95) {
      ReportOutcome();
    } else {
      SendBatch(workload_->NextBatch(clock_.Wall()));
    }
  }
}

void World::ClientStep() {
  if (!lost_.empty() && Percent(dice_.workload, 50)) {
    coverage_.Count("batch sent again");
    const std::vector<EventSpec> again = std::move(lost_.back());
    lost_.pop_back();
    return SendBatch(again);
  }
  if (plan_.burst > 0 && Percent(dice_.workload, 80)) return ClientBurst();
  const uint64_t kind = dice_.workload.Below(100);
  if (plan_.decisions && kind < 15) return AskForDecision();
  if (plan_.decisions && kind < 25) return ReportOutcome();
  if (plan_.erasures && kind < 32) return Erase();
  if (kind >= 98) return ChangeDefinitions();
  if (kind == 97) return ChangeKey();
  if (kind == 96) return MeasureNow();
  if (plan_.uploads && kind >= 90) return Upload();
  if (plan_.uploads && kind >= 86) return ImportDecision();
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
    case 5:
      worked = hub_->StepReach();
      break;
    default:
      worked = runtime.StepPartition(
          base::PartitionId{static_cast<uint16_t>((kind - 6) % (plan_.partitions + uint64_t{1}))});
  }
  if (worked && kind == 1) coverage_.Count("checkpoint");
  if (worked && kind == 4) coverage_.Count("segment dropped");
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
      // Limits come to an end often enough for many to be offered something.
      if (dice.Below(plan_.burst > 0 ? 2 : 10) == 0) {
        clock_.Advance(base::Hours(static_cast<int64_t>(dice.Below(60))));
      }
      break;
    case 2:
      if (dice.Below(3) == 0) hub_->runtime().RequestCheckpoints();
      break;
    case 3:
      // All people are looked at, of whom long worlds have many.
      if (plan_.burst == 0 || dice.Below(8) == 0) CompareHashes(false);
      break;
    default:
      StepHub(dice.Below(6 + 2 * (plan_.partitions + uint64_t{1})));
  }
}

void World::RunUntilIdle() {
  constexpr int kMostRounds = 100'000;
  int rounds = 0;
  for (bool worked = true; worked; ++rounds) {
    Require(rounds < kMostRounds, "the hub never comes to rest");
    worked = false;
    for (const uint64_t kind : {2u, 0u, 1u, 3u, 5u}) worked |= StepHub(kind);
    for (uint64_t p = 0; p <= plan_.partitions; ++p) worked |= StepHub(6 + p);
  }
}

// What has become durable since it was told last.
void World::TellModel() {
  modelled_.resize(shadow_->records().size());
  for (size_t p = 0; p < modelled_.size(); ++p) {
    const std::vector<log::Record>& records = shadow_->records()[p];
    while (modelled_[p] < records.size()) model_.Take(records[modelled_[p]++]);
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
  MeasureNow();
  RunUntilIdle();
  Require(!hub_->runtime().DiskFull(), "there is space again, and clients are still refused");
  Require(shadow_->messages_on_way() == 0, "a message was never sent");
  Require(answered_.empty(), "a decision was answered that is not in the log");
  for (const auto& [id, question] : questions_) {
    if (!question.is_stored) continue;
    Require(false, base::StrCat("a question was stored and is never answered: type ",
                                static_cast<int>(question.type), ", asked ",
                                clock_.Monotonic().micros - question.asked_at.micros, " us ago"));
  }
  CompareHashes(true);
  CheckKeys();
  const auto fold = [this](base::PartitionId p) -> engine::Fold& {
    return hub_->runtime().partition(p).fold();
  };
  const Invariants invariants(plan_.partitions, fold, plan_.guarded);
  invariants.CheckAtRest();
  invariants.CheckMeasured("activity");
  if (plan_.uploads) uploads_.Check(plan_.partitions, fold);
  for (uint16_t p = 0; p <= plan_.partitions; ++p) {
    engine::Fold& one = fold(base::PartitionId{p});
    Require(one.NextDue() > std::max(hub_->clock().Wall(), one.log_time()),
            "a timer is due, and rests");
  }
  TellModel();
  invariants.CheckRecords(model_, plan_.erasures);
  if (!plan_.erasures) invariants.CheckCounts(model_);
  if (!plan_.erasures && !plan_.guarded) invariants.CheckAgainst(model_);
  if (at_end) coverage_.Count("message id again after its window", model_.after_window());
  if (!at_end) return;
  // Whatever the wall clock says by now, what is due comes.
  for (const base::Duration span : {base::Hours(1), base::Days(2), base::Days(30)}) {
    clock_.Advance(span);
    RunUntilIdle();
    invariants.CheckAtRest();
  }
  // How long ago something was is never over.
  for (uint16_t p = 0; p < plan_.partitions && !plan_.rules; ++p) {
    Require(fold(base::PartitionId{p}).NextDue() == base::kDistantFuture,
            "a timer is still set after everything is over");
  }
  CompareHashes(true);
  OpenSealedValues();
}

}  // namespace batuta::simulation
