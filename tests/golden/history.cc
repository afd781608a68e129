#include "golden/history.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "decision/lifecycle.h"
#include "engine/record.h"
#include "resource/yaml.h"
#include "table/declaration.h"
#include "table/rows.h"

namespace batuta::golden {
namespace {

using engine::RecordType;
using Named = std::pair<std::string, std::string>;  // an identifier: type, value

constexpr uint64_t kSeed = 20260101;
constexpr int kSteps = 96;
constexpr int kPeople = 12;

constexpr std::string_view kCompany = R"(
kind: hub
spec: {currency: MXN, timeZone: America/Mexico_City}
---
kind: trait
name: plan
spec: {survivorship: mostTrusted, trust: [crm, test]}
---
kind: trait
name: visits
spec: {survivorship: mostFrequent}
---
kind: issue
name: grow
spec: {title: Grow}
---
kind: group
name: cards
spec: {title: Cards, issue: grow}
---
kind: action
name: card
spec:
  title: Card
  group: cards
  value: {amount: "12.00", currency: MXN}
  accept: {event: Bought}
  window: 1d
---
kind: action
name: loan
spec:
  title: Loan
  value: {amount: "80.00", currency: MXN}
  cost: {amount: "0.10", currency: MXN}
  accept: {event: Bought}
  window: 1d
---
kind: action
name: news
spec:
  title: News
  value: {amount: "5.00", currency: MXN}
  purpose: marketing
  window: 1d
---
kind: treatment
name: card-web
spec: {action: card, channel: web, placements: [home, list], variants: [{name: a, content: {}}, {name: b, content: {}}]}
---
kind: treatment
name: loan-web
spec: {action: loan, channel: web, placements: [home, list], variants: [{name: a, content: {}}]}
---
kind: treatment
name: news-web
spec: {action: news, channel: web, placements: [home, list], variants: [{name: a, content: {}}]}
---
kind: placement
name: home
spec: {channel: web, slots: 1, exposure: impression, expiresAfter: 30m, ignoredAfter: 4h, choice: {method: squarecb, floor: 0.02}}
---
kind: placement
name: list
spec: {channel: web, slots: 2, exposure: decision, expiresAfter: 10m, ignoredAfter: 2h, choice: {method: thompson, draws: 50, floor: 0.02}}
---
kind: policy
name: five-a-week
spec: {cap: {scope: person, max: 5, window: 7d}}
---
kind: policy
name: no-means-no
spec: {suppress: {scope: action, refusals: 2, for: 30d}}
---
kind: budget
name: loans
spec: {limit: {amount: "0.60", currency: MXN}, per: day, only: {actions: [loan]}}
---
kind: capacity
name: web
spec: {max: 8, per: hour, pace: even}
---
kind: agreement
name: partner
spec:
  only: {actions: [card]}
  per: day
  atMost: 40
  atLeast: 12
  boost: {amount: "3.00", currency: MXN}
  exclusive: {over: {actions: [news]}}
---
kind: segment
name: frequent
spec: {rule: 'person.traits.visits >= 2.0'}
---
kind: segment
name: quiet
spec: {rule: '!("frequent" in person.segments) && now - person.lastSeen > duration("2h")'}
---
kind: holdout
name: random-arm
spec: {percent: 20, arm: random}
)";

constexpr std::string_view kChange = R"(
kind: model
name: clicks
spec: {halfLife: 90d, predictors: [{name: visits, value: person.traits.visits}, {name: bought, value: feature.bought}]}
---
kind: placement
name: home
spec: {channel: web, slots: 1, exposure: impression, expiresAfter: 30m, ignoredAfter: 4h, model: clicks, choice: {method: squarecb, floor: 0.02}}
---
kind: action
name: card
spec:
  title: Another card
  value: {amount: "33.00", currency: MXN}
  accept: {event: Bought}
  window: 2d
---
kind: trait
name: visits
spec: {survivorship: list}
---
kind: feature
name: bought
spec: {expression: events("Bought").count()}
---
kind: feature
name: last_viewed
spec: {expression: events("Viewed").within("7d").last()}
---
kind: table
name: plans
spec: {key: plan, columns: [{name: plan}, {name: level, type: number}]}
---
kind: population
name: buyers
spec: {feature: bought, every: 24h, reversed: true}
---
kind: segment
name: best-buyers
spec: {rule: 'topN("buyers", 3) || quintile("buyers") == 1'}
---
kind: segment
name: high-plan
spec: {rule: 'lookup("plans", person.traits.plan).level >= 2.0'}
)";

