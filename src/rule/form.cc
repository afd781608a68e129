#include "rule/form.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "rule/form_behaviour.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::Operator;

constexpr double kExactMax = 9007199254740992.0;  // integers beyond are not told apart
constexpr int kDepthMax = 50;                     // of groups in groups

enum class Takes { kNothing, kScalar, kText, kList };

// How a condition is written: $f is the field, $v the value.
struct Shape {
  std::string_view name;
  Takes takes;
  std::string_view text;
};
constexpr std::array<Shape, 15> kShapes = {{{"is", Takes::kScalar, "$f == $v"},
                                            {"isNot", Takes::kScalar, "(!has($f) || $f != $v)"},
                                            {"isOneOf", Takes::kList, "$f in $v"},
                                            {"isNoneOf", Takes::kList, "(!has($f) || !($f in $v))"},
                                            {"lessThan", Takes::kScalar, "$f < $v"},
                                            {"atMost", Takes::kScalar, "$f <= $v"},
                                            {"moreThan", Takes::kScalar, "$f > $v"},
                                            {"atLeast", Takes::kScalar, "$f >= $v"},
                                            {"contains", Takes::kText, "$f.contains($v)"},
                                            {"startsWith", Takes::kText, "$f.startsWith($v)"},
                                            {"endsWith", Takes::kText, "$f.endsWith($v)"},
                                            {"includes", Takes::kScalar, "$v in $f"},
                                            {"exists", Takes::kNothing, "has($f)"},
                                            {"isMissing", Takes::kNothing, "!has($f)"},
                                            {"isTrue", Takes::kNothing, "$f"}}};

const Shape* FindShape(std::string_view name) {
  for (const Shape& shape : kShapes) {
    if (shape.name == name) return &shape;
  }
  return nullptr;
}

// has() asks for fields alone, and no aggregate is a list.
bool IsForBehaviour(const Shape& shape) {
  return shape.text.find("has(") == std::string_view::npos && shape.name != "includes";
}

// The name in backticks, or as it is: has() asks for a field by its name only.
bool IsWritable(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '/' || c == '-' || c == ' ';
  });
}

// The field in its one form: names after dots where they can be. Requires: a field.
expr::ExprPtr Dotted(const Expr& field) {
  expr::ExprPtr dotted = expr::Clone(field);
  for (Expr* node = dotted.get(); node->kind != ExprKind::kIdent; node = node->children[0].get()) {
    if (node->kind != ExprKind::kIndex) continue;
    const std::string name = std::get<std::string>(node->children[1]->literal);
    if (!IsWritable(name)) continue;
    node->kind = ExprKind::kSelect;
    node->name = name;
    node->children.pop_back();
  }
  return dotted;
}

}  // namespace

bool IsField(const Expr& expr) {
  if (expr.kind == ExprKind::kSelect && !expr.optional && !expr.test_only) {
    const Expr& owner = *expr.children[0];
    return owner.kind == ExprKind::kIdent ? !owner.is_absolute : IsField(owner);
  }
  if (expr.kind != ExprKind::kIndex || expr.optional) return false;
  const Expr& index = *expr.children[1];
  return index.kind == ExprKind::kLiteral && std::holds_alternative<std::string>(index.literal) &&
         IsField(*expr.children[0]);
}

std::string FieldText(const Expr& field) { return expr::Print(*Dotted(field)); }

std::string LiteralText(const base::Value& value) {
  expr::Expr literal;
  if (value.has_text()) {
    literal.literal = value.text();
  } else if (value.has_boolean()) {
    literal.literal = value.boolean();
  } else if (std::floor(value.number()) == value.number() && std::abs(value.number()) < kExactMax) {
    literal.literal = static_cast<int64_t>(value.number());
  } else {
    literal.literal = value.number();
  }
  return expr::Print(literal);
}

namespace {

// ---- Form to text

class Writer {
 public:
  explicit Writer(std::vector<FormProblem>& problems) : problems_(problems) {}

  std::string Write(const base::Value& form, const std::string& pointer, int depth) {
    if (!form.has_object() || depth > kDepthMax) {
      return Fail(pointer, depth > kDepthMax ? "groups are nested too deeply"
                                             : "a part of a rule is an object");
    }
    for (const std::string_view group : {"all", "any", "none"}) {
      if (const base::Value* parts = base::Find(form.object(), group)) {
        return Group(group, *parts, form, pointer, depth);
      }
    }
    if (base::Find(form.object(), "expression") != nullptr) return Expression(form, pointer);
    if (base::Find(form.object(), "field") != nullptr) return FieldCondition(form, pointer);
    for (const std::string_view root : {"event", "sequence"}) {
      if (base::Find(form.object(), root) != nullptr) return Behaviour(form, pointer, depth);
    }
    return Fail(pointer,
                "a part has \"all\", \"any\", \"none\", \"field\", \"event\", \"sequence\" or "
                "\"expression\"");
  }

