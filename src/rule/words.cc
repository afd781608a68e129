// Leaves of rules in words, English and Spanish.
#include <string>

#include "absl/strings/str_join.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "rule/explain.h"
#include "rule/vocabulary.h"

namespace batuta::rule {
namespace {

std::string_view Pick(Language language, std::string_view english, std::string_view spanish) {
  return language == Language::kSpanish ? spanish : english;
}

std::string TextOf(const base::Value& value) {
  if (!value.has_list()) return base::ToJson(value);
  return absl::StrJoin(value.list().values(), ", ", [](std::string* out, const base::Value& one) {
    base::StrAppend(out, base::ToJson(one));
  });
}

// The operator as it had to hold: under a `!` its opposite.
std::string_view Demanded(const Leaf& leaf) {
  static constexpr std::string_view kOpposites[][2] = {{"==", "!="},  {"!=", "=="},   {"<", ">="},
                                                       {">=", "<"},   {">", "<="},    {"<=", ">"},
                                                       {"in", "!in"}, {"has", "!has"}};
  for (const auto& [straight, opposite] : kOpposites) {
    if (leaf.comparison() == straight) return leaf.negated() ? opposite : straight;
  }
  return leaf.comparison();
}

// "at least 3".
std::string Need(const Leaf& leaf, Language language) {
  const std::string_view demanded = Demanded(leaf);
  const std::string value = TextOf(leaf.expected());
  const auto with = [&](std::string_view english, std::string_view spanish) {
    return base::StrCat(Pick(language, english, spanish), value);
  };
  if (demanded == "!=") return with("anything but ", "cualquiera menos ");
  if (demanded == "<") return with("less than ", "menos de ");
  if (demanded == "<=") return with("at most ", "a lo más ");
  if (demanded == ">") return with("more than ", "más de ");
  if (demanded == ">=") return with("at least ", "al menos ");
  if (demanded == "in") return with("one of ", "uno de ");
  if (demanded == "!in") return with("none of ", "ninguno de ");
  if (demanded == "has") return std::string(Pick(language, "a value", "un valor"));
  if (demanded == "!has") return std::string(Pick(language, "no value", "que no tenga valor"));
  return value;
}

// "is 2", "is absent".
std::string State(const Seen& seen, Language language) {
  switch (seen.reading()) {
    case VALUE:
      if (!seen.has_value()) return std::string(Pick(language, "has a value", "tiene un valor"));
      return base::StrCat(Pick(language, "is ", "es "), TextOf(seen.value()));
    case ABSENT:
    case PARENT_ABSENT:
      return std::string(Pick(language, "is not known", "no se conoce"));
    case SEALED:
      return std::string(Pick(language, "is sealed", "está sellado"));
    case UNCOUNTED:
      return std::string(Pick(language, "is not counted yet", "aún no se cuenta"));
    case OVERFULL:
      return std::string(
          Pick(language, "has more events than are kept", "tiene más eventos de los guardados"));
    default:
      return std::string(Pick(language, "cannot be read", "no se puede leer"));
  }
}

// "plan", "the percentile of spend".
std::string Subject(std::string_view path, Language language) {
  const size_t first = path.find('"');
  const size_t second = first == path.npos ? path.npos : path.find('"', first + 1);
  if (second == path.npos) return std::string(ShortName(path));
  const std::string_view name = path.substr(first + 1, second - first - 1);
  if (path.starts_with("percentile(")) {
    return base::StrCat(Pick(language, "the percentile of ", "el percentil de "), name);
  }
  if (path.starts_with("quintile(")) {
    return base::StrCat(Pick(language, "the quintile of ", "el quintil de "), name);
  }
  return std::string(ShortName(path));
}

std::string SeenText(const Leaf& leaf, Language language) {
  return absl::StrJoin(leaf.seen(), ", ", [&](std::string* out, const Seen& seen) {
    base::StrAppend(out, Subject(seen.path(), language), " ", State(seen, language));
  });
}

std::string_view OutcomeWord(Outcome outcome, Language language) {
  switch (outcome) {
    case OUTCOME_TRUE:
      return Pick(language, "true", "verdadero");
    case OUTCOME_FALSE:
      return Pick(language, "false", "falso");
    case OUTCOME_UNKNOWN:
      return Pick(language, "unknown", "desconocido");
    default:
      return Pick(language, "not computable", "incalculable");
  }
}

}  // namespace

std::string LeafText(const Leaf& leaf, Language language) {
  if (leaf.path().empty() || leaf.seen().empty()) {
    const std::string seen = SeenText(leaf, language);
    return base::StrCat("`", leaf.text(), "` ", Pick(language, "is ", "es "),
                        OutcomeWord(leaf.outcome(), language),
                        seen.empty() ? "" : base::StrCat(" (", seen, ")"));
  }
  const bool is_decided = leaf.outcome() == OUTCOME_TRUE || leaf.outcome() == OUTCOME_FALSE;
  const bool is_met = is_decided && (leaf.outcome() == OUTCOME_TRUE) != leaf.negated();
  std::string text =
      base::StrCat(Subject(leaf.path(), language), " ", State(leaf.seen(0), language));
  if (leaf.outcome() == OUTCOME_FAILED) {
    base::StrAppend(&text,
                    Pick(language, ", which cannot be compared", ", que no se puede comparar"));
  }
  base::StrAppend(&text,
                  is_met ? Pick(language, ", as it needs ", ", como se necesita: ")
                         : Pick(language, ", needs ", ", se necesita "),
                  Need(leaf, language));
  return text;
}

std::string LeavesText(const std::vector<Leaf>& leaves, Language language) {
  return absl::StrJoin(leaves, "; ", [&](std::string* out, const Leaf& leaf) {
    base::StrAppend(out, LeafText(leaf, language));
  });
}

base::Value ToValue(const Seen& seen) {
  base::Fields fields;
  base::SetField(fields, "field", base::TextValue(seen.path()));
  if (seen.has_value()) base::SetField(fields, "value", seen.value());
  if (seen.reading() == ABSENT || seen.reading() == PARENT_ABSENT)
    base::SetField(fields, "state", base::TextValue("absent"));
  if (seen.reading() == SEALED) base::SetField(fields, "state", base::TextValue("sealed"));
  if (seen.reading() == UNCOUNTED) base::SetField(fields, "state", base::TextValue("uncounted"));
  if (seen.reading() == OVERFULL) base::SetField(fields, "state", base::TextValue("overfull"));
  if (seen.reading() == BROKEN) base::SetField(fields, "state", base::TextValue("unreadable"));
  base::Value value;
  *value.mutable_object() = std::move(fields);
  return value;
}

base::Value ToValue(const Leaf& leaf, Language language) {
  base::Fields fields;
  base::SetField(fields, "expression", base::TextValue(leaf.text()));
  base::SetField(fields, "outcome", base::TextValue(OutcomeName(leaf.outcome())));
  if (leaf.negated()) base::SetField(fields, "negated", base::BooleanValue(true));
  if (!leaf.path().empty()) {
    base::SetField(fields, "field", base::TextValue(leaf.path()));
    base::SetField(fields, "operator", base::TextValue(leaf.comparison()));
    if (leaf.has_expected()) base::SetField(fields, "expected", leaf.expected());
  }
  base::Value seen;
  seen.mutable_list();
  for (const Seen& one : leaf.seen()) *seen.mutable_list()->add_values() = ToValue(one);
  base::SetField(fields, "seen", std::move(seen));
  base::SetField(fields, "why", base::TextValue(LeafText(leaf, language)));
  base::Value value;
  *value.mutable_object() = std::move(fields);
  return value;
}

}  // namespace batuta::rule
