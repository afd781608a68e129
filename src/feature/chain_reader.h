// Reads one aggregate, call by call, from `events(…)` or `sequence(…)` to `.count()`; an
// implementation detail of recognise.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/ast.h"
#include "feature/canonical.h"
#include "feature/recognise.h"

namespace batuta::feature {

// The call of `events` or `sequence` that a chain of member calls begins with; null if none.
const expr::Expr* RootOf(const expr::Expr& expr);

class ChainReader {
 public:
  ChainReader(const RecogniseOptions& options, expr::Diagnostics& diagnostics)
      : options_(options), diagnostics_(diagnostics) {}

  // `calls` are the root and the calls after it up to the aggregate. Nothing if there are
  // diagnostics.
  std::optional<FeatureSpec> Read(const std::vector<const expr::Expr*>& calls);

 private:
  bool Fail(expr::Span span, std::string message, std::string suggestion = "");
  bool ReadRoot(const expr::Expr& call);
  bool ReadStep(const expr::Expr& call);
  bool ReadModifier(const expr::Expr& call);
  bool ReadWindow(const expr::Expr& call);
  bool ReadLastDays(const expr::Expr& call);
  bool ReadWhere(const expr::Expr& call);
  bool ReadEach(const expr::Expr& call);
  bool ReadNever(const expr::Expr& call);
  bool ReadAggregate(const expr::Expr& call);
  bool ReadValue(const expr::Expr& call, size_t first);

  // Parts of calls.
  bool ReadNames(const expr::Expr& argument, std::vector<std::string>& names);
  bool AddName(const expr::Expr& literal, std::vector<std::string>& names);
  bool ReadDuration(const expr::Expr& argument, base::Duration& duration);
  bool WantArguments(const expr::Expr& call, size_t min, size_t max, std::string_view example);
  const std::string* VariableOf(const expr::Expr& argument);

  // Conditions.
  struct Scope {
    std::string variable;
    expr::Type type;
  };
  // That `expr` mentions only these variables, and what else the checker says. Its type.
  std::optional<expr::Type> CheckProgram(const expr::Expr& expr, const std::vector<Scope>& scope,
                                         std::string_view what);
  bool CheckCondition(const expr::Expr& expr, const std::vector<Scope>& scope);
  // Parts of a step's condition: on itself, or keys equal to those of an earlier step.
  bool SplitCondition(const expr::Expr& condition, const std::string& own, Step& step);
  bool ReadKey(const expr::Expr& conjunct, const std::string& own, Step& step);
  expr::Type TypeOfEvents(const std::vector<std::string>& names) const;

  bool CheckWhole(const expr::Expr& aggregate);
  bool CheckPattern(const expr::Expr& aggregate);
  bool CheckLinks(const expr::Expr& aggregate);

  const RecogniseOptions& options_;
  expr::Diagnostics& diagnostics_;
  FeatureSpec spec_;
  std::vector<Scope> step_scope_;          // the names of the steps
  std::vector<expr::ExprPtr> where_;       // conjuncts, canonical
  std::vector<expr::ExprPtr> line_where_;  // likewise
};

}  // namespace batuta::feature
