// What predictors can read of what is offered, and how definitions name it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace batuta::decision {

enum class OfferedField : uint8_t {
  kName,
  kGroup,
  kIssue,
  kClass,
  kTreatment,
  kVariant,
  kValue,
  kCost,
  kLever,
  kAge,   // days since the action began
  kLeft,  // days until it ends
  kSlot,  // from 1 on
};

// The field that the whole text names: "action.group", "slot". None if it names no part of an
// action, so that it is to be read as an expression. InvalidArgument if there is no such part.
absl::StatusOr<std::optional<OfferedField>> ParseOfferedField(std::string_view text);

}  // namespace batuta::decision
