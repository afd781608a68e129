#include "rule/compile.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "expr/check.h"
#include "expr/compile.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "feature/recognise.h"
#include "rule/checks.h"
#include "rule/constant.h"
#include "rule/lookup.h"
#include "rule/reads.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::Operator;

bool IsNot(const Expr& expr) { return expr.kind == ExprKind::kUnary && expr.op == Operator::kNot; }

// Calls `visit` with each part that is no &&, || or `!` of such.
template <typename Visit>
void ForEachPart(const Expr& expr, const Visit& visit) {
  if (expr.kind == ExprKind::kLogical || IsNot(expr)) {
    for (const expr::ExprPtr& child : expr.children) ForEachPart(*child, visit);
  } else {
    visit(expr);
  }
}

bool IsComparison(const Expr& expr) {
  return expr.kind == ExprKind::kBinary && expr.op >= Operator::kLess && expr.op <= Operator::kIn;
}

// Mistakes of names, told apart from those of types, for programs that read the codes.
std::string CodeOf(const std::string& message) {
  return message.starts_with("there is no") || message.find("has no field") != std::string::npos
             ? "unknown_name"
             : "type";
}

}  // namespace

bool HasError(const std::vector<Note>& notes) {
  return std::any_of(notes.begin(), notes.end(),
                     [](const Note& note) { return note.severity == Severity::kError; });
}

std::string MessageOf(const Note& note) {
  if (note.suggestion.empty()) return note.message;
  return base::StrCat(note.message, "; did you mean `", note.suggestion, "`?");
}

std::string Describe(const Note& note, std::string_view text) {
  const expr::Position at = expr::Locate(text, note.span.begin);
  return base::StrCat(
      at.line, ":", at.column,
      note.severity == Severity::kError ? ": error: " : ": warning: ", MessageOf(note));
}

const Rule::Part& Rule::PartOf(const expr::Expr& expr) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(),
                                  [&](const Part& part) { return part.expr == &expr; });
  BATUTA_CHECK(found != parts_.end());
  return *found;
}

// One rule on its way through the steps; each stops the way if it finds errors.
class Compilation {
 public:
  Compilation(std::string_view text, const Vocabulary& vocabulary, const CompileOptions& options,
              expr::AttributeTable& table)
      : text_(text),
        vocabulary_(vocabulary),
        options_(options),
        environment_(vocabulary.EnvironmentOf(options.site)),
        table_(table) {
    if (!options.event.empty()) environment_.Declare("event", vocabulary.EventType(options.event));
  }

  Compiled Run() {
    if (Parse() && Recognise() && CompleteCalls() && CheckTypes() && CheckMeaning()) Generate();
    std::sort(compiled_.notes.begin(), compiled_.notes.end(), [](const Note& a, const Note& b) {
      return std::tie(a.span.begin, a.span.end, a.message) <
             std::tie(b.span.begin, b.span.end, b.message);
    });
    return std::move(compiled_);
  }

 private:
  bool Fail(std::string_view code, expr::Span span, std::string message,
            std::string suggestion = "") {
    compiled_.notes.push_back(
        {Severity::kError, std::string(code), span, std::move(message), std::move(suggestion)});
    return false;
  }

  bool Parse() {
    if (text_.size() > kRuleBytesMax) {
      return Fail("too_long", {0, 1},
                  base::StrCat("a rule has at most ", kRuleBytesMax, " bytes; this one has ",
                               text_.size()));
    }
    expr::Parsed parsed = expr::Parse(text_);
    for (expr::Diagnostic& one : parsed.diagnostics) {
      Fail("syntax", one.span, std::move(one.message), std::move(one.suggestion));
    }
    tree_ = std::move(parsed.expr);
    if (tree_ != nullptr) written_ = expr::Clone(*tree_);
    return tree_ != nullptr;
  }

  // From here on variables stand in the places of aggregates.
  bool Recognise() {
    feature::Recognition recognition = feature::Recognise(tree_, vocabulary_.plan());
    for (expr::Diagnostic& one : recognition.diagnostics) {
      Fail("aggregate", one.span, std::move(one.message), std::move(one.suggestion));
    }
    found_ = std::move(recognition.found);
    if (HasError(compiled_.notes)) return false;
    if (found_.empty()) return true;
    if (options_.site == Site::kStatement) {
      return Fail("reserved", found_[0].span,
                  "a rule on a statement sees the statement alone, not what the person did");
    }
    std::vector<feature::NamedType> types;
    for (const feature::Found& found : found_) {
      AddText(found.spec, texts_);
      types.push_back({feature::IdOf(found.spec), feature::TypeOf(found.spec).type});
    }
    environment_.Declare("feature", vocabulary_.FeatureType(std::move(types)));
    return true;
  }

  // From here on calls of populations read what the population is of.
  bool CompleteCalls() {
    PopulationCalls calls = CompletePopulationCalls(vocabulary_.populations(), *tree_);
    if (options_.site == Site::kStatement && !calls.populations.empty()) {
      return Fail("reserved", tree_->span,
                  "a rule on a statement sees the statement alone, not where people stand");
    }
    for (expr::Diagnostic& one : calls.diagnostics) {
      const std::string code = CodeOf(one.message);
      Fail(code == "type" ? "population" : code, one.span, std::move(one.message),
           std::move(one.suggestion));
    }
    tops_ = std::move(calls.tops);
    return !HasError(compiled_.notes);
  }

