#include "population/measures.h"

#include <array>
#include <span>

#include "base/text.h"
#include "expr/number_text.h"
#include "population/cut_points.h"

namespace batuta::population {
namespace {

using expr::Entry;
using expr::Value;

constexpr std::string_view kPrefix = "population/";

Value Row(std::span<const Entry> entries, expr::Scratch& scratch) {
  if (!scratch.Charge(entries.size() + 1)) return expr::Scratch::OverBudget();
  return Value::Map(scratch.arena.Copy(entries));
}

Value Nothing() { return Value::Map(std::span<const Entry>()); }

}  // namespace

std::string TableOf(std::string_view population) { return base::StrCat(kPrefix, population); }

std::optional<std::string_view> PopulationOf(std::string_view table) {
  if (!table.starts_with(kPrefix)) return std::nullopt;
  return table.substr(kPrefix.size());
}

std::string StandingKey(double value) { return expr::DoubleText(value); }

std::string TopKey(double value, uint64_t n) {
  return base::StrCat(expr::DoubleText(value), "/", n);
}

Value Find(const Measures& measures, std::string_view population, std::string_view key,
           expr::Scratch& scratch) {
  const auto found = measures.find(population);
  if (found == measures.end() || found->second->cuts().empty()) return Nothing();
  const Version& version = *found->second;
  const size_t slash = key.find('/');
  const auto value = expr::ParseDouble(key.substr(0, slash));
  if (!value.has_value()) return Nothing();
  if (slash == key.npos) {
    const int percentile = PercentileOf(version, *value);
    const std::array<Entry, 2> row = {
        {{Value::Text("percentile"), Value::Double(percentile)},
         {Value::Text("quintile"), Value::Double(QuintileOf(percentile))}}};
    return Row(row, scratch);
  }
  const auto n = expr::ParseUint(key.substr(slash + 1));
  const Top* top = n.has_value() ? FindTop(version, *n) : nullptr;
  if (top == nullptr) return Nothing();
  const std::array<Entry, 2> row = {
      {{Value::Text("top"), Value::Bool(IsAmong(version, *top, *value))},
       {Value::Text("value"), Value::Double(top->value())}}};
  return Row(row, scratch);
}

}  // namespace batuta::population
