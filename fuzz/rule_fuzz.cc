// Fuzzes rules: whatever the text, it is refused with places inside it, or it can be asked of a
// person within its budget; what is said to be impossible does not happen; its structured form says
// the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "base/time.h"
#include "expr/parse.h"
#include "feature/catalogue.h"
#include "rule/checks.h"
#include "rule/compile.h"
#include "rule/explain.h"
#include "rule/form.h"
#include "rule/person.h"

namespace {

using namespace batuta;
using namespace batuta::rule;

const profile::Rules& Survivorship() {
  static const profile::Rules rules;
  return rules;
}

const profile::Profile& Person() {
  static const profile::Profile person = [] {
    profile::Profile made;
    const base::Value traits = *base::ParseJson(
        R"({"a": 1, "b": "x", "c": [1, "x"], "plan": "gold", "vip": true, "o": {"p": {"q": 2}}})");
    for (const base::Field& trait : traits.object().fields()) {
      BATUTA_CHECK(profile::StateTrait(Survivorship(), trait, {.source = "crm", .stamp = {}},
                                       *made.mutable_traits()));
    }
    return made;
  }();
  return person;
}

void CheckForm(const Rule& rule) {
  const base::Value form = FormOf(rule.written());
  std::vector<FormProblem> problems;
  const std::string text = TextOfForm(form, problems);
  // Some names cannot be asked for by has(), and printing may pass the limit of what is read.
  if (!problems.empty()) return;
  const expr::Parsed again = expr::Parse(text);
  BATUTA_CHECK(again.expr != nullptr, text);
  BATUTA_CHECK(base::ToJson(FormOf(*again.expr)) == base::ToJson(form), text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Vocabulary words;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expr::AttributeTable table;
  const Compiled compiled = Compile(text, words, {}, table);
  BATUTA_CHECK((compiled.rule == nullptr) == HasError(compiled.notes));
  for (const Note& note : compiled.notes) {
    BATUTA_CHECK(note.span.begin <= text.size() && !note.message.empty() && !note.code.empty());
    BATUTA_CHECK(!Describe(note, text).empty());
  }
  if (compiled.rule == nullptr) return 0;
  std::vector<resource::Problem> problems;
  const auto features = feature::Catalogue::Compile({}, compiled.rule->aggregates(), problems);
  const PersonSource source({.rules = Survivorship(), .features = features.get()},
                            {.profile = Person(), .now = base::Time{1'773'576'000'000'000}});
  expr::Activation activation(table, source);
  expr::Evaluator evaluator(kRuleBudget);
  const Outcome outcome = Judge(*compiled.rule, activation, evaluator);
  const Possible possible =
      PossibleOutcomes(compiled.rule->tree(), words.EnvironmentOf(Site::kDecision));
  BATUTA_CHECK(possible.is_true || outcome != OUTCOME_TRUE);
  BATUTA_CHECK(possible.is_false || outcome != OUTCOME_FALSE);
  for (const Leaf& leaf : Explain(*compiled.rule, table, activation, evaluator)) {
    BATUTA_CHECK(!LeafText(leaf, Language::kEnglish).empty());
    BATUTA_CHECK(!LeafText(leaf, Language::kSpanish).empty());
  }
  CheckForm(*compiled.rule);
  return 0;
}
