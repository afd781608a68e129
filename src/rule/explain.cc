#include "rule/explain.h"

#include <utility>

#include "base/value.h"
#include "expr/value_json.h"
#include "feature/value.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::Operator;

// Larger values say nothing to people, and would swell every trace.
constexpr size_t kSeenBytesMax = 512;

Outcome OutcomeOf(const expr::Value& value) {
  switch (expr::VerdictOf(value)) {
    case expr::Verdict::kTrue:
      return OUTCOME_TRUE;
    case expr::Verdict::kFalse:
      return OUTCOME_FALSE;
    case expr::Verdict::kUnknown:
      return OUTCOME_UNKNOWN;
    case expr::Verdict::kFailed:
      break;
  }
  return OUTCOME_FAILED;
}

// The value as JSON, with what is sealed in it as a seal without contents. Nesting is bounded: it
// was read from JSON, or made within the budget.
base::Value JsonOf(const expr::Value& value) {
  base::Value json;
  if (value.is_error()) {
    json.mutable_sealed();
  } else if (value.Is(expr::Kind::kList)) {
    json.mutable_list();
    for (uint32_t i = 0; i < value.size(); ++i) {
      *json.mutable_list()->add_values() = JsonOf(value.Element(i));
    }
  } else if (value.Is(expr::Kind::kMap)) {
    json.mutable_object();
    for (uint32_t i = 0; i < value.size(); ++i) {
      base::Field& field = *json.mutable_object()->add_fields();
      field.set_name(std::string(value.Key(i).AsText()));
      *field.mutable_value() = JsonOf(value.Held(i));
    }
  } else {
    expr::Scratch scratch;
    scratch.Start(kRuleBudget);
    json = expr::ToJson(value, scratch).value_or(base::NullValue());
  }
  return json;
}

// Of what is absent.
Reading ReadingOf(const expr::Value& absent) {
  const std::string_view detail = absent.detail();
  if (detail == feature::kUncounted) return UNCOUNTED;
  if (detail == feature::kOverfull) return OVERFULL;
  return absent.is_last() ? ABSENT : PARENT_ABSENT;
}

Outcome Opposite(Outcome outcome) {
  if (outcome == OUTCOME_TRUE) return OUTCOME_FALSE;
  return outcome == OUTCOME_FALSE ? OUTCOME_TRUE : outcome;
}

class Explainer {
 public:
  Explainer(const Rule& rule, const expr::AttributeTable& table, expr::Activation& activation,
            expr::Evaluator& evaluator)
      : rule_(rule), table_(table), activation_(activation), evaluator_(evaluator) {}

  std::vector<Leaf> Run() {
    Collect(rule_.tree(), OutcomeOf(rule_.tree()), /*negated=*/false);
    return std::move(leaves_);
  }

 private:
  using Node = const Expr&;

  // As the machine computes it: what decides goes before errors, absence before other errors.
  Outcome OutcomeOf(Node expr) {
    if (IsNot(expr)) return Opposite(OutcomeOf(*expr.children[0]));
    if (expr.kind != ExprKind::kLogical) return LeafOutcome(expr);
    const Outcome deciding = expr.op == Operator::kAnd ? OUTCOME_FALSE : OUTCOME_TRUE;
    Outcome outcome = Opposite(deciding);
    for (const expr::ExprPtr& child : expr.children) {
      const Outcome one = OutcomeOf(*child);
      if (one == deciding) return deciding;
      if (one == OUTCOME_UNKNOWN || (one == OUTCOME_FAILED && outcome != OUTCOME_UNKNOWN)) {
        outcome = one;
      }
    }
    return outcome;
  }

  Outcome LeafOutcome(Node expr) {
    return rule::OutcomeOf(evaluator_.Evaluate(*rule_.PartOf(expr).program, activation_));
  }

  static bool IsNot(Node expr) {
    return expr.kind == ExprKind::kUnary && expr.op == Operator::kNot;
  }

