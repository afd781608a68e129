// What a feature is: an aggregate over a person's events, or over the date in a trait, as a value.
//
// A spec has one canonical text, an expression of the rule language. Expressions that mean the same
// up to the names of bound variables, the order of commutative operands, the order of events'
// names and the spelling of durations have the same text, so rules that ask for the same share one
// feature. What each aggregate computes is in README.md; a spec knows nothing of state.
//
// Programs within a spec (conditions and values) are texts over `e`, the event, and `p`, the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "expr/diagnostic.h"
#include "expr/type.h"

namespace batuta::feature {

enum class Aggregate : uint8_t {
  kCount,
  kSum,
  kAverage,
  kMin,
  kMax,
  kFirst,
  kLast,
  kDistinct,
  kExists,
  kFirstEver,
  kDaysSince,
  kRate,
  kTrend,
  kTop,
  kTopShare,
  kDrift,
  kPreferredHour,
  kHourDrift,
  kSessions,
  kApproxDistinct,
  kApproxDecay,
  // Of a trait; there are no events.
  kDaysUntilDate,
  kDaysSinceDate,
  kAnniversary,
  kAge,
  kAgeBand,
};

struct Window {
  enum class Kind : uint8_t { kEver, kWithin, kToday, kThisWeek, kThisMonth, kLastDays };
  Kind kind = Kind::kEver;
  base::Duration length;  // of kWithin: the window is (now - length, now]
  int days = 0;           // of kLastDays: today and the days - 1 before
  friend bool operator==(const Window&, const Window&) = default;
};

// Of two steps that their events' values must be equal.
struct KeyPair {
  std::string own;    // over `e`, the event of the step that has the pair
  std::string other;  // over `e`, the event of the earlier step
  friend auto operator<=>(const KeyPair&, const KeyPair&) = default;
};

struct Step {
  std::vector<std::string> events;  // ascending; none: any event
  std::string where;                // over `e`; "": always
  int link = -1;                    // the earlier step that `keys` compare with; -1: none
  std::vector<KeyPair> keys;        // ascending
  friend bool operator==(const Step&, const Step&) = default;
};

inline constexpr int kStepsMax = 8;
inline constexpr int kLastDaysMax = 3660;

struct FeatureSpec {
  Aggregate aggregate = Aggregate::kCount;
  Window window;
  // The first is what `events` names; a sequence has more, to happen in this order within `span`.
  std::vector<Step> steps;
  base::Duration span;
  std::optional<Step> never;    // that must not follow the last step
  base::Duration never_within;  // of it
  std::string each;             // path over `e` to the list whose elements are the lines
  std::string line_where;       // over `e` and `p`
  std::string value;            // over `e`, with lines also over `p`
  base::Duration once_per;      // 0: every event counts
  base::Duration argument;      // of rate, drift, hour_drift, sessions and approx_decay
  std::string trait;            // "birthday", "address.since": of the aggregates of a trait

  bool is_of_trait() const { return steps.empty(); }
  bool is_pattern() const { return steps.size() > 1 || never.has_value(); }
  friend bool operator==(const FeatureSpec&, const FeatureSpec&) = default;
};

// Whether its value depends on the time zone of the person.
bool DependsOnZone(const FeatureSpec& spec);

// What its value is. Exact features have no error.
struct FeatureType {
  expr::Type type;
  double error = 0;          // of approximate ones: 0.02 is 2 %; see README.md for what is meant
  std::string Name() const;  // "double ±2.2%"
};
FeatureType TypeOf(const FeatureSpec& spec);

// The canonical text; Parse gives an equal spec.
std::string Print(const FeatureSpec& spec);

struct ParsedSpec {
  std::optional<FeatureSpec> spec;  // none if there are diagnostics
  expr::Diagnostics diagnostics;
};
// Of a text that is one aggregate and nothing else.
ParsedSpec ParseSpec(std::string_view text);

// The number of a canonical text, the same everywhere and always; and the name by which
// expressions find its value, `feature.f_0123456789abcdef`.
uint64_t NumberOf(const FeatureSpec& spec);
std::string IdOf(uint64_t number);
std::string IdOf(const FeatureSpec& spec);
// Nothing if the text is not of this form.
std::optional<uint64_t> NumberOfId(std::string_view id);

// How aggregates are written; one row each, in the order of the enumeration.
struct AggregateForm {
  std::string_view name;
  enum class Value : uint8_t { kNone, kOptional, kNeeded } value;
  enum class Argument : uint8_t { kNone, kOptional, kNeeded } argument;  // a duration, the first
};
const AggregateForm& FormOf(Aggregate aggregate);
// Null if there is no aggregate of events of that name.
std::optional<Aggregate> FindAggregate(std::string_view name);
std::vector<std::string> AggregateNames();

}  // namespace batuta::feature
