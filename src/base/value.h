// Values of traits, properties and context: making, finding, comparing and hashing them.
//
// A Value without a kind counts as null. A sealed value is known here only by the keyed hash of its
// plaintext: two sealed values are equal when those hashes are, whatever their boxes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/value.pb.h"

namespace batuta::base {

Value TextValue(std::string_view text);
Value NumberValue(double number);
Value BooleanValue(bool boolean);
Value NullValue();

bool IsNull(const Value& value);

// The value of a field, or null if there is none. The pointer lives as long as `fields` is
// unchanged.
const Value* Find(const Fields& fields, std::string_view name);
Value* FindMutable(Fields& fields, std::string_view name);

// "address.city": follows objects. A field whose own name has the dots is found first. Null if a
// step is missing or is not an object.
const Value* FindPath(const Fields& fields, std::string_view path);

// Sets or adds a field.
void SetField(Fields& fields, std::string_view name, Value value);

// A total order: null, booleans, numbers (NaN first, -0 equal to 0), texts by bytes, lists element
// by element, objects by their fields sorted by name, sealed values by their hash. Less than, equal
// to or greater than 0.
int Compare(const Value& a, const Value& b);
bool Equal(const Value& a, const Value& b);

// Equal values have equal hashes; the order of fields has no part in it.
Id128 CanonicalHash(const Value& value);
Id128 CanonicalHash(const Fields& fields);

// The bytes that CanonicalHash is over: one form per value, for keyed hashes and signatures.
std::string CanonicalBytes(const Value& value);

}  // namespace batuta::base
