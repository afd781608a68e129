#include "feature/spec.h"

#include <algorithm>
#include <cstdio>

#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"
#include "expr/check.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "feature/canonical.h"
#include "feature/decay.h"
#include "feature/event_type.h"
#include "feature/sketch.h"

namespace batuta::feature {
namespace {

using Value = AggregateForm::Value;
using Argument = AggregateForm::Argument;

constexpr AggregateForm kForms[] = {
    {"count", Value::kNone, Argument::kNone},
    {"sum", Value::kNeeded, Argument::kNone},
    {"avg", Value::kNeeded, Argument::kNone},
    {"min", Value::kNeeded, Argument::kNone},
    {"max", Value::kNeeded, Argument::kNone},
    {"first", Value::kOptional, Argument::kNone},
    {"last", Value::kOptional, Argument::kNone},
    {"distinct", Value::kNeeded, Argument::kNone},
    {"exists", Value::kNone, Argument::kNone},
    {"first_ever", Value::kNone, Argument::kNone},
    {"days_since", Value::kNone, Argument::kNone},
    {"rate", Value::kNone, Argument::kOptional},
    {"trend", Value::kNone, Argument::kNone},
    {"top", Value::kNeeded, Argument::kNone},
    {"top_share", Value::kNeeded, Argument::kNone},
    {"drift", Value::kNeeded, Argument::kNeeded},
    {"preferred_hour", Value::kNone, Argument::kNone},
    {"hour_drift", Value::kNone, Argument::kNeeded},
    {"sessions", Value::kNone, Argument::kNeeded},
    {"approx_distinct", Value::kNeeded, Argument::kNone},
    {"approx_decay", Value::kOptional, Argument::kNeeded},
    {"days_until", Value::kNone, Argument::kNone},
    {"days_since", Value::kNone, Argument::kNone},
    {"anniversary", Value::kNone, Argument::kNone},
    {"age", Value::kNone, Argument::kNone},
    {"age_band", Value::kNone, Argument::kNone},
};

std::string Quoted(std::string_view text) {
  expr::Expr literal;
  literal.literal = std::string(text);
  return expr::Print(literal);
}

std::string Quoted(base::Duration span) { return Quoted(base::FormatDuration(span)); }

// `"A"`, or `["A", "B"]`; "[]" of any event.
std::string NameList(const std::vector<std::string>& names) {
  if (names.size() == 1) return Quoted(names[0]);
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ", " : "") + Quoted(name);
  return text + "]";
}

std::string StepName(size_t index) { return base::StrCat("s", index + 1); }

// The condition of a step, keys included, with its event under `own`; "" if there is none.
std::string ConditionOf(const Step& step, std::string_view own, std::string_view other) {
  std::string text;
  if (!step.where.empty()) {
    text = Renamed(step.where, "e", own);
    if (!step.keys.empty()) text = "(" + text + ")";
  }
  for (const KeyPair& pair : step.keys) {
    if (!text.empty()) text += " && ";
    text += base::StrCat("(", Renamed(pair.own, "e", own), ") == (",
                         Renamed(pair.other, "e", other), ")");
  }
  return text;
}

std::string WindowText(const Window& window) {
  switch (window.kind) {
    case Window::Kind::kEver:
      return "";
    case Window::Kind::kWithin:
      return base::StrCat(".within(", Quoted(window.length), ")");
    case Window::Kind::kToday:
      return ".today()";
    case Window::Kind::kThisWeek:
      return ".thisWeek()";
    case Window::Kind::kThisMonth:
      return ".thisMonth()";
    case Window::Kind::kLastDays:
      return base::StrCat(".lastDays(", window.days, ")");
  }
  return "";
}

std::string SequenceText(const FeatureSpec& spec) {
  std::string text = base::StrCat("sequence(", Quoted(spec.span));
  for (size_t i = 0; i < spec.steps.size(); ++i) {
    const Step& step = spec.steps[i];
    const std::string own = StepName(i);
    base::StrAppend(&text, ", step(", own, ", ", NameList(step.events));
    const std::string other = step.link < 0 ? "" : StepName(static_cast<size_t>(step.link));
    const std::string condition = ConditionOf(step, own, other);
    if (!condition.empty()) base::StrAppend(&text, ", ", condition);
    text += ")";
  }
  return text + ")" + WindowText(spec.window);
}

std::string EventsText(const FeatureSpec& spec) {
  std::string text = "events(";
  const Step& step = spec.steps[0];
  for (size_t i = 0; i < step.events.size(); ++i)
    text += (i > 0 ? ", " : "") + Quoted(step.events[i]);
  text += ")" + WindowText(spec.window);
  if (!step.where.empty()) base::StrAppend(&text, ".where(e, ", step.where, ")");
  if (!spec.each.empty()) base::StrAppend(&text, ".each(", spec.each, ")");
  if (!spec.line_where.empty()) base::StrAppend(&text, ".where(e, p, ", spec.line_where, ")");
  if (spec.once_per.micros > 0) base::StrAppend(&text, ".once_per(", Quoted(spec.once_per), ")");
  return text;
}

std::string NeverText(const FeatureSpec& spec) {
  const Step& never = *spec.never;
  std::string text =
      base::StrCat(".not_followed_by(", NameList(never.events), ", ", Quoted(spec.never_within));
  const bool is_sequence = spec.steps.size() > 1;
  const std::string other = !is_sequence     ? "e"
                            : never.link < 0 ? ""
                                             : StepName(static_cast<size_t>(never.link));
  const std::string condition = ConditionOf(never, "n", other);
  if (!condition.empty()) base::StrAppend(&text, is_sequence ? ", n, " : ", e, n, ", condition);
  return text + ")";
}

std::string AggregateText(const FeatureSpec& spec) {
  std::string arguments;
  if (spec.argument.micros > 0) arguments = Quoted(spec.argument);
  if (!spec.value.empty()) {
    if (!arguments.empty()) arguments += ", ";
    base::StrAppend(&arguments, spec.each.empty() ? "e, " : "e, p, ", spec.value);
  }
  return base::StrCat(".", FormOf(spec.aggregate).name, "(", arguments, ")");
}

expr::Type TypeOfValue(const FeatureSpec& spec) {
  const expr::Parsed parsed = expr::Parse(spec.value);
  BATUTA_CHECK(parsed.expr != nullptr, spec.value);
  expr::Environment environment;
  environment.Declare("e", EventType());
  environment.Declare("p");
  const expr::Type type = expr::Check(*parsed.expr, environment).type;
  if (type.is_number()) return expr::Type::Tag::kDouble;  // kept as JSON's
  if (type.Is(expr::Type::Tag::kTimestamp)) return expr::Type::Tag::kString;
  const bool is_kept = type.Is(expr::Type::Tag::kBool) || type.Is(expr::Type::Tag::kString);
  return is_kept ? type : expr::Type();
}

}  // namespace

