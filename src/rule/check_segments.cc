// What a rule asks of segments: whether the person is in one that it names.
#include <algorithm>

#include "base/text.h"
#include "rule/checks.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::Operator;

class SegmentCheck {
 public:
  SegmentCheck(const Vocabulary& vocabulary, const CompileOptions& options,
               const expr::Environment& environment, std::vector<Note>& notes)
      : vocabulary_(vocabulary), options_(options), environment_(environment), notes_(notes) {}

  void Visit(const Expr& expr) {
    if (expr.kind == ExprKind::kBinary && expr.op == Operator::kIn && IsList(*expr.children[1])) {
      const Expr& left = *expr.children[0];
      const auto* name = std::get_if<std::string>(&left.literal);
      if (left.kind == ExprKind::kLiteral && name != nullptr) return Take(*name, left.span);
    }
    if (IsList(expr)) {
      notes_.push_back({Severity::kError, "segments", expr.span,
                        "what can be asked of segments is whether the person is in one: "
                        "`\"gold\" in person.segments`",
                        ""});
      return;
    }
    for (const expr::ExprPtr& child : expr.children) Visit(*child);
  }

  std::set<std::string> TakeNames() { return std::move(names_); }

 private:
  bool IsList(const Expr& expr) const {
    const Read read = ReadOf(expr, environment_);
    return read.variable == "person" && !read.fields.empty() && read.fields[0] == "segments";
  }

  // Segments that ask for each other are sorted out when all of them are known.
  void Take(const std::string& name, expr::Span span) {
    names_.insert(name);
    const std::vector<std::string>& known = vocabulary_.segments();
    if (options_.site == Site::kSegment || std::binary_search(known.begin(), known.end(), name)) {
      return;
    }
    notes_.push_back({Severity::kError, "unknown_reference", span,
                      base::StrCat("there is no segment `", name, "`"),
                      base::Suggest(name, known)});
  }

  const Vocabulary& vocabulary_;
  const CompileOptions& options_;
  const expr::Environment& environment_;
  std::vector<Note>& notes_;
  std::set<std::string> names_;
};

}  // namespace

std::set<std::string> CheckSegments(const Expr& expr, const Vocabulary& vocabulary,
                                    const CompileOptions& options,
                                    const expr::Environment& environment,
                                    std::vector<Note>& notes) {
  SegmentCheck check(vocabulary, options, environment, notes);
  check.Visit(expr);
  return check.TakeNames();
}

}  // namespace batuta::rule
