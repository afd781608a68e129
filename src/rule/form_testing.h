// Forms and their texts, as tests write them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "expr/parse.h"
#include "rule/form.h"

namespace batuta::rule {

// The text of a form, or its first problem.
inline std::string ToText(std::string_view form) {
  std::vector<FormProblem> problems;
  const auto parsed = base::ParseJson(form);
  EXPECT_TRUE(parsed.ok()) << form;
  const std::string text = TextOfForm(*parsed, problems);
  for (const FormProblem& problem : problems) {
    EXPECT_TRUE(text.empty());
    return base::StrCat(problem.pointer, ": ", problem.message);
  }
  return text;
}

inline std::string ToForm(std::string_view text) {
  const expr::Parsed parsed = expr::Parse(text);
  EXPECT_NE(parsed.expr, nullptr) << text;
  return base::ToJson(FormOf(*parsed.expr));
}

// The same, said in both ways.
struct Pair {
  const char* form;
  const char* text;
};

}  // namespace batuta::rule
