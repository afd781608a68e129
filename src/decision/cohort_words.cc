#include "decision/cohort_words.h"

#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
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

std::string KnownText(const CohortField& field, Language language) {
  return base::StrCat(field.name, Pick(language, " is known", " tiene valor"));
}

std::string TextsText(const CohortCondition& condition, const CohortField& field,
                      const CohortTexts& texts, Language language) {
  std::vector<std::string> names;
  for (const uint32_t text : condition.texts) {
    // Only what needs it stands in quotes.
    const std::string quoted = Quoted(text, texts);
    const std::string plain(texts.Text(text));
    names.push_back(!plain.empty() && quoted.size() == plain.size() + 2 ? plain : quoted);
  }
  const bool is_not = condition.what == What::kNotTexts;
  if (names.empty()) return KnownText(field, language);
  if (names.size() == 1) {
    return base::StrCat(field.name, is_not ? Pick(language, " is not ", " no es ") : " = ",
                        names[0]);
  }
  return base::StrCat(field.name,
                      is_not ? Pick(language, " is none of ", " no es ninguno de ")
                             : Pick(language, " is one of ", " es uno de "),
                      Join(names, ", "));
}

std::string NumbersText(const CohortCondition& condition, const CohortField& field,
                        Language language) {
  const auto& [low, high] = std::pair(condition.low, condition.high);
  if (!low && !high) return KnownText(field, language);
  if (!high) return base::StrCat(field.name, " >= ", NumberText(*low));
  if (!low) return base::StrCat(field.name, " <= ", NumberText(*high));
  if (*low == *high) return base::StrCat(field.name, " = ", NumberText(*low));
  return base::StrCat(field.name, Pick(language, " from ", " de "), NumberText(*low),
                      Pick(language, " to ", " a "), NumberText(*high));
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

// What a contact policy does, in Spanish; in English codes say it.
std::string PolicyName(Reason reason) {
  switch (reason) {
    case SUPPRESSED:
      return "pausa tras rechazos";
    case CAPPED:
      return "tope de contactos";
    case TOO_SOON:
      return "demasiado pronto";
    case QUIET:
      return "horas de silencio";
    case BLOCKED:
      return "bloqueo";
    case COOLING_DOWN:
      return "descanso tras un evento";
    case UNDER_PRESSURE:
      return "presión de contacto";
    case LESS_WELCOME:
      return "otro canal le gusta más";
    default:
      return ReasonCode(reason);
  }
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

std::string FallText(const Fall& fall, Language language) {
  const auto say = [&](std::string_view english, std::string_view spanish) {
    return absl::StrReplaceAll(
        base::AbslView(Pick(language, english, spanish)),
        {{"$level", base::AbslView(LevelName(fall.level, language))}, {"$name", fall.name}});
  };
  if (fall.stage == PROPENSITY) {
    return say("too unlikely to be accepted", "es poco probable que se acepte");
  }
  if (fall.stage == ARBITRATION) return say("worth too little", "vale muy poco");
  switch (fall.reason) {
    case NOT_STARTED:
      return say("$level $name has not started", "$level $name: no ha empezado");
    case ENDED:
      return say("$level $name has ended", "$level $name: terminó");
    case RULE_FALSE:
      return say("rule of $level $name", "regla de $level $name");
    case RULE_UNKNOWN:
      return say("rule of $level $name: something it needs is absent",
                 "regla de $level $name: falta algo que necesita");
    case RULE_FAILED:
      return say("rule of $level $name: failed", "regla de $level $name: falló");
    case CONSENT_DENIED:
      return say("consent for $name denied", "consentimiento para $name negado");
    case CONSENT_MISSING:
      return say("no consent for $name", "sin consentimiento para $name");
    case HELD_OUT:
      return say("holdout $name", "grupo de control $name");
    case UNWANTED:
      return base::StrCat(Pick(language, "preference: ", "preferencia: "),
                          PreferenceName(fall.name, language));
    case PAUSED:
      return fall.name.empty() ? say("preference: pause", "preferencia: pausa")
                               : say("preference: pause of $name", "preferencia: pausa de $name");
    case EXHAUSTED:
      return say("constraint $name: exhausted", "restricción $name: agotada");
    case EXCLUSIVE:
      return say("agreement $name: exclusive", "acuerdo $name: exclusivo");
    case PACED:
      return say("constraint $name: spread evenly", "restricción $name: repartida por igual");
    default:
      return say(base::StrCat("policy $name: ", ReasonCode(fall.reason)),
                 base::StrCat("política $name: ", PolicyName(fall.reason)));
  }
}

std::string ConditionText(const CohortCondition& condition, const CohortField& field,
                          const CohortTexts& texts, Language language) {
  if (condition.what == What::kMissing) {
    return base::StrCat(field.name, Pick(language, " is unknown", " no tiene valor"));
  }
  if (field.of == CohortField::Of::kSegment) {
    return base::StrCat(IsIn(condition) ? Pick(language, "in segment ", "en el segmento ")
                                        : Pick(language, "not in segment ", "fuera del segmento "),
                        field.name);
  }
  const std::string text = condition.what == What::kNumbers
                               ? NumbersText(condition, field, language)
                               : TextsText(condition, field, texts, language);
  if (!CountsMissing(condition)) return text;
  return base::StrCat(text, Pick(language, " or is unknown", " o no tiene valor"));
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
