// Lays a tree out as instructions; an implementation detail of compile.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expr/compile.h"
#include "expr/fold.h"

namespace batuta::expr {

class Generator {
 public:
  Generator(const Environment& environment, AttributeTable& table);

  // The folder may be null: then nothing is computed early. Requires: it is of the same root.
  std::shared_ptr<const Program> Run(const Expr& root, bool fold);

 private:
  // A place in the code that instructions before it jump to.
  struct Label {
    std::vector<std::pair<uint32_t, bool>> jumps;  // the instruction, and if it is its b
  };
  static constexpr uint32_t kNowhere = UINT32_MAX;

  void Expression(const Expr& expr);
  void Operation(const Expr& expr);
  bool Name(const Expr& expr);
  void Select(const Expr& expr);
  void Index(const Expr& expr);
  void Binary(const Expr& expr);
  bool InConstant(const Expr& expr);
  void Logical(const Expr& expr);
  void Conditional(const Expr& expr);
  void Call(const Expr& expr);
  bool MatchesConstant(const Expr& expr, const Callee& callee);
  void List(const Expr& expr);
  void Map(const Expr& expr);
  void Message(const Expr& expr);

  void MacroCall(const Expr& expr);
  void Quantifier(const Expr& expr);
  void ExistsOne(const Expr& expr);
  void Collect(const Expr& expr);
  void Bind(const Expr& expr);
  void OptionalMap(const Expr& expr);
  // Begins a walk whose variables are from `local`; returns the instruction that takes the next.
  uint32_t BeginWalk(const Expr& expr, uint32_t local, ErrorPlace place, uint32_t error_local);

  // The attribute that an expression reads, if it only reads one.
  std::optional<Attribute> AttributeOf(const Expr& expr) const;
  uint32_t Slot(const Attribute& attribute);

  // `change` is by how much the stack grows.
  uint32_t Emit(Opcode opcode, int change, const Expr& expr, uint32_t a = 0, uint32_t b = 0,
                uint8_t small = 0);
  void EmitJump(Opcode opcode, int change, const Expr& expr, Label& target, uint8_t small = 0);
  void Constant(const Value& value, const Expr& expr);
  void Fail(ErrorCode code, const char* detail, const Expr& expr);
  void Bind(Label& label);  // it is here
  uint32_t here() const { return static_cast<uint32_t>(program_->code.size()); }
  uint32_t AddConstant(const Value& value);
  uint32_t AddName(const std::string& name);
  uint32_t OpenLocals(const std::vector<std::string>& names);
  uint32_t OpenHidden();  // a local that no name means
  void CloseLocals(size_t count);

  const Environment& environment_;
  AttributeTable& table_;
  std::shared_ptr<Program> program_;
  std::optional<Folder> folder_;
  Locals locals_;
  int depth_ = 0;
};

}  // namespace batuta::expr
