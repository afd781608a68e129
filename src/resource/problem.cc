#include "resource/problem.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "base/value.h"

namespace batuta::resource {
namespace {

std::string_view SeverityName(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

// What stands for the place when the text is not known.
std::string WhereWithoutText(const Problem& problem) {
  std::string where = problem.place.ToString();
  for (const std::string* part : {&problem.resource.kind, &problem.resource.name, &problem.pointer})
    if (!part->empty()) base::StrAppend(&where, where.empty() ? "" : " ", *part);
  return where;
}

base::Value ProblemValue(const Problem& problem) {
  base::Value value;
  base::Fields& object = *value.mutable_object();
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) base::SetField(object, name, base::TextValue(text));
  };
  add("severity", SeverityName(problem.severity));
  add("code", problem.code);
  // The pointer "" is the whole document, which is worth saying.
  base::SetField(object, "pointer", base::TextValue(problem.pointer));
  add("detail", problem.message);
  add("kind", problem.resource.kind);
  add("name", problem.resource.name);
  add("file", problem.place.file);
  if (problem.place.line > 0) {
    base::SetField(object, "line", base::NumberValue(problem.place.line));
    base::SetField(object, "column", base::NumberValue(problem.place.column));
  }
  return value;
}

auto Order(const Problem& problem) {
  return std::tie(problem.place, problem.resource, problem.pointer, problem.severity, problem.code,
                  problem.message);
}

}  // namespace

bool HasError(absl::Span<const Problem> problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& p) { return p.severity == Severity::kError; });
}

std::string ToText(const Problem& problem) {
  const std::string where =
      problem.place.line > 0 ? problem.place.ToString() : WhereWithoutText(problem);
  return base::StrCat(where, where.empty() ? "" : ": ", SeverityName(problem.severity), ": ",
                      problem.message, " [", problem.code, "]");
}

std::string ToText(absl::Span<const Problem> problems) {
  std::string text;
  for (const Problem& problem : problems) base::StrAppend(&text, ToText(problem), "\n");
  return text;
}

base::Value ToValue(absl::Span<const Problem> problems) {
  base::Value list;
  list.mutable_list();
  for (const Problem& problem : problems)
    *list.mutable_list()->add_values() = ProblemValue(problem);
  return list;
}

void SortProblems(std::vector<Problem>& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return Order(a) < Order(b); });
  const auto end =
      std::unique(problems.begin(), problems.end(),
                  [](const Problem& a, const Problem& b) { return Order(a) == Order(b); });
  problems.erase(end, problems.end());
}

}  // namespace batuta::resource