constexpr std::string_view kPlans = "plan,level\nbasic,1\ngold,3\n";

class Life {
 public:
  explicit Life(engine::TestHub& hub) : hub_(hub) {}

  void Define(std::string_view yaml) {
    auto& fold = hub_.FoldOf(base::PartitionId{kPartitions});
    resource::ParsedDocuments parsed =
        resource::ParseDocuments(yaml, "company.yaml", resource::Format::kYaml);
    BATUTA_CHECK(parsed.problems.empty(), "the definitions of the history are wrong");
    resource::Change change;
    change.documents = std::move(parsed.documents);
    const base::RecordId id = hub_.hub().DrawId();
    engine::DefinitionsAsk ask;
    ask.set_request_id(id.ToBytes());
    ask.set_replaces(fold.definitions().version());
    ask.set_resources(
        fold.definitions().resources.After(change, {.author = "golden", .time = Now()}).Encode());
    Append(base::PartitionId{kPartitions}, RecordType::kDefinitionsAsk, id, ask);
  }

  void AddKey() {
    const base::RecordId id = hub_.hub().DrawId();
    engine::KeyAsk ask;
    ask.set_request_id(id.ToBytes());
    ask.mutable_key()->set_id("abcdefghijkl");
    ask.mutable_key()->set_hash(std::string(32, 'h'));
    ask.mutable_key()->set_kind("secret");
    ask.mutable_key()->add_scopes("decide");
    Append(base::PartitionId{kPartitions}, RecordType::kKeyAsk, id, ask);
    engine::Audit audit;
    audit.set_action("keys.create");
    audit.set_key("zyxwvutsrqpo");
    audit.set_object(ask.key().id());
    Append(base::PartitionId{kPartitions}, RecordType::kAudit, hub_.hub().DrawId(), audit);
  }

  void Upload(std::string_view csv) {
    const resource::Resource* declared =
        hub_.FoldOf(base::PartitionId{kPartitions}).definitions().resources.Find("table", "plans");
    BATUTA_CHECK(declared != nullptr);
    table::Rows rows = table::ReadRows(csv, table::Declaration::Of(*declared));
    BATUTA_CHECK(rows.problems.empty() && rows.parts.size() == 1);
    rows.head.set_upload(hub_.hub().DrawId().ToBytes());
    const base::RecordId id = hub_.hub().DrawId();
    engine::TablePartAsk ask;
    ask.set_request_id(id.ToBytes());
    ask.mutable_part()->set_table("plans");
    ask.mutable_part()->set_upload(rows.head.upload());
    ask.mutable_part()->set_rows(rows.parts[0]);
    *ask.mutable_part()->mutable_head() = rows.head;
    Append(base::PartitionId{kPartitions}, RecordType::kTablePartAsk, id, ask);
  }

  void Measure() {
    const base::RecordId id = hub_.hub().DrawId();
    engine::PopulationAsk ask;
    ask.set_request_id(id.ToBytes());
    ask.set_population("buyers");
    Append(base::PartitionId{kPartitions}, RecordType::kPopulationAsk, id, ask);
  }

  void Step() {
    const uint64_t kind = dice_.Below(20);
    if (kind < 11)
      SendEvents();
    else if (kind < 15)
      AskForDecision();
    else if (kind < 18)
      ReportOutcome();
    else
      hub_.Advance(base::Minutes(static_cast<int64_t>(1 + dice_.Below(90))));
  }

  void Erase(const Named& named) {
    const base::RecordId id = hub_.hub().DrawId();
    engine::EraseAsk ask;
    ask.set_request_id(id.ToBytes());
    ask.set_identifier(hub_.hub().vault().HashIdentifier(named.first, named.second).ToBytes());
    Append(HomeOf(named), RecordType::kEraseAsk, id, ask);
  }

