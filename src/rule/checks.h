// What is looked for in a rule that is well formed and well typed; used by compile.cc alone, and by
// tests.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "expr/ast.h"
#include "expr/environment.h"
#include "feature/recognise.h"
#include "rule/compile.h"
#include "rule/reads.h"

namespace batuta::rule {

// Fields that must not be read, are not named fully, or are named nearly like declared ones.
void CheckReads(const std::vector<Read>& reads, const Vocabulary& vocabulary,
                const CompileOptions& options, std::vector<Note>& notes);

// Fields of events, and traits, that aggregates must not read; `written` is the rule with the
// aggregates in their places.
void CheckAggregates(const std::vector<feature::Found>& found, const expr::Expr& written,
                     const Vocabulary& vocabulary, const CompileOptions& options,
                     std::vector<Note>& notes);

// Events that the tracking plan does not declare, but others that are named nearly so.
void CheckEvents(const std::vector<feature::Found>& found, const expr::Expr& written,
                 const Vocabulary& vocabulary, std::vector<Note>& notes);

// The segments that the rule asks for, which must be there; other uses of the list are errors.
std::set<std::string> CheckSegments(const expr::Expr& expr, const Vocabulary& vocabulary,
                                    const CompileOptions& options,
                                    const expr::Environment& environment, std::vector<Note>& notes);

// What the rule costs at most, where lists of people have at most kListLength elements.
inline constexpr uint64_t kListLength = 100;
uint64_t CostOf(const expr::Expr& expr);

// Rules that are kept live may compare times with `now`, as a timer can tell when that changes;
// other uses of it are told with what to write instead.
void CheckNow(const expr::Expr& expr, std::vector<Note>& notes);

// Whether somebody may fit the rule, and whether somebody may not. Sound: what is said to be
// impossible is; what is not understood is taken for possible.
struct Possible {
  bool is_true = true;
  bool is_false = true;
};
Possible PossibleOutcomes(const expr::Expr& expr, const expr::Environment& environment);

}  // namespace batuta::rule