 private:
  std::string Fail(const std::string& pointer, std::string message) {
    problems_.push_back({pointer, std::move(message)});
    return "false";
  }

  // Says what does not belong into the object.
  void Only(const base::Value& form, const std::string& pointer,
            const std::vector<std::string_view>& members) {
    for (const base::Field& field : form.object().fields()) {
      bool known = false;
      for (const std::string_view member : members) known = known || field.name() == member;
      if (!known) Fail(base::StrCat(pointer, "/", field.name()), "this member is not known here");
    }
  }

  std::string Group(std::string_view group, const base::Value& parts, const base::Value& form,
                    const std::string& pointer, int depth) {
    Only(form, pointer, {group});
    const std::string inside = base::StrCat(pointer, "/", group);
    if (!parts.has_list() || parts.list().values().empty()) {
      return Fail(inside, "a group is a list of at least one part");
    }
    std::vector<std::string> texts;
    for (int i = 0; i < parts.list().values_size(); ++i) {
      texts.push_back(base::StrCat(
          "(", Write(parts.list().values(i), base::StrCat(inside, "/", i), depth + 1), ")"));
    }
    const std::string joined = absl::StrJoin(texts, group == "all" ? " && " : " || ");
    return group == "none" ? base::StrCat("!(", joined, ")") : joined;
  }

  std::string Expression(const base::Value& form, const std::string& pointer) {
    Only(form, pointer, {"expression"});
    const base::Value& text = *base::Find(form.object(), "expression");
    const std::string inside = pointer + "/expression";
    if (!text.has_text()) return Fail(inside, "an expression is a text");
    const expr::Parsed parsed = expr::Parse(text.text());
    if (parsed.expr == nullptr) return Fail(inside, Describe(parsed.diagnostics, text.text()));
    return expr::Print(*parsed.expr);
  }

  std::string FieldCondition(const base::Value& form, const std::string& pointer) {
    Only(form, pointer, {"field", "operator", "value"});
    const base::Value& field = *base::Find(form.object(), "field");
    const expr::Parsed parsed = expr::Parse(field.text());
    if (parsed.expr == nullptr || !IsField(*parsed.expr)) {
      return Fail(pointer + "/field", "a field is a path such as person.traits.plan");
    }
    return Condition(form, pointer, FieldText(*parsed.expr), /*may_be_absent=*/true);
  }

  std::string Behaviour(const base::Value& form, const std::string& pointer, int depth) {
    std::vector<std::string_view> members = BehaviourMembers();
    members.insert(members.end(), {"operator", "value"});
    Only(form, pointer, members);
    const auto write = [&](const base::Value& part, const std::string& inside) {
      return Write(part, inside, depth + 1);
    };
    const size_t before = problems_.size();
    const std::string text = TextOfBehaviour(form.object(), pointer, write, problems_);
    if (problems_.size() > before) return "false";
    return Condition(form, pointer, text, /*may_be_absent=*/false);
  }

  // Of a field, or of what the person did.
  std::string Condition(const base::Value& form, const std::string& pointer,
                        const std::string& subject, bool may_be_absent) {
    const base::Value* op = base::Find(form.object(), "operator");
    const base::Value* value = base::Find(form.object(), "value");
    const Shape* shape = op == nullptr ? nullptr : FindShape(op->text());
    if (shape != nullptr && !may_be_absent && !IsForBehaviour(*shape)) shape = nullptr;
    if (shape == nullptr) {
      std::vector<std::string> names;
      for (const Shape& one : kShapes) {
        if (may_be_absent || IsForBehaviour(one)) names.emplace_back(one.name);
      }
      return Fail(pointer + "/operator",
                  base::StrCat("the operator is one of ", absl::StrJoin(names, ", ")));
    }
    if (!Fits(value, shape->takes)) {
      return Fail(pointer + "/value", base::StrCat("\"", shape->name, "\" ", Wants(shape->takes)));
    }
    return Fill(shape->text, subject, value == nullptr ? "" : ValueText(*value));
  }

  static bool IsScalar(const base::Value& value) {
    return value.has_text() || value.has_boolean() ||
           (value.has_number() && std::isfinite(value.number()));
  }

  static bool Fits(const base::Value* value, Takes takes) {
    if (takes == Takes::kNothing || value == nullptr) {
      return takes == Takes::kNothing && value == nullptr;
    }
    if (takes == Takes::kText) return value->has_text();
    if (takes != Takes::kList) return IsScalar(*value);
    if (!value->has_list() || value->list().values().empty()) return false;
    for (const base::Value& one : value->list().values()) {
      if (!IsScalar(one)) return false;
    }
    return true;
  }