  bool CheckTypes() {
    expr::Checked checked = expr::Check(*tree_, environment_);
    compiled_.type = checked.type;
    for (expr::Diagnostic& one : checked.diagnostics) {
      const std::string code = CodeOf(one.message);
      Fail(code, one.span, std::move(one.message), std::move(one.suggestion));
    }
    if (checked.diagnostics.empty()) CheckResult(checked.type);
    // What must not be read is told along with what cannot be.
    reads_ = ReadsOf(*tree_, environment_);
    CheckReads(reads_, vocabulary_, options_, compiled_.notes);
    segments_ = CheckSegments(*tree_, vocabulary_, options_, environment_, compiled_.notes);
    CheckAggregates(found_, *written_, vocabulary_, options_, compiled_.notes);
    CheckEvents(found_, *written_, vocabulary_, compiled_.notes);
    return !HasError(compiled_.notes);
  }

  void CheckResult(const expr::Type& type) {
    using Tag = expr::Type::Tag;
    if (type.Is(Tag::kBool) || type.Is(Tag::kDyn)) return;
    if (options_.says == Says::kWhether) {
      Fail("type", tree_->span, base::StrCat("a rule is true or false; this is a ", type.Name()));
      return;
    }
    for (const Tag tag : {Tag::kInt, Tag::kUint, Tag::kDouble, Tag::kString, Tag::kDuration}) {
      if (type.Is(tag)) return;
    }
    Fail("type", tree_->span,
         base::StrCat("this must be a number, a text, a duration, or true or false; it is a ",
                      type.Name()));
  }

  bool CheckMeaning() {
    cost_ = CostOf(*tree_);
    if (cost_ > kRuleBudget) {
      Fail("too_expensive", tree_->span,
           base::StrCat("this may cost ", cost_, " steps for one person, and at most ", kRuleBudget,
                        " are allowed; walk through fewer lists inside lists"));
    }
    if (options_.site == Site::kSegment) CheckNow(*tree_, compiled_.notes);
    if (options_.says == Says::kValue) return !HasError(compiled_.notes);
    const Possible possible = PossibleOutcomes(*tree_, environment_);
    const auto warn = [&](std::string_view code, std::string_view message) {
      compiled_.notes.push_back(
          {Severity::kWarning, std::string(code), tree_->span, std::string(message), ""});
    };
    if (!possible.is_true)
      warn("never", "nobody can fit this: its conditions contradict each other");
    if (!possible.is_false && possible.is_true) {
      warn("always", "everybody of whom it can be told fits this: it has no effect");
    }
    return !HasError(compiled_.notes);
  }

  void Generate() {
    auto rule = std::make_shared<Rule>();
    rule->text_ = std::string(text_);
    rule->program_ = expr::Generate(*tree_, environment_, table_);
    rule->cost_ = cost_;
    rule->tables_ = TablesOf(*tree_);
    if (options_.site == Site::kSegment) rule->turns_ = Turns::Of(*tree_, environment_, table_);
    if (options_.says == Says::kWhether) AddParts(*rule);
    std::set<std::string> paths;
    for (const Read& read : reads_) paths.insert(NameIn(texts_, read.Path()));
    rule->reads_.assign(paths.begin(), paths.end());
    std::set<uint64_t> numbers;
    for (feature::Found& found : found_) {
      if (numbers.insert(feature::NumberOf(found.spec)).second) {
        rule->aggregates_.push_back(std::move(found.spec));
      }
    }
    rule->tops_ = std::move(tops_);
    rule->segments_ = std::move(segments_);
    rule->written_ = std::move(written_);
    rule->tree_ = std::move(tree_);
    rule->texts_ = std::move(texts_);
    compiled_.rule = std::move(rule);
  }

  void AddParts(Rule& rule) {
    // Aggregates stand within parts, so both trees have the same.
    std::vector<const Expr*> written;
    ForEachPart(*written_, [&](const Expr& part) { written.push_back(&part); });
    ForEachPart(*tree_, [&](const Expr& part) {
      rule.parts_.push_back(PartFor(part, *written[rule.parts_.size()]));
    });
  }

  Rule::Part PartFor(const Expr& expr, const Expr& written) {
    Rule::Part part{.expr = &expr,
                    .text = expr::Print(written),
                    .program = expr::Generate(expr, environment_, table_)};
    if (!IsComparison(expr)) {
      const Read read = ReadOf(expr, environment_);
      if (read.variable.empty()) return part;
      part.path = NameIn(texts_, read.Path());
      part.comparison = read.is_presence ? "has" : "";
      return part;
    }
    const Read left = ReadOf(*expr.children[0], environment_);
    const auto constant = ConstantOf(*expr.children[1]);
    const bool is_standing = IsStanding(*expr.children[0]);
    if ((left.variable.empty() && !is_standing) || !constant.has_value()) return part;
    part.path = is_standing ? expr::Print(*written.children[0]) : NameIn(texts_, left.Path());
    if (is_standing) part.standing = expr::Generate(*expr.children[0], environment_, table_);
    part.comparison = expr::Spelling(expr.op);
    part.expected = *constant;
    return part;
  }

  std::string_view text_;
  const Vocabulary& vocabulary_;
  const CompileOptions& options_;
  expr::Environment environment_;
  expr::AttributeTable& table_;
  expr::ExprPtr written_;
  expr::ExprPtr tree_;
  std::vector<feature::Found> found_;
  AggregateTexts texts_;
  std::vector<Read> reads_;
  Tops tops_;
  std::set<std::string> segments_;
  uint64_t cost_ = 0;
  Compiled compiled_;
};

Compiled Compile(std::string_view text, const Vocabulary& vocabulary, const CompileOptions& options,
                 expr::AttributeTable& table) {
  return Compilation(text, vocabulary, options, table).Run();
}

}  // namespace batuta::rule
