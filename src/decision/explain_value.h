// Explanations being put together, as JSON. Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.h"
#include "decision/decision.pb.h"
#include "decision/explain.h"

namespace batuta::decision {

// An object being written, member by member.
class Object {
 public:
  Object& Add(std::string_view name, base::Value value) {
    base::Field& field = *value_.mutable_object()->add_fields();
    field.set_name(std::string(name));
    *field.mutable_value() = std::move(value);
    return *this;
  }
  Object& Add(std::string_view name, std::string_view text) {
    return Add(name, base::TextValue(text));
  }
  Object& Add(std::string_view name, const std::string& text) {
    return Add(name, base::TextValue(text));
  }
  Object& Add(std::string_view name, const char* text) { return Add(name, base::TextValue(text)); }
  Object& Add(std::string_view name, double number) { return Add(name, base::NumberValue(number)); }
  base::Value Take() {
    value_.mutable_object();
    return std::move(value_);
  }

 private:
  base::Value value_;
};

class List {
 public:
  List() { value_.mutable_list(); }
  void Add(base::Value value) { *value_.mutable_list()->add_values() = std::move(value); }
  base::Value Take() { return std::move(value_); }

 private:
  base::Value value_;
};

// What became of the candidate with that index in the trace.
base::Value ConsideredEntry(size_t index, const Decision& decision, Language language);

// Of a decision that another system made: what could have been chosen, and a sentence.
base::Value ImportedCandidates(const Decision& decision);
std::string ImportedSummary(const Decision& decision, Language language);

}  // namespace batuta::decision
