// The operators of the language over values: strict, so an operand that is an error is the result.
//
// `&&`, `||` and `?:` are not here, as they do not evaluate all operands: see evaluate.cc.
#pragma once

#include <string_view>

#include "expr/ast.h"
#include "expr/scratch.h"
#include "expr/value.h"

namespace batuta::expr {

Value Not(const Value& operand);
Value Negate(const Value& operand);

// Requires: `op` is a binary operator other than && and ||.
Value Apply(Operator op, const Value& a, const Value& b, Scratch& scratch);

// operand.field; through an optional it gives an optional, and null has none.
Value Select(const Value& operand, std::string_view field, Scratch& scratch);
// has(operand.field).
Value HasField(const Value& operand, std::string_view field);
// operand.?field.
Value SelectOptional(const Value& operand, std::string_view field, Scratch& scratch);

// operand[index] and operand[?index].
Value Index(const Value& operand, const Value& index, Scratch& scratch);
Value IndexOptional(const Value& operand, const Value& index, Scratch& scratch);

// An absent value as none, another error as itself, a value as an optional of it.
Value ToOptional(const Value& value, Scratch& scratch);

// The map of these entries, copied to the arena; an error if a key is wrong or is there twice.
Value MakeMap(std::span<const Entry> entries, Scratch& scratch);

inline Value NoOverload() {
  return Value::Error(ErrorCode::kNoOverload, "not for values of these types");
}

// Charges what looking at all that a value holds costs. False if that is too much. What is held
// twice is charged twice: a few steps can make a value that is enormous when it is walked through.
bool ChargeWeight(const Value& value, Scratch& scratch);

// Timestamps between the years 1 and 9999, else an error.
Value CheckedTimestamp(int64_t seconds, int64_t nanos);

}  // namespace batuta::expr
