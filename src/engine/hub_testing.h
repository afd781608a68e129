// A hub on a simulated disk and a clock of the test's own, stepped by hand. For tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/message_lite.h>

#include "base/hash.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "base/status.h"
#include "decision/decide.h"
#include "engine/runtime_hub.h"
#include "identity/normalise.h"
#include "identity/refs.h"
#include "identity/routing.h"
#include "log/sim_disk.h"
#include "resource/yaml.h"

namespace batuta::engine {

struct TestHubOptions {
  uint16_t partitions = 4;
  uint64_t seed = 1;
  CheckpointTriggers checkpoint = {.records = 1'000'000'000, .age = base::Days(10'000)};
  base::Duration archive_keep = {};
  size_t reach_bytes = size_t{1} << 20;
  base::Time start = {1'767'225'600'000'000};  // 2026-01-01
};

// A shop with a single action, "card", shown at "home" at once; its model is called "clicks".
inline constexpr std::string_view kCardShop =
    "{kind: action, name: card, spec: {title: Card, value: {amount: \"100.00\", currency: MXN}}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, exposure: decision, model: clicks, "
    "ignoredAfter: 1h, choice: {method: greedy, floor: 0}}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n";

class TestHub {
 public:
  explicit TestHub(TestHubOptions options = {}) : options_(options), clock_(options.start) {
    Open();
  }

  // Opens the hub again from what the disk holds; what was not synced may be lost.
  void Crash(uint64_t seed) {
    hub_.reset();
    disk_.Crash(seed);
    Open();
    Run();
  }
  void Reopen() { Crash(0); }
  // While held, new features are found by hub().StepReach() alone.
  void HoldReach(bool is_held) { reach_is_held_ = is_held; }
  // Ends the hub until then; its disk stays.
  void Close() { hub_.reset(); }

  // Steps everything until nothing is left to do.
  void Run() {
    for (bool worked = true; worked;) {
      worked = hub_->runtime().StepTicks();
      worked |= hub_->runtime().StepCommit();
      for (uint16_t p = 0; p <= hub_->partitions(); ++p) {
        worked |= hub_->runtime().StepPartition(base::PartitionId{p});
      }
      worked |= hub_->runtime().StepCheckpoint();
      worked |= hub_->StepOutbox();
      worked |= !reach_is_held_ && hub_->StepReach();
    }
  }
  void Advance(base::Duration span) {
    clock_.Advance(span);
    Run();
  }
  void Append(std::vector<log::Entry> entries) {
    BATUTA_CHECK_OK(hub_->runtime().Append(std::move(entries), nullptr));
    Run();
  }

  // A record as its author would append it now.
  log::Entry Entry(base::PartitionId partition, RecordType type,
                   const google::protobuf::MessageLite& payload) {
    return {.partition = partition,
            .type = static_cast<uint8_t>(type),
            .stamp = clock_.Wall(),
            .id = hub_->DrawId(),
            .payload = payload.SerializeAsString()};
  }
  // A question about the user, at the placement "home" if the request names none.
  log::Entry DecisionEntry(const base::RecordId& id, const std::string& user,
                           decision::DecisionRequest request = {}) {
    if (request.placement().empty()) request.set_placement("home");
    request.set_request_id(id.ToBytes());
    DecisionAsk ask;
    *ask.mutable_person()->mutable_identifier() = Identifier("user_id", user);
    *ask.mutable_request() = std::move(request);
    return Entry(HomeOf("user_id", user), RecordType::kDecisionAsk, ask);
  }
  // Requires: it is answered at once.
  decision::Decision Decide(const std::string& user, decision::DecisionRequest request = {}) {
    const base::RecordId id = hub_->DrawId();
    decision::Decision decision;
    bool is_answered = false;
    hub_->runtime().Await(id, [&](absl::StatusOr<std::string> made) {
      BATUTA_CHECK_OK(made.status());
      is_answered = decision::Parse(*made, decision);
    });
    Append({DecisionEntry(id, user, std::move(request))});
    BATUTA_CHECK(is_answered, "a decision is answered at once");
    return decision;
  }
  void Report(const decision::Decision& decision, decision::OutcomeKind kind) {
    OutcomeAsk ask;
    ask.set_request_id(hub_->DrawId().ToBytes());
    ask.set_decision(decision.id());
    ask.set_kind(static_cast<uint32_t>(kind));
    Append({Entry(base::DecisionId::FromBytes(decision.id()).partition, RecordType::kOutcomeAsk,
                  ask)});
  }
  base::PartitionId HomeOf(const std::string& type, const std::string& value) {
    return identity::HomeOf(hub_->vault().HashIdentifier(type, value), hub_->partitions());
  }

