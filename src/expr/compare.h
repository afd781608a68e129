// When two values are equal, and which comes first.
//
// Numbers of different types compare by value, an integer being rounded to a double when it meets
// one. NaN equals nothing. Other values of different types are unequal and have no order.
#pragma once

#include <optional>

#include "expr/value.h"

namespace batuta::expr {

// Requires: neither is an error. An error within a list or map (a sealed value) equals nothing.
bool Equal(const Value& a, const Value& b);

enum class Order { kLess, kEqual, kGreater, kNone };  // kNone: NaN

// Nothing if values of these types have no order.
std::optional<Order> Compare(const Value& a, const Value& b);

// The value that a map has for a key; an error if there is none or it cannot be a key.
Value FindKey(const Value& map, const Value& key);

// If it can be a key of a map: a bool, int, uint or text.
bool IsKey(const Value& value);

}  // namespace batuta::expr