const AggregateForm& FormOf(Aggregate aggregate) { return kForms[static_cast<size_t>(aggregate)]; }

std::optional<Aggregate> FindAggregate(std::string_view name) {
  for (size_t i = 0; i < static_cast<size_t>(Aggregate::kDaysUntilDate); ++i) {
    if (kForms[i].name == name) return static_cast<Aggregate>(i);
  }
  return std::nullopt;
}

std::vector<std::string> AggregateNames() {
  std::vector<std::string> names;
  for (size_t i = 0; i < static_cast<size_t>(Aggregate::kDaysUntilDate); ++i) {
    names.emplace_back(kForms[i].name);
  }
  return names;
}

bool DependsOnZone(const FeatureSpec& spec) {
  const bool is_local =
      spec.window.kind != Window::Kind::kEver && spec.window.kind != Window::Kind::kWithin;
  return is_local || spec.is_of_trait() || spec.aggregate == Aggregate::kPreferredHour ||
         spec.aggregate == Aggregate::kHourDrift;
}

FeatureType TypeOf(const FeatureSpec& spec) {
  using Tag = expr::Type::Tag;
  switch (spec.aggregate) {
    case Aggregate::kCount:
    case Aggregate::kDistinct:
    case Aggregate::kDaysSince:
    case Aggregate::kPreferredHour:
    case Aggregate::kSessions:
    case Aggregate::kDaysUntilDate:
    case Aggregate::kDaysSinceDate:
    case Aggregate::kAnniversary:
    case Aggregate::kAge:
      return {Tag::kInt};
    case Aggregate::kAgeBand:
      return {Tag::kString};
    case Aggregate::kSum:
    case Aggregate::kAverage:
    case Aggregate::kMin:
    case Aggregate::kMax:
    case Aggregate::kRate:
    case Aggregate::kTrend:
    case Aggregate::kTopShare:
    case Aggregate::kDrift:
    case Aggregate::kHourDrift:
      return {Tag::kDouble};
    case Aggregate::kExists:
    case Aggregate::kFirstEver:
      return {Tag::kBool};
    case Aggregate::kFirst:
    case Aggregate::kLast:
      if (spec.value.empty()) return {Tag::kTimestamp};
      return {TypeOfValue(spec)};
    case Aggregate::kTop:
      return {TypeOfValue(spec)};
    case Aggregate::kApproxDistinct:
      return {Tag::kDouble, kSketchError};
    case Aggregate::kApproxDecay:
      return {Tag::kDouble, kDecayError};
  }
  return {};
}

std::string FeatureType::Name() const {
  if (error == 0) return type.Name();
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.2g", error * 100);
  return base::StrCat(type.Name(), " \u00B1", static_cast<const char*>(percent), "%");
}

std::string Print(const FeatureSpec& spec) {
  if (spec.is_of_trait()) {
    return base::StrCat(FormOf(spec.aggregate).name, "(person.traits.", spec.trait, ")");
  }
  std::string text = spec.steps.size() > 1 ? SequenceText(spec) : EventsText(spec);
  if (spec.never) text += NeverText(spec);
  return text + AggregateText(spec);
}

uint64_t NumberOf(const FeatureSpec& spec) { return base::Hash64(Print(spec)); }

std::string IdOf(uint64_t number) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string id = "f_";
  for (int shift = 60; shift >= 0; shift -= 4) id += kHex[number >> shift & 15];
  return id;
}

std::optional<uint64_t> NumberOfId(std::string_view id) {
  constexpr size_t kBytes = 2 + 16;
  if (id.size() != kBytes || !id.starts_with("f_")) return std::nullopt;
  uint64_t number = 0;
  for (const char c : id.substr(2)) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && !(c >= 'a' && c <= 'f')) return std::nullopt;
    number = number << 4 | static_cast<uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return number;
}

std::string IdOf(const FeatureSpec& spec) { return IdOf(NumberOf(spec)); }

}  // namespace batuta::feature
