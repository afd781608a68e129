#include "decision/cohort_words.h"

#include <utility>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/explain_words.h"

namespace batuta::decision {
namespace {

using What = CohortCondition::What;

std::string NumberText(double number) { return base::ToJson(base::NumberValue(number)); }

std::string Join(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) base::StrAppend(&text, text.empty() ? "" : between, part);
  return text;
}

std::string Quoted(uint32_t text, const CohortTexts& texts) {
  const std::string_view plain = texts.Text(text);
  return text <= CohortTexts::kFalse ? std::string(plain) : base::ToJson(base::TextValue(plain));
}

// Whether somebody is meant by "or has no value".
bool CountsMissing(const CohortCondition& condition) {
  return condition.or_missing && (condition.some_miss || condition.is_mixed);
}

// Of a segment: the people who are in it, or those who are not.
bool IsIn(const CohortCondition& condition) {
  const bool is_true = !condition.texts.empty() && condition.texts[0] == CohortTexts::kTrue;
  return (condition.what == What::kTexts) == is_true;
}

std::string TextsText(const CohortCondition& condition, const CohortField& field,
                      const CohortTexts& texts) {
  std::vector<std::string> names;
  for (const uint32_t text : condition.texts) {
    // Only what needs it stands in quotes.
    const std::string quoted = Quoted(text, texts);
    const std::string plain(texts.Text(text));
    names.push_back(!plain.empty() && quoted.size() == plain.size() + 2 ? plain : quoted);
  }
  const bool is_not = condition.what == What::kNotTexts;
  if (names.empty()) return field.name + " is known";
  if (names.size() == 1) return base::StrCat(field.name, is_not ? " is not " : " = ", names[0]);
  return base::StrCat(field.name, is_not ? " is none of " : " is one of ", Join(names, ", "));
}

std::string NumbersText(const CohortCondition& condition, const CohortField& field) {
  const auto& [low, high] = std::pair(condition.low, condition.high);
  if (!low && !high) return field.name + " is known";
  if (!high) return base::StrCat(field.name, " >= ", NumberText(*low));
  if (!low) return base::StrCat(field.name, " <= ", NumberText(*high));
  if (*low == *high) return base::StrCat(field.name, " = ", NumberText(*low));
  return base::StrCat(field.name, " from ", NumberText(*low), " to ", NumberText(*high));
}

std::string NumbersRule(const CohortCondition& condition, const std::string& value) {
  std::vector<std::string> parts;
  const auto literal = [](double number) {
    std::string text = NumberText(number);
    if (text.find_first_of(".eE") == std::string::npos) text += ".0";
    return text;
  };
  if (condition.low) parts.push_back(base::StrCat(value, " >= ", literal(*condition.low)));
  if (condition.below) {
    parts.push_back(base::StrCat(value, " < ", literal(*condition.below)));
  } else if (condition.high) {
    parts.push_back(base::StrCat(value, " <= ", literal(*condition.high)));
  }
  return Join(parts, " && ");
}

std::string TextsRule(const CohortCondition& condition, const std::string& value,
                      const CohortTexts& texts) {
  const bool is_not = condition.what == What::kNotTexts;
  std::vector<std::string> parts;
  for (const uint32_t text : condition.texts) {
    parts.push_back(base::StrCat(value, is_not ? " != " : " == ", Quoted(text, texts)));
  }
  const std::string all = Join(parts, is_not ? " && " : " || ");
  return parts.size() > 1 && !is_not ? base::StrCat("(", all, ")") : all;
}

}  // namespace

std::string_view ServedCode(Served served) {
  switch (served) {
    case Served::kNothing:
      return "nothing";
    case Served::kWeak:
      return "weak";
    case Served::kStrong:
      return "strong";
  }
  return "";
}

std::string StageCodeOf(Stage stage) {
  return stage == STAGE_UNSPECIFIED ? "noActions" : StageCode(stage);
}

std::string FallCode(const Fall& fall) {
  if (fall.stage == PROPENSITY) return "lowPropensity";
  if (fall.stage == ARBITRATION) return "lowNetValue";
  return ReasonCode(fall.reason);
}

std::string FallText(const Fall& fall) {
  const std::string of = base::StrCat(LevelCode(fall.level), " ", fall.name);
  switch (fall.stage) {
    case PROPENSITY:
      return "too unlikely to be accepted";
    case ARBITRATION:
      return "worth too little";
    default:
      break;
  }
  switch (fall.reason) {
    case NOT_STARTED:
      return of + " has not started";
    case ENDED:
      return of + " has ended";
    case RULE_FALSE:
      return "rule of " + of;
    case RULE_UNKNOWN:
      return "rule of " + of + ": something it needs is absent";
    case RULE_FAILED:
      return "rule of " + of + ": failed";
    case CONSENT_DENIED:
      return "consent for " + fall.name + " denied";
    case CONSENT_MISSING:
      return "no consent for " + fall.name;
    case HELD_OUT:
      return "holdout " + fall.name;
    case UNWANTED:
      return "preference: " + fall.name;
    case PAUSED:
      return fall.name.empty() ? "preference: pause" : "preference: pause of " + fall.name;
    case EXHAUSTED:
      return "constraint " + fall.name + ": exhausted";
    case EXCLUSIVE:
      return "agreement " + fall.name + ": exclusive";
    case PACED:
      return "constraint " + fall.name + ": spread evenly";
    default:
      return base::StrCat("policy ", fall.name, ": ", ReasonCode(fall.reason));
  }
}

std::string ConditionText(const CohortCondition& condition, const CohortField& field,
                          const CohortTexts& texts) {
  if (condition.what == What::kMissing) return field.name + " is unknown";
  if (field.of == CohortField::Of::kSegment) {
    return base::StrCat(IsIn(condition) ? "in segment " : "not in segment ", field.name);
  }
  const std::string text = condition.what == What::kNumbers ? NumbersText(condition, field)
                                                            : TextsText(condition, field, texts);
  return CountsMissing(condition) ? text + " or is unknown" : text;
}

std::string ConditionRule(const CohortCondition& condition, const CohortField& field,
                          const CohortTexts& texts) {
  if (field.of == CohortField::Of::kSegment) {
    return IsIn(condition) ? field.expression : base::StrCat("!(", field.expression, ")");
  }
  const bool has_path = field.is_path;
  const std::string value = has_path ? field.expression : base::StrCat("(", field.expression, ")");
  if (condition.what == What::kNumbers && (condition.is_mixed || field.is_duration)) return "";
  const bool asks_missing = condition.what == What::kMissing || CountsMissing(condition);
  if (asks_missing && !has_path) return "";
  if (condition.what == What::kMissing) return base::StrCat("!has(", value, ")");
  std::string rule = condition.what == What::kNumbers ? NumbersRule(condition, value)
                                                      : TextsRule(condition, value, texts);
  if (rule.empty()) return has_path ? base::StrCat("has(", value, ")") : "";
  if (!CountsMissing(condition)) return rule;
  if (rule.find(" && ") != std::string::npos) rule = base::StrCat("(", rule, ")");
  return base::StrCat("(!has(", value, ") || ", rule, ")");
}

}  // namespace batuta::decision
