#include "server/explanation.h"

#include "base/value.h"

namespace batuta::server {
namespace {

// The sentence in an object's member, on a line of its own.
void PrintSentence(const Output& output, const base::Value* object, const char* member,
                   std::string_view before) {
  if (object == nullptr) return;
  const std::string text = CellText(base::Find(object->object(), member));
  if (!text.empty()) output.Text(std::string(before) + Printable(text) + "\n");
}

void PrintChanges(const Output& output, const base::Value* changes) {
  if (changes == nullptr) return;
  PrintSentence(output, changes, "unavailable", "\n");
  const base::Value* smallest = base::Find(changes->object(), "smallest");
  if (smallest != nullptr) output.Text("\n");
  PrintSentence(output, smallest, "what", "> ");
  for (const char* member : {"others", "untried"}) {
    const base::Value* list = base::Find(changes->object(), member);
    if (list == nullptr) continue;
    for (const base::Value& one : list->list().values()) PrintSentence(output, &one, "what", "  ");
  }
}

}  // namespace

void PrintExplanation(const Output& output, const base::Value& explanation) {
  if (output.format() != Output::Format::kTable) return output.Object(explanation);
  const base::Fields& fields = explanation.object();
  const auto text = [&fields](const char* name) { return CellText(base::Find(fields, name)); };
  output.Text(text("decisionId") + "  " + text("time") + "  " + text("placement") + "  " +
              text("personId") + "\n" + text("summary") + "\n");
  PrintSentence(output, base::Find(fields, "nothingChosen"), "why", "");
  const base::Value* why_not = base::Find(fields, "whyNot");
  if (why_not != nullptr) {
    output.Text(Printable(CellText(base::Find(why_not->object(), "action"))) + ": ");
  }
  PrintSentence(output, why_not, "why", "");
  output.Text("\n");
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
  PrintChanges(output, base::Find(fields, "changes"));
}

}  // namespace batuta::server
