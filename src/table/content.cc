#include "table/content.h"

#include <bit>
#include <utility>

#include "base/csv.h"
#include "base/hash.h"
#include "expr/number_text.h"
#include "table/parts.h"

namespace batuta::table {
namespace {

expr::Value ValueOf(const Cell& cell) {
  if (const auto* text = std::get_if<std::string_view>(&cell)) return expr::Value::Text(*text);
  if (const auto* number = std::get_if<double>(&cell)) return expr::Value::Double(*number);
  return expr::Value::Bool(std::get<bool>(cell));
}

std::string TextOf(const Cell& cell) {
  if (const auto* text = std::get_if<std::string_view>(&cell)) return std::string(*text);
  if (const auto* number = std::get_if<double>(&cell)) return expr::DoubleText(*number);
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth ? "true" : "false";
  return "";
}

expr::Value NoRow() { return expr::Value::Map(std::span<const expr::Entry>()); }

}  // namespace

absl::StatusOr<std::shared_ptr<const Content>> Content::Make(Head head,
                                                             std::vector<std::string> parts) {
  auto content = std::shared_ptr<Content>(new Content());
  content->head_ = std::move(head);
  content->parts_ = std::move(parts);
  const auto columns = static_cast<size_t>(content->head_.columns_size());
  if (columns == 0) return absl::DataLossError("a table without columns");
  for (uint32_t part = 0; part < content->parts_.size(); ++part) {
    const std::string& bytes = content->parts_[part];
    PartReader reader(bytes, columns);
    Place place{part, 0};
    while (reader.Next()) {
      content->rows_.push_back(place);
      place.offset = static_cast<uint32_t>(bytes.size() - reader.rest().size());
    }
    if (!reader.ok()) return absl::DataLossError("a part of a table's rows is damaged");
  }
  if (content->rows_.size() != content->head_.rows()) {
    return absl::DataLossError("a table has not the rows that were said");
  }
  // At most half full.
  content->slots_.resize(std::bit_ceil(2 * content->rows_.size() + 1));
  for (uint32_t row = 0; row < content->rows_.size(); ++row) {
    uint32_t& slot = content->slots_[content->SlotOf(content->KeyAt(row))];
    if (slot != 0) return absl::DataLossError("a table has a key twice");
    slot = row + 1;
  }
  return content;
}

std::string_view Content::KeyAt(uint32_t row) const {
  return base::ByteReader(From(rows_[row])).Bytes();
}

size_t Content::SlotOf(std::string_view key) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = base::Hash64(key) & mask;
  while (slots_[slot] != 0 && KeyAt(slots_[slot] - 1) != key) slot = (slot + 1) & mask;
  return slot;
}

std::optional<uint32_t> Content::FindRow(std::string_view key) const {
  const uint32_t found = slots_[SlotOf(key)];
  if (found == 0) return std::nullopt;
  return found - 1;
}

expr::Value Content::Find(std::string_view key, expr::Scratch& scratch) const {
  const auto row = FindRow(key);
  if (!row.has_value()) return NoRow();
  const auto columns = static_cast<size_t>(head_.columns_size());
  if (!scratch.Charge(columns + 1)) return expr::Scratch::OverBudget();
  PartReader reader(From(rows_[*row]), columns);
  reader.Next();
  std::vector<expr::Entry> entries;
  entries.reserve(columns);
  const auto add = [&](size_t column, const expr::Value& value) {
    entries.push_back({expr::Value::Text(head_.columns(static_cast<int>(column)).name()), value});
  };
  add(0, expr::Value::Text(reader.key()));
  for (size_t i = 1; i < columns; ++i) {
    const Cell& cell = reader.cells()[i - 1];
    if (!std::holds_alternative<std::monostate>(cell)) add(i, ValueOf(cell));
  }
  return expr::Value::Map(scratch.arena.Copy(std::span<const expr::Entry>(entries)));
}

void Content::AppendNames(std::string& out) const {
  std::vector<std::string_view> names;
  for (const Column& column : head_.columns()) names.push_back(column.name());
  base::AppendCsvRow(names, out);
}

void Content::AppendRow(size_t row, std::string& out) const {
  PartReader reader(From(rows_[row]), static_cast<size_t>(head_.columns_size()));
  reader.Next();
  std::vector<std::string> texts = {std::string(reader.key())};
  for (const Cell& cell : reader.cells()) texts.push_back(TextOf(cell));
  base::AppendCsvRow({texts.begin(), texts.end()}, out);
}

expr::Value Lookup(const Tables& tables, std::string_view table, std::string_view key,
                   expr::Scratch& scratch) {
  if (const auto population = population::PopulationOf(table)) {
    return population::Find(tables.populations, *population, key, scratch);
  }
  const auto found = tables.find(table);
  return found == tables.end() ? NoRow() : found->second->Find(key, scratch);
}

}  // namespace batuta::table
