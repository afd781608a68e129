// Fuzzes features: whatever the expression, its aggregates are refused with places inside it, or
// are specs whose canonical text means the same, and which a history of events can be folded into:
// in any order, along any tree of merges, with the same bytes; saying what is computed from all
// events anew; staying what they are until the time they name.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/calendar.h"
#include "expr/parse.h"
#include "feature/naive_features.h"
#include "feature/recognise.h"
#include "feature/sample_features.h"
#include "feature/set.h"
#include "fuzz/input.h"

namespace {

using namespace batuta;
using namespace batuta::feature;

constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kDay = 1440 * kMinute;
constexpr size_t kEventsMost = 24;  // patterns are looked for one by one
constexpr std::string_view kZone = "America/Havana";

class Birthdays : public TraitSource {
 public:
  const base::Value* Find(std::string_view path) const override {
    static const base::Value day = base::TextValue("1992-02-29");
    return path.size() % 2 == 0 ? &day : nullptr;
  }
};

Moment MomentAt(int64_t time) { return {{time}, *expr::FindZone(kZone)}; }

// Times within some days of a change of the clocks, mostly ascending; some before others.
std::vector<SampleEvent> ReadEvents(fuzz::Input& input, int64_t& now) {
  constexpr std::string_view kNames[] = {"A", "B", "C", "page", "page: Home", "Order Completed"};
  constexpr double kTotals[] = {0.1, -19.99, 50.5, 1e16, -1e16, 75.0, 1e-3, 1e308};
  constexpr std::string_view kTexts[] = {"web", "email", "s1", ""};
  std::vector<SampleEvent> events;
  while (!input.AtEnd() && events.size() < kEventsMost) {
    const uint8_t what = input.U8();
    const uint16_t step = input.U16();
    const uint8_t rest = input.U8();
    now += step % 3 == 0 ? 0 : int64_t{step} * (step % 2 == 0 ? kMinute / 10 : kMinute);
    NaiveEvent event;
    event.name = kNames[what % 6];
    if (event.name.starts_with("page:")) event.kind = "page";
    event.source = what % 4 == 0 ? "shop" : "web";
    event.time = what % 5 == 0 ? now - int64_t{rest} * 60 * kMinute : now;
    event.identity = IdentityOf(event.source, base::StrCat(events.size()));
    if ((rest & 1) != 0) event.total = kTotals[what % 8];
    if ((rest & 2) != 0) event.channel = kTexts[step % 4];
    if ((rest & 4) != 0) event.sku = kTexts[(step / 4) % 4];
    for (int i = 0; i < (rest >> 3) % 4; ++i) {
      event.lines.push_back({.sku = std::string(kTexts[(what + i) % 4]),
                             .price = kTotals[(step + i) % 8],
                             .quantity = static_cast<double>(i)});
    }
    events.emplace_back(event);
  }
  return events;
}

// Whether the naive computation knows what the texts in the spec mean, and is as exact.
bool IsKnown(const FeatureSpec& spec) {
  const NaivePrograms& programs = SamplePrograms();
  const auto knows = [&](const std::string& text) {
    return text.empty() || programs.events.contains(text);
  };
  std::vector<Step> steps = spec.steps;
  if (spec.never) steps.push_back(*spec.never);
  for (const Step& step : steps) {
    if (!knows(step.where)) return false;
    for (const KeyPair& pair : step.keys) {
      if (!knows(pair.own) || !knows(pair.other)) return false;
    }
  }
  const bool has_lines = !spec.each.empty();
  if (has_lines && spec.each != "e.properties.products") return false;
  if (has_lines && !spec.line_where.empty() && !programs.lines.contains(spec.line_where))
    return false;
  const bool is_value_known =
      has_lines ? spec.value.empty() || programs.lines.contains(spec.value) : knows(spec.value);
  const bool is_rounded = spec.aggregate == Aggregate::kApproxDecay ||
                          spec.aggregate == Aggregate::kDrift ||
                          spec.aggregate == Aggregate::kHourDrift;
  const bool is_near = spec.window.length.micros <= 3000 * kDay && spec.window.days <= 3000;
  return is_value_known && !is_rounded && is_near && !spec.is_of_trait();
}

std::string At(const FeatureSpec& spec, int64_t now, const NaiveValue& a, const NaiveValue& b) {
  return base::StrCat(Print(spec), " at ", now, ": ", Describe(a), " and ", Describe(b));
}

void CheckFold(const FeatureSpec& spec, fuzz::Input input) {
  const auto set = FeatureSet::Make({spec});
  BATUTA_CHECK_OK(set.status());
  const Feature& feature = (*set)->features().front();
  FeatureFold fold(*set);
  int64_t now = base::ParseTime("2018-11-01T00:00:00Z")->micros;
  const std::vector<SampleEvent> events = ReadEvents(input, now);
  PersonFeatures one, even, odd;
  for (const SampleEvent& event : events) fold.Apply(event.event(), {now}, one);
  for (size_t i = events.size(); i > 0; --i) {
    fold.Apply(events[i - 1].event(), {now}, i % 2 == 0 ? even : odd);
  }
  (*set)->Merge(even, odd);
  (*set)->Expire({now}, one);
  (*set)->Expire({now}, odd);
  BATUTA_CHECK(one.SerializeAsString() == odd.SerializeAsString(),
               base::StrCat(Print(spec), ": ", one.ShortDebugString(),
                            "\nin another order: ", odd.ShortDebugString()));
  const Birthdays traits;
  const FeatureState* state = FeatureSet::StateOf(feature, one);
  BATUTA_CHECK(!NeedsHistory(feature, state, MomentAt(now)), "there is room for all");
  const auto at = [&](int64_t time) {
    return NaiveOf(ValueOf(feature, state, MomentAt(time), traits));
  };
  const NaiveValue value = at(now);
  const int64_t next = NextChange(feature, state, MomentAt(now), traits).micros;
  BATUTA_CHECK(next > now, "a change that is past");
  // A value that is the square root or the quotient of sums is only as equal as roundings are.
  if (spec.aggregate != Aggregate::kDrift && spec.aggregate != Aggregate::kHourDrift) {
    for (const int64_t later : {now + (next - now) / 2, next - 1}) {
      if (later - now > 400 * kDay) continue;
      const NaiveValue then = at(later);
      BATUTA_CHECK(Describe(then) == Describe(value), At(spec, later, value, then));
    }
  }
  if (spec.is_of_trait()) return;
  const auto anew = fold.Rebuild({{&feature}}, SampleHistory(events), {now});
  BATUTA_CHECK_OK(anew.status());
  const NaiveValue rebuilt = NaiveOf(ValueOf(feature, &anew->front(), MomentAt(now), traits));
  BATUTA_CHECK(Describe(rebuilt) == Describe(value), At(spec, now, value, rebuilt));
  if (!IsKnown(spec)) return;
  std::vector<NaiveEvent> all;
  for (const SampleEvent& event : events) all.push_back(event.naive);
  const NaiveValue naive =
      NaiveFeature(spec, SamplePrograms()).ValueOf(all, now, std::string(kZone));
  BATUTA_CHECK(Describe(naive) == Describe(value), At(spec, now, value, naive));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  const std::string_view text = input.TakeUntil(std::string_view("\n", 1));
  expr::Parsed parsed = expr::Parse(text);
  if (parsed.expr == nullptr) return 0;
  const Recognition recognition = Recognise(parsed.expr);
  for (const expr::Diagnostic& diagnostic : recognition.diagnostics) {
    BATUTA_CHECK(diagnostic.span.begin <= text.size() && !diagnostic.message.empty());
    BATUTA_CHECK(!expr::Describe(diagnostic, text).empty());
  }
  if (!recognition.diagnostics.empty()) return 0;
  for (const Found& found : recognition.found) {
    BATUTA_CHECK(found.span.begin < found.span.end && found.span.end <= text.size());
    const std::string canonical = Print(found.spec);
    const ParsedSpec again = ParseSpec(canonical);
    BATUTA_CHECK(again.spec.has_value(), canonical);
    BATUTA_CHECK(*again.spec == found.spec && Print(*again.spec) == canonical, canonical);
    CheckFold(found.spec, input);
  }
  return 0;
}
