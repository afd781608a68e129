#include "profile/statement_text.h"

#include <algorithm>

#include "base/text.h"
#include "base/value.h"

namespace batuta::profile {
namespace {

constexpr size_t kMaxNameBytes = 100;

bool IsAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool MayStandInName(char c) { return IsAlphanumeric(c) || c == '.' || c == '_' || c == '-'; }

}  // namespace

std::optional<std::string> NormaliseName(std::string_view text) {
  std::string name = base::LowerAscii(base::TrimAscii(text));
  std::replace(name.begin(), name.end(), ' ', '-');
  if (name.empty() || name.size() > kMaxNameBytes || !IsAlphanumeric(name.front()) ||
      !std::all_of(name.begin(), name.end(), MayStandInName)) {
    return std::nullopt;
  }
  return name;
}

std::optional<std::string> NameIn(const base::Fields& fields, std::string_view field) {
  const base::Value* value = base::Find(fields, field);
  if (value == nullptr || base::IsNull(*value)) return std::string();
  if (value->kind_case() != base::Value::kText) return std::nullopt;
  if (base::TrimAscii(value->text()).empty()) return std::string();
  return NormaliseName(value->text());
}

}  // namespace batuta::profile
