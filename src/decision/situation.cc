#include "decision/situation.h"

#include <string>
#include <utility>

#include "expr/operators.h"
#include "rule/explain.h"
#include "rule/person.h"

namespace batuta::decision {

expr::Value Situation::Read(const expr::Attribute& attribute, expr::Scratch& scratch) const {
  if (attribute.variable == "now") return rule::TimeValue(now_.micros);
  if (attribute.variable == "context" && context_ != nullptr) {
    return Record(NameOf(attribute), Context(attribute, scratch));
  }
  return Record(NameOf(attribute), person_.Read(attribute, scratch));
}

expr::Value Situation::ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                                expr::Scratch& scratch) const {
  const bool is_of_person = attribute.variable == "person" || attribute.variable == "feature";
  if (!is_of_person) return Read(attribute, scratch);
  return Record(NameOf(attribute), person_.ReadSlot(slot, attribute, scratch));
}

expr::Value Situation::Lookup(std::string_view table, std::string_view key,
                              expr::Scratch& scratch) const {
  const expr::LookedUp looked_up{std::string(table), std::string(key), {}};
  return Record(looked_up.Name(), person_.Lookup(table, key, scratch));
}

expr::Value Situation::Context(const expr::Attribute& attribute, expr::Scratch& scratch) const {
  expr::Value value = expr::Value::OfJson(*context_);
  for (const std::string& field : attribute.fields) value = expr::Select(value, field, scratch);
  return value;
}

std::string Situation::NameOf(const expr::Attribute& attribute) const {
  return rule::NameIn(texts_, attribute.Name());
}

// The value as it was read, before it is turned into what its type says: a replay turns it again.
expr::Value Situation::Record(std::string path, const expr::Value& value) const {
  if (trace_ != nullptr) *trace_->add_values() = rule::SeenOf(std::move(path), value);
  return value;
}

}  // namespace batuta::decision
