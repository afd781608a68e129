#include "expr/generator.h"

#include <algorithm>

#include "base/status.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

bool IsRelation(Operator op) { return op >= Operator::kLess && op <= Operator::kNotEqual; }

// The field that a selection, or a text as a place, asks for; null if there is none.
const std::string* FieldOf(const Expr& expr) {
  if (expr.kind == ExprKind::kSelect) return &expr.name;
  const Expr& index = *expr.children[1];
  return index.kind == ExprKind::kLiteral ? std::get_if<std::string>(&index.literal) : nullptr;
}

// The kind that a value of JSON is turned into when an attribute is of this type.
Kind CoercionOf(Type type, const std::vector<std::string>& fields) {
  for (const std::string& field : fields) {
    if (type.Is(Type::Tag::kObject)) {
      const ObjectField* found = type.schema()->Find(field);
      type = found == nullptr ? Type() : found->type;
    } else {
      type = type.Is(Type::Tag::kMap) ? type.parameter(1) : Type();
    }
  }
  switch (type.tag()) {
    case Type::Tag::kInt:
    case Type::Tag::kUint:
    case Type::Tag::kTimestamp:
    case Type::Tag::kDuration:
      return type.kind();
    default:
      return Kind::kError;
  }
}

}  // namespace

Generator::Generator(const Environment& environment, AttributeTable& table)
    : environment_(environment), table_(table), program_(std::make_shared<Program>()) {
  program_->functions_owner = environment.shared_functions();
}

std::shared_ptr<const Program> Generator::Run(const Expr& root, bool fold) {
  if (fold) folder_.emplace(root, environment_, program_->arena);
  Expression(root);
  BATUTA_CHECK(depth_ == 1 && locals_.empty());
  std::vector<uint32_t>& slots = program_->slots;
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  folder_.reset();
  return std::move(program_);
}

uint32_t Generator::Emit(Opcode opcode, int change, const Expr& expr, uint32_t a, uint32_t b,
                         uint8_t small) {
  program_->code.push_back({opcode, small, a, b});
  program_->places.push_back(expr.name_span.begin);
  depth_ += change;
  BATUTA_CHECK(depth_ >= 0);
  program_->stack = std::max(program_->stack, static_cast<uint32_t>(depth_));
  return here() - 1;
}

void Generator::EmitJump(Opcode opcode, int change, const Expr& expr, Label& target,
                         uint8_t small) {
  target.jumps.emplace_back(Emit(opcode, change, expr, kNowhere, 0, small), false);
}

void Generator::Bind(Label& label) {
  for (const auto& [jump, is_second] : label.jumps) {
    Instruction& instruction = program_->code[jump];
    (is_second ? instruction.b : instruction.a) = here();
  }
  label.jumps.clear();
}

uint32_t Generator::AddConstant(const Value& value) {
  program_->constants.push_back(value);
  return static_cast<uint32_t>(program_->constants.size() - 1);
}

uint32_t Generator::AddName(const std::string& name) {
  std::vector<std::string>& names = program_->names;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<uint32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<uint32_t>(names.size() - 1);
}

void Generator::Constant(const Value& value, const Expr& expr) {
  Emit(Opcode::kConstant, 1, expr, AddConstant(value));
}

void Generator::Fail(ErrorCode code, const char* detail, const Expr& expr) {
  Emit(Opcode::kFail, 1, expr, AddConstant(Value::Error(code, detail)));
}

uint32_t Generator::Slot(const Attribute& attribute) {
  const uint32_t slot = table_.Intern(attribute);
  program_->slots.push_back(slot);
  return slot;
}