  static std::string_view Wants(Takes takes) {
    switch (takes) {
      case Takes::kNothing:
        return "takes no value";
      case Takes::kText:
        return "takes a text";
      case Takes::kList:
        return "takes a list of texts, numbers, true and false";
      default:
        return "takes a text, a number, true or false";
    }
  }

  static std::string ValueText(const base::Value& value) {
    if (!value.has_list()) return LiteralText(value);
    return base::StrCat("[",
                        absl::StrJoin(value.list().values(), ", ",
                                      [](std::string* out, const base::Value& one) {
                                        base::StrAppend(out, LiteralText(one));
                                      }),
                        "]");
  }

  static std::string Fill(std::string_view shape, const std::string& field,
                          const std::string& value) {
    std::string text;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] != '$') {
        text += shape[i];
      } else {
        text += shape[++i] == 'f' ? field : value;
      }
    }
    return text;
  }

  std::vector<FormProblem>& problems_;
};

// ---- Text to form

base::Value ObjectWith(std::string_view name, base::Value value) {
  base::Value object;
  base::SetField(*object.mutable_object(), name, std::move(value));
  return object;
}

base::Value ConditionOn(base::Value condition, std::string_view op,
                        std::optional<base::Value> value) {
  base::SetField(*condition.mutable_object(), "operator", base::TextValue(op));
  if (value.has_value()) base::SetField(*condition.mutable_object(), "value", *std::move(value));
  return condition;
}

base::Value ConditionOf(const Expr& field, std::string_view op, std::optional<base::Value> value) {
  return ConditionOn(ObjectWith("field", base::TextValue(FieldText(field))), op, std::move(value));
}

// What a condition can be about: a field, or what the person did.
std::optional<base::Value> SubjectOf(const Expr& expr) {
  if (IsField(expr)) return ObjectWith("field", base::TextValue(FieldText(expr)));
  return BehaviourOf(expr);
}

std::optional<base::Value> ScalarOf(const Expr& expr) {
  if (expr.kind != ExprKind::kLiteral) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&expr.literal)) return base::TextValue(*text);
  if (const auto* boolean = std::get_if<bool>(&expr.literal)) return base::BooleanValue(*boolean);
  if (const auto* real = std::get_if<double>(&expr.literal)) {
    if (std::isfinite(*real)) return base::NumberValue(*real);
  }
  if (const auto* integer = std::get_if<int64_t>(&expr.literal)) {
    const auto number = static_cast<double>(*integer);
    if (std::abs(number) < kExactMax) return base::NumberValue(number);
  }
  return std::nullopt;
}

std::optional<base::Value> ListOf(const Expr& expr) {
  if (expr.kind != ExprKind::kList || expr.children.empty()) return std::nullopt;
  base::Value list;
  for (size_t i = 0; i < expr.children.size(); ++i) {
    const auto one = ScalarOf(*expr.children[i]);
    if (!one.has_value() || expr.optional_entries[i]) return std::nullopt;
    *list.mutable_list()->add_values() = *one;
  }
  return list;
}

bool IsNot(const Expr& expr) { return expr.kind == ExprKind::kUnary && expr.op == Operator::kNot; }

// The field that has() asks for, as an expression of its own; null if it is no such question.
expr::ExprPtr FieldOfHas(const Expr& expr) {
  if (expr.kind != ExprKind::kSelect || !expr.test_only) return nullptr;
  expr::ExprPtr field = expr::Clone(expr);
  field->test_only = false;
  return IsField(*field) ? std::move(field) : nullptr;
}

// The operator that the form has for it; "" if none. A plain `!=` is unknown of those who lack the
// field: it is no isNot.
std::string_view NameOf(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return "is";
    case Operator::kLess:
      return "lessThan";
    case Operator::kLessEqual:
      return "atMost";
    case Operator::kGreater:
      return "moreThan";
    case Operator::kGreaterEqual:
      return "atLeast";
    default:
      return "";
  }
}

std::optional<base::Value> ComparisonOf(const Expr& expr) {
  if (expr.kind != ExprKind::kBinary) return std::nullopt;
  const Expr& left = *expr.children[0];
  const Expr& right = *expr.children[1];
  if (expr.op == Operator::kIn) {
    auto list = ListOf(right);
    auto subject = list.has_value() ? SubjectOf(left) : std::nullopt;
    if (subject.has_value()) return ConditionOn(*std::move(subject), "isOneOf", std::move(list));
    auto element = ScalarOf(left);
    if (element.has_value() && IsField(right)) {
      return ConditionOf(right, "includes", std::move(element));
    }
    return std::nullopt;
  }
  const std::string_view name = NameOf(expr.op);
  auto value = ScalarOf(right);
  if (name.empty() || !value.has_value()) return std::nullopt;
  auto subject = SubjectOf(left);
  if (!subject.has_value()) return std::nullopt;
  return ConditionOn(*std::move(subject), name, std::move(value));
}