  // Makes or changes these resources, and removes those.
  void Define(std::string_view yaml, std::vector<resource::ResourceKey> removals = {}) {
    Append({DefinitionsEntry(yaml, std::move(removals))});
  }
  log::Entry DefinitionsEntry(std::string_view yaml,
                              std::vector<resource::ResourceKey> removals = {}) {
    auto parsed = resource::ParseDocuments(yaml, "company.yaml", resource::Format::kYaml);
    BATUTA_CHECK(parsed.problems.empty(), "the resources are valid");
    const base::PartitionId control{hub_->partitions()};
    const Definitions& current = FoldOf(control).definitions();
    const resource::Change change = {.documents = std::move(parsed.documents),
                                     .removals = std::move(removals)};
    DefinitionsAsk ask;
    ask.set_request_id(hub_->DrawId().ToBytes());
    ask.set_replaces(current.version());
    ask.set_resources(current.resources.After(change, {"test", clock_.Wall()}).Encode());
    return Entry(control, RecordType::kDefinitionsAsk, ask);
  }

  identity::EventIdentifier Identifier(const std::string& type, const std::string& value) {
    identity::EventIdentifier identifier;
    identifier.set_type(type);
    const base::IdentifierHash hash = hub_->vault().HashIdentifier(type, value);
    *identifier.mutable_hash() = identity::ToRef(hash);
    auto sealed = hub_->vault().Seal(hash, value, type);
    BATUTA_CHECK_OK(sealed.status());
    *identifier.mutable_value() = *std::move(sealed);
    return identifier;
  }

  struct EventSpec {
    std::string name;
    std::vector<std::pair<std::string, std::string>> identifiers;
    std::string message_id = {};
    profile::EventType type = profile::EventType::kTrack;
    base::Fields traits = {};
    base::Fields properties = {};
    base::Duration age = {};  // before now
  };
  log::Entry Event(const EventSpec& spec) {
    const base::RecordId id = hub_->DrawId();
    engine::Event event;
    event.set_type(static_cast<uint32_t>(spec.type));
    event.set_name(spec.name);
    event.set_source("test");
    event.set_message_id(spec.message_id.empty() ? base::EncodeBase32(id.ToBytes())
                                                 : spec.message_id);
    event.set_event_time((clock_.Wall() - spec.age).micros);
    *event.mutable_traits() = spec.traits;
    event.set_properties(spec.properties.SerializeAsString());
    event.set_payload_hash(base::Hash64(spec.name + event.properties()));
    for (const auto& [type, value] : spec.identifiers) {
      *event.mutable_identifiers()->add_identifiers() = Identifier(type, value);
    }
    identity::SortForRouting(*event.mutable_identifiers());
    BATUTA_CHECK(identity::ChooseAnchor(*event.mutable_identifiers()));
    const auto routing = identity::FromRef(event.identifiers().identifiers(0).hash());
    return {.partition = identity::HomeOf(routing, hub_->partitions()),
            .type = static_cast<uint8_t>(RecordType::kEvent),
            .stamp = clock_.Wall(),
            .id = id,
            .payload = event.SerializeAsString()};
  }

