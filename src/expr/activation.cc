#include "expr/activation.h"

#include <limits>

#include "base/status.h"
#include "base/text.h"
#include "expr/calendar.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr uint64_t kReadBudget = 1'000'000;

Value WrongType() {
  return Value::Error(ErrorCode::kBadArgument, "the value is not of the type that its schema says");
}

Value CoerceInteger(double number, Kind as) {
  const bool is_whole = number > -kTwoTo63 && number < kTwoTo63 &&
                        static_cast<double>(static_cast<int64_t>(number)) == number;
  if (!is_whole || (as == Kind::kUint && number < 0)) return WrongType();
  return as == Kind::kInt ? Value::Int(static_cast<int64_t>(number))
                          : Value::Uint(static_cast<uint64_t>(number));
}

}  // namespace

std::string Attribute::Name() const {
  std::string name = variable;
  for (const std::string& field : fields) name += "." + field;
  return name;
}

std::string LookedUp::Name() const {
  return base::StrCat("lookup(\"", table, "\", \"", key, "\")");
}

Value AttributeSource::Lookup(std::string_view, std::string_view, Scratch&) const {
  return Value::Error(ErrorCode::kUndeclared, "there are no tables here");
}

uint32_t AttributeTable::Intern(const Attribute& attribute) {
  const auto [at, is_new] =
      slots_.try_emplace(attribute, static_cast<uint32_t>(attributes_.size()));
  if (is_new) attributes_.push_back(attribute);
  return at->second;
}

Value VariableSource::Read(const Attribute& attribute, Scratch& scratch) const {
  const auto found = variables_.find(attribute.variable);
  if (found == variables_.end()) {
    return Value::Error(ErrorCode::kAbsent, "the variable has no value");
  }
  Value value = found->second;
  for (const std::string& field : attribute.fields) value = Select(value, field, scratch);
  return value;
}

Value Coerce(const Value& value, Kind as) {
  if (value.kind() == as || value.is_error() || value.Is(Kind::kNull)) return value;
  switch (as) {
    case Kind::kInt:
    case Kind::kUint:
      return value.Is(Kind::kDouble) ? CoerceInteger(value.AsDouble(), as) : WrongType();
    case Kind::kTimestamp:
      return value.Is(Kind::kString) ? ParseTimestamp(value.AsText()) : WrongType();
    case Kind::kDuration:
      return value.Is(Kind::kString) ? ParseDuration(value.AsText()) : WrongType();
    default:
      return value;
  }
}

Activation::Activation(const AttributeTable& table, const AttributeSource& source)
    : table_(table), source_(source) {
  scratch_.Start(kReadBudget);
}

void Activation::Clear() {
  ++epoch_;
  lookups_.clear();
  scratch_.Start(kReadBudget);
}

const LookedUp& Activation::Lookup(std::string_view table, std::string_view key) {
  LookedUp wanted{std::string(table), std::string(key), Value()};
  const auto [at, is_new] = lookups_.try_emplace(wanted.Name(), wanted);
  if (is_new) at->second.row = source_.Lookup(table, key, scratch_);
  return at->second;
}

const Value& Activation::Read(uint32_t slot) {
  BATUTA_CHECK(slot < table_.size());
  if (slot >= slots_.size()) slots_.resize(table_.size());
  const Attribute& attribute = table_.at(slot);
  Value value = source_.ReadSlot(slot, attribute, scratch_);
  if (attribute.as != Kind::kError) value = Coerce(value, attribute.as);
  slots_[slot] = {value, epoch_};
  return slots_[slot].value;
}

}  // namespace batuta::expr
