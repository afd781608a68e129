#include "server/explanation.h"

#include "base/value.h"

namespace batuta::server {

void PrintExplanation(const Output& output, const base::Value& explanation) {
  if (output.format() != Output::Format::kTable) return output.Object(explanation);
  const base::Fields& fields = explanation.object();
  const auto text = [&fields](const char* name) { return CellText(base::Find(fields, name)); };
  output.Text(text("decisionId") + "  " + text("time") + "  " + text("placement") + "  " +
              text("personId") + "\n" + text("summary") + "\n\n");
  const base::Value* considered = base::Find(fields, "considered");
  if (considered == nullptr) return;
  std::vector<base::Value> rows;
  for (base::Value row : considered->list().values()) {
    // Of the first slot; the others are in the other formats.
    const base::Value* slots = base::Find(row.object(), "slots");
    if (slots != nullptr && slots->list().values_size() > 0) {
      const base::Value first = slots->list().values(0);
      const base::Value* probability = base::Find(first.object(), "probability");
      if (probability != nullptr) {
        base::SetField(*row.mutable_object(), "probability", *probability);
      }
    }
    rows.push_back(std::move(row));
  }
  output.Rows({{"action", "action"},
               {"variant", "variant"},
               {"result", "result"},
               {"propensity", "propensity.mean"},
               {"net value", "netValue"},
               {"probability", "probability"},
               {"why", "why"}},
              rows);
}

}  // namespace batuta::server
