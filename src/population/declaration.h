// What a resource of kind `population` declares: of which number people are ordered, who counts,
// and when it is measured.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "population/schedule.h"
#include "resource/set.h"

namespace batuta::population {

struct Declaration {
  std::string name;
  std::string feature;  // the name of one; or else
  std::string trait;    // that of a trait; "address.floor" follows objects
  std::string where;    // a rule, of who counts; "" for everybody of whom the number is known
  bool reversed = false;
  Schedule schedule;

  // What is read of a person: the variable, and the names that lead to the number.
  std::string variable() const { return feature.empty() ? "person" : "feature"; }
  std::vector<std::string> fields() const;

  // Requires: the document is valid by itself.
  static Declaration Of(const resource::Resource& resource, const resource::ResourceSet& resources);
  // By name.
  static std::vector<Declaration> AllOf(const resource::ResourceSet& resources);
};

}  // namespace batuta::population