std::optional<Attribute> Generator::AttributeOf(const Expr& expr) const {
  // From the outside in: selections and texts as places, then names joined by dots.
  std::vector<const Expr*> steps;
  const Expr* names = &expr;  // the outermost part that is only names
  const Expr* node = &expr;
  while (node->kind == ExprKind::kSelect || node->kind == ExprKind::kIndex) {
    if (node->optional || node->test_only || FieldOf(*node) == nullptr) return std::nullopt;
    if (node->kind == ExprKind::kIndex) names = node->children[0].get();
    steps.push_back(node);
    node = node->children[0].get();
  }
  if (node->kind != ExprKind::kIdent) return std::nullopt;
  const Reference reference = Resolve(*names, environment_, locals_);
  if (reference.kind != Reference::Kind::kVariable) return std::nullopt;
  Attribute attribute{reference.variable, {}, Kind::kError};
  for (const Expr* step : steps) {
    if (step == reference.node) break;
    attribute.fields.push_back(*FieldOf(*step));
  }
  std::reverse(attribute.fields.begin(), attribute.fields.end());
  attribute.as = CoercionOf(reference.type, attribute.fields);
  return attribute;
}

void Generator::Expression(const Expr& expr) {
  std::optional<Value> constant;
  if (folder_) constant = folder_->Constant(expr);
  if (!constant && expr.kind == ExprKind::kLiteral) {
    constant = LiteralValue(expr.literal, program_->arena);
  }
  if (constant) return Constant(*constant, expr);
  if (const auto attribute = AttributeOf(expr)) {
    Emit(Opcode::kSlot, 1, expr, Slot(*attribute));
    return;
  }
  Operation(expr);
}

void Generator::Operation(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kLiteral:
    case ExprKind::kIdent:
      if (!Name(expr)) Fail(ErrorCode::kUndeclared, "there is no such variable", expr);
      break;
    case ExprKind::kSelect:
      Select(expr);
      break;
    case ExprKind::kIndex:
      Index(expr);
      break;
    case ExprKind::kCall:
      Call(expr);
      break;
    case ExprKind::kUnary:
      Expression(*expr.children[0]);
      Emit(expr.op == Operator::kNot ? Opcode::kNot : Opcode::kNegate, 0, expr);
      break;
    case ExprKind::kBinary:
      Binary(expr);
      break;
    case ExprKind::kLogical:
      Logical(expr);
      break;
    case ExprKind::kConditional:
      Conditional(expr);
      break;
    case ExprKind::kList:
      List(expr);
      break;
    case ExprKind::kMap:
      Map(expr);
      break;
    case ExprKind::kMessage:
      Message(expr);
      break;
    case ExprKind::kMacro:
      MacroCall(expr);
      break;
  }
}

// A local or a constant that the whole expression names.
bool Generator::Name(const Expr& expr) {
  const Reference reference = Resolve(expr, environment_, locals_);
  if (reference.node != &expr) return false;
  if (reference.kind == Reference::Kind::kConstant) {
    Constant(reference.constant, expr);
    return true;
  }
  if (reference.kind != Reference::Kind::kLocal) return false;
  const auto found = std::find(locals_.rbegin(), locals_.rend(), reference.variable);
  Emit(Opcode::kLocal, 1, expr, static_cast<uint32_t>(locals_.rend() - found) - 1);
  return true;
}

void Generator::Select(const Expr& expr) {
  if (!expr.optional && !expr.test_only && Name(expr)) return;
  const Expr& operand = *expr.children[0];
  if (expr.optional || expr.test_only) {
    if (auto attribute = AttributeOf(operand)) {
      attribute->fields.push_back(expr.name);
      attribute->as =
          CoercionOf(*environment_.FindVariable(attribute->variable), attribute->fields);
      // A map is asked for its field in place, anything else (an optional) as it is.
      const Opcode opcode = expr.optional ? Opcode::kSlotOptional : Opcode::kSlotHas;
      Emit(opcode, 1, expr, Slot(*attribute));
      return;
    }
  }
  Expression(operand);
  const Opcode opcode = expr.test_only  ? Opcode::kSelectHas
                        : expr.optional ? Opcode::kSelectOptional
                                        : Opcode::kSelect;
  Emit(opcode, 0, expr, AddName(expr.name));
}

