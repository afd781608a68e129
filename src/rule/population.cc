#include "rule/population.h"

#include <cmath>
#include <memory>

#include "base/text.h"
#include "expr/activation.h"
#include "expr/parse.h"
#include "feature/value.h"
#include "population/cut_points.h"
#include "population/measures.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::Value;

constexpr std::string_view kPercentile = "percentile";
constexpr std::string_view kQuintile = "quintile";
constexpr std::string_view kTop = "topN";

bool IsCall(const Expr& expr, std::string_view name) {
  return expr.kind == ExprKind::kCall && !expr.is_member && expr.name == name;
}

const population::Declaration* Find(const std::vector<population::Declaration>& declarations,
                                    std::string_view name) {
  for (const population::Declaration& one : declarations) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

class Completion {
 public:
  explicit Completion(const std::vector<population::Declaration>& declarations)
      : declarations_(declarations) {}

  void Visit(Expr& expr) {
    for (const expr::ExprPtr& child : expr.children) Visit(*child);
    if (IsStanding(expr) || IsTop(expr)) Complete(expr);
    if (calls_.diagnostics.empty() && !expr::internal::SetHeight(expr)) {
      Fail(expr.span, "this is nested too deeply");
    }
  }

  PopulationCalls Take() { return std::move(calls_); }

 private:
  void Fail(expr::Span span, std::string message, std::string suggestion = "") {
    calls_.diagnostics.push_back({span, std::move(message), std::move(suggestion)});
  }

  void Complete(Expr& call) {
    const bool is_top = IsTop(call);
    if (call.children.size() != (is_top ? 2u : 1u)) {
      return Fail(call.name_span,
                  is_top ? std::string("`topN` takes the name of a population and a number, as in "
                                       "`topN(\"spend\", 1000)`")
                         : base::StrCat("`", call.name, "` takes the name of a population, as in `",
                                        call.name, "(\"spend\")`"));
    }
    const population::Declaration* found = Named(*call.children[0]);
    if (found == nullptr || (is_top && !TakeTop(*call.children[1], found->name))) return;
    calls_.populations.insert(found->name);
    call.children.push_back(ReadOf(*found, call.span));
  }

  const population::Declaration* Named(const Expr& name) {
    const auto* text =
        name.kind == ExprKind::kLiteral ? std::get_if<std::string>(&name.literal) : nullptr;
    if (text == nullptr) {
      Fail(name.span,
           "the name of the population has to be written out, as in `quintile(\"spend\")`");
      return nullptr;
    }
    const population::Declaration* found = Find(declarations_, *text);
    if (found != nullptr) return found;
    std::vector<std::string> known;
    for (const population::Declaration& one : declarations_) known.push_back(one.name);
    Fail(name.span, base::StrCat("there is no population `", *text, "`"),
         base::Suggest(*text, known));
    return nullptr;
  }

  bool TakeTop(const Expr& number, const std::string& population) {
    const auto* n =
        number.kind == ExprKind::kLiteral ? std::get_if<int64_t>(&number.literal) : nullptr;
    if (n == nullptr || *n < 1 || static_cast<uint64_t>(*n) > population::kTopMax) {
      Fail(number.span,
           base::StrCat("how many has to be written out, from 1 to ", population::kTopMax,
                        ", as in `topN(\"", population, "\", 1000)`"));
      return false;
    }
    calls_.tops.emplace(population, static_cast<uint64_t>(*n));
    return true;
  }

  // The chain of names that leads to the number, at the place of the call.
  static expr::ExprPtr ReadOf(const population::Declaration& population, expr::Span span) {
    auto chain = std::make_unique<Expr>();
    chain->kind = ExprKind::kIdent;
    chain->span = span;
    chain->name_span = span;
    chain->name = population.variable();
    for (const std::string& field : population.fields()) {
      auto select = std::make_unique<Expr>();
      select->kind = ExprKind::kSelect;
      select->span = span;
      select->name_span = span;
      select->name = field;
      select->children.push_back(std::move(chain));
      expr::internal::SetHeight(*select);
      chain = std::move(select);
    }
    return chain;
  }

  const std::vector<population::Declaration>& declarations_;
  PopulationCalls calls_;
};

// ---- Values

// A field of the row that is looked up; n is 0 for where a person stands.
Value Ask(expr::Scratch& scratch, const Value& population, const Value& of, uint64_t n,
          std::string_view field) {
  if (scratch.activation == nullptr) {
    return Value::Error(expr::ErrorCode::kUndeclared, "there are no populations here");
  }
  const auto number = OrderOf(of);
  if (!number.has_value()) {
    return Value::Error(expr::ErrorCode::kBadArgument, "people are ordered by a number");
  }
  const expr::LookedUp& found = scratch.activation->Lookup(
      population::TableOf(population.AsText()),
      n == 0 ? population::StandingKey(*number) : population::TopKey(*number, n));
  scratch.lookups.push_back(&found);
  if (found.row.is_error()) return found.row;
  const Value value = found.row.Field(field);
  return value.is_error() ? feature::Untold(feature::kUncounted) : value;
}

Value Standing(expr::Scratch& scratch, std::span<const Value> arguments, std::string_view field) {
  const Value standing = Ask(scratch, arguments[0], arguments[1], 0, field);
  return standing.is_error() ? standing : expr::Coerce(standing, expr::Kind::kInt);
}

}  // namespace

PopulationCalls CompletePopulationCalls(const std::vector<population::Declaration>& declarations,
                                        Expr& tree) {
  Completion completion(declarations);
  completion.Visit(tree);
  return completion.Take();
}

bool IsStanding(const Expr& expr) { return IsCall(expr, kPercentile) || IsCall(expr, kQuintile); }

bool IsTop(const Expr& expr) { return IsCall(expr, kTop); }

std::optional<double> OrderOf(const Value& value) {
  double number = 0;
  if (value.Is(expr::Kind::kDouble)) {
    number = value.AsDouble();
  } else if (value.Is(expr::Kind::kInt)) {
    number = static_cast<double>(value.AsInt());
  } else if (value.Is(expr::Kind::kUint)) {
    number = static_cast<double>(value.AsUint());
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

void AddPopulationFunctions(expr::FunctionTable& functions) {
  for (const std::string_view name : {kPercentile, kQuintile}) {
    functions.Add(
        name, "(string, dyn) -> int",
        [name](expr::Scratch& scratch, std::span<const Value> arguments) {
          return Standing(scratch, arguments, name);
        },
        expr::Folding::kNever);
  }
  functions.Add(
      kTop, "(string, int, dyn) -> bool",
      [](expr::Scratch& scratch, std::span<const Value> arguments) {
        return Ask(scratch, arguments[0], arguments[2], static_cast<uint64_t>(arguments[1].AsInt()),
                   "top");
      },
      expr::Folding::kNever);
}

}  // namespace batuta::rule