  // The person who has the identifier, wherever they live and whoever they merged into.
  std::optional<PersonRow> Person(const std::string& type, const std::string& value) {
    const base::IdentifierHash hash = hub_->vault().HashIdentifier(type, value);
    const identity::IdentifierRow* row =
        FoldOf(identity::HomeOf(hash, hub_->partitions())).state().identifiers.Find(hash);
    if (row == nullptr || !row->has_person()) return std::nullopt;
    base::PersonId person = identity::FromRef(row->person());
    while (true) {
      const PersonRow* found = FoldOf(person.partition).state().people.Find(person);
      BATUTA_CHECK(found != nullptr);
      if (!found->identity().has_merged_into()) return *found;
      person = identity::FromRef(found->identity().merged_into());
    }
  }
  Tallies Totals() {
    Tallies sum;
    for (uint16_t p = 0; p < hub_->partitions(); ++p) {
      const Tallies& one = FoldOf(base::PartitionId{p}).state().self.tallies();
      sum.set_events(sum.events() + one.events());
      sum.set_duplicates(sum.duplicates() + one.duplicates());
      sum.set_mismatches(sum.mismatches() + one.mismatches());
      sum.set_people(sum.people() + one.people());
      sum.set_merges(sum.merges() + one.merges());
      sum.set_decisions(sum.decisions() + one.decisions());
      sum.set_accepted(sum.accepted() + one.accepted());
      sum.set_rejections(sum.rejections() + one.rejections());
      sum.set_erasures(sum.erasures() + one.erasures());
    }
    return sum;
  }
  // Of all partitions, the control partition's last.
  std::string StateHashes() {
    std::string all;
    for (uint16_t p = 0; p <= hub_->partitions(); ++p) {
      all += base::EncodeHex(FoldOf(base::PartitionId{p}).StateHash().ToBytes());
    }
    return all;
  }
  // How many are in the segment.
  uint64_t MembersOf(std::string_view segment) {
    uint64_t count = 0;
    for (uint16_t p = 0; p < hub_->partitions(); ++p) {
      Fold& fold = FoldOf(base::PartitionId{p});
      count += fold.state().members.Of(fold.ActiveEdition(segment)).count();
    }
    return count;
  }
  Fold& FoldOf(base::PartitionId partition) { return hub_->runtime().partition(partition).fold(); }
  Hub& hub() { return *hub_; }
  base::ManualClock& clock() { return clock_; }
  log::SimDisk& disk() { return disk_; }
  const std::vector<std::string>& notices() const { return notices_; }

 private:
  void Open() {
    auto random = std::make_shared<base::Random>(options_.seed, base::Id128{0, ++opened_}, "", "");
    auto master = vault::MasterKey::FromBytes(std::string(32, 'k'));
    BATUTA_CHECK_OK(master.status());
    auto hub = Hub::Open({.folder = "/hub",
                          .disk = &disk_,
                          .clock = &clock_,
                          .access = store::FileAccess::through_disk,
                          .master_key = *master,
                          .entropy =
                              [random](std::span<uint8_t> bytes) {
                                for (uint8_t& byte : bytes) {
                                  byte = static_cast<uint8_t>(random->Bits());
                                }
                              },
                          .partitions = options_.partitions,
                          .workers = 1,
                          .segment_bytes = uint64_t{1} << 16,
                          .reserve_bytes = uint64_t{1} << 14,
                          .checkpoint = options_.checkpoint,
                          .archive_keep = options_.archive_keep,
                          .reach_bytes = options_.reach_bytes,
                          .fatal = [](const absl::Status& status) { BATUTA_CHECK_OK(status); },
                          .notice = [this](const std::string& text) { notices_.push_back(text); }});
    BATUTA_CHECK_OK(hub.status());
    hub_ = *std::move(hub);
  }

  const TestHubOptions options_;
  base::ManualClock clock_;
  log::SimDisk disk_;
  uint64_t opened_ = 0;
  bool reach_is_held_ = false;
  std::vector<std::string> notices_;
  std::unique_ptr<Hub> hub_;
};

}  // namespace batuta::engine
