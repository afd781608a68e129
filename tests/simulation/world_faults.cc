// What goes wrong in a world, and what must be true of a hub that comes back.
#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "identity/refs.h"
#include "simulation/company.h"
#include "simulation/world.h"

namespace batuta::simulation {

using engine::RecordType;

namespace {

constexpr std::string_view kBeforeSync = "it ends before a sync";

}  // namespace

void World::PlanFault() {
  if (is_dead_) return;  // a thread of a database has noticed first
  base::Random& dice = dice_.faults;
  const auto happens = [&](uint32_t per_world) {
    return per_world > 0 && dice.Below(plan_.steps) < per_world;
  };
  if (happens(plan_.crashes) && calls_to_crash_ < 0) {
    // The moment between writing and syncing is rare among all calls, most of all for small files.
    constexpr const char* kFiles[] = {"ledger",  "watermark", ".seg",
                                      "/vault/", "/archive/", "/state/"};
    if (Percent(dice, 30)) crash_at_sync_of_ = kFiles[dice.Below(6)];
    // Erasures are few, and so are the syncs of their ledger.
    if (plan_.erasures && Percent(dice, 30)) crash_at_sync_of_ = "ledger";
    calls_to_crash_ =
        !crash_at_sync_of_.empty()
            ? static_cast<int64_t>(dice.Below(2000))
            : static_cast<int64_t>(Percent(dice, 50) ? dice.Below(10) : dice.Below(300));
  }
  if (happens(plan_.sync_errors)) {
    expects_stop_ = true;
    disk_.Inject({.kind = log::DiskCall::kSyncData, .nth = 1 + dice.Below(5)});
    Note("a sync will fail");
  }
  if (happens(plan_.full_disks)) {
    const int64_t planned = std::exchange(calls_to_crash_, -1);
    const auto free = disk_.FreeBytes("/");
    calls_to_crash_ = planned;
    constexpr uint64_t kPlenty = uint64_t{1} << 40;
    SetQuota(kPlenty - std::min(kPlenty, *free) + dice.Below(20'000));
    Note("the disk is full");
  } else if (plan_.full_disks > 0 && dice.Below(20) == 0) {
    SetQuota(std::nullopt);
  }
  if (happens(plan_.clock_jumps)) {
    constexpr int64_t kJumps[] = {-3'600'000'000, 3'600'000'000,   -1'000,
                                  86'400'000'000, -86'400'000'000, 315'360'000'000'000};
    // The naive evaluator of features knows no years so far away.
    const uint64_t jumps = dice.Below(4) == 0 && !plan_.rules ? 6 : 5;
    const int64_t jump = kJumps[dice.Below(jumps)];
    clock_.Jump({jump});
    coverage_.Count(jump < 0 ? "clock set back" : "clock set forward");
    Note(base::StrCat("the clock jumps by ", jump, " us"));
  }
}

void World::EndFaults() {
  calls_to_crash_ = -1;
  crash_at_sync_of_.clear();
  expects_stop_ = false;
  disk_.ClearFaults();
  SetQuota(std::nullopt);
}

void World::SetQuota(std::optional<uint64_t> bytes) {
  is_full_ = bytes.has_value();
  disk_.SetQuota(bytes);
}

// Does something in the life of the process. If the process ends meanwhile, a new one takes over.
void World::Live(const std::function<void()>& action) {
  disk_.SetHook([this](log::DiskCall call, const std::string& path) {
    if (is_dead_) throw ProcessEnd{"it is over"};
    if (calls_to_crash_ < 0) return;
    const bool is_here = call == log::DiskCall::kSyncData && !crash_at_sync_of_.empty() &&
                         path.find(crash_at_sync_of_) != std::string::npos;
    if (calls_to_crash_-- > 0 && !is_here) return;
    is_dead_ = true;
    throw ProcessEnd{is_here ? std::string(kBeforeSync) : "power is lost"};
  });
  try {
    action();
    return;
  } catch (const ProcessEnd& end) {
    Restart(end.reason);
  }
}

void World::Restart(const std::string& reason) {
  std::string why = reason;
  for (int attempt = 0;; ++attempt) {
    Require(attempt < 100, "the hub does not open again: " + why);
    Note("the process ends: " + why);
    coverage_.Count("crash");
    is_dead_ = true;
    hub_.reset();
    const bool is_power_lost = Percent(dice_.faults, why == kBeforeSync ? 40 : 70);
    if (is_power_lost) {
      disk_.Crash(dice_.faults.Bits());
    } else {
      disk_.Kill();
    }
    coverage_.Count(is_power_lost ? "power lost" : "process killed");
    disk_.ClearFaults();
    if (attempt > 2) SetQuota(std::nullopt);
    expects_stop_ = false;
    calls_to_crash_ = Percent(dice_.faults, 30) && attempt < 5
                          ? static_cast<int64_t>(dice_.faults.Below(200))
                          : -1;
    crash_at_sync_of_.clear();
    is_dead_ = false;
    try {
      Open();
      // What a killed process had written is lost if power goes before somebody syncs it.
      if (!is_power_lost && calls_to_crash_ < 0 && Percent(dice_.faults, 50)) {
        calls_to_crash_ = static_cast<int64_t>(dice_.faults.Below(1000));
      }
      return;
    } catch (const ProcessEnd& end) {
      coverage_.Count("crash in recovery");
      why = end.reason;
    }
  }
}

void World::Open() {
  auto random =
      std::make_shared<base::Random>(plan_.seed, base::Id128{0, ++opened_}, "entropy", "");
  auto master = vault::MasterKey::FromBytes(std::string(32, 'k'));
  BATUTA_CHECK_OK(master.status());
  auto opened = engine::Hub::Open(
      {.folder = "/hub",
       .disk = &disk_,
       .clock = &clock_,
       .access = store::FileAccess::through_disk,
       .master_key = *master,
       .entropy =
           [random](std::span<uint8_t> bytes) {
             for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random->Bits());
           },
       .partitions = plan_.partitions,
       .workers = 1,
       .cache_bytes = plan_.cache_bytes,
       .segment_bytes = plan_.segment_bytes,
       .reserve_bytes = uint64_t{1} << 14,
       .checkpoint = {.records = plan_.checkpoint_records, .age = base::Minutes(10)},
       .queue_entries_max = plan_.small_queue ? size_t{20} : size_t{10'000},
       .reach_bytes = 2000,
       .fatal =
           [this](const absl::Status& status) {
             is_dead_ = true;
             Require(expects_stop_, "the hub stops: " + status.ToString());
             coverage_.Count("failed sync");
             throw ProcessEnd{"it stops itself: " + status.ToString()};
           }});
  if (!opened.ok()) {
    Require(is_full_, "the hub cannot be opened again: " + opened.status().ToString());
    throw ProcessEnd{"there is no space to open"};
  }
  hub_ = *std::move(opened);
  if (shadow_ == nullptr) {
    shadow_ = std::make_unique<Shadow>(plan_.partitions, hub_->vault().HubSeed(), plan_.burst > 0);
    if (plan_.rules) rule_check_ = std::make_unique<RuleCheck>(rules_, *shadow_, coverage_);
  }
  const int64_t planned = std::exchange(calls_to_crash_, -1);
  LookAtRecoveredLog();
  coverage_.Count("message owed after a crash", shadow_->messages_on_way());
  CompareHashes(true);
  calls_to_crash_ = planned;
}

// ---- The log
// ---------------------------------------------------------------------------------------

// What has become durable since the last look. Looking is no part of the hub's life: nothing fails.
void World::LookAtLog() {
  const int64_t planned = std::exchange(calls_to_crash_, -1);
  std::vector<std::deque<log::Record>> news(plan_.partitions + size_t{1});
  for (uint16_t p = 0; p <= plan_.partitions; ++p) {
    const base::PartitionId partition{p};
    const base::Offset end = hub_->log().End(partition);
    if (end == shadow_->End(partition)) continue;
    const absl::Status seen =
        hub_->log().Scan(partition, shadow_->End(partition), end, [&](const log::Record& record) {
          Require(!refused_.contains(record.id.ToBytes()), "what was refused is in the log");
          news[p].push_back(record);
          return absl::OkStatus();
        });
    Require(seen.ok(), "the log cannot be read: " + seen.ToString());
  }
  TakeInOrder(std::move(news));
  SettleRequests({});
  calls_to_crash_ = planned;
}

// What one partition sent may have become durable together with what it sent it for: causes first.
void World::TakeInOrder(std::vector<std::deque<log::Record>> news) {
  bool is_stuck = false;
  for (bool took = true; took || !is_stuck;) {
    is_stuck = !took;
    took = false;
    for (std::deque<log::Record>& queue : news) {
      for (; !queue.empty() && (is_stuck || shadow_->IsForetold(queue.front()));
           queue.pop_front()) {
        TakeRecovered(queue.front());
        took = true;
      }
    }
  }
}

void World::TakeRecovered(const log::Record& record) {
  CountRecord(record);
  trace_.Add("record", record.payload);
  trace_.Add("stamp", static_cast<uint64_t>(record.stamp.micros));
  shadow_->Take(record);
  if (rule_check_ != nullptr) rule_check_->After(record);
  if (record.type == static_cast<uint8_t>(RecordType::kMessage)) {
    engine::Message message;
    Require(message.ParseFromString(record.payload), "a message does not parse");
    if (message.has_made() && message.made().offset() == 0) {
      made_.insert(message.made().decision());
      decision::Decision decision;
      Require(decision::Parse(message.made().decision(), decision), "a decision does not parse");
      promises_.TakeDecision(message.made().person(), decision, ZoneOfCompany());
      if (decision.has_imported()) return;
      ShadowInvariants().CheckDecided(identity::FromRef(message.made().person()));
      if (decision.identity() == decision::SETTLING) coverage_.Count("decision while links settle");
      const auto& chosen = decision.chosen();
      if (std::all_of(chosen.begin(), chosen.end(),
                      [](const auto& one) { return one.nothing(); })) {
        coverage_.Count("decision of nothing");
      }
      CountPolicies(decision);
    }
  }
}

absl::TimeZone World::ZoneOfCompany() const {
  absl::TimeZone zone;
  Require(absl::LoadTimeZone(plan_.rules ? rules_.zone() : std::string(kZone), &zone),
          "the company's zone is unknown");
  return zone;
}

// What contact policies made of a decision.
void World::CountPolicies(const decision::Decision& decision) {
  for (const decision::Chosen& chosen : decision.chosen()) {
    if (chosen.not_before() != 0) coverage_.Count("choice put off");
  }
  for (const decision::CandidateTrace& candidate : decision.trace().candidates()) {
    if (candidate.reason() == decision::QUIET) coverage_.Count("quiet hours");
    if (candidate.reason() == decision::UNDER_PRESSURE) coverage_.Count("under pressure");
    if (candidate.reason() == decision::LESS_WELCOME) {
      coverage_.Count("less welcome than elsewhere");
    }
    if (candidate.reason() == decision::COOLING_DOWN) coverage_.Count("cooling down");
    if (candidate.reason() == decision::TOO_SOON) coverage_.Count("too soon");
    if (candidate.reason() == decision::SUPPRESSED) coverage_.Count("suppressed");
    if (candidate.reason() == decision::BLOCKED) coverage_.Count("blocked");
    if (candidate.reason() == decision::EXHAUSTED) coverage_.Count("budget exhausted");
    if (candidate.reason() == decision::PACED) coverage_.Count("ahead of the pace");
  }
  for (const decision::SlotTrace& slot : decision.trace().slots()) {
    for (const decision::Drop& drop : slot.drops()) {
      if (drop.reason() == decision::EXCLUSIVE) coverage_.Count("beside a partner");
    }
  }
}

void World::CountRecord(const log::Record& record) {
  coverage_.Count("record");
  if (record.type == static_cast<uint8_t>(RecordType::kTick)) coverage_.Count("tick");
  if (record.type == static_cast<uint8_t>(RecordType::kMessage)) {
    engine::Message message;
    if (message.ParseFromString(record.payload) && message.has_population_found()) {
      coverage_.Count("population measured");
    }
  }
  if (record.type == static_cast<uint8_t>(RecordType::kFeaturesFound)) {
    coverage_.Count("features found");
  }
  if (record.type != static_cast<uint8_t>(RecordType::kEvent)) return;
  engine::Event event;
  Require(event.ParseFromString(record.payload), "an event does not parse");
  if (event.identifiers().asserted()) coverage_.Count("alias");
  for (const auto& identifier : event.identifiers().identifiers()) {
    if (identifier.blocked()) coverage_.Count("blocked identifier");
  }
  for (const engine::ConsentFact& consent : event.consents()) {
    if (!consent.address().empty()) coverage_.Count("consent of address");
  }
  if (event.has_group()) coverage_.Count(event.group().left() ? "group left" : "group joined");
}

// The recovered log begins with all that was seen durable, byte for byte. What stands behind it was
// on its way when the process ended: requests of clients, whole, and what the hub itself wrote.
void World::LookAtRecoveredLog() {
  std::map<std::string, base::Position> found;
  std::map<std::string, const log::Entry*> submitted;
  for (const auto& request : requests_) {
    for (const log::Entry& entry : request->entries) submitted[entry.id.ToBytes()] = &entry;
  }
  std::vector<std::deque<log::Record>> news(plan_.partitions + size_t{1});
  for (uint16_t p = 0; p <= plan_.partitions; ++p) {
    const base::PartitionId partition{p};
    const std::vector<log::Record>& known = shadow_->records()[p];
    const base::Offset end = hub_->log().End(partition);
    Require(base::Number(end) >= known.size(),
            base::StrCat("partition ", p, ": ", known.size(), " records were acknowledged, ",
                         base::Number(end), " are there after the restart"));
    const absl::Status seen =
        hub_->history().Scan(partition, base::Offset{0}, end, [&](const log::Record& record) {
          const uint64_t offset = base::Number(record.position.offset);
          if (offset <= base::Number(shadow_->End(partition))) {
            const log::Record& before = known[offset - 1];
            Require(before.payload == record.payload && before.id == record.id &&
                        before.type == record.type && before.stamp == record.stamp,
                    "a record of the log is another after the restart");
            return absl::OkStatus();
          }
          const auto type = static_cast<RecordType>(record.type);
          const bool is_own = type == RecordType::kTick || type == RecordType::kMessage ||
                              type == RecordType::kOutboxDone || type == RecordType::kFeaturesFound;
          const auto sent = submitted.find(record.id.ToBytes());
          if (!is_own) {
            Require(sent != submitted.end() && sent->second->payload == record.payload &&
                        sent->second->type == record.type && sent->second->partition == partition &&
                        sent->second->stamp == record.stamp,
                    "the log holds a record that nobody submitted");
            found[record.id.ToBytes()] = record.position;
          }
          Require(!refused_.contains(record.id.ToBytes()) || is_own,
                  "what was refused is in the log");
          news[p].push_back(record);
          return absl::OkStatus();
        });
    Require(seen.ok(), "the recovered log cannot be read: " + seen.ToString());
  }
  TakeInOrder(std::move(news));
  for (const auto& request : requests_) {
    if (request->state != Request::State::kWaiting) continue;
    size_t count = 0;
    for (const log::Entry& entry : request->entries) count += found.count(entry.id.ToBytes());
    Require(count == 0 || count == request->entries.size(),
            base::StrCat("of a request of ", request->entries.size(), " records ", count,
                         " are there after the restart"));
    // Nobody was told; the client sends again, with the same message ids.
    if (!request->specs.empty()) lost_.push_back(request->specs);
    request->state = Request::State::kRefused;
    request->entries.clear();
  }
  SettleRequests(found);
  questions_.clear();
  uploads_.OnRestart();
}

// What was acknowledged stands where it was said to, and what was refused nowhere.
void World::SettleRequests(const std::map<std::string, base::Position>&) {
  for (const auto& request : requests_) {
    if (request->state == Request::State::kStored) {
      for (size_t i = 0; i < request->entries.size(); ++i) {
        const base::Position at = request->positions[i];
        const auto& records = shadow_->records()[base::Index(at.partition)];
        const uint64_t offset = base::Number(at.offset);
        Require(offset >= 1 && offset <= records.size() &&
                    records[offset - 1].payload == request->entries[i].payload &&
                    records[offset - 1].id == request->entries[i].id,
                "an acknowledged record is not where it was said to be");
      }
    } else if (request->state == Request::State::kRefused) {
      coverage_.Count("request refused");
      for (const log::Entry& entry : request->entries) refused_.insert(entry.id.ToBytes());
      if (!request->specs.empty() && !request->entries.empty()) lost_.push_back(request->specs);
    }
  }
  std::erase_if(requests_,
                [](const auto& request) { return request->state != Request::State::kWaiting; });
  std::erase_if(answered_, [this](const auto& answer) { return made_.contains(answer.second); });
  Require(answered_.empty(), "a decision was answered before it was durable");
}

// ---- State and keys
// --------------------------------------------------------------------------------

// Live state equals folding the log from zero, at the same offset.
void World::CompareHashes(bool all) {
  const int64_t planned = std::exchange(calls_to_crash_, -1);
  for (uint16_t p = 0; p <= plan_.partitions; ++p) {
    const base::PartitionId partition{p};
    engine::Fold& live = hub_->runtime().partition(partition).fold();
    // It may be behind what is durable, and ahead of it; at rest it is neither.
    if (live.applied() != shadow_->fold(partition).applied()) {
      Require(!all, base::StrCat("partition ", p, ": applied is not what is durable"));
      continue;
    }
    if (!all && dice_.schedule.Below(2) == 0) continue;
    const base::Id128 hash = live.StateHash();
    Require(hash == shadow_->Hash(partition),
            base::StrCat("partition ", p, ": the state is not what its log folds to"));
    trace_.Add("state", hash.ToBytes());
  }
  ShadowInvariants().CheckAlways();
  calls_to_crash_ = planned;
}

Invariants World::ShadowInvariants() {
  return {plan_.partitions,
          [this](base::PartitionId p) -> engine::Fold& { return shadow_->fold(p); }, plan_.guarded};
}

// Each erasure has destroyed the keys once: those of before are gone, those of after are not.
void World::CheckKeys() {
  for (const auto& [bytes, count] : shadow_->erasures()) {
    const auto hash = base::IdentifierHash::FromBytes(bytes);
    Require(hub_->vault().IsErased(hash, count), "an erased identifier still has its keys");
    Require(!hub_->vault().IsErased(hash, count + 1),
            "keys made after an erasure were destroyed, too");
  }
}

// What was acknowledged can be read, unless it was erased; then it cannot.
void World::OpenSealedValues() {
  for (const auto& partition : shadow_->records()) {
    for (const log::Record& record : partition) {
      if (record.type != static_cast<uint8_t>(RecordType::kEvent)) continue;
      engine::Event event;
      Require(event.ParseFromString(record.payload), "an event does not parse");
      for (const auto& identifier : event.identifiers().identifiers()) {
        const auto known = shadow_->erasures().find(identifier.value().key());
        const uint32_t erased = known == shadow_->erasures().end() ? 0 : known->second;
        const auto opened = hub_->vault().Unseal(identifier.value(), identifier.type());
        Require(opened.ok() == (identifier.value().epoch() > erased),
                opened.ok()
                    ? "what was erased can still be read"
                    : "an acknowledged value cannot be read: " + opened.status().ToString());
      }
    }
  }
}

}  // namespace batuta::simulation
