#include "feature/naive_features.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/math.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::feature {
namespace {

constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kDay = 1440 * kMinute;

int64_t DateShown(int64_t time, const absl::TimeZone& zone) {
  return absl::ToCivilDay(absl::FromUnixMicros(time), zone) - absl::CivilDay(1970, 1, 1);
}

// The same numbers in an order in which the sum of the first so many stays within the range of
// doubles, if that of all does.
std::vector<double> Balanced(const std::vector<double>& numbers) {
  std::vector<double> positive;
  std::vector<double> negative;
  for (const double number : numbers) (number > 0 ? positive : negative).push_back(number);
  std::vector<double> balanced;
  double sum = 0;
  while (!positive.empty() || !negative.empty()) {
    const bool up = negative.empty() || (sum <= 0 && !positive.empty());
    std::vector<double>& from = up ? positive : negative;
    balanced.push_back(from.back());
    sum += from.back();
    from.pop_back();
  }
  return balanced;
}

// Sums exactly by keeping parts that do not overlap: Shewchuk (1997). Infinite beyond the range of
// doubles.
double ExactlySummed(const std::vector<double>& numbers) {
  std::vector<double> parts;
  double about = 0;
  for (double x : Balanced(numbers)) {
    about += x;
    if (std::isinf(about)) return about;
    size_t kept = 0;
    for (double y : parts) {
      if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
      const double high = x + y;
      const double low = y - (high - x);
      if (low != 0) parts[kept++] = low;
      x = high;
    }
    parts.resize(kept);
    parts.push_back(x);
  }
  double high = 0;
  size_t left = parts.size();
  double low = 0;
  while (left > 0) {
    const double x = high;
    const double y = parts[--left];
    high = x + y;
    low = y - (high - x);
    if (low != 0) break;
  }
  // Half way between two doubles the rest decides.
  if (left > 0 && ((low < 0 && parts[left - 1] < 0) || (low > 0 && parts[left - 1] > 0))) {
    const double y = low * 2;
    const double x = high + y;
    if (y == x - high) high = x;
  }
  return high;
}

int64_t Floored(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  while (quotient * b > a) --quotient;
  while ((quotient + 1) * b <= a) ++quotient;
  return quotient;
}

double NumberIn(const NaiveValue& value) { return std::get<double>(value); }

std::string Point(int64_t time) { return base::StrCat("@", time); }

// The days from the first of the window up to today, as an instant.
int64_t WindowBegin(const Window& window, int64_t now, const std::string& zone) {
  if (window.kind == Window::Kind::kEver) return INT64_MIN;
  if (window.kind == Window::Kind::kWithin) return now - window.length.micros + 1;
  const NaiveDays& days = NaiveDaysOf(zone);
  const int64_t today = days.DateOf(days.DayAt(now));
  int64_t first = today;
  if (window.kind == Window::Kind::kLastDays) first = today - (window.days - 1);
  if (window.kind == Window::Kind::kThisWeek) {
    while (absl::GetWeekday(absl::CivilDay(1970, 1, 1) + first) != absl::Weekday::monday) --first;
  }
  if (window.kind == Window::Kind::kThisMonth) {
    while ((absl::CivilDay(1970, 1, 1) + first).day() != 1) --first;
  }
  return days.StartOfDay(days.NumberOfDate(first));
}

}  // namespace

std::string Describe(const NaiveValue& value) {
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* whole = std::get_if<int64_t>(&value)) return base::StrCat("int ", *whole);
  if (const auto* real = std::get_if<double>(&value)) {
    char text[64];
    std::snprintf(text, sizeof text, "%a", *real);
    return text;
  }
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "absent";
}

NaiveDays::NaiveDays(const std::string& zone) {
  absl::TimeZone found;
  BATUTA_CHECK(absl::LoadTimeZone(zone, &found));
  const int64_t begin = absl::ToUnixMicros(absl::FromCivil(absl::CivilDay(2005, 1, 1), found));
  const int64_t end = absl::ToUnixMicros(absl::FromCivil(absl::CivilDay(2028, 1, 1), found));
  int64_t latest = DateShown(begin, found) - 1;
  for (int64_t time = begin; time < end;) {
    const int64_t shown = DateShown(time, found);
    if (shown > latest) {
      starts_.push_back(time);
      dates_.push_back(shown);
      latest = shown;
      time += 20 * 60 * kMinute;  // no day is shorter
    }
    time += kMinute;
  }
}

