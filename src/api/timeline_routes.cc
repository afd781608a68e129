// A person's timeline, page by page: the index from their home, the records from the history.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "api/answer.h"
#include "api/ask.h"
#include "api/audit.h"
#include "api/opener.h"
#include "api/read_person.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/explain.h"
#include "identity/refs.h"
#include "profile/timeline.h"

namespace batuta::api {
namespace {

constexpr int kDefaultLimit = 50;
constexpr int kMaxLimit = 200;

std::string_view KindName(profile::EntryKind kind) {
  switch (kind) {
    case profile::EntryKind::kIdentify:
      return "identify";
    case profile::EntryKind::kTrack:
      return "track";
    case profile::EntryKind::kPage:
      return "page";
    case profile::EntryKind::kScreen:
      return "screen";
    case profile::EntryKind::kGroup:
      return "group";
    case profile::EntryKind::kAlias:
      return "alias";
    case profile::EntryKind::kDecision:
      return "decision";
    case profile::EntryKind::kOutcome:
      return "outcome";
    case profile::EntryKind::kMessage:
      return "message";
    case profile::EntryKind::kMerge:
      return "merge";
    case profile::EntryKind::kConsent:
      return "consent";
    case profile::EntryKind::kSegment:
      return "segment";
  }
  return "unknown";
}

std::string_view OutcomeName(uint32_t kind) {
  constexpr std::string_view kNames[] = {"impression", "click", "accept", "reject", "failure"};
  return kind < std::size(kNames) ? kNames[kind] : "unknown";
}

void AddEvent(const engine::Event& event, Opener& opener, ObjectBuilder& out) {
  if (!event.name().empty()) out.Add("name", event.name());
  out.Add("source", event.source());
  out.Add("messageId", event.message_id());
  if (event.import()) out.Add("import", true);
  base::Fields fields;
  if (!event.properties().empty() && fields.ParseFromString(event.properties())) {
    out.AddObject("properties", opener.OpenAll(fields, "properties"));
  }
  if (!event.traits().fields().empty()) {
    out.AddObject("traits", opener.OpenAll(event.traits(), "traits"));
  }
  if (!event.context().empty() && fields.ParseFromString(event.context())) {
    out.AddObject("context", opener.OpenAll(fields, "context"));
  }
  if (event.has_group()) out.Add("groupId", event.group().id());
}

void AddDecision(const std::string& bytes, decision::Language language, ObjectBuilder& out) {
  decision::Decision decision;
  if (!decision::Parse(bytes, decision)) return;
  out.Add("decisionId", base::DecisionId::FromBytes(decision.id()).ToString());
  out.Add("placement", decision.placement());
  out.Add("summary", decision::Summary(decision, language));
}

void AddOutcome(const engine::OutcomeAsk& ask, ObjectBuilder& out) {
  out.Add("decisionId", base::DecisionId::FromBytes(ask.decision()).ToString());
  out.Add("outcome", OutcomeName(ask.kind()));
  out.AddCount("slot", ask.slot());
}

void AddNames(std::string_view key, const google::protobuf::RepeatedPtrField<std::string>& names,
              ObjectBuilder& out) {
  ListBuilder list;
  for (const std::string& name : names) list.Add(base::TextValue(name));
  if (!names.empty()) out.Add(key, list.Take());
}

void AddSegments(const engine::SegmentsChanged& changed, ObjectBuilder& out) {
  AddNames("entered", changed.entered(), out);
  AddNames("left", changed.left(), out);
  out.Add("cause", profile::CauseName(static_cast<profile::Cause>(changed.cause())));
}

// A page with the people whom its merges brought, by the position of the record that joined them.
struct PageCopy {
  profile::TimelinePage page;
  std::vector<identity::Absorbed> absorbed;
};

// The record of a merge is the one that led to it, whatever that was: it says nothing about the
// merge.
void AddMerge(const PageCopy& copy, const base::Position& position, ObjectBuilder& out) {
  ListBuilder people;
  for (const identity::Absorbed& absorbed : copy.absorbed) {
    if (absorbed.partition() == base::Index(position.partition) &&
        absorbed.offset() == base::Number(position.offset)) {
      people.Add(base::TextValue(identity::FromRef(absorbed.person()).ToString()));
    }
  }
  out.Add("people", people.Take());
}

// What the entry's record says. A record that is no longer kept leaves the entry bare.
void AddRecord(const log::Record& record, Opener& opener, decision::Language language,
               ObjectBuilder& out) {
  engine::Event event;
  engine::OutcomeAsk ask;
  engine::Message message;
  switch (static_cast<engine::RecordType>(record.type)) {
    case engine::RecordType::kEvent:
      if (event.ParseFromString(record.payload)) AddEvent(event, opener, out);
      return;
    case engine::RecordType::kOutcomeAsk:
      if (ask.ParseFromString(record.payload)) AddOutcome(ask, out);
      return;
    case engine::RecordType::kMessage:
      if (!message.ParseFromString(record.payload)) return;
      if (message.has_made()) AddDecision(message.made().decision(), language, out);
      if (message.has_outcome()) AddOutcome(message.outcome().ask(), out);
      if (message.has_segments_changed()) AddSegments(message.segments_changed(), out);
      return;
    default:
      return;
  }
}

base::Value EntryValue(const ExchangePtr& exchange, const PageCopy& copy,
                       const profile::TimelineEntry& entry, Opener& opener) {
  ObjectBuilder out;
  out.AddTime("time", entry.event_time.micros);
  out.Add("kind", KindName(entry.kind));
  out.Add("position", FormatPositions({entry.position}));
  if (entry.kind == profile::EntryKind::kMerge) {
    AddMerge(copy, entry.position, out);
    return out.Take();
  }
  const auto record = exchange->core().hub.history().Read(entry.position);
  if (record.ok()) {
    AddRecord(*record, opener, LanguageOf(exchange->request()), out);
  } else {
    out.Add("kept", false);
  }
  return out.Take();
}

std::string PageJson(const ExchangePtr& exchange, const PageCopy& copy, Opener& opener) {
  ListBuilder entries;
  for (const profile::TimelineEntry& entry : copy.page.entries) {
    entries.Add(EntryValue(exchange, copy, entry, opener));
  }
  ObjectBuilder out;
  out.Add("data", entries.Take());
  out.Add("hasMore", !copy.page.next.empty());
  if (!copy.page.next.empty()) out.Add("nextCursor", copy.page.next);
  return base::ToJson(out.Take());
}

absl::StatusOr<profile::TimelinePage> ReadPage(engine::Fold& fold, const base::PersonId& id,
                                               const engine::PersonRow& row,
                                               std::string_view cursor, int limit) {
  return profile::ReadTimeline(row.profile().timeline(), cursor, limit,
                               [&](uint32_t number) -> absl::StatusOr<profile::TimelineBlock> {
                                 const auto bytes =
                                     fold.state().timeline.Get(engine::TimelineKey(id, number));
                                 profile::TimelineBlock block;
                                 if (!bytes.has_value() || !block.ParseFromString(*bytes)) {
                                   return absl::NotFoundError("a block of the timeline is missing");
                                 }
                                 return block;
                               });
}

void Page(const ExchangePtr& exchange, const PersonName& name, int limit) {
  const std::string cursor(exchange->request().Query("cursor").value_or(""));
  VisitPerson(exchange->core(), name,
              [exchange, name, cursor, limit](engine::Fold& fold, const base::PersonId& id,
                                              const engine::PersonRow* row) {
                if (row == nullptr) return FailNobody(exchange);
                auto page = ReadPage(fold, id, *row, cursor, limit);
                if (!page.ok()) {
                  return exchange->Fail(http::Status::kBadRequest, "bad_cursor",
                                        "The cursor is not one that an answer gave.");
                }
                auto copy = std::make_shared<PageCopy>();
                copy->page = *std::move(page);
                const auto& absorbed = row->identity().absorbed();
                copy->absorbed.assign(absorbed.begin(), absorbed.end());
                InBackground(exchange, [exchange, name, id, copy] {
                  Opener opener = OpenerFor(exchange);
                  const std::string json = PageJson(exchange, *copy, opener);
                  AnswerOpened(exchange, opener, kReadTimeline, name, id, json);
                });
              });
}

void Read(const ExchangePtr& exchange, bool by_id) {
  const auto name = PersonInPath(exchange, by_id);
  if (!name.has_value()) return;
  const auto limit = LimitIn(exchange, kDefaultLimit, kMaxLimit);
  if (!limit.has_value()) return;
  AfterSettling(exchange,
                [exchange, name = *name, limit = *limit] { Page(exchange, name, limit); });
}

}  // namespace

void AddTimelineRoutes(Core& core) {
  for (const bool by_id : {false, true}) {
    AddRoute(core, http::Method::kGet,
             by_id ? "/v1/people/{id}/timeline" : "/v1/people/{type}:{value}/timeline",
             {.scope = "people:read"},
             [by_id](const ExchangePtr& exchange) { Read(exchange, by_id); });
  }
}

}  // namespace batuta::api
