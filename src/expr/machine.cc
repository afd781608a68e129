// The rarer instructions: calls, construction, walks through lists and maps.
#include "expr/machine.h"

#include <algorithm>

#include "base/status.h"
#include "expr/compare.h"
#include "expr/operators.h"

namespace batuta::expr {

void Machine::MakeList(uint32_t count) {
  const std::span<const Value> elements(top_ - count + 1, count);
  Value result;
  for (const Value& element : elements) {
    if (element.is_error() && !result.is_error()) result = element;
  }
  if (!result.is_error()) {
    result =
        scratch_.Charge(count) ? Value::List(scratch_.arena.Copy(elements)) : Scratch::OverBudget();
  }
  top_ -= count;
  ++top_;
  Settle(result);
}

void Machine::MakeMapOf(uint32_t count) {
  std::vector<Entry> entries;
  entries.reserve(count);
  const Value* first = top_ - 2 * count + 1;
  for (uint32_t i = 0; i < count; ++i) entries.push_back({first[2 * i], first[2 * i + 1]});
  top_ -= 2 * count;
  ++top_;
  Settle(MakeMap(entries, scratch_));
}

void Machine::Message(uint32_t shape) {
  const MessageShape& message = program_.messages[shape];
  const auto count = static_cast<uint32_t>(message.fields.size());
  const Value result = MakeMessage(message, {top_ - count + 1, count}, scratch_);
  top_ -= count;
  ++top_;
  Settle(result);
}

Value Machine::TestText(const Instruction& instruction) {
  const bool is_text = top_->Is(Kind::kString);
  if (instruction.opcode == Opcode::kInTexts) {
    const TextSet& texts = program_.texts[instruction.a];
    return Value::Bool(is_text && std::binary_search(texts.begin(), texts.end(), top_->AsText()));
  }
  if (!is_text) return NoOverload();
  if (!scratch_.ChargeBytes(top_->AsText().size() * 4)) return Scratch::OverBudget();
  return Value::Bool(program_.patterns[instruction.a].Matches(top_->AsText()));
}

uint32_t Machine::StepRare(const Instruction& instruction, uint32_t next) {
  const uint32_t a = instruction.a;
  switch (instruction.opcode) {
    case Opcode::kSlotHas:
      ++top_;
      Settle(HasSlot(a));
      return next;
    case Opcode::kSlotOptional:
      ++top_;
      Settle(ToOptional(activation_.Load(a), scratch_));
      return next;
    case Opcode::kSetLocal:
      state_.locals_[a] = Pop();
      return next;
    case Opcode::kSelect:
      Settle(Select(*top_, program_.names[a], scratch_));
      return next;
    case Opcode::kSelectHas:
      Settle(HasField(*top_, program_.names[a]));
      return next;
    case Opcode::kSelectOptional:
      Settle(SelectOptional(*top_, program_.names[a], scratch_));
      return next;
    case Opcode::kIndex:
    case Opcode::kIndexOptional: {
      const Value index = Pop();
      const bool is_plain = instruction.opcode == Opcode::kIndex;
      Settle(is_plain ? Index(*top_, index, scratch_) : IndexOptional(*top_, index, scratch_));
      return next;
    }
    case Opcode::kNegate:
      Settle(Negate(*top_));
      return next;
    case Opcode::kBranch: {
      const Value condition = Pop();
      if (condition.IsTrue()) return next;
      if (condition.IsFalse()) return a;
      ++top_;
      Settle(condition.is_error() ? condition : NoOverload());
      return instruction.b;
    }
    case Opcode::kMatches:
    case Opcode::kInTexts:
      if (!top_->is_error()) Settle(TestText(instruction));
      return next;
    case Opcode::kMakeList:
      MakeList(a);
      return next;
    case Opcode::kMakeMap:
      MakeMapOf(a);
      return next;
    case Opcode::kMessage:
      Message(a);
      return next;
    case Opcode::kFail:
      ++top_;
      Settle(program_.constants[a]);
      return next;
    default:
      return StepBuild(instruction, next);
  }
}

uint32_t Machine::Keep(const Value& error, uint32_t next) {
  Value& kept = state_.builds_.back().error;
  if (!kept.is_error()) kept = (error.is_error() ? error : NoOverload()).At(place_);
  return next;
}

Value Machine::EndBuild(bool is_map) {
  const Evaluator::Build build = state_.builds_.back();
  state_.builds_.pop_back();
  const std::span<const Value> built(state_.building_.data() + build.begin,
                                     state_.building_.size() - build.begin);
  Value result = build.error;
  if (!result.is_error() && !scratch_.Charge(built.size())) result = Scratch::OverBudget();
  if (!result.is_error() && !is_map) result = Value::List(scratch_.arena.Copy(built));
  if (!result.is_error() && is_map) {
    std::vector<Entry> entries;
    entries.reserve(built.size() / 2);
    for (size_t i = 0; i + 1 < built.size(); i += 2) entries.push_back({built[i], built[i + 1]});
    result = MakeMap(entries, scratch_);
  }
  state_.building_.resize(build.begin);
  return result;
}

uint32_t Machine::StepBuild(const Instruction& instruction, uint32_t next) {
  std::vector<Value>& building = state_.building_;
  switch (instruction.opcode) {
    case Opcode::kBuild:
      state_.builds_.push_back({building.size(), Value()});
      return next;
    case Opcode::kAppend:
    case Opcode::kPut: {
      Value value = Pop();
      const Value key = instruction.opcode == Opcode::kPut ? Pop() : Value();
      if (key.is_error()) return Keep(key, instruction.a);
      if (value.is_error()) return Keep(value, instruction.a);
      if (instruction.small != 0) {
        if (!value.Is(Kind::kOptional)) return Keep(NoOverload(), instruction.a);
        if (value.optional() == nullptr) return next;
        value = *value.optional();
      }
      if (instruction.opcode == Opcode::kPut) building.push_back(key);
      building.push_back(value);
      return next;
    }
    case Opcode::kAppendLocal:
      building.push_back(state_.locals_[instruction.a]);
      return next;
    case Opcode::kPutAll: {
      const Value map = Pop();
      if (!map.Is(Kind::kMap)) return Keep(map, instruction.a);
      if (!scratch_.Charge(map.size())) return Keep(Scratch::OverBudget(), instruction.a);
      for (uint32_t i = 0; i < map.size(); ++i) {
        building.push_back(map.Key(i));
        building.push_back(map.Held(i));
      }
      return next;
    }
    case Opcode::kTest: {
      const Value condition = Pop();
      if (condition.IsTrue()) return next;
      return condition.IsFalse() ? instruction.a : Keep(condition, instruction.b);
    }
    case Opcode::kListEnd:
    case Opcode::kMapEnd:
      ++top_;
      Settle(EndBuild(instruction.opcode == Opcode::kMapEnd));
      return next;
    default:
      return StepWalk(instruction, next);
  }
}

uint32_t Machine::Iterate(const Instruction& instruction, uint32_t next) {
  const Value range = Pop();
  if (range.Is(Kind::kList) || range.Is(Kind::kMap)) {
    state_.walks_.push_back({range, 0});
    return next;
  }
  const Value error = (range.is_error() ? range : NoOverload()).At(place_);
  switch (static_cast<ErrorPlace>(instruction.small)) {
    case ErrorPlace::kTop:
      *top_ = error;
      break;
    case ErrorPlace::kBuild:
      Keep(error, next);
      break;
    case ErrorPlace::kLocal:
      state_.locals_[instruction.b] = error;
      break;
  }
  return instruction.a;
}

uint32_t Machine::Next(const Instruction& instruction, uint32_t next) {
  Evaluator::Walk& walk = state_.walks_.back();
  if (walk.next >= walk.range.size()) return instruction.a;
  // One round runs at most the instructions up to the end of the walk.
  if (!scratch_.Charge(instruction.a - next + 1)) return instruction.a;
  const uint32_t at = walk.next++;
  const bool is_map = walk.range.Is(Kind::kMap);
  Value* locals = state_.locals_.data() + instruction.b;
  if (instruction.small == 0) {
    locals[0] = is_map ? walk.range.Key(at) : walk.range.Element(at);
  } else {
    locals[0] = is_map ? walk.range.Key(at) : Value::Int(at);
    locals[1] = is_map ? walk.range.Held(at) : walk.range.Element(at);
  }
  return next;
}

uint32_t Machine::Unwrap(const Instruction& instruction, uint32_t next) {
  const Value optional = Pop();
  if (optional.Is(Kind::kOptional) && optional.optional() != nullptr) {
    state_.locals_[instruction.b] = *optional.optional();
    return next;
  }
  ++top_;
  const bool is_passed = optional.is_error() || optional.Is(Kind::kOptional);
  Settle(is_passed ? optional : NoOverload());
  return instruction.a;
}

uint32_t Machine::StepWalk(const Instruction& instruction, uint32_t next) {
  switch (instruction.opcode) {
    case Opcode::kIterate:
      return Iterate(instruction, next);
    case Opcode::kNext:
      return Next(instruction, next);
    case Opcode::kStop:
      state_.walks_.pop_back();
      return next;
    case Opcode::kCount: {
      const Value term = Pop();
      Value& count = state_.locals_[instruction.b];
      if (term.IsFalse()) return next;
      if (term.IsTrue()) {
        count = Value::Int(count.AsInt() + 1);
        return next;
      }
      count = (term.is_error() ? term : NoOverload()).At(place_);
      return instruction.a;
    }
    case Opcode::kCounted: {
      const Value count = state_.locals_[instruction.a];
      Push(count.is_error() ? count : Value::Bool(count.AsInt() == 1));
      return next;
    }
    case Opcode::kUnwrap:
      return Unwrap(instruction, next);
    case Opcode::kWrap: {
      if (top_->is_error()) return next;
      if (instruction.small == 0) {
        Settle(Value::Some(scratch_.arena.New(*top_)));
      } else if (!top_->Is(Kind::kOptional)) {
        Settle(NoOverload());
      }
      return next;
    }
    default:
      BATUTA_CHECK(false, "an instruction that there is not");
      return next;
  }
}

}  // namespace batuta::expr