  void Refuse() {
    engine::Rejection rejection;
    rejection.set_source("test");
    rejection.set_code("missing_identifier");
    rejection.set_detail("an event needs an identifier");
    Append(base::PartitionId{1}, RecordType::kRejection, hub_.hub().DrawId(), rejection);
  }

  // Everybody is asked about under a key of idempotency, for a place that there is not. Those who
  // have merged live elsewhere than their mail address, so the refusal goes back by a message.
  void AskInVain() {
    for (int person = 0; person < kPeople; ++person) {
      const Named named = {"email", base::StrCat("m", person, "@example.com")};
      const base::RecordId id = hub_.hub().DrawId();
      engine::DecisionAsk ask;
      *ask.mutable_person()->mutable_identifier() = hub_.Identifier(named.first, named.second);
      ask.mutable_request()->set_request_id(id.ToBytes());
      ask.mutable_request()->set_placement("nowhere");
      ask.mutable_request()->set_idempotency_key("again");
      Append(HomeOf(named), RecordType::kDecisionAsk, id, ask);
    }
  }

 private:
  base::Time Now() { return hub_.clock().Wall(); }
  base::PartitionId HomeOf(const Named& named) {
    return identity::HomeOf(hub_.hub().vault().HashIdentifier(named.first, named.second),
                            kPartitions);
  }

  template <typename Payload>
  void Append(base::PartitionId partition, RecordType type, const base::RecordId& id,
              const Payload& payload) {
    hub_.Append({{.partition = partition,
                  .type = static_cast<uint8_t>(type),
                  .stamp = Now(),
                  .id = id,
                  .payload = payload.SerializeAsString()}});
  }

  // Visitors share a device now and then, and so become one.
  std::vector<Named> SomeIdentifiers(uint64_t person) {
    std::vector<Named> named;
    if (dice_.Below(2) == 0) named.emplace_back("user_id", base::StrCat("u", person));
    if (dice_.Below(3) == 0) named.emplace_back("email", base::StrCat("m", person, "@example.com"));
    if (named.empty() || dice_.Below(2) == 0) {
      const uint64_t owner = dice_.Below(8) == 0 ? dice_.Below(kPeople) : person;
      named.emplace_back("anonymous_id", base::StrCat("a", owner));
    }
    return named;
  }

  log::Entry MakeEvent() {
    const uint64_t person = dice_.Below(kPeople);
    const auto type = static_cast<profile::EventType>(1 + dice_.Below(6));
    engine::TestHub::EventSpec spec = {.name = kNames[dice_.Below(kNames.size())],
                                       .identifiers = SomeIdentifiers(person),
                                       .message_id = base::StrCat("m", messages_++),
                                       .type = type};
    if (type == profile::EventType::kAlias) {
      spec.identifiers = {{"user_id", base::StrCat("u", person)},
                          {"anonymous_id", base::StrCat("b", person)}};
    }
    if (type == profile::EventType::kIdentify || type == profile::EventType::kGroup) {
      base::SetField(spec.traits, "visits", base::NumberValue(static_cast<double>(dice_.Below(3))));
      base::SetField(spec.traits, "plan", base::TextValue(dice_.Below(2) == 0 ? "gold" : "basic"));
    }
    log::Entry entry = hub_.Event(spec);
    engine::Event event;
    BATUTA_CHECK(event.ParseFromString(entry.payload));
    AddContent(person, type, event);
    entry.payload = event.SerializeAsString();
    return entry;
  }