int64_t NaiveDays::DayAt(int64_t time) const {
  return std::upper_bound(starts_.begin(), starts_.end(), time) - starts_.begin() - 1;
}
int64_t NaiveDays::StartOfDay(int64_t number) const {
  return starts_.at(static_cast<size_t>(number));
}
int64_t NaiveDays::DateOf(int64_t number) const { return dates_.at(static_cast<size_t>(number)); }
int64_t NaiveDays::NumberOfDate(int64_t date) const {
  return std::lower_bound(dates_.begin(), dates_.end(), date) - dates_.begin();
}

const NaiveDays& NaiveDaysOf(const std::string& zone) {
  static auto* known = new std::map<std::string, std::unique_ptr<NaiveDays>>;
  std::unique_ptr<NaiveDays>& days = (*known)[zone];
  if (days == nullptr) days = std::make_unique<NaiveDays>(zone);
  return *days;
}

NaiveFeature::NaiveFeature(const FeatureSpec& spec, const NaivePrograms& programs) : spec_(spec) {
  const auto program = [&](const std::string& text) {
    BATUTA_CHECK(programs.events.contains(text), text);
    return programs.events.at(text);
  };
  steps_ = spec.steps;
  if (spec.never) steps_.push_back(*spec.never);
  for (const Step& step : steps_) {
    where_.push_back(step.where.empty() ? [](const NaiveEvent&) { return NaiveValue(true); }
                                        : program(step.where));
    std::vector<Keys>& keys = keys_.emplace_back();
    for (const KeyPair& pair : step.keys) keys.push_back({program(pair.own), program(pair.other)});
  }
  if (!spec.each.empty()) {
    BATUTA_CHECK(spec.each == "e.properties.products");
    if (!spec.value.empty()) line_value_ = programs.lines.at(spec.value);
    if (!spec.line_where.empty()) line_where_ = programs.lines.at(spec.line_where);
  } else if (!spec.value.empty()) {
    value_ = program(spec.value);
  }
}

bool NaiveFeature::Fits(size_t step, const NaiveEvent& event) const {
  const std::vector<std::string>& names = steps_[step].events;
  const auto has = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!names.empty() && !has(event.name) && (event.kind.empty() || !has(event.kind))) return false;
  return where_[step](event) == NaiveValue(true);
}

std::vector<NaiveFeature::Match> NaiveFeature::Matches(
    const std::vector<NaiveEvent>& events) const {
  std::vector<Match> matches;
  const Aggregate a = spec_.aggregate;
  const bool is_numeric = a == Aggregate::kSum || a == Aggregate::kAverage ||
                          a == Aggregate::kMin || a == Aggregate::kMax ||
                          a == Aggregate::kApproxDecay;
  const auto add = [&](const NaiveEvent& event, size_t line, bool has_value, NaiveValue value) {
    if (has_value && std::holds_alternative<std::monostate>(value)) return;
    if (has_value && is_numeric) {
      const double* number = std::get_if<double>(&value);
      if (number == nullptr || !std::isfinite(*number)) return;
    }
    matches.push_back({event.time, event.identity, line, std::move(value)});
  };
  for (const NaiveEvent& event : events) {
    if (!Fits(0, event)) continue;
    if (spec_.each.empty()) {
      add(event, 0, value_.has_value(), value_ ? (*value_)(event) : NaiveValue());
      continue;
    }
    for (size_t i = 0; i < event.lines.size(); ++i) {
      const NaiveLine& line = event.lines[i];
      if (line_where_ && (*line_where_)(event, line) != NaiveValue(true)) continue;
      add(event, i, line_value_.has_value(),
          line_value_ ? (*line_value_)(event, line) : NaiveValue());
    }
  }
  std::sort(matches.begin(), matches.end(), [](const Match& x, const Match& y) {
    return std::tie(x.time, x.identity, x.line) < std::tie(y.time, y.identity, y.line);
  });
  return spec_.once_per.micros > 0 ? OncePer(std::move(matches)) : matches;
}

