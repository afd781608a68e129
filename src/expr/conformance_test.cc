// The public conformance suite of the language (google/cel-spec), as JSON.
//
// Expected in ../shared/conformance/cel beside this tree, or where BATUTA_CEL_TESTS points; where
// it is absent the tests are skipped, unless CI is set. A case has `expr`, optionally `bindings`
// (name to value), `container` and `disable_macros`, and `expect`: {"value": V} or {"error": true}.
// A value has one key: null, bool, int, uint, double, string, bytes_hex, list, map (a list of [key,
// value]), type, timestamp or duration ([seconds, nanos]); ints and uints are decimal texts, a
// double its shortest.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/compare.h"
#include "expr/compile.h"
#include "expr/evaluate.h"
#include "expr/lexer.h"
#include "expr/number_text.h"
#include "gtest/gtest.h"

namespace batuta::expr {
namespace {

// Cases that are left out on purpose, with the reason. None is.
const std::set<std::string> kLeftOut = {};

// Cases whose wanted text stands in the file with its \u and \U escapes as they were written in the
// suite's own format, where they mean code points. They are decoded before they are compared.
const std::set<std::string> kWantedIsEscaped = {
    "parse/string_literals/single_quoted_lower_u_escapes",
    "parse/string_literals/double_quoted_lower_u_escapes",
    "parse/string_literals/triple_single_quoted_lower_u_escapes",
    "parse/string_literals/triple_double_quoted_lower_u_escapes",
    "parse/string_literals/single_quoted_upper_u_escapes",
    "parse/string_literals/double_quoted_upper_u_escapes",
    "parse/string_literals/triple_single_quoted_upper_u_escapes",
    "parse/string_literals/triple_double_quoted_upper_u_escapes",
    "parse/string_literals/mixed_case_hex_double_quoted_escapes",
    "parse/string_literals/mixed_case_hex_triple_single_quoted_escapes",
    "parse/string_literals/mixed_case_hex_triple_double_quoted_escapes",
    "parse/string_literals/unassigned_code_point_triple_single_quoted_escapes",
    "parse/string_literals/unassigned_code_point_triple_double_quoted_escapes",
    "parse/string_literals/unassigned_code_point_single_quoted_unescaped",
    "parse/string_literals/unassigned_code_point_double_quoted_unescaped",
    "parse/string_literals/unassigned_code_point_triple_single_quoted_unescaped"};

struct Case {
  std::string name;
  std::string expr;
  std::string container;
  bool macros = true;
  const base::Value* bindings = nullptr;
  const base::Value* wanted = nullptr;  // null if an error is wanted
};

std::string TextAt(const base::Fields& fields, std::string_view name) {
  const base::Value* found = base::Find(fields, name);
  return found == nullptr ? "" : found->text();
}

bool IsOtherSuite() { return std::getenv("BATUTA_CEL_TESTS") != nullptr; }

std::string SuitePath() {
  return IsOtherSuite() ? std::getenv("BATUTA_CEL_TESTS") : "../shared/conformance/cel/tests.json";
}

class Conformance : public testing::Test {
 protected:
  void SetUp() override {
    if (std::filesystem::exists(SuitePath())) return;
    if (std::getenv("CI") != nullptr) FAIL() << SuitePath() << " is not there";
    GTEST_SKIP() << "skipped: " << SuitePath() << " is not there";
  }
};

base::Value ReadSuite() {
  std::ifstream file(SuitePath());
  std::stringstream text;
  text << file.rdbuf();
  auto suite = base::ParseJson(text.str());
  EXPECT_TRUE(suite.ok()) << suite.status().ToString();
  return suite.ok() ? *suite : base::Value();
}

std::vector<Case> CasesOf(const base::Value& suite) {
  std::vector<Case> cases;
  for (const base::Value& entry : suite.list().values()) {
    const base::Fields& fields = entry.object();
    Case one;
    one.name = base::StrCat(TextAt(fields, "file"), "/", TextAt(fields, "section"), "/",
                            TextAt(fields, "name"));
    one.expr = TextAt(fields, "expr");
    one.container = TextAt(fields, "container");
    const base::Value* disabled = base::Find(fields, "disable_macros");
    one.macros = disabled == nullptr || !disabled->boolean();
    one.bindings = base::Find(fields, "bindings");
    one.wanted = base::FindPath(fields, "expect.value");
    cases.push_back(one);
  }
  return cases;
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// Seconds of a time: a number or its text.
int64_t WholeOf(const base::Value& value) {
  return value.kind_case() == base::Value::kText ? *ParseInt(value.text())
                                                 : static_cast<int64_t>(value.number());
}

Value TimeOf(std::string_view kind, const base::Value& parts) {
  const int64_t seconds = WholeOf(parts.list().values(0));
  const int64_t nanos = WholeOf(parts.list().values(1));
  return kind == "timestamp" ? Value::Timestamp(seconds, static_cast<uint32_t>(nanos))
                             : Value::Duration(seconds * 1'000'000'000 + nanos);
}

Value ValueOf(const base::Value& described, Arena& arena) {
  const base::Field& field = described.object().fields(0);
  const std::string& kind = field.name();
  const base::Value& content = field.value();
  if (kind == "bool") return Value::Bool(content.boolean());
  if (kind == "int") return Value::Int(*ParseInt(content.text()));
  if (kind == "uint") return Value::Uint(*ParseUint(content.text()));
  if (kind == "double") return Value::Double(*ParseDouble(content.text()));
  if (kind == "string") return Value::Text(content.text());
  if (kind == "bytes_hex") return Value::OfBytes(arena.Copy(FromHex(content.text())));
  if (kind == "type") return Value::Type(content.text());
  if (kind == "timestamp" || kind == "duration") return TimeOf(kind, content);
  if (kind == "list") {
    std::vector<Value> elements;
    for (const base::Value& element : content.list().values()) {
      elements.push_back(ValueOf(element, arena));
    }
    return Value::List(arena.Copy(std::span<const Value>(elements)));
  }
  if (kind == "map") {
    std::vector<Entry> entries;
    for (const base::Value& entry : content.list().values()) {
      entries.push_back(
          {ValueOf(entry.list().values(0), arena), ValueOf(entry.list().values(1), arena)});
    }
    return Value::Map(arena.Copy(std::span<const Entry>(entries)));
  }
  return Value();
}

// Equal and of the same types throughout; NaN is NaN, and 0.0 is not -0.0.
bool IsSame(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.Is(Kind::kDouble)) {
    if (std::isnan(a.AsDouble())) return std::isnan(b.AsDouble());
    return a.AsDouble() == b.AsDouble() && std::signbit(a.AsDouble()) == std::signbit(b.AsDouble());
  }
  if (a.Is(Kind::kList)) {
    if (a.size() != b.size()) return false;
    for (uint32_t i = 0; i < a.size(); ++i) {
      if (!IsSame(a.Element(i), b.Element(i))) return false;
    }
    return true;
  }
  if (a.Is(Kind::kMap)) {
    if (a.size() != b.size()) return false;
    for (uint32_t i = 0; i < a.size(); ++i) {
      const Value other = FindKey(b, a.Key(i));
      if (other.is_error() || !IsSame(a.Held(i), other)) return false;
    }
    return true;
  }
  return Equal(a, b);
}

// "" if the case is as it should be, else what is wrong.
std::string Mismatch(const Case& one, bool check) {
  Environment environment;
  environment.set_container(one.container);
  Arena arena;
  VariableSource source;
  if (one.bindings != nullptr) {
    for (const base::Field& field : one.bindings->object().fields()) {
      environment.Declare(field.name());
      source.Set(field.name(), ValueOf(field.value(), arena));
    }
  }
  AttributeTable table;
  CompileOptions options;
  options.parse.macros = one.macros;
  options.check = check;
  const Compiled compiled = Compile(one.expr, environment, table, options);
  if (compiled.program == nullptr) {
    return one.wanted == nullptr ? ""
                                 : "does not compile: " + Describe(compiled.diagnostics, one.expr);
  }
  Activation activation(table, source);
  Evaluator evaluator;
  const Value result = evaluator.Evaluate(*compiled.program, activation);
  if (one.wanted == nullptr) return result.is_error() ? "" : "no error";
  if (result.is_error()) {
    return base::StrCat("an error: ", Name(result.code()), ", ", result.detail());
  }
  Value wanted = ValueOf(*one.wanted, arena);
  std::string decoded;
  if (kWantedIsEscaped.contains(one.name)) {
    Diagnostics diagnostics;
    EXPECT_TRUE(internal::Unescape({wanted.AsText(), 0, false, false}, decoded, diagnostics));
    wanted = Value::Text(decoded);
  }
  return IsSame(result, wanted) ? "" : "another value";
}

TEST_F(Conformance, EveryCaseOfThePublicSuiteGivesItsValueOrAnError) {
  const base::Value suite = ReadSuite();
  size_t passed = 0;
  const std::vector<Case> cases = CasesOf(suite);
  for (const Case& one : cases) {
    const std::string wrong = Mismatch(one, false);
    const bool is_left_out = kLeftOut.contains(one.name);
    EXPECT_TRUE(wrong.empty() || is_left_out) << one.name << ": " << one.expr << "\n  " << wrong;
    EXPECT_FALSE(wrong.empty() && is_left_out) << one.name << " passes; it is listed as left out";
    if (wrong.empty()) ++passed;
  }
  if (IsOtherSuite()) {
    EXPECT_GT(cases.size(), 0u);
  } else {
    EXPECT_EQ(cases.size(), 1'054u);
  }
  RecordProperty("cases", static_cast<int>(cases.size()));
  std::cout << passed << " of " << cases.size() << " cases pass\n";
}

// What has a value only because `||` and `&&` absorb what is wrong; the suite runs these without a
// checker, and so does the test above.
const std::set<std::string> kRefusedByTheChecker = {
    "basic/variables/unbound_is_runtime_error",   // no variable `x`
    "comparisons/eq_literal/not_eq_list_length",  // texts and ints
    "logic/AND/short_circuit_type_right",         // a text as a condition
    "logic/OR/short_circuit_type_right",
    // No such functions:
    "parse/receiver_function_names/as", "parse/receiver_function_names/break",
    "parse/receiver_function_names/continue", "parse/receiver_function_names/function",
    "parse/receiver_function_names/if", "parse/receiver_function_names/import",
    "parse/receiver_function_names/let", "parse/receiver_function_names/loop",
    "parse/receiver_function_names/var", "parse/receiver_function_names/while"};

TEST_F(Conformance, TheCheckerRefusesNothingElseThatHasAValue) {
  if (IsOtherSuite()) GTEST_SKIP() << "skipped: which cases are refused is known of our file only";
  const base::Value suite = ReadSuite();
  for (const Case& one : CasesOf(suite)) {
    if (one.wanted == nullptr) continue;
    const std::string wrong = Mismatch(one, true);
    EXPECT_EQ(wrong.empty(), !kRefusedByTheChecker.contains(one.name))
        << one.name << ": " << one.expr << "\n  " << wrong;
  }
}

}  // namespace
}  // namespace batuta::expr
