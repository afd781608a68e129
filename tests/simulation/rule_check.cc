#include "simulation/rule_check.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "engine/feature_event.h"
#include "engine/person_traits.h"
#include "engine/timeline_events.h"
#include "feature/catalogue.h"
#include "feature/sample_features.h"
#include "segment/membership.h"
#include "simulation/failure.h"

namespace batuta::simulation {
namespace {

using engine::PersonRow;
using feature::NaiveEvent;
using feature::NaiveValue;

// Others who are looked at when time has passed.
constexpr uint64_t kOthers = 2;

std::optional<double> NumberIn(const base::Fields& fields, std::string_view name) {
  const base::Value* value = base::Find(fields, name);
  return value == nullptr ? std::nullopt : std::optional(value->number());
}

std::optional<std::string> TextIn(const base::Fields& fields, std::string_view name) {
  const base::Value* value = base::Find(fields, name);
  return value == nullptr ? std::nullopt : std::optional(value->text());
}

NaiveEvent NaiveOfRecord(const log::Record& record) {
  engine::Event event;
  Require(event.ParseFromString(record.payload), "an event of a timeline does not parse");
  base::Fields properties;
  Require(properties.ParseFromString(event.properties()), "properties do not parse");
  const engine::EventNames names =
      engine::NamesOf(static_cast<profile::EventType>(event.type()), event.name());
  NaiveEvent naive;
  naive.name = names.name;
  naive.kind = names.kind;
  naive.source = event.source();
  naive.identity =
      engine::IdentityOf(event.source(), event.message_id(),
                         event.identifiers().identifiers(0).hash(), event.payload_hash());
  naive.total = NumberIn(properties, "total");
  naive.channel = TextIn(properties, "channel");
  naive.sku = TextIn(properties, "sku");
  const base::Value* lines = base::Find(properties, "products");
  if (lines == nullptr) return naive;
  for (const base::Value& line : lines->list().values()) {
    naive.lines.push_back({.sku = *TextIn(line.object(), "sku"),
                           .price = *NumberIn(line.object(), "price"),
                           .quantity = *NumberIn(line.object(), "quantity")});
  }
  return naive;
}

// Decaying sums and distances of shares are computed in another order.
bool IsSame(const std::string& expression, const NaiveValue& a, const NaiveValue& b) {
  if (a == b) return true;
  const bool is_near_enough = expression.find("approx_decay") != expression.npos ||
                              expression.find("drift(") != expression.npos;
  const auto* x = std::get_if<double>(&a);
  const auto* y = std::get_if<double>(&b);
  return is_near_enough && x != nullptr && y != nullptr &&
         std::fabs(*x - *y) <= 1e-7 * std::max({1.0, std::fabs(*x), std::fabs(*y)});
}

}  // namespace

void RuleCheck::After(const log::Record& record) {
  engine::Fold& fold = shadow_.fold(record.position.partition);
  if (base::Index(record.position.partition) == fold.settings().partitions) return;
  const bool is_tick = record.type == static_cast<uint8_t>(engine::RecordType::kTick);
  const uint64_t last = std::max<uint64_t>(fold.state().self.last_number(), 1);
  fold.state().people.ForEach([&](std::string_view key, const PersonRow& row) {
    if (row.number() == 0) return;  // merged away, or erased
    Known& known = known_[std::string(key)];
    const uint64_t turn = (row.number() + base::Number(record.position.offset)) % last;
    const bool is_others_turn = is_tick && turn < kOthers;
    if (known.entries == row.profile().timeline().total() && !is_others_turn) return;
    known.entries = row.profile().timeline().total();
    const base::PersonId id = base::PersonId::FromBytes(key);
    const Events events = EventsOf(fold, id, row);
    const size_t before = std::exchange(known.events, events.size());
    if (events.size() == before && !is_others_turn) return;
    if (events.size() > before) {
      coverage_.Count("event held against recomputation", events.size() - before);
    }
    CheckPerson(fold, id, row, events);
  });
}

RuleCheck::Events RuleCheck::EventsOf(engine::Fold& fold, const base::PersonId& id,
                                      const PersonRow& row) {
  Events events;
  engine::VisitTimelineEvents(fold.state(), id, row.profile().timeline(), base::kDistantPast.micros,
                              [&](const engine::TimelineEvent& event) {
                                events.push_back(EventAt(event.position));
                                events.back().time = event.time.micros;
                              });
  return events;
}

const NaiveEvent& RuleCheck::EventAt(const base::Position& position) {
  const auto [at, is_new] = parsed_.try_emplace(position);
  if (is_new) {
    const auto& records = shadow_.records()[base::Index(position.partition)];
    at->second = NaiveOfRecord(records[base::Number(position.offset) - 1]);
  }
  return at->second;
}

void RuleCheck::CheckPerson(engine::Fold& fold, const base::PersonId& id, const PersonRow& row,
                            const Events& events) {
  const std::string who = base::StrCat(id.ToString(), " with ", events.size(), " events at ",
                                       base::FormatRfc3339(fold.log_time()));
  rules_.LookAtAnother();
  CheckFeatures(fold, who, row, events);
  CheckSegments(fold, who, row, events);
}

void RuleCheck::CheckFeatures(engine::Fold& fold, const std::string& who, const PersonRow& row,
                              const Events& events) {
  const engine::Definitions& definitions = fold.definitions();
  const std::span<const uint64_t> untold = fold.UntoldFeatures(row);
  feature::CatalogueReader reader(definitions.features);
  const feature::Moment moment = engine::MomentOf(definitions, row.profile(), fold.log_time());
  const engine::PersonTraits traits(definitions.rules, row.profile());
  for (const feature::NamedFeature& feature : definitions.features->named()) {
    if (!feature.name.starts_with(kRandomFeature)) continue;
    const bool is_untold = std::any_of(
        feature.aggregates.begin(), feature.aggregates.end(),
        [&](uint64_t number) { return std::binary_search(untold.begin(), untold.end(), number); });
    if (is_untold) continue;
    const NaiveValue kept = feature::NaiveOf(reader.Read(feature, row.features(), moment, traits));
    const NaiveValue anew = rules_.ValueOf(feature.expression, events, fold.log_time().micros);
    Require(IsSame(feature.expression, kept, anew),
            base::StrCat(who, ": ", feature.expression, " is ", feature::Describe(kept),
                         ", computed anew ", feature::Describe(anew)));
    coverage_.Count("value held against recomputation");
  }
}

void RuleCheck::CheckSegments(engine::Fold& fold, const std::string& who, const PersonRow& row,
                              const Events& events) {
  const std::span<const uint64_t> untold = fold.UntoldFeatures(row);
  const std::span<const segment::Segment> all = fold.definitions().segments->all();
  const auto meaning_of = [&fold](std::string_view name) {
    for (const feature::NamedFeature& feature : fold.definitions().features->named()) {
      if (feature.name == name) return feature.expression;
    }
    return std::string();
  };
  for (size_t i = 0; i < all.size(); ++i) {
    const segment::Segment& segment = all[i];
    // While members are being found, who was there stays.
    const uint64_t edition = fold.ActiveEdition(segment.name);
    if (!segment.name.starts_with(kRandomSegment) || edition == 0 ||
        edition != fold.editions()[i]) {
      continue;
    }
    const bool is_untold = std::any_of(
        segment.features.begin(), segment.features.end(),
        [&](uint64_t number) { return std::binary_search(untold.begin(), untold.end(), number); });
    if (is_untold) continue;
    const std::optional<bool> fits =
        rules_.Fits(segment.rule->text(), meaning_of, events, fold.log_time().micros);
    Require(fits.has_value(), "a rule of another world");
    const bool is_in = segment::Find(row.segments(), edition) != nullptr;
    Require(is_in == *fits, base::StrCat(who, *fits ? " is missing in " : " is wrongly in ",
                                         segment.name, ": ", segment.rule->text()));
    coverage_.Count(is_in ? "member held against recomputation"
                          : "stranger held against recomputation");
  }
}

}  // namespace batuta::simulation
