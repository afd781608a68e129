#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "resource/check.h"
#include "resource/kind.h"
#include "resource/sample_company.h"

namespace batuta::resource {
namespace {

constexpr int kMutations = 2000;

// Changes one or two spots of the text: a byte, a piece removed, repeated or moved, a token put
// in.
std::string Mutate(std::string text, base::Random& random) {
  static constexpr std::string_view kTokens[] = {
      "{",     "}",     "[",   "]",  ":",    ": ",        "- ", "\n",    "\t",
      "\"",    "'",     "&a ", "*a", "<<: ", "!x ",       "|",  ">",     "%",
      "---\n", "...\n", "#",   "? ", "~",    "null",      "-1", "1e400", "9999999999999999999",
      "\xFF",  "é",     "\\",  "  ", ",",    "kind: x\n", "@",  "`"};
  for (uint64_t left = 1 + random.Below(2); left > 0 && !text.empty(); --left) {
    const size_t at = random.Below(text.size());
    const size_t length = 1 + random.Below(40);
    switch (random.Below(5)) {
      case 0:
        text[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(random.Below(text.size()), text.substr(at, length));
        break;
      case 3:
        text.insert(at, kTokens[random.Below(std::size(kTokens))]);
        break;
      default:
        text.replace(at, length, kTokens[random.Below(std::size(kTokens))]);
    }
  }
  return text;
}

TEST(Mutations, AlwaysGiveAValidSetOrErrorsWithPlaces) {
  const std::vector<SampleFile> files = ReadSampleCompany();
  std::vector<std::vector<Document>> right;
  for (const SampleFile& file : files) right.push_back(ParseFiles({file}).documents);
  int valid_count = 0;
  for (int i = 0; i < kMutations; ++i) {
    base::Random random(42, {0, static_cast<uint64_t>(i)}, "test", "mutation");
    const size_t chosen = random.Below(files.size());
    SCOPED_TRACE(absl::StrCat("mutation ", i, " of ", files[chosen].name));
    ParsedDocuments parsed =
        ParseDocuments(Mutate(files[chosen].text, random), files[chosen].name, Format::kYaml);
    Change change;
    change.documents = std::move(parsed.documents);
    for (size_t other = 0; other < files.size(); ++other)
      if (other != chosen)
        change.documents.insert(change.documents.end(), right[other].begin(), right[other].end());
    std::vector<Problem> problems = std::move(parsed.problems);
    for (Problem& problem : Check({}, change)) problems.push_back(std::move(problem));
    for (const Problem& problem : problems) {
      EXPECT_GT(problem.place.line, 0) << ToText(problem);
      EXPECT_GT(problem.place.column, 0) << ToText(problem);
      EXPECT_FALSE(problem.message.empty());
    }
    if (HasError(problems)) continue;
    ++valid_count;
    const ResourceSet set = ResourceSet().After(change, {"ana", {}});
    EXPECT_EQ(ResourceSet::Decode(set.Encode())->Encode(), set.Encode());
    for (const auto& [key, resource] : set.all()) WithDefaults(*FindKind(key.kind), resource.spec);
  }
  // Both outcomes are met often enough for the test to mean something.
  EXPECT_GT(valid_count, kMutations / 20);
  EXPECT_LT(valid_count, kMutations * 19 / 20);
}

}  // namespace
}  // namespace batuta::resource
