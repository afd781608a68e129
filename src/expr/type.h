// Static types: what the checker knows of an expression before it is evaluated.
//
// `dyn` stands for anything; a list, map or optional has the types of what it holds. An object is a
// map with text keys whose fields are declared; if it is open, others are dyn. Immutable, shared,
// cheap to copy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/value.h"

namespace batuta::expr {

struct ObjectSchema;

class Type {
 public:
  enum class Tag : uint8_t {
    kDyn,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kList,
    kMap,
    kType,
    kOptional,
    kObject,
    kParameter,
  };

  Type() = default;             // dyn
  Type(Tag tag) : tag_(tag) {}  // NOLINT: a tag alone is a type
  static Type List(Type element) { return Type(Tag::kList, {std::move(element)}); }
  static Type Map(Type key, Type value) {
    return Type(Tag::kMap, {std::move(key), std::move(value)});
  }
  static Type Optional(Type value) { return Type(Tag::kOptional, {std::move(value)}); }
  static Type Object(std::shared_ptr<const ObjectSchema> schema);
  // A type that a signature leaves open: all places of one letter have the same.
  static Type Parameter(char letter);

  Tag tag() const { return tag_; }
  bool Is(Tag tag) const { return tag_ == tag; }
  bool is_number() const { return tag_ == Tag::kInt || tag_ == Tag::kUint || tag_ == Tag::kDouble; }
  // Of a list, map or optional; dyn if it was not said.
  Type parameter(size_t index) const;
  const ObjectSchema* schema() const { return schema_.get(); }
  char letter() const { return letter_; }

  // The kind of its values; kError stands for any.
  Kind kind() const;

  // "list(string)".
  std::string Name() const;

  friend bool operator==(const Type& a, const Type& b);

 private:
  Type(Tag tag, std::vector<Type> parameters)
      : tag_(tag), parameters_(std::make_shared<const std::vector<Type>>(std::move(parameters))) {}

  Tag tag_ = Tag::kDyn;
  char letter_ = 0;
  std::shared_ptr<const std::vector<Type>> parameters_;
  std::shared_ptr<const ObjectSchema> schema_;
};

struct ObjectField {
  std::string name;
  Type type;
  // If not empty the field must not be read by this rule, and this says why and what to read
  // instead: "`email` is sealed; use `has_email`".
  std::string refusal;
};

struct ObjectSchema {
  std::string name;  // for messages: "person.traits"
  std::vector<ObjectField> fields;
  bool is_open = true;

  const ObjectField* Find(std::string_view name) const;
};

// If values of type `from` may stand where `to` is wanted. dyn goes with everything; so does null,
// as JSON has it everywhere.
bool IsAssignable(const Type& from, const Type& to);

// If values of these types may be compared: those that are assignable, and all numbers.
bool IsComparable(const Type& a, const Type& b);

// The type of either: dyn if they differ.
Type Join(const Type& a, const Type& b);

}  // namespace batuta::expr
