// Parts of a rule that read nothing, as values of JSON.
#pragma once

#include <memory>
#include <optional>

#include "base/value.pb.h"
#include "expr/ast.h"
#include "expr/function.h"

namespace batuta::rule {

// The functions of the language, made once: a constant table that every environment shares.
const std::shared_ptr<const expr::FunctionTable>& Functions();

// Nothing if it reads something, errs, or is of a type that JSON has no place for: times and
// durations have none here, as their texts compare otherwise.
std::optional<base::Value> ConstantOf(const expr::Expr& expr);

}  // namespace batuta::rule