void Generator::Index(const Expr& expr) {
  Expression(*expr.children[0]);
  Expression(*expr.children[1]);
  Emit(expr.optional ? Opcode::kIndexOptional : Opcode::kIndex, -1, expr);
}

void Generator::Binary(const Expr& expr) {
  const auto small = static_cast<uint8_t>(expr.op);
  if (IsRelation(expr.op) && folder_) {
    const auto attribute = AttributeOf(*expr.children[0]);
    const auto constant = folder_->Constant(*expr.children[1]);
    if (attribute && constant) {
      Emit(Opcode::kSlotConstant, 1, expr, Slot(*attribute), AddConstant(*constant), small);
      return;
    }
  }
  if (expr.op == Operator::kIn && InConstant(expr)) return;
  Expression(*expr.children[0]);
  Expression(*expr.children[1]);
  Emit(Opcode::kBinary, -1, expr, 0, 0, small);
}

// Membership in a longer list of constant texts is a search in a sorted one.
bool Generator::InConstant(const Expr& expr) {
  constexpr uint32_t kShort = 8;
  const auto list = folder_ ? folder_->Constant(*expr.children[1]) : std::nullopt;
  if (!list || !list->Is(Kind::kList) || list->size() <= kShort) return false;
  TextSet texts;
  for (uint32_t i = 0; i < list->size(); ++i) {
    if (!list->Element(i).Is(Kind::kString)) return false;
    texts.push_back(list->Element(i).AsText());
  }
  std::sort(texts.begin(), texts.end());
  Expression(*expr.children[0]);
  program_->texts.push_back(std::move(texts));
  Emit(Opcode::kInTexts, 0, expr, static_cast<uint32_t>(program_->texts.size() - 1));
  return true;
}

void Generator::Logical(const Expr& expr) {
  const bool is_and = expr.op == Operator::kAnd;
  std::vector<const Expr*> terms;
  for (const ExprPtr& child : expr.children) {
    const auto constant = folder_ ? folder_->Constant(*child) : std::nullopt;
    if (constant && (is_and ? constant->IsFalse() : constant->IsTrue())) {
      return Constant(*constant, expr);  // decides, whatever the others are
    }
    const bool is_idle = constant && (is_and ? constant->IsTrue() : constant->IsFalse());
    if (!is_idle) terms.push_back(child.get());
  }
  Constant(Value::Bool(is_and), expr);
  Label end;
  for (const Expr* term : terms) {
    Expression(*term);
    EmitJump(is_and ? Opcode::kAnd : Opcode::kOr, -1, expr, end);
  }
  Bind(end);
}

void Generator::Conditional(const Expr& expr) {
  const auto constant = folder_ ? folder_->Constant(*expr.children[0]) : std::nullopt;
  if (constant && constant->Is(Kind::kBool)) {
    return Expression(*expr.children[constant->AsBool() ? 1 : 2]);
  }
  Expression(*expr.children[0]);
  Label no;
  Label end;
  const uint32_t branch = Emit(Opcode::kBranch, -1, expr, kNowhere, kNowhere);
  no.jumps.emplace_back(branch, false);
  end.jumps.emplace_back(branch, true);
  Expression(*expr.children[1]);
  EmitJump(Opcode::kJump, -1, expr, end);
  Bind(no);
  Expression(*expr.children[2]);
  Bind(end);
}

std::shared_ptr<const Program> Generate(const Expr& expr, const Environment& environment,
                                        AttributeTable& table) {
  return Generator(environment, table).Run(expr, true);
}

std::shared_ptr<const Program> internal::GenerateUnfolded(const Expr& expr,
                                                          const Environment& environment,
                                                          AttributeTable& table) {
  return Generator(environment, table).Run(expr, false);
}

}  // namespace batuta::expr
