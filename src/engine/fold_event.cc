// Events: deduplicated where they are logged, routed to their person, taken into the person's
// profile.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "engine/fold.h"
#include "identity/identifier_protocol.h"
#include "identity/refs.h"

namespace batuta::engine {
namespace {

// An event younger than this changes things live; an older one is late.
constexpr base::Duration kLiveAge = base::Hours(48);
// Rejections kept for listing, per partition; their records stay in the log.
constexpr uint64_t kKeptRejections = 10'000;
// Of an event whose message id another payload had before.
constexpr std::string_view kReusedMessageId = "message_id_reused";

base::Id128 DedupId(const Event& event) {
  const identity::HashRef& routing = event.identifiers().identifiers(0).hash();
  base::ByteWriter writer;
  writer.Bytes(event.source());
  writer.Bytes(event.message_id());
  writer.U64(routing.high());
  writer.U64(routing.low());
  return base::Hash128(writer.bytes());
}

std::vector<profile::ConsentStatement> ConsentsOf(const Event& event) {
  std::vector<profile::ConsentStatement> statements;
  for (const ConsentFact& fact : event.consents()) {
    // What is said of an address is kept at the address's home, and comes back as a copy.
    if (!fact.address().empty()) continue;
    profile::ConsentStatement& statement = statements.emplace_back();
    statement.purpose = fact.purpose();
    statement.channel = fact.channel();
    statement.status = fact.status();
    statement.text_version = fact.text_version();
  }
  return statements;
}

std::vector<profile::PreferenceStatement> PreferencesOf(const Event& event) {
  std::vector<profile::PreferenceStatement> statements;
  for (const PreferenceFact& fact : event.preferences()) {
    statements.push_back({fact.kind(), fact.name(), fact.value(), fact.soft()});
  }
  return statements;
}

}  // namespace

void Fold::OnEvent(Event event) {
  BATUTA_CHECK(event.identifiers().identifiers_size() > 0, "ingest rejects events of nobody");
  const Dedup::Verdict verdict =
      state_.dedup.Check(DedupId(event), event.payload_hash(), log_time());
  if (verdict == Dedup::Verdict::kMismatch) {
    tallies().set_mismatches(tallies().mismatches() + 1);
    NoteRejection(kReusedMessageId);
  }
  if (verdict != Dedup::Verdict::kNew) {
    tallies().set_duplicates(tallies().duplicates() + 1);
    return;
  }
  tallies().set_events(tallies().events() + 1);
  event.set_event_time(std::min(event.event_time(), log_time().micros));
  EventOnWay on_way;
  on_way.set_partition(base::Index(current_.position.partition));
  on_way.set_offset(base::Number(current_.position.offset));
  on_way.set_log_time(log_time().micros);
  identity::Provenance& provenance = *event.mutable_identifiers()->mutable_provenance();
  *provenance.mutable_moment() =
      identity::MomentOf(base::Time{event.event_time()}, current_.position);
  provenance.set_log_time(log_time().micros);
  provenance.set_source(event.source());
  event.mutable_identifiers()->set_record_id(current_.id.ToBytes());
  *on_way.mutable_event() = std::move(event);
  SendAddressConsents(on_way);
  RouteEvent(std::move(on_way));
}

void Fold::OnRejection(const Rejection& rejection) { NoteRejection(rejection.code()); }

// The newest rejections can be listed; the record in the log says more.
void Fold::NoteRejection(std::string_view code) {
  tallies().set_rejections(tallies().rejections() + 1);
  RejectionRow row;
  row.set_offset(base::Number(current_.position.offset));
  row.set_log_time(log_time().micros);
  row.set_code(std::string(code));
  const uint64_t number = state_.self.rejections_next();
  state_.PutRow(RowKind::kRejection, NumberKey(number), row);
  state_.self.set_rejections_next(number + 1);
  if (number + 1 - state_.self.rejections_first() > kKeptRejections) {
    state_.EraseRow(RowKind::kRejection, NumberKey(state_.self.rejections_first()));
    state_.self.set_rejections_first(state_.self.rejections_first() + 1);
  }
}

// To the home of the event's anchor, and from there to its person.
void Fold::RouteEvent(EventOnWay event) {
  const identity::EventIdentifiers& identifiers = event.event().identifiers();
  const auto hash =
      identity::FromRef(identifiers.identifiers(static_cast<int>(identifiers.anchor())).hash());
  const base::PartitionId home = HomeOfIdentifier(hash);
  if (home != settings_.partition) {
    Message message;
    *message.mutable_event() = std::move(event);
    SendThroughLog(home, std::move(message));
    return;
  }
  const identity::IdentifierRow* known = state_.identifiers.Find(hash);
  if (known != nullptr && known->has_person() && !identifiers.rerouted()) {
    // The usual case, without touching the row.
    const base::PersonId person = identity::FromRef(known->person());
    return EventAtPerson(std::move(event), person);
  }
  identity::IdentifierRow& row = state_.identifiers.Mutable(hash);
  const identity::Routed routed = identity::RouteEvent(row, identifiers, IdentityContext());
  if (routed.created) CreatePerson(routed.person, row, identifiers);
  if (!routed.by_message) return EventAtPerson(std::move(event), routed.person);
  *event.mutable_person() = identity::ToRef(routed.person);
  Message message;
  *message.mutable_event() = std::move(event);
  SendThroughLog(routed.person.partition, std::move(message));
}

void Fold::EventAtPerson(EventOnWay event, const base::PersonId& person) {
  const auto send_to = [&](const base::PersonId& to) {
    *event.mutable_person() = identity::ToRef(to);
    Message message;
    *message.mutable_event() = std::move(event);
    Send(to.partition, std::move(message));
  };
  if (person.partition != settings_.partition) return send_to(person);
  PersonRow& row = state_.people.Mutable(person);
  BATUTA_CHECK(row.has_identity(), "an event reached a person who was never made");
  identity::Outbox outbox;
  const int listed = row.identity().identifiers_size();
  const identity::EventVerdict verdict = identity::OnEvent(
      *row.mutable_identity(), event.event().identifiers(), IdentityContext(), outbox);
  if (row.identity().identifiers_size() != listed && HasSegments()) {
    Touch(person).Add(segment::Facet::kIdentifiers);
  }
  switch (verdict.fate) {
    case identity::EventFate::kForwarded:
      return send_to(verdict.forward_to);
    case identity::EventFate::kReroute: {
      event.clear_person();
      event.mutable_event()->mutable_identifiers()->set_rerouted(true);
      const auto& identifiers = event.event().identifiers();
      const auto anchor =
          identity::FromRef(identifiers.identifiers(static_cast<int>(identifiers.anchor())).hash());
      Message message;
      *message.mutable_event() = std::move(event);
      return SendThroughLog(HomeOfIdentifier(anchor), std::move(message));
    }
    case identity::EventFate::kApplied:
      break;
  }
  ApplyToProfile(event, person, row);
  SendAll(outbox);
}

void Fold::ApplyToProfile(const EventOnWay& on_way, const base::PersonId& person, PersonRow& row) {
  const Event& event = on_way.event();
  const std::vector<profile::ConsentStatement> consents = ConsentsOf(event);
  const std::vector<profile::PreferenceStatement> preferences = PreferencesOf(event);
  profile::GroupStatement group;
  if (event.has_group()) {
    group = {.group = event.group().group(),
             .id = event.group().id(),
             .role = event.group().role(),
             .left = event.group().left()};
  }
  const bool is_group = event.has_group();
  const std::optional<base::Fields> heard =
      is_group ? std::nullopt
               : definitions_->statements.Heard(event.traits(), event.source(),
                                                base::Time{event.event_time()});
  const profile::EventFacts facts = {
      .type = static_cast<profile::EventType>(event.type()),
      .name = event.name(),
      .event_time = {event.event_time()},
      .log_time = {on_way.log_time()},
      .position = {base::PartitionId{static_cast<uint16_t>(on_way.partition())},
                   base::Offset{on_way.offset()}},
      .source = event.source(),
      .cause = CauseOf(event),
      .traits = is_group || !event.has_traits() ? nullptr
                : heard.has_value()             ? &*heard
                                                : &event.traits(),
      .consents = consents,
      .preferences = preferences,
      .group = is_group ? &group : nullptr};
  const profile::EventChanges changes =
      profile::ApplyEvent(definitions_->rules, facts, *row.mutable_profile());
  ApplyTimelineChanges(person, changes.timeline);
  ApplyFeatures(on_way, changes, person, row);
  TouchByEvent(person, changes);
  if (is_group) SendGroup(on_way, person);
  MatchOutcomes(event, facts.event_time, person, row);
  CountForHoldouts(decision::OutcomeKind::kAccepted, event, facts.event_time, row);
  CountForHoldouts(decision::OutcomeKind::kRefunded, event, facts.event_time, row);
}

void Fold::TouchByEvent(const base::PersonId& person, const profile::EventChanges& changes) {
  if (!HasSegments()) return;
  Touched& touched = Touch(person);
  touched.cause = changes.cause;
  for (const std::string_view trait : changes.traits) touched.traits.emplace_back(trait);
  touched.Add(segment::Facet::kSeen);
  if (changes.consents) touched.Add(segment::Facet::kConsents);
  if (changes.preferences) touched.Add(segment::Facet::kPreferences);
  if (changes.groups) touched.Add(segment::Facet::kGroups);
}

profile::Cause Fold::CauseOf(const Event& event) const {
  if (event.import()) return profile::Cause::kImport;
  const base::Time event_time{event.event_time()};
  return log_time() - event_time > kLiveAge ? profile::Cause::kLate : profile::Cause::kLive;
}

void Fold::ApplyTimelineChanges(const base::PersonId& person,
                                const profile::TimelineChanges& changes) {
  for (const auto& spill : changes.spills) {
    const std::string key = TimelineKey(person, spill.number);
    profile::TimelineBlock block;
    if (!spill.fresh) {
      const auto stored = state_.timeline.Get(key);
      BATUTA_CHECK(stored.has_value() && block.ParseFromString(*stored));
    }
    profile::MergeBlock(spill.entries, block);
    state_.timeline.Put(key, block.SerializeAsString());
  }
  for (const uint32_t number : changes.drops) state_.timeline.Erase(TimelineKey(person, number));
}

void Fold::AddToTimeline(const base::PersonId& person, profile::EntryKind kind, base::Time time,
                         base::Position position) {
  PersonRow& row = state_.people.Mutable(person);
  ApplyTimelineChanges(person,
                       profile::ApplyEntry({.event_time = time, .position = position, .kind = kind},
                                           *row.mutable_profile()));
}

}  // namespace batuta::engine
