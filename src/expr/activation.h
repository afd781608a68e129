// Where the values of an evaluation come from: attributes, interned to numbered slots.
//
// An attribute is a variable with the fields that a rule selects from it, "person" + "traits" +
// "country". Many rules share one table, so that what they ask of one person is read once: an
// Activation keeps what was read until Clear.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/scratch.h"
#include "expr/value.h"

namespace batuta::expr {

struct Attribute {
  std::string variable;
  std::vector<std::string> fields;
  // What a number or text of JSON is turned into, as its schema says: kInt, kUint, kTimestamp or
  // kDuration. kError if it stays what it is.
  Kind as = Kind::kError;

  std::string Name() const;  // "person.traits.country"
  friend auto operator<=>(const Attribute&, const Attribute&) = default;
};

// Only grows. Interning must not run beside anything else on the table; reading may.
class AttributeTable {
 public:
  uint32_t Intern(const Attribute& attribute);
  const Attribute& at(uint32_t slot) const { return attributes_[slot]; }
  size_t size() const { return attributes_.size(); }

 private:
  std::deque<Attribute> attributes_;
  std::map<Attribute, uint32_t> slots_;
};

// A row that was looked up in a table.
struct LookedUp {
  std::string table;
  std::string key;
  Value row;  // a map, empty if there is none; or an error

  std::string Name() const;  // lookup("products", "A1")
};

// Reads attributes from somewhere.
class AttributeSource {
 public:
  virtual ~AttributeSource() = default;
  // The value, or an error: of kAbsent if it is not there. What it points to lives until Clear of
  // the activation that asks, or longer. `as` is not its business.
  virtual Value Read(const Attribute& attribute, Scratch& scratch) const = 0;
  // The same, for a source that has looked up beforehand what stands behind each slot.
  virtual Value ReadSlot(uint32_t slot, const Attribute& attribute, Scratch& scratch) const {
    static_cast<void>(slot);
    return Read(attribute, scratch);
  }
  // The row of a table under that key, as a map; an empty one if there is none. Sources without
  // tables give an error. What it points to lives as long as what Read gives.
  virtual Value Lookup(std::string_view table, std::string_view key, Scratch& scratch) const;
};

// A source of variables by name, each a value whose fields are selected.
class VariableSource : public AttributeSource {
 public:
  void Set(std::string name, const Value& value) { variables_[std::move(name)] = value; }
  Value Read(const Attribute& attribute, Scratch& scratch) const override;

 private:
  std::map<std::string, Value, std::less<>> variables_;
};

// Not thread-safe.
class Activation {
 public:
  // Both must live as long as this.
  Activation(const AttributeTable& table, const AttributeSource& source);

  const Value& Load(uint32_t slot) {
    if (slot < slots_.size() && slots_[slot].epoch == epoch_) [[likely]]
      return slots_[slot].value;
    return Read(slot);
  }

  // Asks the source once for each row until Clear. Valid until then.
  const LookedUp& Lookup(std::string_view table, std::string_view key);

  // Forgets what was read: the source has changed.
  void Clear();

 private:
  struct Slot {
    Value value;
    uint64_t epoch = 0;
  };

  const Value& Read(uint32_t slot);

  const AttributeTable& table_;
  const AttributeSource& source_;
  std::vector<Slot> slots_;
  uint64_t epoch_ = 1;
  std::map<std::string, LookedUp, std::less<>> lookups_;  // by Name()
  Scratch scratch_;
};

// A value of JSON as its schema says; an error if it is not of that type.
Value Coerce(const Value& value, Kind as);

}  // namespace batuta::expr
