// Message literals of the well-known types that stand for plain values: `google.protobuf.Value`,
// `Struct`, `ListValue`, the wrappers, `Timestamp` and `Duration`. There are no other messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/scratch.h"
#include "expr/value.h"

namespace batuta::expr {

struct MessageShape {
  std::string type;  // "google.protobuf.Value"
  std::vector<std::string> fields;
  std::vector<bool> optional;  // of each field, if it was written with ?
};

bool IsMessageType(std::string_view name);
bool HasMessageField(std::string_view type, std::string_view field);

// The value that the literal stands for. Requires: a type and fields that there are, a value each.
Value MakeMessage(const MessageShape& shape, std::span<const Value> values, Scratch& scratch);

}  // namespace batuta::expr
