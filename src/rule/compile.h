// From the text of a rule to what can be asked of people: parsed, checked against the vocabulary of
// its site, and compiled, with all that is wrong at once.
//
// Errors refuse the rule: unknown names, types that do not go together, personal fields that are
// sealed, fields that are kept for other purposes, what costs too much, what timers cannot keep.
// Warnings do not: names of traits that are nearly those of declared ones, rules that nobody or
// everybody fits. Thread-safe but for the table of attributes, which rules of one set share.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "expr/activation.h"
#include "expr/ast.h"
#include "expr/diagnostic.h"
#include "expr/evaluate.h"
#include "expr/program.h"
#include "expr/type.h"
#include "feature/spec.h"
#include "rule/aggregates.h"
#include "rule/population.h"
#include "rule/turns.h"
#include "rule/vocabulary.h"

namespace batuta::rule {

// Longer texts are refused.
inline constexpr size_t kRuleBytesMax = 16 * 1024;
// What one evaluation may cost at most, in units of expr/scratch.h: below a millisecond.
inline constexpr uint64_t kRuleBudget = 50'000;

enum class Severity : uint8_t { kError, kWarning };

struct Note {
  Severity severity = Severity::kError;
  std::string code;  // stable: "unknown_name", "type", "sealed", "purpose", "never", …
  expr::Span span;
  std::string message;
  std::string suggestion;  // what to write instead, "" if unknown
};
bool HasError(const std::vector<Note>& notes);
// "2:14: error: there is no variable `persn`; did you mean `person`?"
std::string Describe(const Note& note, std::string_view text);
// The message with the suggestion.
std::string MessageOf(const Note& note);

// What a text says: whether something holds, or what a value is (a number, a text, true or false,
// or a duration).
enum class Says : uint8_t { kWhether, kValue };

struct CompileOptions {
  Site site = Site::kDecision;
  std::string purpose = {};  // "" for none: it may read only what is kept for all
  std::string event = {};    // at kOutcome, the name that the event has; "" if it may be any
  Says says = Says::kWhether;
};

// Immutable. Refers to no text of the caller.
class Rule {
 public:
  const std::string& text() const { return text_; }
  // What was written; and what is asked, where `feature.f_0123456789abcdef` stands for an
  // aggregate, the same for all that mean the same.
  const expr::Expr& written() const { return *written_; }
  const expr::Expr& tree() const { return *tree_; }
  const expr::Program& program() const { return *program_; }
  // The paths that it reads, sorted, each once: "person.traits.plan"; aggregates as texts.
  const std::vector<std::string>& reads() const { return reads_; }
  // The tables that it looks up in, sorted, each once; also as lists and populations are kept.
  const std::vector<std::string>& tables() const { return tables_; }
  uint64_t cost() const { return cost_; }  // the most that it is expected to cost
  // The aggregates that have to be kept for it, each once, and what people write for them.
  const std::vector<feature::FeatureSpec>& aggregates() const { return aggregates_; }
  const AggregateTexts& texts() const { return texts_; }
  // What it asks for by `topN`.
  const Tops& tops() const { return tops_; }
  // The segments that it asks for.
  const std::set<std::string>& segments() const { return segments_; }
  // Of a segment: when the passing of time alone changes it, but for what features say.
  const Turns& turns() const { return turns_; }

  // The parts without && and ||, as explain.h asks them.
  struct Part {
    const expr::Expr* expr = nullptr;
    std::string text = {};  // in its one form
    std::shared_ptr<const expr::Program> program;
    std::string path = {};  // of a comparison with a constant; see Leaf
    std::string comparison = {};
    base::Value expected = {};
    // Of a standing in a population that is compared: what it is; else null.
    std::shared_ptr<const expr::Program> standing = nullptr;
  };
  // Requires: a part of the tree that is no && and || nor under one's `!`.
  const Part& PartOf(const expr::Expr& expr) const;

 private:
  friend class Compilation;
  std::string text_;
  expr::ExprPtr written_;
  expr::ExprPtr tree_;
  std::shared_ptr<const expr::Program> program_;
  std::vector<std::string> reads_;
  std::vector<std::string> tables_;
  uint64_t cost_ = 0;
  std::vector<feature::FeatureSpec> aggregates_;
  AggregateTexts texts_;
  Tops tops_;
  std::set<std::string> segments_;
  Turns turns_;
  std::vector<Part> parts_;
};

struct Compiled {
  std::shared_ptr<const Rule> rule;  // null if there are errors
  expr::Type type;                   // of the result, if it was checked
  std::vector<Note> notes;           // by place
};

Compiled Compile(std::string_view text, const Vocabulary& vocabulary, const CompileOptions& options,
                 expr::AttributeTable& table);

}  // namespace batuta::rule