  void AddContent(uint64_t person, profile::EventType type, engine::Event& event) {
    if (dice_.Below(5) == 0) {
      event.set_event_time((Now() - base::Hours(static_cast<int64_t>(dice_.Below(300)))).micros);
    }
    event.mutable_identifiers()->set_asserted(type == profile::EventType::kAlias);
    if (type == profile::EventType::kGroup) {
      const std::string group = base::StrCat("g", dice_.Below(2));
      const base::IdentifierHash hash = hub_.hub().vault().HashIdentifier("group", group);
      event.mutable_group()->set_group(hash.ToBytes());
      event.mutable_group()->set_id(group);
      event.mutable_group()->set_left(dice_.Below(5) == 0);
    }
    if (dice_.Below(4) == 0) {
      engine::ConsentFact& consent = *event.add_consents();
      consent.set_purpose("marketing");
      consent.set_status(dice_.Below(3) == 0 ? profile::CONSENT_WITHDRAWN
                                             : profile::CONSENT_GRANTED);
      if (dice_.Below(2) == 0) {
        const std::string mail = base::StrCat("m", person, "@example.com");
        consent.set_channel("email");
        consent.set_address(hub_.hub().vault().HashIdentifier("email", mail).ToBytes());
      }
    }
    if (dice_.Below(8) == 0) {
      engine::PreferenceFact& preference = *event.add_preferences();
      preference.set_kind(profile::PREFERENCE_TOPIC);
      preference.set_name("loans");
      *preference.mutable_value() = base::BooleanValue(dice_.Below(2) == 0);
    }
  }

  void SendEvents() {
    std::vector<log::Entry> batch;
    for (uint64_t i = 0; i < 1 + dice_.Below(3); ++i) batch.push_back(MakeEvent());
    if (dice_.Below(10) == 0) batch.push_back(batch.front());
    hub_.Append(std::move(batch));
  }

  void AskForDecision() {
    const Named named = SomeIdentifiers(dice_.Below(kPeople)).front();
    const base::RecordId id = hub_.hub().DrawId();
    engine::DecisionAsk ask;
    *ask.mutable_person()->mutable_identifier() = hub_.Identifier(named.first, named.second);
    ask.mutable_person()->set_source("test");
    ask.mutable_request()->set_request_id(id.ToBytes());
    ask.mutable_request()->set_placement(dice_.Below(2) == 0 ? "home" : "list");
    hub_.hub().runtime().Await(id, [this](absl::StatusOr<std::string> answer) {
      decision::Decision made;
      if (answer.ok() && decision::Parse(*answer, made)) decisions_.push_back(made.id());
    });
    Append(HomeOf(named), RecordType::kDecisionAsk, id, ask);
    if (dice_.Below(3) > 0) hub_.Advance(base::Seconds(2));
  }

  void ReportOutcome() {
    if (decisions_.empty()) return AskForDecision();
    const uint64_t recent = std::min<uint64_t>(decisions_.size(), 4);
    const std::string& decision = decisions_[decisions_.size() - 1 - dice_.Below(recent)];
    const base::RecordId id = hub_.hub().DrawId();
    engine::OutcomeAsk ask;
    ask.set_request_id(id.ToBytes());
    ask.set_decision(decision);
    ask.set_kind(static_cast<uint32_t>(dice_.Below(5)));
    ask.set_slot(static_cast<uint32_t>(dice_.Below(2)));
    ask.set_at(Now().micros);
    Append(base::DecisionId::FromBytes(decision).partition, RecordType::kOutcomeAsk, id, ask);
  }

  static constexpr std::array<const char*, 3> kNames = {"Viewed", "Bought", "Searched"};

  engine::TestHub& hub_;
  base::Random dice_{kSeed, base::Id128{}, "golden", ""};
  uint64_t messages_ = 0;
  std::vector<std::string> decisions_;
};

}  // namespace

void Live(engine::TestHub& hub) {
  Life life(hub);
  life.Define(kCompany);
  life.AddKey();
  for (int step = 0; step < kSteps; ++step) {
    life.Step();
    if (step == kSteps / 3) life.Refuse();
    if (step == kSteps / 2) life.Define(kChange);
    if (step == kSteps * 3 / 5) life.Upload(kPlans);
    if (step == kSteps * 4 / 5) life.Measure();
    if (step == kSteps * 2 / 3) {
      life.Erase({"user_id", "u3"});
      life.Erase({"email", "m5@example.com"});
      life.Erase({"anonymous_id", "a7"});
      life.Erase({"anonymous_id", "a9"});
      life.Erase({"email", "m2@example.com"});
    }
  }
  for (int person = 0; person < kPeople; person += 2) {
    life.Erase({"anonymous_id", base::StrCat("a", person)});
  }
  life.AskInVain();
  for (const base::Duration span : {base::Hours(1), base::Days(2), base::Days(3)}) {
    hub.Advance(span);
  }
}

}  // namespace batuta::golden
