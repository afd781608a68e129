#include "base/value.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/hash.h"

namespace batuta::base {
namespace {

// The place of each kind in the total order, and its mark in the canonical bytes: never renumber.
enum class Rank : uint8_t { kNull, kBoolean, kNumber, kText, kList, kObject, kSealed };

Rank RankOf(const Value& value) {
  switch (value.kind_case()) {
    case Value::kBoolean:
      return Rank::kBoolean;
    case Value::kNumber:
      return Rank::kNumber;
    case Value::kText:
      return Rank::kText;
    case Value::kList:
      return Rank::kList;
    case Value::kObject:
      return Rank::kObject;
    case Value::kSealed:
      return Rank::kSealed;
    case Value::kNull:
    case Value::KIND_NOT_SET:
      break;
  }
  return Rank::kNull;
}

template <typename T>
int ThreeWay(const T& a, const T& b) {
  if (a < b) return -1;
  return b < a ? 1 : 0;
}

int CompareNumbers(double a, double b) {
  const bool a_is_nan = a != a;
  const bool b_is_nan = b != b;
  if (a_is_nan || b_is_nan) return ThreeWay(b_is_nan, a_is_nan);
  return ThreeWay(a, b);
}

std::vector<const Field*> SortedByName(const Fields& fields) {
  std::vector<const Field*> sorted;
  sorted.reserve(static_cast<size_t>(fields.fields_size()));
  for (const Field& field : fields.fields()) sorted.push_back(&field);
  std::sort(sorted.begin(), sorted.end(),
            [](const Field* a, const Field* b) { return a->name() < b->name(); });
  return sorted;
}

int CompareLists(const ValueList& a, const ValueList& b) {
  for (int i = 0; i < std::min(a.values_size(), b.values_size()); ++i) {
    if (const int order = Compare(a.values(i), b.values(i)); order != 0) return order;
  }
  return ThreeWay(a.values_size(), b.values_size());
}

int CompareObjects(const Fields& a, const Fields& b) {
  const std::vector<const Field*> a_sorted = SortedByName(a);
  const std::vector<const Field*> b_sorted = SortedByName(b);
  for (size_t i = 0; i < std::min(a_sorted.size(), b_sorted.size()); ++i) {
    if (const int order = ThreeWay(a_sorted[i]->name(), b_sorted[i]->name()); order != 0) {
      return order;
    }
    if (const int order = Compare(a_sorted[i]->value(), b_sorted[i]->value()); order != 0) {
      return order;
    }
  }
  return ThreeWay(a_sorted.size(), b_sorted.size());
}

void WriteCanonical(const Value& value, ByteWriter& writer);

void WriteCanonical(const Fields& fields, ByteWriter& writer) {
  writer.U8(static_cast<uint8_t>(Rank::kObject));
  writer.Varint(static_cast<uint64_t>(fields.fields_size()));
  for (const Field* field : SortedByName(fields)) {
    writer.Bytes(field->name());
    WriteCanonical(field->value(), writer);
  }
}

void WriteCanonical(const Value& value, ByteWriter& writer) {
  const Rank rank = RankOf(value);
  if (rank == Rank::kObject) return WriteCanonical(value.object(), writer);
  writer.U8(static_cast<uint8_t>(rank));
  switch (rank) {
    case Rank::kNull:
    case Rank::kObject:
      break;
    case Rank::kBoolean:
      writer.U8(value.boolean() ? 1 : 0);
      break;
    case Rank::kNumber:
      writer.Double(value.number());
      break;
    case Rank::kText:
      writer.Bytes(value.text());
      break;
    case Rank::kList:
      writer.Varint(static_cast<uint64_t>(value.list().values_size()));
      for (const Value& element : value.list().values()) WriteCanonical(element, writer);
      break;
    case Rank::kSealed:
      writer.Bytes(value.sealed().equality());
      break;
  }
}

}  // namespace

Value TextValue(std::string_view text) {
  Value value;
  value.set_text(std::string(text));
  return value;
}

Value NumberValue(double number) {
  Value value;
  value.set_number(number);
  return value;
}

Value BooleanValue(bool boolean) {
  Value value;
  value.set_boolean(boolean);
  return value;
}

Value NullValue() {
  Value value;
  value.set_null(true);
  return value;
}

bool IsNull(const Value& value) { return RankOf(value) == Rank::kNull; }

const Value* Find(const Fields& fields, std::string_view name) {
  for (const Field& field : fields.fields()) {
    if (field.name() == name) return &field.value();
  }
  return nullptr;
}

Value* FindMutable(Fields& fields, std::string_view name) {
  for (Field& field : *fields.mutable_fields()) {
    if (field.name() == name) return field.mutable_value();
  }
  return nullptr;
}

const Value* FindPath(const Fields& fields, std::string_view path) {
  if (const Value* value = Find(fields, path); value != nullptr) return value;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const Value* step = Find(fields, path.substr(0, dot));
    if (step == nullptr || !step->has_object()) continue;
    const Value* value = FindPath(step->object(), path.substr(dot + 1));
    if (value != nullptr) return value;
  }
  return nullptr;
}

void SetField(Fields& fields, std::string_view name, Value value) {
  if (Value* existing = FindMutable(fields, name); existing != nullptr) {
    *existing = std::move(value);
    return;
  }
  Field* field = fields.add_fields();
  field->set_name(std::string(name));
  *field->mutable_value() = std::move(value);
}

int Compare(const Value& a, const Value& b) {
  const Rank rank = RankOf(a);
  if (rank != RankOf(b)) return ThreeWay(rank, RankOf(b));
  switch (rank) {
    case Rank::kNull:
      return 0;
    case Rank::kBoolean:
      return ThreeWay(a.boolean(), b.boolean());
    case Rank::kNumber:
      return CompareNumbers(a.number(), b.number());
    case Rank::kText:
      return ThreeWay(a.text(), b.text());
    case Rank::kList:
      return CompareLists(a.list(), b.list());
    case Rank::kObject:
      return CompareObjects(a.object(), b.object());
    case Rank::kSealed:
      return ThreeWay(a.sealed().equality(), b.sealed().equality());
  }
  return 0;
}

bool Equal(const Value& a, const Value& b) { return Compare(a, b) == 0; }

std::string CanonicalBytes(const Value& value) {
  ByteWriter writer;
  WriteCanonical(value, writer);
  return writer.Take();
}

Id128 CanonicalHash(const Value& value) { return Hash128(CanonicalBytes(value)); }

Id128 CanonicalHash(const Fields& fields) {
  ByteWriter writer;
  WriteCanonical(fields, writer);
  return Hash128(writer.bytes());
}

}  // namespace batuta::base
