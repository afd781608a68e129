// A rule, compiled: instructions for a machine with a stack, and the constants they use.
//
// Made by compile.h, run by evaluate.h. Immutable; may be evaluated by many threads at once, each
// with an Evaluator of its own. Refers to no source text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/arena.h"
#include "expr/function.h"
#include "expr/message.h"
#include "expr/pattern.h"
#include "expr/value.h"

namespace batuta::expr {

// What an instruction does with the stack is written as "before -> after".
enum class Opcode : uint8_t {
  kConstant,        // -> constants[a]
  kSlot,            // -> the attribute of slot a
  kSlotHas,         // -> has() of it
  kSlotOptional,    // -> it as an optional
  kLocal,           // -> locals[a]
  kSetLocal,        // v -> ; locals[a] = v
  kSelect,          // v -> v.names[a]
  kSelectHas,       // v -> has(v.names[a])
  kSelectOptional,  // v -> v.?names[a]
  kIndex,           // v i -> v[i]
  kIndexOptional,   // v i -> v[?i]
  kNot,             // v -> !v
  kNegate,          // v -> -v
  kBinary,          // v w -> v op w; op is small
  kSlotConstant,    // -> slot a op constants[b]; op is small
  kAnd,             // all v -> all && v; to a if that is false
  kOr,              // any v -> any || v; to a if that is true
  kBranch,          // v -> ; to a if false; an error -> that error, to b
  kJump,            // to a
  kCall,            // arguments -> result; of functions[a], b of them, small: as a member
  kInTexts,         // v -> v in texts[a]
  kMatches,         // v -> v matches patterns[a]
  kMakeList,        // a values -> list
  kMakeMap,         // a keys and values -> map
  kBuild,           // begins to build a list or map
  kAppend,          // v -> ; appends it; small: v is an optional. An error is kept, and goes to a
  kAppendLocal,     // appends locals[a]
  kPut,      // k v -> ; appends both; small: v is an optional. An error is kept, and goes to a
  kPutAll,   // m -> ; appends its entries. An error is kept, and goes to a
  kTest,     // v -> ; to a if false; an error is kept, and goes to b
  kListEnd,  // -> what was built
  kMapEnd,   // -> what was built
  kIterate,  // v -> ; begins to walk through v; small: where an error goes, which goes to a
  kNext,  // the next element to locals[b], and if small the value to locals[b + 1]; to a at the end
  kStop,  // ends the walk
  kCount,    // v -> ; adds 1 to locals[b] if true; an error is kept there, and goes to a
  kCounted,  // -> if locals[a] is 1, or its error
  kUnwrap,   // o -> ; its value to locals[b]; none or an error -> it, to a
  kWrap,     // v -> an optional of it; small: v as it is, which must be an optional
  kFail,     // -> the error constants[a]
  kMessage,  // the values of the fields of messages[a] -> the value
};

// Where an error of kIterate goes.
enum class ErrorPlace : uint8_t { kTop, kBuild, kLocal };  // kLocal: to locals[b]

struct Instruction {
  Opcode opcode;
  uint8_t small = 0;
  uint32_t a = 0;
  uint32_t b = 0;
};

// The elements of a constant list of texts, sorted.
using TextSet = std::vector<std::string_view>;

struct Program {
  std::vector<Instruction> code;
  std::vector<uint32_t> places;  // of each instruction, the byte of the source it comes from
  std::vector<Value> constants;
  std::vector<std::string> names;
  std::vector<const Function*> functions;
  std::vector<Pattern> patterns;
  std::vector<TextSet> texts;
  std::vector<MessageShape> messages;
  std::vector<uint32_t> slots;  // that it may read, sorted
  uint32_t locals = 0;
  uint32_t iterators = 0;
  uint32_t builds = 0;
  uint32_t stack = 0;

  Arena arena;  // of the constants
  std::shared_ptr<const FunctionTable> functions_owner;
};

}  // namespace batuta::expr
