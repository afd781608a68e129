// Asks a rule of a person, and says why the answer is what it is: which parts made it so, with what
// was read.
#pragma once

#include <string>
#include <vector>

#include "base/value.pb.h"
#include "expr/activation.h"
#include "expr/evaluate.h"
#include "rule/compile.h"
#include "rule/leaf.pb.h"

namespace batuta::rule {

enum class Language { kEnglish, kSpanish };

inline constexpr size_t kLeavesMax = 8;

// Requires: the activation is over the table that the rule was compiled with.
Outcome Judge(const Rule& rule, expr::Activation& activation, expr::Evaluator& evaluator);

// The leaves that made the outcome: of `a && b` that is false those that are false, of one that is
// unknown those that are unknown, and so on; in the order of the text, at most kLeavesMax. Values
// of more than 512 bytes are left out.
std::vector<Leaf> Explain(const Rule& rule, const expr::AttributeTable& table,
                          expr::Activation& activation, expr::Evaluator& evaluator);

// What was read, or why nothing could be.
Seen SeenOf(std::string path, const expr::Value& value);
// The value as it was read, for whoever evaluates again.
expr::Value ValueOf(const Seen& seen);

// "orders is 2, needs at least 3".
std::string LeafText(const Leaf& leaf, Language language);
// All of them, joined.
std::string LeavesText(const std::vector<Leaf>& leaves, Language language);

std::string_view OutcomeName(Outcome outcome);  // "true", "false", "unknown", "failed"

// {field, value | state: absent, sealed, unreadable}.
base::Value ToValue(const Seen& seen);

// {expression, outcome, negated?, field?, operator?, expected?, seen: [{field, value | state}],
// why}.
base::Value ToValue(const Leaf& leaf, Language language);

}  // namespace batuta::rule
