// Changes in words, English and Spanish, and as JSON.
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "decision/changes.h"
#include "decision/explain_value.h"
#include "decision/explain_words.h"
#include "rule/vocabulary.h"

namespace batuta::decision {
namespace {

std::string_view KindCode(EditKind kind) {
  switch (kind) {
    case EditKind::kConsent:
      return "consent";
    case EditKind::kPreference:
      return "preference";
    case EditKind::kTime:
      return "time";
    case EditKind::kWorth:
      return "value";
    case EditKind::kFact:
      return "fact";
    case EditKind::kHoldout:
      return "holdout";
    case EditKind::kBlock:
      return "block";
  }
  return "";
}

std::string_view NeedCode(Need::Kind kind) {
  switch (kind) {
    case Need::Kind::kFact:
      return "fact";
    case Need::Kind::kConsent:
      return "consent";
    case Need::Kind::kPreference:
      return "preference";
    case Need::Kind::kPolicy:
      return "policy";
    case Need::Kind::kZone:
      return "timeZone";
    case Need::Kind::kModel:
      return "model";
  }
  return "";
}

std::string Amount(int64_t micros, const Decision& decision) {
  const std::string amount = base::FormatAmount(micros);
  return decision.currency().empty() ? amount : base::StrCat(amount, " ", decision.currency());
}

// "3 days", "5 hours", "1 minute": the largest unit, rounded up, so that by then it has come.
std::string SpanText(base::Duration span, Language language) {
  struct Unit {
    int64_t micros;
    std::string_view english, spanish;
  };
  static constexpr Unit kUnits[] = {{base::Days(1).micros, "day", "día"},
                                    {base::Hours(1).micros, "hour", "hora"},
                                    {base::Minutes(1).micros, "minute", "minuto"},
                                    {base::Seconds(1).micros, "second", "segundo"}};
  const Unit* unit = &kUnits[3];
  for (const Unit& one : kUnits) {
    if (span.micros >= one.micros) {
      unit = &one;
      break;
    }
  }
  const int64_t count = (span.micros + unit->micros - 1) / unit->micros;
  return base::StrCat(count, " ", Pick(language, unit->english, unit->spanish),
                      count == 1 ? "" : "s");
}

std::string PreferenceText(std::string_view name, Language language) {
  if (name.starts_with("pause")) {
    return std::string(Pick(language, "Without the pause that the person asked for",
                            "Sin la pausa que pidió la persona"));
  }
  return base::StrCat(
      Pick(language, "Had the person not refused: ", "Si la persona no hubiera rechazado: "), name);
}

// What the trace says that it was.
std::string WasText(const std::string& path, const Decision& decision, Language language) {
  for (const rule::Seen& seen : decision.trace().values()) {
    if (seen.path() != path) continue;
    if (seen.has_value()) {
      return base::StrCat(Pick(language, " (it is ", " (es "), base::ToJson(seen.value()), ")");
    }
    return std::string(Pick(language, " (it is not known)", " (no se conoce)"));
  }
  return "";
}

std::string FactText(const Edit& edit, const Decision& decision, Language language) {
  if (edit.comparison == "with" || edit.comparison == "without") {
    return base::StrCat(edit.comparison == "with"
                            ? Pick(language, "If the person were in the segment ",
                                   "Si la persona estuviera en el segmento ")
                            : Pick(language, "If the person were not in the segment ",
                                   "Si la persona no estuviera en el segmento "),
                        edit.value.text());
  }
  const std::string subject(rule::ShortName(edit.name));
  const std::string was = WasText(edit.name, decision, language);
  if (edit.value.kind_case() == base::Value::KIND_NOT_SET) {
    return base::StrCat(Pick(language, "If there were no ", "Si no hubiera "), subject, was);
  }
  const std::string_view bound =
      edit.comparison == ">="   ? Pick(language, " were at least ", " fuera al menos ")
      : edit.comparison == "<=" ? Pick(language, " were at most ", " fuera a lo más ")
                                : Pick(language, " were ", " fuera ");
  return base::StrCat(Pick(language, "If ", "Si "), subject, bound, base::ToJson(edit.value), was);
}

std::string WorthText(const Edit& edit, const Decision& decision, Language language) {
  std::string was;
  for (const CandidateTrace& candidate : decision.trace().candidates()) {
    if (candidate.action() == edit.name) was = Amount(candidate.value_micros(), decision);
  }
  return base::StrCat(
      Pick(language, "If the value of ", "Si el valor de "), edit.name,
      edit.comparison == ">=" ? Pick(language, " were at least ", " fuera al menos ")
                              : Pick(language, " were ", " fuera "),
      Amount(edit.worth_micros, decision), Pick(language, " (it is ", " (es "), was, ")");
}

// The condition: "With consent for marketing on email".
std::string EditText(const Edit& edit, const Decision& decision, Language language) {
  switch (edit.kind) {
    case EditKind::kConsent:
      return base::StrCat(Pick(language, "With consent for ", "Con consentimiento para "),
                          edit.name, Pick(language, " on ", " en "), decision.channel());
    case EditKind::kPreference:
      return PreferenceText(edit.name, language);
    case EditKind::kTime:
      return base::StrCat(Pick(language, "In ", "En "),
                          SpanText(edit.at - base::Time{decision.log_time()}, language), " (",
                          base::FormatRfc3339(edit.at), ")");
    case EditKind::kWorth:
      return WorthText(edit, decision, language);
    case EditKind::kFact:
      return FactText(edit, decision, language);
    case EditKind::kHoldout:
      return base::StrCat(Pick(language, "Without the holdout ", "Sin el grupo de control "),
                          edit.name);
    case EditKind::kBlock:
      return base::StrCat(
          Pick(language, "If policy ", "Si la política "), edit.name,
          Pick(language, " did not block the person", " no bloqueara a la persona"));
  }
  return "";
}

// What decides by itself as time passes is taken as it was.
bool MayPass(const rule::Seen& seen) {
  const bool is_plain = seen.path().starts_with("person.traits.") ||
                        seen.path().starts_with("context.") || seen.path().starts_with("lookup(");
  return !is_plain;
}

base::Value AssumedOf(const Edit& edit, const Decision& decision) {
  List names;
  if (edit.kind == EditKind::kTime) {
    for (const rule::Seen& seen : decision.trace().values()) {
      if (MayPass(seen)) names.Add(base::TextValue(seen.path()));
    }
    for (const LeaseTrace& lease : decision.trace().leases()) {
      names.Add(base::TextValue(lease.key().name()));
    }
  }
  return names.Take();
}

base::Value NeedsValue(const std::set<Need>& needs) {
  List list;
  for (const Need& need : needs) {
    Object entry;
    entry.Add("kind", NeedCode(need.kind));
    if (!need.name.empty()) entry.Add("name", need.name);
    list.Add(entry.Take());
  }
  return list.Take();
}

Object EditValue(const Edit& edit, const Decision& decision) {
  Object out;
  out.Add("kind", KindCode(edit.kind));
  if (!edit.name.empty()) out.Add("name", edit.name);
  if (edit.kind == EditKind::kTime) out.Add("at", base::FormatRfc3339(edit.at));
  if (!edit.comparison.empty()) out.Add("comparison", edit.comparison);
  if (edit.kind == EditKind::kWorth) {
    out.Add("value", Amount(edit.worth_micros, decision));
  } else if (edit.kind == EditKind::kFact) {
    const bool is_absent = edit.value.kind_case() == base::Value::KIND_NOT_SET;
    out.Add("value", is_absent ? base::NullValue() : edit.value);
  }
  return out;
}

base::Value ChangeValue(const Change& change, const Decision& decision, Language language) {
  Object out = EditValue(change.edit, decision);
  out.Add("what", ChangeText(change, decision, language));
  List chosen;
  for (size_t slot = 0; slot < change.chosen.size(); ++slot) {
    const Chosen& one = change.chosen[slot];
    Object entry;
    entry.Add("slot", static_cast<double>(slot));
    if (one.nothing()) {
      entry.Add("nothing", base::BooleanValue(true));
    } else {
      entry.Add("action", one.action());
      entry.Add("treatment", one.treatment());
      entry.Add("variant", one.variant());
    }
    entry.Add("probability", one.probability());
    chosen.Add(entry.Take());
  }
  out.Add("chosen", chosen.Take());
  base::Value assumed = AssumedOf(change.edit, decision);
  if (!assumed.list().values().empty()) out.Add("assumed", std::move(assumed));
  if (!change.looked_up.empty()) out.Add("lookedUpNow", NeedsValue(change.looked_up));
  return out.Take();
}

base::Value UntriedValue(const Untried& untried, const Decision& decision, Language language) {
  Object out = EditValue(untried.edit, decision);
  out.Add("what",
          base::StrCat(EditText(untried.edit, decision, language),
                       Pick(language, ": cannot be told, as the decision did not read all of it.",
                            ": no se puede saber, pues la decisión no leyó todo lo necesario.")));
  out.Add("missing", NeedsValue(untried.missing));
  return out.Take();
}

}  // namespace

std::string ChangeText(const Change& change, const Decision& decision, Language language) {
  std::string answer;
  for (const Chosen& one : change.chosen) {
    base::StrAppend(
        &answer, answer.empty() ? "" : ", ",
        one.nothing() ? Pick(language, "nothing", "nada") : std::string_view(one.action()));
  }
  return base::StrCat(EditText(change.edit, decision, language),
                      Pick(language, ", the answer would be: ", ", la respuesta sería: "), answer,
                      ".");
}

base::Value ToValue(const Changes& changes, const Decision& decision, Language language) {
  Object out;
  List others;
  for (size_t i = 0; i < changes.found.size(); ++i) {
    base::Value value = ChangeValue(changes.found[i], decision, language);
    if (i == 0) {
      out.Add("smallest", std::move(value));
    } else {
      others.Add(std::move(value));
    }
  }
  out.Add("others", others.Take());
  List untried;
  for (const Untried& one : changes.untried) untried.Add(UntriedValue(one, decision, language));
  out.Add("untried", untried.Take());
  out.Add("runs", static_cast<double>(changes.runs));
  return out.Take();
}

}  // namespace batuta::decision
