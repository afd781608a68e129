// The layout of macros.
#include "base/status.h"
#include "expr/generator.h"

namespace batuta::expr {

uint32_t Generator::OpenLocals(const std::vector<std::string>& names) {
  const auto first = static_cast<uint32_t>(locals_.size());
  locals_.insert(locals_.end(), names.begin(), names.end());
  program_->locals = std::max(program_->locals, static_cast<uint32_t>(locals_.size()));
  return first;
}

uint32_t Generator::OpenHidden() { return OpenLocals({""}); }

void Generator::CloseLocals(size_t count) { locals_.resize(locals_.size() - count); }

void Generator::MacroCall(const Expr& expr) {
  switch (expr.macro) {
    case Macro::kAll:
    case Macro::kExists:
      return Quantifier(expr);
    case Macro::kExistsOne:
      return ExistsOne(expr);
    case Macro::kMap:
    case Macro::kFilter:
    case Macro::kTransformMap:
    case Macro::kTransformEntry:
      return Collect(expr);
    case Macro::kBind:
      return Bind(expr);
    case Macro::kOptMap:
    case Macro::kOptFlatMap:
      return OptionalMap(expr);
  }
}

uint32_t Generator::BeginWalk(const Expr& expr, uint32_t local, ErrorPlace place,
                              uint32_t error_local) {
  Emit(Opcode::kIterate, -1, expr, kNowhere, error_local, static_cast<uint8_t>(place));
  const auto small = static_cast<uint8_t>(expr.variables.size() - 1);
  return Emit(Opcode::kNext, 0, expr, kNowhere, local, small);
}

// all() and exists(): an && or || of as many terms as the range has.
void Generator::Quantifier(const Expr& expr) {
  const bool is_all = expr.macro == Macro::kAll;
  Constant(Value::Bool(is_all), expr);
  Expression(*expr.children[0]);
  const uint32_t local = OpenLocals(expr.variables);
  const uint32_t loop = BeginWalk(expr, local, ErrorPlace::kTop, 0);
  Label stop;
  Expression(*expr.children[1]);
  EmitJump(is_all ? Opcode::kAnd : Opcode::kOr, -1, expr, stop);
  Emit(Opcode::kJump, 0, expr, loop);
  program_->code[loop].a = here();
  Bind(stop);
  Emit(Opcode::kStop, 0, expr);
  program_->code[loop - 1].a = here();
  CloseLocals(expr.variables.size());
}

void Generator::ExistsOne(const Expr& expr) {
  const uint32_t count = OpenHidden();
  Constant(Value::Int(0), expr);
  Emit(Opcode::kSetLocal, -1, expr, count);
  Expression(*expr.children[0]);
  const uint32_t local = OpenLocals(expr.variables);
  const uint32_t loop = BeginWalk(expr, local, ErrorPlace::kLocal, count);
  Expression(*expr.children[1]);
  const uint32_t counting = Emit(Opcode::kCount, -1, expr, kNowhere, count);
  Emit(Opcode::kJump, 0, expr, loop);
  program_->code[loop].a = here();
  program_->code[counting].a = here();
  Emit(Opcode::kStop, 0, expr);
  program_->code[loop - 1].a = here();
  Emit(Opcode::kCounted, 1, expr, count);
  CloseLocals(expr.variables.size() + 1);
}

// map(), filter() and the transformations: build a list or a map, element by element.
void Generator::Collect(const Expr& expr) {
  const bool is_map = expr.macro == Macro::kTransformMap || expr.macro == Macro::kTransformEntry;
  Emit(Opcode::kBuild, 0, expr);
  Expression(*expr.children[0]);
  const uint32_t local = OpenLocals(expr.variables);
  const uint32_t loop = BeginWalk(expr, local, ErrorPlace::kBuild, 0);
  Label stop;
  const bool has_filter = expr.macro == Macro::kFilter || expr.children.size() == 3;
  if (has_filter) {
    Expression(*expr.children[1]);
    stop.jumps.emplace_back(Emit(Opcode::kTest, -1, expr, loop, kNowhere), true);
  }
  const Expr& body = *expr.children.back();
  if (expr.macro == Macro::kFilter) {
    Emit(Opcode::kAppendLocal, 0, expr, local);
  } else {
    if (expr.macro == Macro::kTransformMap) Emit(Opcode::kLocal, 1, expr, local);
    Expression(body);
    const Opcode put = expr.macro == Macro::kMap            ? Opcode::kAppend
                       : expr.macro == Macro::kTransformMap ? Opcode::kPut
                                                            : Opcode::kPutAll;
    EmitJump(put, put == Opcode::kPut ? -2 : -1, body, stop);
  }
  Emit(Opcode::kJump, 0, expr, loop);
  program_->code[loop].a = here();
  Bind(stop);
  Emit(Opcode::kStop, 0, expr);
  program_->code[loop - 1].a = here();
  Emit(is_map ? Opcode::kMapEnd : Opcode::kListEnd, 1, expr);
  CloseLocals(expr.variables.size());
}

// An error of the value is one only where the variable is read.
void Generator::Bind(const Expr& expr) {
  Expression(*expr.children[0]);
  const uint32_t local = OpenLocals(expr.variables);
  Emit(Opcode::kSetLocal, -1, expr, local);
  Expression(*expr.children[1]);
  CloseLocals(1);
}

void Generator::OptionalMap(const Expr& expr) {
  Expression(*expr.children[0]);
  const uint32_t local = OpenLocals(expr.variables);
  const uint32_t unwrap = Emit(Opcode::kUnwrap, -1, expr, kNowhere, local);
  Expression(*expr.children[1]);
  Emit(Opcode::kWrap, 0, expr, 0, 0, expr.macro == Macro::kOptFlatMap ? 1 : 0);
  program_->code[unwrap].a = here();
  CloseLocals(1);
}

}  // namespace batuta::expr
