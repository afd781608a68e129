#include "api/batch_rows.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/csv.h"
#include "base/json.h"
#include "base/money.h"
#include "base/status.h"
#include "base/time.h"
#include "decision/catalogue.h"

namespace batuta::api {
namespace {

// In the order of the columns; numbers go into JSON as they stand.
struct Cell {
  std::string_view name;
  std::string text;
  bool is_number = false;
};

// The shortest text that reads back the same.
std::string NumberText(double number) {
  char text[32];
  return {text, std::to_chars(std::begin(text), std::end(text), number).ptr};
}

constexpr std::string_view kColumns[] = {"slot",        "action",     "treatment", "variant",
                                         "probability", "propensity", "netValue",  "value",
                                         "notBefore",   "decisionId"};

// The person comes first, with their identifiers.
std::vector<Cell> CellsOf(const BatchQuestion& question, const BatchItem& item, int slot) {
  const decision::Chosen& chosen = item.decision.chosen(slot);
  const decision::Action* action = question.definitions->catalogue->FindAction(chosen.action());
  std::vector<Cell> cells = {{"personId", item.id.ToString()}};
  for (size_t i = 0; i < item.identifiers.size(); ++i) {
    cells.push_back({question.wish.identifiers[i], item.identifiers[i]});
  }
  size_t column = 0;
  const auto add = [&](std::string text, bool is_number = false) {
    cells.push_back({kColumns[column++], std::move(text), is_number});
  };
  const bool waits = chosen.not_before() != 0;
  const std::string& id = item.decision.id();
  add(NumberText(slot), true);
  add(chosen.action());
  add(chosen.treatment());
  add(chosen.variant());
  add(NumberText(chosen.probability()), true);
  add(NumberText(chosen.propensity()), true);
  add(NumberText(chosen.net_value()), true);
  add(action == nullptr ? "" : base::FormatAmount(action->value.micros));
  add(waits ? base::FormatRfc3339(base::Time{chosen.not_before()}) : "");
  add(id.empty() ? "" : base::DecisionId::FromBytes(id).ToString());
  BATUTA_CHECK(column == std::size(kColumns));
  return cells;
}

void AppendJsonRow(const std::vector<Cell>& cells, std::string& out) {
  base::JsonWriter json;
  json.BeginObject();
  for (const Cell& cell : cells) {
    if (cell.text.empty()) continue;
    json.Key(cell.name);
    if (cell.is_number) {
      json.Raw(cell.text);
    } else {
      json.String(cell.text);
    }
  }
  json.EndObject();
  out += json.Take();
  out += '\n';
}

}  // namespace

bool IsBatchColumn(std::string_view name) {
  return name == "personId" ||
         std::find(std::begin(kColumns), std::end(kColumns), name) != std::end(kColumns);
}

std::string BatchHead(const BatchWish& wish) {
  if (wish.ndjson) return "";
  std::vector<std::string_view> names = {"personId"};
  names.insert(names.end(), wish.identifiers.begin(), wish.identifiers.end());
  names.insert(names.end(), std::begin(kColumns), std::end(kColumns));
  std::string head;
  base::AppendCsvRow(names, head);
  return head;
}

size_t AppendBatchRows(const BatchQuestion& question, const BatchItem& item, std::string& out) {
  size_t count = 0;
  for (int slot = 0; slot < item.decision.chosen_size(); ++slot) {
    if (item.decision.chosen(slot).nothing()) continue;
    ++count;
    const std::vector<Cell> cells = CellsOf(question, item, slot);
    if (question.wish.ndjson) {
      AppendJsonRow(cells, out);
      continue;
    }
    std::vector<std::string_view> texts;
    for (const Cell& cell : cells) texts.push_back(cell.text);
    base::AppendCsvRow(texts, out);
  }
  return count;
}

}  // namespace batuta::api
