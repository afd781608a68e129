#include "expr/evaluate.h"

#include "base/status.h"
#include "base/text.h"
#include "expr/machine.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

// Of two errors of && or ||: an absent field counts more, as then the rule is unknown, not wrong.
Value Worse(const Value& kept, const Value& error) {
  if (!kept.is_error()) return error;
  const bool is_kept = kept.code() == ErrorCode::kAbsent || error.code() != ErrorCode::kAbsent;
  return is_kept ? kept : error;
}

}  // namespace

Machine::Machine(const Program& program, Activation& activation, Evaluator& state)
    : program_(program), activation_(activation), state_(state), scratch_(state.scratch_) {
  if (state.stack_.size() < program.stack + 1) state.stack_.resize(program.stack + 1);
  if (state.locals_.size() < program.locals) state.locals_.resize(program.locals);
  if (!state.walks_.empty()) state.walks_.clear();
  if (!state.builds_.empty()) state.builds_.clear();
  if (!state.building_.empty()) state.building_.clear();
  top_ = state.stack_.data();
}

// A term of && or || that does not decide it.
void Machine::Logical(const Value& term) {
  if (term.Is(Kind::kBool)) return;
  const Value error = term.is_error() ? term : NoOverload().At(place_);
  *top_ = Worse(*top_, error);
}

void Machine::Call(const Instruction& instruction) {
  const uint32_t count = instruction.b;
  const std::span<const Value> arguments(top_ - count + 1, count);
  const Value result =
      Invoke(*program_.functions[instruction.a], instruction.small != 0, arguments, scratch_);
  top_ -= count;
  ++top_;
  Settle(result);
}

Value Machine::HasSlot(uint32_t slot) {
  const Value& value = activation_.Load(slot);
  if (!value.is_error()) return Value::Bool(true);
  if (value.code() == ErrorCode::kSealed) return Value::Bool(true);
  const bool is_missing = value.code() == ErrorCode::kAbsent && value.is_last();
  return is_missing ? Value::Bool(false) : value;
}

Value Machine::Run() {
  const Instruction* code = program_.code.data();
  const auto size = static_cast<uint32_t>(program_.code.size());
  for (uint32_t at = 0; at < size;) {
    const Instruction& instruction = code[at];
    place_ = program_.places[at];
    ++at;
    switch (instruction.opcode) {
      case Opcode::kConstant:
        Push(program_.constants[instruction.a]);
        break;
      case Opcode::kSlot:
        ++top_;
        Settle(activation_.Load(instruction.a));
        break;
      case Opcode::kSlotConstant:
        ++top_;
        Settle(Apply(static_cast<Operator>(instruction.small), activation_.Load(instruction.a),
                     program_.constants[instruction.b], scratch_));
        break;
      case Opcode::kLocal:
        Push(state_.locals_[instruction.a]);
        break;
      case Opcode::kBinary: {
        const Value right = Pop();
        Settle(Apply(static_cast<Operator>(instruction.small), *top_, right, scratch_));
        break;
      }
      case Opcode::kAnd: {
        const Value term = Pop();
        if (term.IsTrue()) break;
        if (term.IsFalse()) {
          *top_ = term;
          at = instruction.a;
        } else {
          Logical(term);
        }
        break;
      }
      case Opcode::kOr: {
        const Value term = Pop();
        if (term.IsFalse()) break;
        if (term.IsTrue()) {
          *top_ = term;
          at = instruction.a;
        } else {
          Logical(term);
        }
        break;
      }
      case Opcode::kJump:
        at = instruction.a;
        break;
      case Opcode::kNot:
        Settle(Not(*top_));
        break;
      case Opcode::kCall:
        Call(instruction);
        break;
      default:
        at = StepRare(instruction, at);
    }
  }
  if (scratch_.is_over()) return Scratch::OverBudget();
  return *top_;
}

Value Evaluator::Evaluate(const Program& program, Activation& activation) {
  scratch_.Start(budget_);
  scratch_.activation = &activation;
  if (!scratch_.Charge(program.code.size())) return Scratch::OverBudget();
  return Machine(program, activation, *this).Run();
}

std::string ExplainError(const Value& error, const Program& program, const AttributeTable& table) {
  BATUTA_CHECK(error.is_error());
  const bool is_missing = error.code() == ErrorCode::kAbsent || error.code() == ErrorCode::kSealed;
  for (size_t i = 0; i < program.code.size(); ++i) {
    const Opcode opcode = program.code[i].opcode;
    const bool reads = opcode == Opcode::kSlot || opcode == Opcode::kSlotHas ||
                       opcode == Opcode::kSlotOptional || opcode == Opcode::kSlotConstant;
    if (!reads || program.places[i] != error.at()) continue;
    const std::string name = base::StrCat("`", table.at(program.code[i].a).Name(), "`");
    return is_missing ? base::StrCat(name, " is ", Name(error.code()))
                      : base::StrCat(name, ": ", error.detail());
  }
  return error.detail();
}

Verdict VerdictOf(const Value& value) {
  if (value.Is(Kind::kBool)) return value.AsBool() ? Verdict::kTrue : Verdict::kFalse;
  const bool is_unknown = value.is_error() && (value.code() == ErrorCode::kAbsent ||
                                               value.code() == ErrorCode::kSealed);
  return is_unknown ? Verdict::kUnknown : Verdict::kFailed;
}

}  // namespace batuta::expr
