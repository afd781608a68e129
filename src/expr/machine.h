// The machine that runs a program; an implementation detail of evaluate.h.
#pragma once

#include "expr/evaluate.h"

namespace batuta::expr {

class Machine {
 public:
  Machine(const Program& program, Activation& activation, Evaluator& state);

  Value Run();

 private:
  // Each returns the number of the next instruction.
  uint32_t StepRare(const Instruction& instruction, uint32_t next);
  uint32_t StepBuild(const Instruction& instruction, uint32_t next);
  uint32_t StepWalk(const Instruction& instruction, uint32_t next);

  void Push(const Value& value) { *++top_ = value; }
  Value Pop() { return *top_--; }
  // Puts a result on top of the stack, an error with its place.
  void Settle(const Value& value) {
    *top_ = value;
    if (value.is_error()) [[unlikely]]
      *top_ = value.At(place_);
  }
  void Logical(const Value& term);
  void Call(const Instruction& instruction);
  void MakeList(uint32_t count);
  void MakeMapOf(uint32_t count);
  void Message(uint32_t shape);
  Value HasSlot(uint32_t slot);
  Value TestText(const Instruction& instruction);
  uint32_t Keep(const Value& error, uint32_t next);  // the error of what is being built
  uint32_t Iterate(const Instruction& instruction, uint32_t next);
  uint32_t Next(const Instruction& instruction, uint32_t next);
  uint32_t Unwrap(const Instruction& instruction, uint32_t next);
  Value EndBuild(bool is_map);

  const Program& program_;
  Activation& activation_;
  Evaluator& state_;
  Scratch& scratch_;
  Value* top_;          // of the stack; one before its beginning when it is empty
  uint32_t place_ = 0;  // of the instruction that runs
};

}  // namespace batuta::expr
