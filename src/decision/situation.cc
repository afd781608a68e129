#include "decision/situation.h"

#include <string>

#include "expr/operators.h"
#include "rule/explain.h"
#include "rule/person.h"

namespace batuta::decision {

expr::Value Situation::Read(const expr::Attribute& attribute, expr::Scratch& scratch) const {
  if (attribute.variable == "now") return rule::TimeValue(now_.micros);
  if (attribute.variable == "context" && context_ != nullptr) {
    return Record(attribute, Context(attribute, scratch));
  }
  return Record(attribute, person_.Read(attribute, scratch));
}

expr::Value Situation::ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                                expr::Scratch& scratch) const {
  const bool is_of_person = attribute.variable == "person" || attribute.variable == "feature";
  if (!is_of_person) return Read(attribute, scratch);
  return Record(attribute, person_.ReadSlot(slot, attribute, scratch));
}

expr::Value Situation::Context(const expr::Attribute& attribute, expr::Scratch& scratch) const {
  expr::Value value = expr::Value::OfJson(*context_);
  for (const std::string& field : attribute.fields) value = expr::Select(value, field, scratch);
  return value;
}

// The value as it was read, before it is turned into what its type says: a replay turns it again.
expr::Value Situation::Record(const expr::Attribute& attribute, const expr::Value& value) const {
  *trace_.add_values() = rule::SeenOf(rule::NameIn(texts_, attribute.Name()), value);
  return value;
}

}  // namespace batuta::decision
