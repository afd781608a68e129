// What is said of a decision that another system made.
#include <algorithm>

#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "decision/explain_value.h"
#include "policy/contacts.h"

namespace batuta::decision {

using base::Value;

Value ImportedValue(const Decision& decision) {
  const Imported& imported = decision.imported();
  Object out;
  out.Add("id", imported.key());
  if (!imported.action().empty()) out.Add("outcome", policy::StageName(imported.outcome()));
  if (imported.ended_at() != 0) {
    out.Add("outcomeAt", base::FormatRfc3339(base::Time{imported.ended_at()}));
  }
  if (!imported.currency().empty()) {
    out.Add("value", Object()
                         .Add("amount", base::FormatAmount(imported.value_micros()))
                         .Add("currency", imported.currency())
                         .Take());
  }
  return out.Take();
}

Value ImportedCandidates(const Decision& decision) {
  List candidates;
  for (const ImportedCandidate& candidate : decision.imported().candidates()) {
    if (candidate.action().empty()) continue;
    candidates.Add(Object()
                       .Add("action", candidate.action())
                       .Add("probability", candidate.probability())
                       .Take());
  }
  return candidates.Take();
}

std::string ImportedSummary(const Decision& decision, Language language) {
  const Imported& imported = decision.imported();
  const bool spanish = language == Language::kSpanish;
  const std::string what = !imported.action().empty() ? imported.action()
                           : spanish                  ? "nada"
                                                      : "nothing";
  return base::StrCat(what, spanish ? ", con probabilidad " : ", with probability ",
                      imported.probability(),
                      spanish ? ": lo decidió otro sistema." : ": another system decided so.");
}

}  // namespace batuta::decision
