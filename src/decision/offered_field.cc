#include "decision/offered_field.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/text.h"

namespace batuta::decision {
namespace {

constexpr std::pair<std::string_view, OfferedField> kParts[] = {
    {"name", OfferedField::kName},   {"group", OfferedField::kGroup},
    {"issue", OfferedField::kIssue}, {"class", OfferedField::kClass},
    {"value", OfferedField::kValue}, {"treatment", OfferedField::kTreatment},
    {"cost", OfferedField::kCost},   {"variant", OfferedField::kVariant},
    {"lever", OfferedField::kLever}, {"age", OfferedField::kAge},
    {"left", OfferedField::kLeft},
};

bool IsOfName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

absl::Status NoSuchPart(std::string_view part) {
  std::vector<std::string> known;
  for (const auto& [name, field] : kParts) known.emplace_back(name);
  std::sort(known.begin(), known.end());
  const std::string near = part.empty() ? "" : base::Suggest(part, known);
  if (!near.empty()) {
    return absl::InvalidArgumentError(
        base::StrCat("there is no `action.", part, "`; did you mean `action.", near, "`?"));
  }
  std::string all;
  for (const std::string& name : known) base::StrAppend(&all, all.empty() ? "" : ", ", name);
  return absl::InvalidArgumentError(
      part.empty() ? base::StrCat("say what of the action: ", all)
                   : base::StrCat("there is no `action.", part, "`; there are ", all));
}

}  // namespace

absl::StatusOr<std::optional<OfferedField>> ParseOfferedField(std::string_view text) {
  constexpr std::string_view kAction = "action";
  text = base::TrimAscii(text);
  if (text == "slot") return OfferedField::kSlot;
  if (text == kAction) return NoSuchPart("");
  const bool is_part = text.starts_with("action.") &&
                       std::all_of(text.begin() + kAction.size() + 1, text.end(), IsOfName);
  if (!is_part) return std::nullopt;
  const std::string_view part = text.substr(kAction.size() + 1);
  const auto* found = std::find_if(std::begin(kParts), std::end(kParts),
                                   [&](const auto& one) { return one.first == part; });
  if (found == std::end(kParts)) return NoSuchPart(part);
  return found->second;
}

}  // namespace batuta::decision
