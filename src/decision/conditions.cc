#include "decision/conditions.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::decision {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"eq", "ne", "lt",     "le",     "gt",
                                                    "ge", "in", "exists", "missing"};

Truth FromBool(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

bool MatchesAny(const base::Value& value, const std::vector<base::Value>& expected) {
  return std::any_of(expected.begin(), expected.end(),
                     [&](const base::Value& one) { return base::Equal(value, one); });
}

// Whether the value, or any element if it is a list, is among those expected. Unknown if a sealed
// value might have been.
Truth IsAmong(const base::Value& value, const std::vector<base::Value>& expected) {
  if (value.has_sealed()) return Truth::kUnknown;
  if (MatchesAny(value, expected)) return Truth::kTrue;
  if (!value.has_list()) return Truth::kFalse;
  bool sealed = false;
  for (const base::Value& element : value.list().values()) {
    if (MatchesAny(element, expected)) return Truth::kTrue;
    sealed = sealed || element.has_sealed();
  }
  return sealed ? Truth::kUnknown : Truth::kFalse;
}

Truth Not(Truth truth) {
  if (truth == Truth::kUnknown) return truth;
  return FromBool(truth == Truth::kFalse);
}

// The order of two numbers or two texts; none if they are not of one such type.
std::optional<int> Order(const base::Value& a, const base::Value& b) {
  const bool numbers = a.has_number() && b.has_number();
  const bool texts = a.has_text() && b.has_text();
  if (!numbers && !texts) return std::nullopt;
  return base::Compare(a, b);
}

Truth HoldsInOrder(Comparison comparison, std::optional<int> order) {
  if (!order) return Truth::kUnknown;
  switch (comparison) {
    case Comparison::kLt:
      return FromBool(*order < 0);
    case Comparison::kLe:
      return FromBool(*order <= 0);
    case Comparison::kGt:
      return FromBool(*order > 0);
    default:
      return FromBool(*order >= 0);
  }
}

}  // namespace

std::string_view ComparisonName(Comparison comparison) {
  return kNames[static_cast<size_t>(comparison)];
}

Comparison ParseComparison(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  BATUTA_CHECK(found != kNames.end(), base::StrCat("no comparison is called ", name));
  return static_cast<Comparison>(found - kNames.begin());
}

Truth Holds(const Condition& condition, const base::Value* value) {
  const bool present = value != nullptr && !base::IsNull(*value);
  if (condition.comparison == Comparison::kExists) return FromBool(present);
  if (condition.comparison == Comparison::kMissing) return FromBool(!present);
  BATUTA_CHECK(!condition.values.empty() || condition.comparison == Comparison::kIn);
  if (!present) return Truth::kUnknown;
  switch (condition.comparison) {
    case Comparison::kEq:
    case Comparison::kIn:
      return IsAmong(*value, condition.values);
    case Comparison::kNe:
      return Not(IsAmong(*value, condition.values));
    default:
      return HoldsInOrder(condition.comparison, Order(*value, condition.values.front()));
  }
}

}  // namespace batuta::decision