std::vector<NaiveFeature::Match> NaiveFeature::OncePer(std::vector<Match> matches) const {
  std::set<std::pair<int64_t, std::string>> seen;
  std::vector<Match> kept;
  for (auto match = matches.rbegin(); match != matches.rend(); ++match) {
    const int64_t slot = Floored(match->time, spec_.once_per.micros);
    if (seen.emplace(slot, Describe(match->value)).second) kept.push_back(*match);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

bool NaiveFeature::KeysAgree(size_t step, const NaiveEvent& event, const NaiveEvent& linked) const {
  for (const Keys& keys : keys_[step]) {
    const NaiveValue own = keys.own(event);
    if (std::holds_alternative<std::monostate>(own) || own != keys.other(linked)) return false;
  }
  return true;
}

// If the chosen events, the last of which is `last`, can be continued to an end at all; for the
// search below they are chosen backwards: chosen[i] is the event of step i, filled from the last.
bool NaiveFeature::Continues(const std::vector<NaiveEvent>& events, std::vector<size_t>& chosen,
                             size_t last, int64_t now) const {
  const size_t step = spec_.steps.size() - chosen.size() - 1;  // the next to choose
  if (chosen.size() == spec_.steps.size()) {
    const auto event_of = [&](int wanted) -> const NaiveEvent& {
      return events[chosen[spec_.steps.size() - 1 - static_cast<size_t>(wanted)]];
    };
    const NaiveEvent& end = events[chosen[0]];
    if (spec_.steps.size() > 1 && end.time - event_of(0).time > spec_.span.micros) return false;
    for (size_t i = 0; i < spec_.steps.size(); ++i) {
      const int link = steps_[i].link;
      if (link >= 0 && !KeysAgree(i, event_of(static_cast<int>(i)), event_of(link))) return false;
    }
    if (!spec_.never) return true;
    if (now < end.time + spec_.never_within.micros) return false;
    const size_t never = steps_.size() - 1;
    for (size_t i = chosen[0] + 1; i < events.size(); ++i) {
      if (events[i].time > end.time + spec_.never_within.micros) break;
      const int link = steps_[never].link;
      if (Fits(never, events[i]) && (link < 0 || KeysAgree(never, events[i], event_of(link)))) {
        return false;
      }
    }
    return true;
  }
  const int64_t end = events[chosen[0]].time;
  for (size_t i = 0; i < last; ++i) {
    if (end - events[i].time > spec_.span.micros) continue;  // as would be found at the end
    if (!Fits(step, events[i])) continue;
    chosen.push_back(i);
    const bool is_found = Continues(events, chosen, i, now);
    chosen.pop_back();
    if (is_found) return true;
  }
  return false;
}

std::vector<NaiveFeature::Match> NaiveFeature::MatchesOfPattern(std::vector<NaiveEvent> events,
                                                                int64_t now) const {
  std::sort(events.begin(), events.end(), [](const NaiveEvent& x, const NaiveEvent& y) {
    return std::tie(x.time, x.identity) < std::tie(y.time, y.identity);
  });
  std::vector<Match> matches;
  for (size_t i = 0; i < events.size(); ++i) {
    if (!Fits(spec_.steps.size() - 1, events[i])) continue;
    std::vector<size_t> chosen = {i};
    if (Continues(events, chosen, i, now))
      matches.push_back({events[i].time, events[i].identity, 0, {}});
  }
  return matches;
}

NaiveValue NaiveFeature::ValueOf(const std::vector<NaiveEvent>& events, int64_t now,
                                 const std::string& zone) const {
  const std::vector<Match> all =
      spec_.is_pattern() ? MatchesOfPattern(events, now) : Matches(events);
  const int64_t begin = WindowBegin(spec_.window, now, zone);
  std::vector<Match> in;
  for (const Match& match : all) {
    if (match.time >= begin) in.push_back(match);
  }
  return OfMatches(all, in, now, zone);
}

NaiveValue NaiveFeature::OfMatches(const std::vector<Match>& all, const std::vector<Match>& in,
                                   int64_t now, const std::string& zone) const {
  const auto count = static_cast<int64_t>(in.size());
  std::vector<double> numbers;
  std::set<std::string> different;
  for (const Match& match : in) {
    if (std::holds_alternative<double>(match.value)) numbers.push_back(NumberIn(match.value));
    different.insert(Describe(match.value));
  }
  switch (spec_.aggregate) {
    case Aggregate::kCount:
      return count;
    case Aggregate::kSum:
      return ExactlySummed(numbers);
    case Aggregate::kAverage:
      if (in.empty()) return {};
      return ExactlySummed(numbers) / static_cast<double>(count);
    case Aggregate::kMin:
      if (in.empty()) return {};
      return *std::min_element(numbers.begin(), numbers.end());
    case Aggregate::kMax:
      if (in.empty()) return {};
      return *std::max_element(numbers.begin(), numbers.end());
    case Aggregate::kFirst:
      if (in.empty()) return {};
      return spec_.value.empty() ? NaiveValue(Point(in.front().time)) : in.front().value;
    case Aggregate::kLast:
      if (in.empty()) return {};
      return spec_.value.empty() ? NaiveValue(Point(in.back().time)) : in.back().value;
    case Aggregate::kDistinct:
      return static_cast<int64_t>(different.size());
    case Aggregate::kExists:
      return !in.empty();
    case Aggregate::kFirstEver:
      return !all.empty() && in.size() == all.size();
    case Aggregate::kDaysSince:
      if (in.empty()) return {};
      return Floored(now - in.back().time, kDay);
    case Aggregate::kRate: {
      const int64_t length = spec_.window.kind == Window::Kind::kWithin ? spec_.window.length.micros
                                                                        : spec_.window.days * kDay;
      return static_cast<double>(count) * static_cast<double>(spec_.argument.micros) /
             static_cast<double>(length);
    }
    case Aggregate::kTrend: {
      int64_t newer = 0;
      for (const Match& match : in) newer += match.time > now - spec_.window.length.micros / 2;
      if (count == 0) return 0.0;
      return static_cast<double>(newer - (count - newer)) / static_cast<double>(count);
    }
    case Aggregate::kSessions:
      return Sessions(all, in);
    case Aggregate::kApproxDecay:
      return Decayed(in, now);
    default:
      return in.empty() ? NaiveValue() : OfShares(in, now, zone);
  }
}

NaiveValue NaiveFeature::Sessions(const std::vector<Match>& all,
                                  const std::vector<Match>& in) const {
  int64_t sessions = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool begins = i == 0 || all[i].time - all[i - 1].time >= spec_.argument.micros;
    const bool is_in = !in.empty() && all[i].time >= in.front().time;
    if (begins && is_in) ++sessions;
  }
  return sessions;
}

NaiveValue NaiveFeature::Decayed(const std::vector<Match>& in, int64_t now) const {
  const int64_t step = spec_.argument.micros / 32;
  long double sum = 0;
  for (const Match& match : in) {
    const double x = spec_.value.empty() ? 1 : NumberIn(match.value);
    const auto age = static_cast<long double>(Floored(now, step) - Floored(match.time, step));
    sum += static_cast<long double>(x * base::Pow(2, static_cast<double>(-age / 32)));
  }
  return static_cast<double>(sum);
}

NaiveValue NaiveFeature::OfShares(const std::vector<Match>& in, int64_t now,
                                  const std::string& zone) const {
  absl::TimeZone found;
  BATUTA_CHECK(absl::LoadTimeZone(zone, &found));
  const bool is_of_hours =
      spec_.aggregate == Aggregate::kPreferredHour || spec_.aggregate == Aggregate::kHourDrift;
  const auto bin_of = [&](const Match& match) {
    if (!is_of_hours) return Describe(match.value);
    return absl::FormatTime("%H", absl::FromUnixMicros(match.time), found);
  };
  std::map<std::string, int64_t> counts, recent;
  int64_t recent_count = 0;
  for (const Match& match : in) {
    ++counts[bin_of(match)];
    if (match.time <= now - spec_.argument.micros) continue;
    ++recent[bin_of(match)];
    ++recent_count;
  }
  int64_t most = 0;
  for (const auto& [bin, count] : counts) most = std::max(most, count);
  const auto total = static_cast<double>(in.size());
  switch (spec_.aggregate) {
    case Aggregate::kTop:
      for (auto match = in.rbegin(); match != in.rend(); ++match) {
        if (counts[bin_of(*match)] == most) return match->value;
      }
      return {};
    case Aggregate::kTopShare:
      return static_cast<double>(most) / total;
    case Aggregate::kPreferredHour:
      for (const auto& [bin, count] : counts) {
        if (count == most) return int64_t{std::stoi(bin)};
      }
      return {};
    default:
      break;
  }
  if (recent_count == 0) return {};
  double divergence = 0;
  for (const auto& [bin, count] : counts) {
    const double q = static_cast<double>(count) / total;
    const double p = static_cast<double>(recent[bin]) / static_cast<double>(recent_count);
    const double m = (p + q) / 2;
    if (p > 0) divergence += p * base::Log2(p / m) / 2;
    divergence += q * base::Log2(q / m) / 2;
  }
  return std::sqrt(std::max(0.0, divergence));
}

}  // namespace batuta::feature
