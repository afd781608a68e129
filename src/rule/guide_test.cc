// The examples of docs/rules.md are true: each is compiled, and asked of the customer that the
// guide shows.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "base/json.h"
#include "base/text.h"
#include "expr/parse.h"
#include "rule/behaviour_testing.h"
#include "rule/form.h"
#include "rule/rule_testing.h"

namespace batuta::rule {
namespace {

constexpr int64_t kSundayNoon = 1773576000;  // 2026-03-15T12:00:00Z

std::string Guide() {
  std::ostringstream text;
  text << std::ifstream("docs/rules.md").rdbuf();
  return text.str();
}

struct Example {
  std::string rule;
  std::string outcome;
};

// The rows "| what | `rule` | outcome |" of the tables of examples.
std::vector<Example> ExamplesOf(const std::string& guide) {
  std::vector<Example> examples;
  std::istringstream lines(guide);
  bool in_examples = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| what the marketer wants")) in_examples = true;
    if (line.empty()) in_examples = false;
    if (!in_examples) continue;
    const size_t begin = line.find("| `");
    const size_t end = line.rfind("` | ");
    if (!line.starts_with("| ") || begin == std::string::npos || end == std::string::npos ||
        begin == 0 || end < begin) {
      continue;
    }
    Example example;
    example.rule = absl::StrReplaceAll(line.substr(begin + 3, end - begin - 3), {{"\\|", "|"}});
    example.outcome = std::string(base::TrimAscii(line.substr(end + 4, line.size() - end - 6)));
    examples.push_back(example);
  }
  return examples;
}

// The block that begins with that line.
std::string BlockOf(const std::string& guide, const std::string& line) {
  const size_t begin = guide.find(line);
  EXPECT_NE(begin, std::string::npos) << line;
  return guide.substr(begin + line.size(), guide.find("```", begin + 3) - begin - line.size());
}

constexpr std::string_view kWhatPeopleDid = "## What people did";

TEST(Guide, EveryExampleSaysWhatTheGuideSays) {
  const std::string whole = Guide();
  const std::string guide = whole.substr(0, whole.find(kWhatPeopleDid));
  const std::string json = BlockOf(guide, "```json person\n");
  const std::vector<Example> examples = ExamplesOf(guide);
  EXPECT_EQ(examples.size(), 34u);
  for (const Example& example : examples) {
    AskedRule rule(example.rule, {}, Vocabulary());
    ASSERT_NE(rule.compiled().rule, nullptr) << example.rule << rule.Notes(example.rule);
    EXPECT_TRUE(rule.compiled().notes.empty()) << rule.Notes(example.rule);
    EXPECT_EQ(OutcomeName(rule.Ask(json, kSundayNoon)), example.outcome) << example.rule;
  }
}

TEST(Guide, EveryExampleOfWhatPeopleDidSaysSo) {
  const std::string whole = Guide();
  const std::string guide = whole.substr(whole.find(kWhatPeopleDid));
  Doer doer(
      "{kind: feature, name: recency, spec: {}}\n---\n{kind: feature, name: revenue, spec: "
      "{}}\n---\n{kind: segment, name: vip, spec: {rule: 'true'}}");
  const base::Value variables = *base::ParseJson(BlockOf(whole, "```json person\n"));
  const base::Value& person = *base::Find(variables.object(), "person");
  doer.Has(base::Find(person.object(), "traits")->object());
  const base::Value events = *base::ParseJson(BlockOf(guide, "```json events\n"));
  for (const base::Value& event : events.list().values()) doer.Did(event);
  doer.IsIn({"vip"});
  const std::vector<Example> examples = ExamplesOf(guide);
  EXPECT_EQ(examples.size(), 20u);
  for (const Example& example : examples) {
    ASSERT_EQ(doer.Notes(example.rule), "") << example.rule;
    EXPECT_EQ(OutcomeName(doer.Ask(example.rule)), example.outcome) << example.rule;
  }
}

TEST(Guide, EveryFormIsTheRuleBesideIt) {
  constexpr std::string_view kForm = "```json form\n";
  constexpr std::string_view kRule = "```cel\n";
  const std::string guide = Guide();
  int forms = 0;
  for (size_t at = guide.find(kForm); at != guide.npos; at = guide.find(kForm, at + 1)) {
    const std::string rest = guide.substr(at);
    const auto form = base::ParseJson(BlockOf(rest, std::string(kForm)));
    ASSERT_TRUE(form.ok()) << rest.substr(0, 200);
    const std::string rule(base::TrimAscii(BlockOf(rest, std::string(kRule))));
    std::vector<FormProblem> problems;
    EXPECT_EQ(TextOfForm(*form, problems), rule);
    const expr::Parsed parsed = expr::Parse(rule);
    ASSERT_NE(parsed.expr, nullptr) << rule;
    EXPECT_EQ(base::ToJson(FormOf(*parsed.expr)), base::ToJson(*form));
    EXPECT_EQ(Doer().Notes(rule), "") << rule;
    ++forms;
  }
  EXPECT_GE(forms, 4);
}

}  // namespace
}  // namespace batuta::rule
