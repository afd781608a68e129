#include "resource/yaml.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::resource {
namespace {

// The value of a YAML text as JSON, or its problems.
std::string Yaml(std::string_view text) {
  const ParsedValue parsed = ParseValue(text, "a.yaml", Format::kYaml);
  return parsed.value ? base::ToJson(*parsed.value) : ToText(parsed.problems);
}

std::string Json(std::string_view text) {
  const ParsedValue parsed = ParseValue(text, "a.json", Format::kJson);
  return parsed.value ? base::ToJson(*parsed.value) : ToText(parsed.problems);
}

std::string DocumentProblems(std::string_view text) {
  return ToText(ParseDocuments(text, "a.yaml", Format::kYaml).problems);
}

std::string Repeat(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

TEST(Yaml, PlainScalarsFollowTheCoreSchema) {
  EXPECT_EQ(Yaml("[true, True, FALSE, false]"), "[true,true,false,false]");
  EXPECT_EQ(Yaml("[null, ~, Null, NULL]"), "[null,null,null,null]");
  EXPECT_EQ(Yaml("[12, -3, +4, 0x1F, 0o17, 1.5, .5, 1e3, 012]"), "[12,-3,4,31,15,1.5,0.5,1000,12]");
}

TEST(Yaml, WordsOfOlderVersionsAreTexts) {
  EXPECT_EQ(Yaml("[no, yes, on, off, NO, y, n, 1_000, 2026-01-01, 12:30:00, 0b11]"),
            R"(["no","yes","on","off","NO","y","n","1_000","2026-01-01","12:30:00","0b11"])");
}

TEST(Yaml, QuotedScalarsAreTexts) {
  EXPECT_EQ(Yaml(R"(["12", 'true', "null", "~", ''])"), R"(["12","true","null","~",""])");
}

TEST(Yaml, BlockScalarsAreTexts) {
  EXPECT_EQ(Yaml("a: |\n  12\n  13\nb: >-\n  x\n  y\n"), R"({"a":"12\n13\n","b":"x y"})");
}

TEST(Yaml, NumbersThatADoubleCannotHoldAreRefused) {
  EXPECT_EQ(Yaml("a: .inf"),
            "a.yaml:1:4: error: the number .inf is not finite; only finite numbers are taken "
            "[out_of_range]\n");
  EXPECT_EQ(Yaml("a: 1e999"), "a.yaml:1:4: error: the number 1e999 is too large [out_of_range]\n");
  EXPECT_EQ(
      Yaml("a: 5212345678901234567"),
      "a.yaml:1:4: error: the number 5212345678901234567 has too many digits to be kept exactly; "
      "put it in quotes to keep it as text [out_of_range]\n");
}

TEST(Yaml, ColumnsCountCharactersNotBytes) {
  EXPECT_EQ(Yaml("{título: ñandú, é: !!int 3}"),
            "a.yaml:1:20: error: the tag tag:yaml.org,2002:int is not supported; write the value "
            "without it [tag]\n");
}

TEST(Yaml, TagsAreRefused) {
  EXPECT_EQ(
      Yaml("!!python/object {a: 1}"),
      "a.yaml:1:1: error: the tag tag:yaml.org,2002:python/object is not supported; write the "
      "value without it [tag]\n");
  EXPECT_EQ(
      Yaml("a: !secret x"),
      "a.yaml:1:4: error: the tag !secret is not supported; write the value without it [tag]\n");
}

TEST(Yaml, ANameStandsOnce) {
  EXPECT_EQ(Yaml("a: 1\nb: 2\na: 3\n"),
            "a.yaml:3:1: error: \"a\" stands here a second time; each name may stand once "
            "[duplicate_key]\n");
}

TEST(Yaml, NamesAreScalars) {
  EXPECT_EQ(Yaml("? [a, b]\n: 1\n"),
            "a.yaml:1:3: error: the name of a member must be a text [syntax]\n");
  EXPECT_EQ(Yaml("~: 1\n"), "a.yaml:1:1: error: the name of a member must be a text [syntax]\n");
}

TEST(Yaml, MistakesOfSyntaxSayWhatWouldBeRight) {
  EXPECT_EQ(Yaml("a: b: c\n"),
            "a.yaml:1:5: error: a \":\" is not expected here; put a text that contains \": \" in "
            "quotes, and check the indentation [syntax]\n");
  EXPECT_EQ(Yaml("a:\n\tb: 1\n"),
            "a.yaml:2:3: error: indent with spaces, not with tabs [syntax]\n");
  EXPECT_EQ(Yaml("a: [1, 2\nb: 3\n"),
            "a.yaml:2:2: error: a \"]\" that closes the list is missing [syntax]\n");
  EXPECT_EQ(Yaml("a: \"x\n"),
            "a.yaml:1:4: error: the text that starts here has no closing quote [syntax]\n");
  EXPECT_EQ(Yaml("a: *b\n"),
            "a.yaml:1:4: error: no anchor \"&name\" of this alias stands before it [syntax]\n");
}

TEST(Yaml, AStraySignDoesNotGiveDocumentsWithoutEnd) {
  EXPECT_EQ(Yaml(","),
            "a.yaml:1:1: error: this sign cannot stand here; put a text that has it in quotes "
            "[syntax]\n");
  EXPECT_EQ(Yaml("{a: 1},"),
            "a.yaml:1:7: error: this sign cannot stand here; put a text that has it in quotes "
            "[syntax]\n");
}

TEST(Yaml, AliasesRepeatTheirAnchor) {
  EXPECT_EQ(Yaml("a: &x {k: [1]}\nb: *x\n"), R"({"a":{"k":[1]},"b":{"k":[1]}})");
}

TEST(Yaml, AnAliasIsPlacedWhereItsValueWasWritten) {
  const ParsedValue parsed = ParseValue("a: &x\n  k: 1\nb: *x\n", "a.yaml", Format::kYaml);
  EXPECT_EQ(parsed.source.Of("/b/k").ToString(), "a.yaml:2:6");
  EXPECT_EQ(parsed.source.OfName("/b").ToString(), "a.yaml:3:1");
}

TEST(Yaml, MergeKeysGiveWayToTheObjectsOwnNames) {
  EXPECT_EQ(Yaml("a: &x {k: 1, m: 2}\nb: {m: 3, <<: *x}\n"),
            R"({"a":{"k":1,"m":2},"b":{"m":3,"k":1}})");
  EXPECT_EQ(Yaml("- &x {k: 1}\n- &y {k: 2, m: 3}\n- {<<: [*x, *y]}\n"),
            R"([{"k":1},{"k":2,"m":3},{"k":1,"m":3}])");
  EXPECT_EQ(
      Yaml("a: {<<: 3}"),
      "a.yaml:1:5: error: \"<<\" takes an object, or a list of objects, to merge in [alias]\n");
}

TEST(Yaml, AnchorsEndWithTheirDocument) {
  const auto parsed = ParseDocuments("&x a\n---\n*x\n", "a.yaml", Format::kYaml);
  ASSERT_EQ(parsed.problems.size(), 2u);
  EXPECT_EQ(ToText(parsed.problems[1]),
            "a.yaml:3:1: error: no anchor \"&name\" of this alias stands before it [syntax]");
}

TEST(Yaml, AValueCannotContainItself) {
  EXPECT_EQ(Yaml("a: &x [*x]"),
            "a.yaml:1:8: error: an alias cannot stand inside the value that it repeats [alias]\n");
}

TEST(Yaml, ABillionLaughsAreRefused) {
  std::string text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 12; ++i)
    base::StrAppend(&text, "a", i, ": &a", i, " [", Repeat(base::StrCat("*a", i - 1, ", "), 10),
                    "]\n");
  EXPECT_NE(Yaml(text).find("the anchors and aliases of this text grow too large; write it out "
                            "[too_large]"),
            std::string::npos);
}

TEST(Yaml, LongTextsRepeatedByAliasesAreRefused) {
  const std::string text =
      base::StrCat("- &x ", std::string(100'000, 'x'), "\n", Repeat("- *x\n", 1000));
  EXPECT_NE(Yaml(text).find("[too_large]"), std::string::npos);
}

TEST(Yaml, NestingIsLimited) {
  EXPECT_EQ(Yaml(Repeat("[", 28) + Repeat("]", 28)).size(), 56u);
  EXPECT_EQ(Yaml(Repeat("[", 29) + Repeat("]", 29)),
            "a.yaml:1:29: error: values may be nested at most 28 deep [too_deep]\n");
  EXPECT_NE(Yaml(Repeat("[", 1'000'000)).find(": error: "), std::string::npos);
  EXPECT_NE(Yaml(Repeat("- ", 100'000)).find("[too_deep]"), std::string::npos);
  EXPECT_NE(Yaml(Repeat("{a: ", 100'000)).find(": error: "), std::string::npos);
}

TEST(Yaml, AliasesCountForNesting) {
  const std::string deep = base::StrCat("- &x ", Repeat("[", 20), Repeat("]", 20), "\n- ",
                                        Repeat("[", 15), "*x", Repeat("]", 15), "\n");
  EXPECT_EQ(Yaml(deep), "a.yaml:2:18: error: values may be nested at most 28 deep [too_deep]\n");
}

TEST(Yaml, SizeIsLimited) {
  const std::string text(kMaxTextBytes + 1, ' ');
  EXPECT_EQ(
      Yaml(text),
      "a.yaml: error: the text has 8388609 bytes; at most 8388608 are read, split it in parts "
      "[too_large]\n");
  EXPECT_NE(Yaml(Repeat("- 1\n", kMaxValues + 1)).find("has more than 500000 values"),
            std::string::npos);
}

TEST(Yaml, TextsAreUtf8WithoutControlCharacters) {
  EXPECT_EQ(Yaml("a: é\nbb\xFF: 1"),
            "a.yaml:2:3: error: the text must be UTF-8 without control characters [syntax]\n");
  EXPECT_EQ(Yaml(std::string_view("a: \0b", 5)),
            "a.yaml:1:4: error: the text must be UTF-8 without control characters [syntax]\n");
}

TEST(Yaml, AByteOrderMarkIsPassedOver) {
  EXPECT_EQ(Yaml("\xEF\xBB\xBF"
                 "a: 1"),
            R"({"a":1})");
}

TEST(Documents, HaveKindNameAndSpec) {
  const auto parsed = ParseDocuments(
      "kind: source\nname: web\nspec: {title: Web}\n---\nkind: hub\n", "a.yaml", Format::kYaml);
  EXPECT_EQ(ToText(parsed.problems), "");
  ASSERT_EQ(parsed.documents.size(), 2u);
  EXPECT_EQ(parsed.documents[0].kind, "source");
  EXPECT_EQ(parsed.documents[0].name, "web");
  EXPECT_EQ(base::ToJson(parsed.documents[0].spec), R"({"title":"Web"})");
  EXPECT_EQ(parsed.documents[1].name, "default");
  EXPECT_EQ(parsed.documents[0].source.Of("/spec/title").ToString(), "a.yaml:3:15");
  EXPECT_EQ(parsed.documents[1].source.Of("/kind").ToString(), "a.yaml:5:7");
}

TEST(Documents, EmptyOnesSayNothing) {
  EXPECT_EQ(ParseDocuments("", "a.yaml", Format::kYaml).problems.size(), 0u);
  EXPECT_EQ(DocumentProblems("---\n---\n# only a comment\n"), "");
}

TEST(Documents, MistakesOfShapeHaveTheirPlace) {
  EXPECT_EQ(DocumentProblems("- 1\n"),
            "a.yaml:1:1: error: a document is an object with the members kind, name and spec "
            "[wrong_type]\n");
  EXPECT_EQ(DocumentProblems("name: web\n"),
            "a.yaml:1:1: error: \"kind\" is missing: the kind of the resource, such as action "
            "[missing_field]\n");
  EXPECT_EQ(DocumentProblems("kind: source\n"),
            "a.yaml:1:1: error: \"name\" is missing: the name of the resource [missing_field]\n");
  EXPECT_EQ(DocumentProblems("kind: source\nname: 12\n"),
            "a.yaml:2:7: error: \"name\" must be a text: the name of the resource [wrong_type]\n");
  EXPECT_EQ(DocumentProblems("kind: source\nname: web\nspec: 3\n"),
            "a.yaml:3:7: error: \"spec\" must be an object [wrong_type]\n");
  EXPECT_EQ(
      DocumentProblems("kind: source\nname: web\nspeck: {}\nlabels: {}\n"),
      "a.yaml:3:1: error: a document has no member \"speck\"; did you mean \"spec\"? "
      "[unknown_field]\n"
      "a.yaml:4:1: error: a document has no member \"labels\"; its members are kind, name and "
      "spec [unknown_field]\n");
}

TEST(Documents, OneThatIsWrongDoesNotHideTheNext) {
  const auto parsed =
      ParseDocuments("kind: 1\n---\nkind: source\nname: web\n", "a.yaml", Format::kYaml);
  EXPECT_EQ(parsed.problems.size(), 2u);
  EXPECT_EQ(parsed.documents.size(), 1u);
}

TEST(Json, IsReadWithPlaces) {
  const auto parsed = ParseDocuments(
      "[\n {\"kind\": \"source\", \"name\": \"web\",\n  \"spec\": "
      "{\"título\": 1, \"title\": \"Web\"}}\n]\n",
      "a.json", Format::kJson);
  EXPECT_EQ(ToText(parsed.problems), "");
  ASSERT_EQ(parsed.documents.size(), 1u);
  EXPECT_EQ(parsed.documents[0].source.OfName("/spec/title").ToString(), "a.json:3:25");
  EXPECT_EQ(parsed.documents[0].source.Of("/spec/title").ToString(), "a.json:3:34");
}

TEST(Json, EscapesAndPairsAreRead) {
  EXPECT_EQ(Json(R"("\u00f1\ud83d\ude00\/\n")"), "\"ñ😀/\\n\"");
  EXPECT_NE(Json(R"("\ud83d")").find("[syntax]"), std::string::npos);
  EXPECT_NE(Json(R"("\q")").find("[syntax]"), std::string::npos);
}

TEST(Json, MistakesSayWhatWouldBeRight) {
  EXPECT_EQ(Json("{\"a\": 1,}"),
            "a.json:1:9: error: a name in double quotes is expected here [syntax]\n");
  EXPECT_EQ(Json("{\"a\" 1}"), "a.json:1:6: error: \":\" is expected after a name [syntax]\n");
  EXPECT_EQ(Json("[1 2]"), "a.json:1:4: error: \",\" or \"]\" is expected here [syntax]\n");
  EXPECT_EQ(Json("{\"a\": 1"), "a.json:1:8: error: \",\" or \"}\" is expected here [syntax]\n");
  EXPECT_EQ(Json("[01]"), "a.json:1:2: error: \"01\" is not a number as JSON writes it [syntax]\n");
  EXPECT_EQ(Json("\"abc"),
            "a.json:1:1: error: the text that starts here has no closing quote [syntax]\n");
  EXPECT_EQ(Json("1 2"), "a.json:1:3: error: nothing may follow the value [syntax]\n");
  EXPECT_EQ(Json(""), "a.json:1:1: error: the text ends where a value is expected [syntax]\n");
  EXPECT_EQ(Json("{\"a\":1,\"a\":2}"),
            "a.json:1:8: error: \"a\" stands here a second time; each name may stand once "
            "[duplicate_key]\n");
  EXPECT_EQ(Json("12345678901234567890"),
            "a.json:1:1: error: the number 12345678901234567890 has too many digits to be kept "
            "exactly; put it in quotes to keep it as text [out_of_range]\n");
  EXPECT_NE(Json(Repeat("[", 1'000'000)).find("[too_deep]"), std::string::npos);
}

TEST(Json, ReadsTheSameAsYaml) {
  constexpr std::string_view kText = R"({"a": [1, -2.5e3, true, null, "x\ty"], "b": {}, "c": []})";
  EXPECT_EQ(Json(kText), Yaml(kText));
}

TEST(SourceMap, FallsBackToWhatEncloses) {
  const ParsedValue parsed = ParseValue("a:\n  - b: 1\n    c/d: 2\n", "a.yaml", Format::kYaml);
  EXPECT_EQ(parsed.source.Of("/a/0/b").ToString(), "a.yaml:2:8");
  EXPECT_EQ(parsed.source.Of("/a/0/c~1d").ToString(), "a.yaml:3:10");
  EXPECT_EQ(parsed.source.Of("/a/0/missing/deeper").ToString(), "a.yaml:2:5");
  EXPECT_EQ(parsed.source.OfName("/a/0/missing").ToString(), "a.yaml:2:5");
  EXPECT_EQ(parsed.source.Of("/a/7").ToString(), "a.yaml:2:3");
  EXPECT_EQ(SourceMap().Of("/a").ToString(), "");
}

TEST(SourceMap, LeadsIntoTextsAsTheyWereWritten) {
  const ParsedDocuments parsed = ParseDocuments(
      "kind: action\nname: a\nspec:\n  plain: abc def\n  quoted: 'abc'\n  block: |\n    one\n    "
      "two\n"
      "  folded: >-\n\n    one\n    two\n  flow: {x: \"abc\"}\n",
      "a.yaml", Format::kYaml);
  ASSERT_EQ(parsed.documents.size(), 1u);
  const SourceMap& source = parsed.documents[0].source;
  EXPECT_EQ(source.Inside("/spec/plain", 1, 5).ToString(), "a.yaml:4:14");
  EXPECT_EQ(source.Inside("/spec/quoted", 1, 2).ToString(), "a.yaml:5:13");
  EXPECT_EQ(source.Inside("/spec/block", 2, 3).ToString(), "a.yaml:8:7");
  EXPECT_EQ(source.Inside("/spec/folded", 1, 2).ToString(), "a.yaml:11:6");
  EXPECT_EQ(source.Inside("/spec/flow/x", 1, 3).ToString(), "a.yaml:13:16");
  EXPECT_EQ(source.Inside("/spec/none", 1, 3).line, source.Of("/spec").line);
}

}  // namespace
}  // namespace batuta::resource
