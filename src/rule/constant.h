// Parts of a rule that read nothing, as values of JSON.
#pragma once

#include <optional>

#include "base/value.pb.h"
#include "expr/ast.h"

namespace batuta::rule {

// Nothing if it reads something, errs, or is of a type that JSON has no place for: times and
// durations have none here, as their texts compare otherwise.
std::optional<base::Value> ConstantOf(const expr::Expr& expr);

}  // namespace batuta::rule
