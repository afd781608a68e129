#include "simulation/workload.h"

#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "feature/sample_features.h"
#include "identity/normalise.h"
#include "identity/refs.h"
#include "identity/routing.h"

namespace batuta::simulation {
namespace {

constexpr const char* kNames[] = {"Viewed", "Bought", "Searched"};
constexpr const char* kPurposes[] = {"marketing", "analytics"};
constexpr profile::ConsentStatus kStatuses[] = {profile::CONSENT_GRANTED, profile::CONSENT_DENIED,
                                                profile::CONSENT_WITHDRAWN};

}  // namespace

// Half of what happens is about the first persons: the square of a uniform draw leans to them.
uint32_t Workload::AnyPerson() {
  const double uniform = dice_.Uniform();
  return static_cast<uint32_t>(uniform * uniform * plan_.people);
}

std::string Workload::OwnMail(uint32_t person) {
  return base::StrCat("m", person, dice_.Below(3) == 0 ? "x" : "", "@example.com");
}

std::pair<std::string, std::string> Workload::AnyIdentifier() {
  const uint32_t person = AnyPerson();
  switch (dice_.Below(3)) {
    case 0:
      return {"user_id", base::StrCat("u", person)};
    case 1:
      return {"email", OwnMail(person)};
    default:
      return {"anonymous_id", base::StrCat("a", person)};
  }
}

void Workload::AddIdentifiers(uint32_t person, EventSpec& event) {
  const bool has_nobody = Percent(dice_, 5);
  if (has_nobody) {
    event.identifiers.push_back(
        {Percent(dice_, 50) ? "user_id" : "anonymous_id", std::string(kNobody)});
  }
  if (Percent(dice_, 60)) event.identifiers.push_back({"user_id", base::StrCat("u", person)});
  if (Percent(dice_, 30)) event.identifiers.push_back({"email", OwnMail(person)});
  if (Percent(dice_, 40) || event.identifiers.size() == (has_nobody ? 1u : 0u)) {
    const uint32_t owner = Percent(dice_, plan_.shared_percent) ? AnyPerson() : person;
    event.identifiers.push_back({"anonymous_id", base::StrCat("a", owner)});
  }
}

// As the random features know them.
void Workload::AddRandomEvent(EventSpec& event) {
  constexpr std::string_view kPage = "page: ";
  const feature::NaiveEvent drawn = feature::RandomEvent(dice_, event.time.micros);
  const bool is_page = drawn.name.starts_with(kPage);
  event.type = is_page ? profile::EventType::kPage : profile::EventType::kTrack;
  event.name = is_page ? drawn.name.substr(kPage.size()) : drawn.name;
  event.source = drawn.source;
  event.properties = feature::SampleEvent(drawn).properties;
}

void Workload::AddContent(uint32_t person, EventSpec& event) {
  if (plan_.rules && Percent(dice_, 80)) return AddRandomEvent(event);
  switch (dice_.Below(10)) {
    case 0:
    case 1:
    case 2:
      event.type = profile::EventType::kIdentify;
      for (uint64_t i = 0; i < 4; ++i) {
        if (!Percent(dice_, 40)) continue;
        const int value = static_cast<int>(dice_.Below(6)) - 1;
        event.traits.push_back({base::StrCat("t", i), value});
      }
      break;
    case 3:
      event.type = profile::EventType::kPage;
      break;
    case 4:
      if (plan_.groups) {
        event.type = profile::EventType::kGroup;
        event.group = base::StrCat("g", dice_.Below(3));
        event.left_group = Percent(dice_, 20);
        event.traits.push_back({"size", static_cast<int>(dice_.Below(50))});
        break;
      }
      [[fallthrough]];
    default:
      event.type = profile::EventType::kTrack;
      event.name = kNames[dice_.Below(3)];
  }
  if (Percent(dice_, 15)) {
    event.consents.push_back({.purpose = kPurposes[dice_.Below(2)],
                              .status = kStatuses[dice_.Below(3)],
                              .address = Percent(dice_, 50) ? OwnMail(person) : ""});
  }
}

// Another content under the same message id: what came first counts.
void Workload::SayOtherwise(EventSpec& event) {
  ++event.payload;
  event.name.clear();
  event.properties.Clear();
  event.group.clear();
  event.left_group = false;
  event.traits.clear();
  event.consents.clear();
  const std::string source = event.source;
  AddContent(event.person, event);
  event.source = source;
}

EventSpec Workload::NextEvent(base::Time now) {
  if (!sent_.empty() && Percent(dice_, 10)) {
    EventSpec again = sent_[dice_.Below(sent_.size())];
    if (Percent(dice_, 30) && !again.asserted) SayOtherwise(again);
    return again;
  }
  const uint32_t person = AnyPerson();
  EventSpec event;
  event.person = person;
  if (Percent(dice_, 10)) event.source = "crm";
  event.message_id = base::StrCat("m", next_message_++);
  event.time = now;
  if (Percent(dice_, 10))
    event.time = now - base::Minutes(static_cast<int64_t>(dice_.Below(60'000)));
  if (Percent(dice_, 5)) event.time = now + base::Minutes(static_cast<int64_t>(dice_.Below(600)));
  // Clients number their messages as they like: another person may have the same id.
  if (!sent_.empty() && Percent(dice_, 3)) {
    event.message_id = sent_[dice_.Below(sent_.size())].message_id;
  }
  AddIdentifiers(person, event);
  AddContent(person, event);
  if (Percent(dice_, 1)) {
    event.asserted = true;
    event.type = profile::EventType::kAlias;
    event.group.clear();
    event.identifiers = {{"user_id", base::StrCat("u", person)},
                         {"user_id", base::StrCat("u", AnyPerson())}};
  }
  return event;
}

std::vector<EventSpec> Workload::NextBatch(base::Time now) {
  constexpr size_t kRemembered = 100;
  std::vector<EventSpec> batch;
  const uint64_t count = 1 + dice_.Below(6);
  for (uint64_t i = 0; i < count; ++i) {
    batch.push_back(NextEvent(now));
    if (sent_.size() < kRemembered) {
      sent_.push_back(batch.back());
    } else {
      sent_[dice_.Below(kRemembered)] = batch.back();
    }
  }
  return batch;
}

base::PartitionId HomeOf(engine::Hub& hub, const std::pair<std::string, std::string>& identifier) {
  return identity::HomeOf(hub.vault().HashIdentifier(identifier.first, identifier.second),
                          hub.partitions());
}

identity::EventIdentifier MakeIdentifier(engine::Hub& hub,
                                         const std::pair<std::string, std::string>& named) {
  identity::EventIdentifier identifier;
  identifier.set_type(named.first);
  identifier.set_blocked(named.second == kNobody);
  const base::IdentifierHash hash = hub.vault().HashIdentifier(named.first, named.second);
  *identifier.mutable_hash() = identity::ToRef(hash);
  auto sealed = hub.vault().Seal(hash, named.second, named.first);
  BATUTA_CHECK_OK(sealed.status());
  *identifier.mutable_value() = *std::move(sealed);
  return identifier;
}

log::Entry MakeEvent(engine::Hub& hub, const EventSpec& spec) {
  engine::Event event;
  event.set_type(static_cast<uint32_t>(spec.type));
  event.set_name(spec.name);
  event.set_source(spec.source);
  event.set_message_id(spec.message_id);
  event.set_event_time(spec.time.micros);
  event.set_payload_hash(spec.payload);
  event.set_properties(spec.properties.SerializeAsString());
  for (const auto& [name, value] : spec.traits) {
    base::SetField(*event.mutable_traits(), name,
                   value < 0 ? base::NullValue() : base::NumberValue(value));
  }
  for (const ConsentSpec& consent : spec.consents) {
    engine::ConsentFact& fact = *event.add_consents();
    fact.set_purpose(consent.purpose);
    fact.set_status(consent.status);
    if (consent.address.empty()) continue;
    fact.set_address(hub.vault().HashIdentifier("email", consent.address).ToBytes());
  }
  if (!spec.group.empty()) {
    event.mutable_group()->set_group(hub.vault().HashIdentifier("group_id", spec.group).ToBytes());
    event.mutable_group()->set_id(spec.group);
    event.mutable_group()->set_left(spec.left_group);
  }
  for (const auto& identifier : spec.identifiers) {
    *event.mutable_identifiers()->add_identifiers() = MakeIdentifier(hub, identifier);
  }
  event.mutable_identifiers()->set_asserted(spec.asserted);
  identity::SortForRouting(*event.mutable_identifiers());
  BATUTA_CHECK(identity::ChooseAnchor(*event.mutable_identifiers()));
  const auto routing = identity::FromRef(event.identifiers().identifiers(0).hash());
  return {.partition = identity::HomeOf(routing, hub.partitions()),
          .type = static_cast<uint8_t>(engine::RecordType::kEvent),
          .stamp = hub.clock().Wall(),
          .id = hub.DrawId(),
          .payload = event.SerializeAsString()};
}

engine::EraseAsk MakeErasure(engine::Hub& hub, const base::RecordId& request,
                             const std::pair<std::string, std::string>& identifier) {
  engine::EraseAsk ask;
  ask.set_request_id(request.ToBytes());
  ask.set_identifier(hub.vault().HashIdentifier(identifier.first, identifier.second).ToBytes());
  return ask;
}

}  // namespace batuta::simulation