  void Collect(Node expr, Outcome outcome, bool negated) {
    if (leaves_.size() >= kLeavesMax) return;
    if (IsNot(expr)) return Collect(*expr.children[0], Opposite(outcome), !negated);
    if (expr.kind != ExprKind::kLogical) return Add(expr, outcome, negated);
    const bool one_decides = outcome == (expr.op == Operator::kAnd ? OUTCOME_FALSE : OUTCOME_TRUE);
    for (const expr::ExprPtr& child : expr.children) {
      const Outcome one = OutcomeOf(*child);
      if (one != outcome) continue;
      Collect(*child, one, negated);
      // One alternative that fits is enough; of what hinders everything is told.
      if (one_decides && outcome == OUTCOME_TRUE) return;
    }
  }

  void Add(Node expr, Outcome outcome, bool negated) {
    const Rule::Part& part = rule_.PartOf(expr);
    Leaf& leaf = leaves_.emplace_back();
    leaf.set_text(part.text);
    leaf.set_outcome(outcome);
    leaf.set_negated(negated);
    if (!part.comparison.empty()) {
      leaf.set_path(part.path);
      leaf.set_comparison(part.comparison);
      if (part.comparison != "has") *leaf.mutable_expected() = part.expected;
    }
    if (part.standing != nullptr) {
      *leaf.add_seen() = SeenOf(part.path, evaluator_.Evaluate(*part.standing, activation_));
    }
    for (const uint32_t slot : part.program->slots) {
      Seen& seen = *leaf.add_seen();
      seen = SeenOf(NameIn(rule_.texts(), table_.at(slot).Name()), activation_.Load(slot));
      if (seen.value().ByteSizeLong() > kSeenBytesMax) seen.clear_value();
    }
    if (rule_.tables().empty()) return;
    evaluator_.Evaluate(*part.program, activation_);
    for (const expr::LookedUp* found : evaluator_.lookups()) {
      Seen& seen = *leaf.add_seen();
      seen = SeenOf(found->Name(), found->row);
      if (seen.value().ByteSizeLong() > kSeenBytesMax) seen.clear_value();
    }
  }

  const Rule& rule_;
  const expr::AttributeTable& table_;
  expr::Activation& activation_;
  expr::Evaluator& evaluator_;
  std::vector<Leaf> leaves_;
};

}  // namespace

Outcome Judge(const Rule& rule, expr::Activation& activation, expr::Evaluator& evaluator) {
  return OutcomeOf(evaluator.Evaluate(rule.program(), activation));
}

std::vector<Leaf> Explain(const Rule& rule, const expr::AttributeTable& table,
                          expr::Activation& activation, expr::Evaluator& evaluator) {
  return Explainer(rule, table, activation, evaluator).Run();
}

Seen SeenOf(std::string path, const expr::Value& value) {
  Seen seen;
  seen.set_path(std::move(path));
  if (!value.is_error()) {
    *seen.mutable_value() = JsonOf(value);
  } else if (value.code() == expr::ErrorCode::kAbsent) {
    seen.set_reading(ReadingOf(value));
  } else {
    seen.set_reading(value.code() == expr::ErrorCode::kSealed ? SEALED : BROKEN);
  }
  return seen;
}

expr::Value ValueOf(const Seen& seen) {
  switch (seen.reading()) {
    case VALUE:
      return expr::Value::OfJson(seen.value());
    case ABSENT:
    case PARENT_ABSENT:
      return expr::Value::Error(expr::ErrorCode::kAbsent, "it was not there",
                                seen.reading() == ABSENT);
    case SEALED:
      return expr::Value::Error(expr::ErrorCode::kSealed, "it was sealed");
    case UNCOUNTED:
      return feature::Untold(feature::kUncounted);
    case OVERFULL:
      return feature::Untold(feature::kOverfull);
    default:
      return expr::Value::Error(expr::ErrorCode::kBadArgument, "it was not what was asked for");
  }
}

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case OUTCOME_TRUE:
      return "true";
    case OUTCOME_FALSE:
      return "false";
    case OUTCOME_UNKNOWN:
      return "unknown";
    default:
      return "failed";
  }
}

}  // namespace batuta::rule
