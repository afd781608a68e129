#include "expr/type.h"

#include <array>

#include "base/text.h"

namespace batuta::expr {

Type Type::Object(std::shared_ptr<const ObjectSchema> schema) {
  Type type(Tag::kObject);
  type.schema_ = std::move(schema);
  return type;
}

Type Type::Parameter(char letter) {
  Type type(Tag::kParameter);
  type.letter_ = letter;
  return type;
}

Type Type::parameter(size_t index) const {
  if (parameters_ == nullptr || index >= parameters_->size()) return Type();
  return (*parameters_)[index];
}

Kind Type::kind() const {
  switch (tag_) {
    case Tag::kNull:
      return Kind::kNull;
    case Tag::kBool:
      return Kind::kBool;
    case Tag::kInt:
      return Kind::kInt;
    case Tag::kUint:
      return Kind::kUint;
    case Tag::kDouble:
      return Kind::kDouble;
    case Tag::kString:
      return Kind::kString;
    case Tag::kBytes:
      return Kind::kBytes;
    case Tag::kTimestamp:
      return Kind::kTimestamp;
    case Tag::kDuration:
      return Kind::kDuration;
    case Tag::kList:
      return Kind::kList;
    case Tag::kMap:
    case Tag::kObject:
      return Kind::kMap;
    case Tag::kType:
      return Kind::kType;
    case Tag::kOptional:
      return Kind::kOptional;
    case Tag::kDyn:
    case Tag::kParameter:
      break;
  }
  return Kind::kError;
}

std::string Type::Name() const {
  switch (tag_) {
    case Tag::kDyn:
      return "dyn";
    case Tag::kNull:
      return "null";
    case Tag::kTimestamp:
      return "timestamp";
    case Tag::kDuration:
      return "duration";
    case Tag::kList:
      return base::StrCat("list(", parameter(0).Name(), ")");
    case Tag::kMap:
      return base::StrCat("map(", parameter(0).Name(), ", ", parameter(1).Name(), ")");
    case Tag::kOptional:
      return base::StrCat("optional(", parameter(0).Name(), ")");
    case Tag::kObject:
      return schema_->name.empty() ? "object" : schema_->name;
    case Tag::kParameter:
      return std::string(1, letter_);
    default:
      return std::string(TypeName(kind()));
  }
}

bool operator==(const Type& a, const Type& b) {
  if (a.tag_ != b.tag_ || a.letter_ != b.letter_ || a.schema_ != b.schema_) return false;
  switch (a.tag_) {
    case Type::Tag::kMap:
      return a.parameter(0) == b.parameter(0) && a.parameter(1) == b.parameter(1);
    case Type::Tag::kList:
    case Type::Tag::kOptional:
      return a.parameter(0) == b.parameter(0);
    default:
      return true;
  }
}

const ObjectField* ObjectSchema::Find(std::string_view wanted) const {
  for (const ObjectField& field : fields) {
    if (field.name == wanted) return &field;
  }
  return nullptr;
}

bool IsAssignable(const Type& from, const Type& to) {
  using Tag = Type::Tag;
  if (from.Is(Tag::kDyn) || to.Is(Tag::kDyn) || from.Is(Tag::kNull) || to.Is(Tag::kNull))
    return true;
  if (from.Is(Tag::kParameter) || to.Is(Tag::kParameter)) return true;
  if (from.kind() != to.kind()) return false;
  if (from.Is(Tag::kMap) && to.Is(Tag::kMap)) {
    return IsAssignable(from.parameter(0), to.parameter(0)) &&
           IsAssignable(from.parameter(1), to.parameter(1));
  }
  if (from.Is(Tag::kList) || from.Is(Tag::kOptional)) {
    return IsAssignable(from.parameter(0), to.parameter(0));
  }
  return true;
}

bool IsComparable(const Type& a, const Type& b) {
  return IsAssignable(a, b) || (a.is_number() && b.is_number());
}

Type Join(const Type& a, const Type& b) {
  if (a == b) return a;
  if (a.Is(Type::Tag::kNull)) return b;
  if (b.Is(Type::Tag::kNull)) return a;
  if (a.tag() == b.tag()) {
    if (a.Is(Type::Tag::kList)) return Type::List(Join(a.parameter(0), b.parameter(0)));
    if (a.Is(Type::Tag::kOptional)) return Type::Optional(Join(a.parameter(0), b.parameter(0)));
    if (a.Is(Type::Tag::kMap)) {
      return Type::Map(Join(a.parameter(0), b.parameter(0)), Join(a.parameter(1), b.parameter(1)));
    }
  }
  return Type();
}

}  // namespace batuta::expr
