// Features that every hub has, under names of their own; their expressions are the formulas.
#pragma once

#include <span>
#include <string_view>

namespace batuta::feature {

struct BuiltinFeature {
  std::string_view name;
  std::string_view title;
  std::string_view unit;
  std::string_view description;
  std::string_view expression;  // of the rule language; may contain several aggregates
};

// In the order of their names.
std::span<const BuiltinFeature> BuiltinFeatures();

}  // namespace batuta::feature
