#include "rule/problems.h"

namespace batuta::rule {

void AddProblems(const std::vector<Note>& notes, std::string_view text,
                 const resource::ResourceKey& key, std::string_view pointer,
                 std::vector<resource::Problem>& problems) {
  for (const Note& note : notes) {
    const expr::Position at = expr::Locate(text, note.span.begin);
    resource::Problem& problem = problems.emplace_back();
    problem.severity = note.severity == Severity::kError ? resource::Severity::kError
                                                         : resource::Severity::kWarning;
    problem.code = note.code;
    problem.message = MessageOf(note);
    problem.pointer = std::string(pointer);
    problem.resource = key;
    problem.inside = {static_cast<int>(at.line), static_cast<int>(at.column)};
  }
}

}  // namespace batuta::rule
