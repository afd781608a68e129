#include "api/batch_rows.h"

#include <charconv>
#include <iterator>
#include <string_view>
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

std::vector<Cell> CellsOf(const BatchQuestion& question, const BatchItem& item, int slot) {
  const decision::Chosen& chosen = item.decision.chosen(slot);
  const decision::Action* action = question.definitions->catalogue->FindAction(chosen.action());
  std::vector<Cell> cells = {{"personId", item.id.ToString()},
                             {"slot", NumberText(slot), true},
                             {"action", chosen.action()},
                             {"treatment", chosen.treatment()},
                             {"variant", chosen.variant()},
                             {"probability", NumberText(chosen.probability()), true},
                             {"propensity", NumberText(chosen.propensity()), true},
                             {"netValue", NumberText(chosen.net_value()), true},
                             {"value", ""},
                             {"notBefore", ""},
                             {"decisionId", ""}};
  if (action != nullptr) cells[8].text = base::FormatAmount(action->value.micros);
  if (chosen.not_before() != 0) {
    cells[9].text = base::FormatRfc3339(base::Time{chosen.not_before()});
  }
  if (!item.decision.id().empty()) {
    cells[10].text = base::DecisionId::FromBytes(item.decision.id()).ToString();
  }
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

std::string BatchHead(const BatchWish& wish) {
  if (wish.ndjson) return "";
  return "personId,slot,action,treatment,variant,probability,propensity,netValue,value,notBefore,"
         "decisionId\r\n";
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
