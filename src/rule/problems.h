// What is wrong with a rule, as a problem of the resource that it stands in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resource/problem.h"
#include "rule/compile.h"

namespace batuta::rule {

// One problem a note. `pointer` leads to the text of the rule in the resource.
void AddProblems(const std::vector<Note>& notes, std::string_view text,
                 const resource::ResourceKey& key, std::string_view pointer,
                 std::vector<resource::Problem>& problems);

}  // namespace batuta::rule
