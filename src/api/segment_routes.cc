// Segments: how many are in one, who they are, how two overlap, and why somebody is in one or not.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/member_stream.h"
#include "api/read_person.h"
#include "api/routes.h"
#include "api/segment_view.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "rule/explain.h"
#include "segment/evaluation.h"

namespace batuta::api {
namespace {

constexpr int kDefaultLimit = 100;
constexpr int kMaxLimit = 1000;
constexpr size_t kStep = 128;  // people read at once, between everything else

bool Exists(const ExchangePtr& exchange, const std::string& name) {
  const auto view = exchange->core().definitions.Now();
  const segment::Segments& segments = *view->definitions->segments;
  if (segments.Find(name) != nullptr) return true;
  std::vector<std::string> names;
  for (const segment::Segment& segment : segments.all()) names.push_back(segment.name);
  const std::string near = base::Suggest(name, names);
  exchange->Fail(http::Status::kNotFound, "no_such_segment",
                 base::StrCat("There is no segment of this name",
                              near.empty() ? "." : base::StrCat("; did you mean ", near, "?")));
  return false;
}

// ---- How many

struct Counted {
  uint64_t count = 0;
  bool is_ready = true;  // counted by the definition of now
  uint64_t asked = 0;    // people asked by a definition that is not ready
  uint64_t people = 0;
};

Counted CountIn(engine::Fold& fold, const std::string& name) {
  engine::PartitionState& state = fold.state();
  const auto row = state.GetRow<engine::SegmentRow>(engine::RowKind::kSegment, name);
  Counted counted;
  counted.people = state.self.last_number();
  if (!row.has_value()) {
    counted.is_ready = false;
    return counted;
  }
  counted.count = state.members.Of(row->active()).count();
  counted.is_ready = row->active() == row->wanted();
  const auto sweep = state.GetRow<engine::SweepRow>(engine::RowKind::kSweep, "");
  const bool is_done = counted.is_ready || (sweep.has_value() && sweep->done());
  counted.asked = is_done ? counted.people : sweep.has_value() ? sweep->next() : 0;
  return counted;
}

void Count(const ExchangePtr& exchange) {
  const std::string name = exchange->parameter("name");
  if (!Exists(exchange, name)) return;
  AfterSettling(exchange, [exchange, name] {
    Gather<Counted>(
        exchange->core(), [name](engine::Fold& fold) { return CountIn(fold, name); },
        [exchange, name](const std::vector<Counted>& parts) {
          Counted sum;
          for (const Counted& part : parts) {
            sum.count += part.count;
            sum.is_ready = sum.is_ready && part.is_ready;
            sum.asked += part.asked;
            sum.people += part.people;
          }
          ObjectBuilder out;
          out.Add("segment", name);
          out.AddCount("count", sum.count);
          out.Add("state", sum.is_ready ? "ready" : "finding");
          out.Add("progress",
                  sum.is_ready || sum.people == 0
                      ? 1.0
                      : static_cast<double>(sum.asked) / static_cast<double>(sum.people));
          exchange->Json(base::ToJson(out.Take()));
        });
  });
}

void Overlap(const ExchangePtr& exchange) {
  struct Common {
    uint64_t first = 0;
    uint64_t second = 0;
    uint64_t both = 0;
  };
  const std::string name = exchange->parameter("name");
  const std::string other(exchange->request().Query("with").value_or(""));
  if (other.empty()) {
    return exchange->Fail(http::Status::kBadRequest, "missing_parameter",
                          "Name the other segment: ?with=NAME.");
  }
  if (!Exists(exchange, name) || !Exists(exchange, other)) return;
  AfterSettling(exchange, [exchange, name, other] {
    Gather<Common>(
        exchange->core(),
        [name, other](engine::Fold& fold) {
          const auto& members = fold.state().members;
          const segment::MemberSet& a = members.Of(fold.ActiveEdition(name));
          const segment::MemberSet& b = members.Of(fold.ActiveEdition(other));
          return Common{a.count(), b.count(), a.CountCommon(b)};
        },
        [exchange, name, other](const std::vector<Common>& parts) {
          Common sum;
          for (const Common& part : parts) {
            sum.first += part.first;
            sum.second += part.second;
            sum.both += part.both;
          }
          ObjectBuilder out;
          out.Add("segment", name);
          out.AddCount("count", sum.first);
          out.Add("with", other);
          out.AddCount("withCount", sum.second);
          out.AddCount("both", sum.both);
          exchange->Json(base::ToJson(out.Take()));
        });
  });
}

// ---- Who

// A place in the list of members: those of the first partition by number, then those of the next.
struct Place {
  uint16_t partition = 0;
  uint32_t number = 0;
};

struct Page {
  std::vector<base::Value> members;
  std::optional<Place> next;
};

std::string FormatCursor(const Place& place) {
  base::ByteWriter writer;
  writer.U16(place.partition);
  writer.U32(place.number);
  return base::EncodeHex(writer.bytes());
}

// False if the text is no cursor.
bool ParseCursor(std::string_view text, uint16_t partitions, Place& place) {
  if (text.empty()) return true;
  const auto bytes = base::DecodeHex(text);
  if (!bytes.ok()) return false;
  base::ByteReader reader(*bytes);
  place.partition = reader.U16();
  place.number = reader.U32();
  return reader.ok() && reader.AtEnd() && place.partition < partitions;
}

void SendPage(const ExchangePtr& exchange, Page& page) {
  ListBuilder data;
  for (base::Value& member : page.members) data.Add(std::move(member));
  ObjectBuilder out;
  out.Add("data", data.Take());
  out.Add("hasMore", page.next.has_value());
  if (page.next.has_value()) out.Add("nextCursor", FormatCursor(*page.next));
  exchange->Json(base::ToJson(out.Take()));
}

// Some members of a partition at a time, then those of the next, until the page is full and it is
// known whether there is more.
void CollectMembers(const ExchangePtr& exchange, const std::string& name, Place place, size_t limit,
                    const std::shared_ptr<Page>& page) {
  engine::Runtime& runtime = exchange->core().hub.runtime();
  if (page->next.has_value() || place.partition >= runtime.partitions()) {
    return InBackground(exchange, [exchange, page] { SendPage(exchange, *page); });
  }
  const auto visit = [exchange, name, place, limit, page](engine::Fold& fold) {
    const uint64_t edition = fold.ActiveEdition(name);
    const size_t wanted = std::min(kStep, limit - page->members.size());
    const std::vector<uint32_t> numbers =
        fold.state().members.Of(edition).From(place.number, wanted + 1);
    engine::PersonRow scratch;
    for (size_t i = 0; i < std::min(wanted, numbers.size()); ++i) {
      page->members.push_back(MemberValue(fold, edition, numbers[i], scratch));
    }
    Place next = {static_cast<uint16_t>(place.partition + 1), 0};
    if (numbers.size() > wanted) {
      next = {place.partition, numbers.back()};
      if (page->members.size() == limit) page->next = next;
    }
    CollectMembers(exchange, name, next, limit, page);
  };
  runtime.Run(base::PartitionId{place.partition}, visit);
}

// As CSV all of them, and else a page.
void Members(const ExchangePtr& exchange) {
  const std::string name = exchange->parameter("name");
  if (WantsCsv(exchange)) {
    if (!Exists(exchange, name)) return;
    return AfterSettling(exchange, [exchange, name] { StreamMembers(exchange, name); });
  }
  const auto limit = LimitIn(exchange, kDefaultLimit, kMaxLimit);
  if (!limit.has_value()) return;
  Place place;
  const uint16_t partitions = exchange->core().hub.runtime().partitions();
  if (!ParseCursor(exchange->request().Query("cursor").value_or(""), partitions, place)) {
    return exchange->Fail(http::Status::kBadRequest, "bad_cursor",
                          "The cursor is not one that an answer gave.");
  }
  if (!Exists(exchange, name)) return;
  AfterSettling(exchange, [exchange, name, place, limit] {
    CollectMembers(exchange, name, place, static_cast<size_t>(*limit), std::make_shared<Page>());
  });
}

// ---- Why

// A person as they were, and what it takes to ask the rule again.
struct Asked {
  std::string segment;
  base::PersonId id;
  engine::PersonRow row;
  std::shared_ptr<const engine::Definitions> definitions;
  std::shared_ptr<const table::Tables> tables;
  std::vector<uint64_t> editions;  // kept true, of all segments
  uint64_t active = 0;             // of this one: the edition that counts
  std::vector<uint64_t> untold;    // features that are not found yet
  base::Time now;
};

std::string ExplanationJson(const Asked& asked, rule::Language language) {
  const segment::Segment& segment = *asked.definitions->segments->Find(asked.segment);
  segment::Evaluation evaluation(asked.definitions->segments, asked.definitions->meaning());
  evaluation.UseEditions(asked.editions);
  evaluation.UseTables(asked.tables);
  evaluation.Bind({.profile = asked.row.profile(),
                   .identity = &asked.row.identity(),
                   .features = &asked.row.features(),
                   .missing = asked.untold,
                   .now = asked.now},
                  asked.row.segments());
  const rule::Outcome outcome = evaluation.Judge(*segment.rule);
  const std::vector<rule::Leaf> leaves = evaluation.Explain(*segment.rule);
  ListBuilder conditions;
  for (const rule::Leaf& leaf : leaves) conditions.Add(rule::ToValue(leaf, language));
  const segment::Membership* membership = segment::Find(asked.row.segments(), asked.active);
  ObjectBuilder out;
  out.Add("segment", asked.segment);
  out.Add("personId", asked.id.ToString());
  out.Add("member", membership != nullptr);
  if (membership != nullptr) out.AddTime("since", membership->since());
  out.Add("rule", segment.rule->text());
  out.Add("outcome", rule::OutcomeName(outcome));
  out.Add("why", rule::LeavesText(leaves, language));
  out.Add("conditions", conditions.Take());
  return base::ToJson(out.Take());
}

void ExplainFound(const ExchangePtr& exchange, const std::string& name, engine::Fold& fold,
                  const base::PersonId& id, const engine::PersonRow* row) {
  if (row == nullptr) return FailNobody(exchange);
  if (fold.definitions().segments->Find(name) == nullptr) {
    return exchange->Fail(http::Status::kConflict, "publishing",
                          "The segment is being defined; retry shortly.");
  }
  const std::span<const uint64_t> untold = fold.UntoldFeatures(*row);
  auto asked = std::make_shared<Asked>();
  *asked = {.segment = name,
            .id = id,
            .row = *row,
            .definitions = fold.shared_definitions(),
            .tables = fold.tables(),
            .editions = {fold.editions().begin(), fold.editions().end()},
            .active = fold.ActiveEdition(name),
            .untold = {untold.begin(), untold.end()},
            .now = fold.log_time()};
  InBackground(exchange, [exchange, asked] {
    exchange->Json(ExplanationJson(*asked, LanguageOf(exchange->request())));
  });
}

void Explain(const ExchangePtr& exchange, bool by_id) {
  const std::string name = exchange->parameter("name");
  const auto person = PersonInPath(exchange, by_id);
  if (!person.has_value() || !Exists(exchange, name)) return;
  AfterSettling(exchange, [exchange, name, person = *person] {
    VisitPerson(exchange->core(), person,
                [exchange, name](engine::Fold& fold, const base::PersonId& id,
                                 const engine::PersonRow* row) {
                  ExplainFound(exchange, name, fold, id, row);
                });
  });
}

}  // namespace

void AddSegmentRoutes(Core& core) {
  constexpr Access kRead = {.scope = "people:read"};
  AddRoute(core, http::Method::kGet, "/v1/segments/{name}:count", kRead, Count);
  AddRoute(core, http::Method::kGet, "/v1/segments/{name}:overlap", kRead, Overlap);
  AddRoute(core, http::Method::kGet, "/v1/segments/{name}/members", kRead, Members);
  AddRoute(core, http::Method::kGet, "/v1/people/{type}:{value}/segments/{name}", kRead,
           [](const ExchangePtr& exchange) { Explain(exchange, false); });
  AddRoute(core, http::Method::kGet, "/v1/people/{id}/segments/{name}", kRead,
           [](const ExchangePtr& exchange) { Explain(exchange, true); });
}

}  // namespace batuta::api