std::optional<base::Value> CallOf(const Expr& expr) {
  const bool is_test =
      expr.kind == ExprKind::kCall && expr.is_member && expr.children.size() == 2 &&
      (expr.name == "contains" || expr.name == "startsWith" || expr.name == "endsWith");
  if (!is_test) return std::nullopt;
  auto value = ScalarOf(*expr.children[1]);
  if (!value.has_value() || !value->has_text()) return std::nullopt;
  auto subject = SubjectOf(*expr.children[0]);
  if (!subject.has_value()) return std::nullopt;
  return ConditionOn(*std::move(subject), expr.name, std::move(value));
}

// `!has(x) || x != v` and `!has(x) || !(x in l)`.
std::optional<base::Value> RefusalOf(const Expr& expr) {
  const bool is_pair = expr.kind == ExprKind::kLogical && expr.op == Operator::kOr &&
                       expr.children.size() == 2 && IsNot(*expr.children[0]);
  if (!is_pair) return std::nullopt;
  const expr::ExprPtr field = FieldOfHas(*expr.children[0]->children[0]);
  if (field == nullptr) return std::nullopt;
  const Expr& other = *expr.children[1];
  const Expr& relation = IsNot(other) ? *other.children[0] : other;
  const bool is_relation =
      relation.kind == ExprKind::kBinary &&
      relation.op == (IsNot(other) ? Operator::kIn : Operator::kNotEqual) &&
      IsField(*relation.children[0]) &&
      expr::Print(*Dotted(*relation.children[0])) == expr::Print(*Dotted(*field));
  if (!is_relation) return std::nullopt;
  const bool among = relation.op == Operator::kIn;
  auto value = among ? ListOf(*relation.children[1]) : ScalarOf(*relation.children[1]);
  if (!value.has_value()) return std::nullopt;
  return ConditionOf(*field, among ? "isNoneOf" : "isNot", std::move(value));
}

base::Value GroupOf(std::string_view name, const std::vector<expr::ExprPtr>& parts,
                    Operator joined) {
  base::Value list;
  for (const expr::ExprPtr& part : parts) {
    // What was written in parentheses with the same operator belongs to the group.
    const bool is_same =
        part->kind == ExprKind::kLogical && part->op == joined && !RefusalOf(*part).has_value();
    if (!is_same) {
      *list.mutable_list()->add_values() = FormOf(*part);
      continue;
    }
    const base::Value inner = GroupOf(name, part->children, joined);
    for (const base::Value& one : inner.object().fields(0).value().list().values()) {
      *list.mutable_list()->add_values() = one;
    }
  }
  return ObjectWith(name, std::move(list));
}

base::Value NegationOf(const Expr& negated) {
  if (const expr::ExprPtr field = FieldOfHas(negated)) {
    return ConditionOf(*field, "isMissing", std::nullopt);
  }
  const bool is_or = negated.kind == ExprKind::kLogical && negated.op == Operator::kOr &&
                     !RefusalOf(negated).has_value();
  if (is_or) return GroupOf("none", negated.children, Operator::kOr);
  base::Value list;
  *list.mutable_list()->add_values() = FormOf(negated);
  return ObjectWith("none", std::move(list));
}

}  // namespace

std::string TextOfForm(const base::Value& form, std::vector<FormProblem>& problems) {
  const std::string text = Writer(problems).Write(form, "", 0);
  if (!problems.empty()) return "";
  const expr::Parsed parsed = expr::Parse(text);
  if (parsed.expr == nullptr) {
    problems.push_back({"", Describe(parsed.diagnostics, text)});
    return "";
  }
  return expr::Print(*parsed.expr);
}

base::Value FormOf(const Expr& tree) {
  if (auto refusal = RefusalOf(tree)) return *std::move(refusal);
  if (tree.kind == ExprKind::kLogical) {
    return tree.op == Operator::kAnd ? GroupOf("all", tree.children, Operator::kAnd)
                                     : GroupOf("any", tree.children, Operator::kOr);
  }
  if (IsNot(tree)) return NegationOf(*tree.children[0]);
  if (const expr::ExprPtr field = FieldOfHas(tree)) {
    return ConditionOf(*field, "exists", std::nullopt);
  }
  if (auto comparison = ComparisonOf(tree)) return *std::move(comparison);
  if (auto call = CallOf(tree)) return *std::move(call);
  if (auto subject = SubjectOf(tree)) {
    return ConditionOn(*std::move(subject), "isTrue", std::nullopt);
  }
  return ObjectWith("expression", base::TextValue(expr::Print(tree)));
}

}  // namespace batuta::rule
