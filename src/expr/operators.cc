// Selection, indexing and what is built of values.
#include "expr/operators.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "expr/compare.h"

namespace batuta::expr {
namespace {

constexpr uint32_t kSmallMap = 16;

// The place in a list: an int, a uint or a double that is whole.
Value IndexList(const Value& list, const Value& index) {
  int64_t at = -1;
  if (index.Is(Kind::kInt)) {
    at = index.AsInt();
  } else if (index.Is(Kind::kUint)) {
    at = index.AsUint() > UINT32_MAX ? -1 : static_cast<int64_t>(index.AsUint());
  } else if (index.Is(Kind::kDouble)) {
    const double number = index.AsDouble();
    if (std::trunc(number) != number) {
      return Value::Error(ErrorCode::kBadArgument, "a place in a list must be whole");
    }
    if (number >= 0 && number <= UINT32_MAX) at = static_cast<int64_t>(number);
  } else {
    return NoOverload();
  }
  if (at < 0 || at >= list.size()) {
    return Value::Error(ErrorCode::kBadIndex, "the list has no such place");
  }
  return list.Element(static_cast<uint32_t>(at));
}

// Nothing is in null: a rule that looks there is unknown, as with an absent field.
Value InNull() { return Value::Error(ErrorCode::kAbsent, "what should hold it is null"); }

Value IndexPlain(const Value& operand, const Value& index, Scratch& scratch) {
  if (operand.Is(Kind::kNull)) return InNull();
  if (operand.Is(Kind::kList)) return IndexList(operand, index);
  if (!operand.Is(Kind::kMap)) return NoOverload();
  if (!scratch.Charge(operand.size() / 4 + 1)) return Scratch::OverBudget();
  return FindKey(operand, index);
}

// An order of keys in which equal ones are neighbours: by class, then by value.
bool KeyBefore(const Value* a, const Value* b) {
  const auto rank = [](const Value& key) {
    return key.Is(Kind::kString) ? 2 : key.Is(Kind::kBool);
  };
  if (rank(*a) != rank(*b)) return rank(*a) < rank(*b);
  return Compare(*a, *b) == Order::kLess;
}

bool HasKeyTwice(std::span<const Entry> entries) {
  if (entries.size() <= kSmallMap) {
    for (size_t i = 1; i < entries.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (Equal(entries[i].key, entries[j].key)) return true;
      }
    }
    return false;
  }
  std::vector<const Value*> keys;
  keys.reserve(entries.size());
  for (const Entry& entry : entries) keys.push_back(&entry.key);
  std::sort(keys.begin(), keys.end(), KeyBefore);
  return std::adjacent_find(keys.begin(), keys.end(), [](const Value* a, const Value* b) {
           return Equal(*a, *b);
         }) != keys.end();
}

}  // namespace

bool ChargeWeight(const Value& value, Scratch& scratch) {
  switch (value.kind()) {
    case Kind::kString:
    case Kind::kBytes:
      return scratch.Charge(1 + value.AsText().size() / 64);
    case Kind::kOptional:
      return scratch.Charge(1) &&
             (value.optional() == nullptr || ChargeWeight(*value.optional(), scratch));
    case Kind::kList: {
      if (!scratch.Charge(1)) return false;
      for (uint32_t i = 0; i < value.size(); ++i) {
        if (!ChargeWeight(value.Element(i), scratch)) return false;
      }
      return true;
    }
    case Kind::kMap: {
      // Each key is looked for among all the others.
      if (!scratch.Charge(1 + uint64_t{value.size()} * value.size() / 4)) return false;
      for (uint32_t i = 0; i < value.size(); ++i) {
        if (!ChargeWeight(value.Held(i), scratch)) return false;
      }
      return true;
    }
    default:
      return scratch.Charge(1);
  }
}

Value ToOptional(const Value& value, Scratch& scratch) {
  if (!value.is_error()) return Value::Some(scratch.arena.New(value));
  const bool is_missing = value.code() == ErrorCode::kBadIndex ||
                          (value.code() == ErrorCode::kAbsent && value.is_last());
  return is_missing ? Value::None() : value;
}

Value Select(const Value& operand, std::string_view field, Scratch& scratch) {
  if (operand.Is(Kind::kMap)) return operand.Field(field);
  if (operand.Is(Kind::kOptional)) return SelectOptional(operand, field, scratch);
  if (operand.Is(Kind::kNull)) return InNull();
  if (!operand.is_error()) return NoOverload();
  if (operand.code() != ErrorCode::kAbsent) return operand;
  return Value::Error(ErrorCode::kAbsent, operand.detail(), false).At(operand.at());
}

Value HasField(const Value& operand, std::string_view field) {
  if (operand.Is(Kind::kOptional)) {
    return operand.optional() == nullptr ? Value::Bool(false)
                                         : HasField(*operand.optional(), field);
  }
  if (operand.is_error()) return operand;
  if (operand.Is(Kind::kNull)) return InNull();
  if (!operand.Is(Kind::kMap)) return NoOverload();
  const Value value = operand.Field(field);
  return Value::Bool(!value.is_error() || value.code() != ErrorCode::kAbsent);
}

Value SelectOptional(const Value& operand, std::string_view field, Scratch& scratch) {
  if (operand.is_error()) return Select(operand, field, scratch);
  if (!operand.Is(Kind::kOptional)) return ToOptional(Select(operand, field, scratch), scratch);
  if (operand.optional() == nullptr) return operand;
  return SelectOptional(*operand.optional(), field, scratch);
}

Value Index(const Value& operand, const Value& index, Scratch& scratch) {
  if (operand.is_error()) return operand;
  if (index.is_error()) return index;
  if (operand.Is(Kind::kOptional)) return IndexOptional(operand, index, scratch);
  return IndexPlain(operand, index, scratch);
}

Value IndexOptional(const Value& operand, const Value& index, Scratch& scratch) {
  if (operand.is_error()) return operand;
  if (index.is_error()) return index;
  if (!operand.Is(Kind::kOptional)) {
    return ToOptional(IndexPlain(operand, index, scratch), scratch);
  }
  if (operand.optional() == nullptr) return operand;
  return IndexOptional(*operand.optional(), index, scratch);
}

Value MakeMap(std::span<const Entry> entries, Scratch& scratch) {
  for (const Entry& entry : entries) {
    if (entry.key.is_error()) return entry.key;
    if (entry.value.is_error()) return entry.value;
  }
  for (const Entry& entry : entries) {
    if (!IsKey(entry.key)) {
      return Value::Error(ErrorCode::kNoOverload, "values of this type are no keys of maps");
    }
  }
  if (!scratch.Charge(entries.size() * 2)) return Scratch::OverBudget();
  if (HasKeyTwice(entries)) return Value::Error(ErrorCode::kBadArgument, "a key is there twice");
  return Value::Map(scratch.arena.Copy(entries));
}

}  // namespace batuta::expr
