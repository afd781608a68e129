// Random expressions: the compiled evaluator, with and without computing constants early, and a
// naive one agree on every value and on every kind of error.
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "expr/compile.h"
#include "expr/evaluate.h"
#include "expr/naive_evaluator.h"
#include "expr/print.h"
#include "gtest/gtest.h"

namespace batuta::expr {
namespace {

// Writes random expressions: mostly of the type that is wanted, now and then of another.
class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {}

  std::string Any(int depth) {
    switch (Below(6)) {
      case 0:
        return Boolean(depth);
      case 1:
        return Number(depth);
      case 2:
        return Text(depth);
      case 3:
        return List(depth);
      case 4:
        return Map(depth);
      default:
        return Boolean(depth);
    }
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  std::string One(std::vector<std::string> choices) { return choices[Below(choices.size())]; }

  // Rarely something of another type, to meet errors.
  bool Strays() { return Below(25) == 0; }

  std::string Boolean(int depth) {
    if (depth <= 0) {
      return One({"true", "false", "b", "c", "m.flag", "m.nothing", "m.nothing.at.all",
                  "m['nothing'].x", "has(m.nothing.x)", "nobody", "has(m.flag)"});
    }
    if (Strays()) return Any(depth - 1);
    const int d = depth - 1;
    switch (Below(14)) {
      case 0:
        return Boolean(d) + " && " + Boolean(d);
      case 1:
        return Boolean(d) + " || " + Boolean(d);
      case 2:
        return "(" + Boolean(d) + " && " + Boolean(d) + ") || " + Boolean(d) + " || " + Boolean(d);
      case 3:
        return "!(" + Boolean(d) + ")";
      case 4:
        return "(" + Number(d) + ") " + Relation() + " (" + Number(d) + ")";
      case 5:
        return "(" + Text(d) + ") " + Relation() + " (" + Text(d) + ")";
      case 6:
        return "(" + Any(d) + ") " + One({"==", "!="}) + " (" + Any(d) + ")";
      case 7:
        return "(" + Number(d) + ") in " + List(d);
      case 8:
        return "(" + Text(d) + ") in " + Map(d);
      case 9:
        return Text0(d) + "." + One({"contains", "startsWith", "endsWith"}) + "(" + Text(d) + ")";
      case 10:
        return Quantifier(d);
      case 11:
        return "(" + Boolean(d) + " ? " + Boolean(d) + " : " + Boolean(d) + ")";
      case 12:
        return "has(" + Map(d) + One({".flag", ".size", ".x"}) + ")";
      default:
        return Optional(d) + ".hasValue()";
    }
  }

  std::string Quantifier(int d) {
    if (Below(3) == 0) {
      return Range(d) + "." + One({"all", "exists", "exists_one"}) + "(v, w, " + Boolean(d) +
             " || v == w)";
    }
    return Range(d) + "." + One({"all", "exists", "exists_one"}) + "(v, " +
           One({"v == i", "v > 1", "v in l", "v != 'a'", Boolean(d)}) + ")";
  }

  std::string Relation() { return One({"<", "<=", ">", ">=", "==", "!="}); }

  std::string Number(int depth) {
    if (depth <= 0) {
      return One({"0", "1", "-3", "2u", "7u", "1.5", "-0.5", "2.0", "i", "j", "d", "m.count",
                  "m.gone", "m.deep.n", "9223372036854775807", "18446744073709551615u", "l[0]",
                  "l[9]"});
    }
    if (Strays()) return Any(depth - 1);
    const int d = depth - 1;
    switch (Below(8)) {
      case 0:
      case 1:
        return "(" + Number(d) + ") " + One({"+", "-", "*", "/", "%"}) + " (" + Number(d) + ")";
      case 2:
        return "-(" + Number(d) + ")";
      case 3:
        return "size(" + One({Text(d), List(d), Map(d)}) + ")";
      case 4:
        return One({"int", "double"}) + "(" + Number(d) + ")";
      case 5:
        return "(" + Boolean(d) + " ? " + Number(d) + " : " + Number(d) + ")";
      case 6:
        return Optional(d) + ".orValue(" + Number(d) + ")";
      default:
        return "cel.bind(v, " + Number(d) + ", v + v)";
    }
  }

  std::string Text0(int depth) { return "(" + Text(depth) + ")"; }

  std::string Text(int depth) {
    if (depth <= 0) {
      return One({"''", "'a'", "'ab'", "'\\u00e9b'", "s", "t", "m.name", "m['name']", "m.gone",
                  "m.deep.s"});
    }
    if (Strays()) return Any(depth - 1);
    const int d = depth - 1;
    switch (Below(4)) {
      case 0:
        return Text0(d) + " + " + Text0(d);
      case 1:
        return "string(" + One({"i", "3", "s"}) + ")";
      case 2:
        return "(" + Boolean(d) + " ? " + Text(d) + " : " + Text(d) + ")";
      default:
        return Map(d) + "['" + One({"name", "flag", "x"}) + "']";
    }
  }

  std::string List(int depth) {
    if (depth <= 0)
      return One({"[]", "[1, 2, 3]", "l", "[1, 'a', 2.0, null]", "m.list", "['a', s]"});
    const int d = depth - 1;
    switch (Below(6)) {
      case 0:
        return "[" + Any(d) + ", " + Any(d) + "]";
      case 1:
        return "[?" + Optional(d) + ", " + Any(d) + "]";
      case 2:
        return "(" + List(d) + " + " + List(d) + ")";
      case 3:
        return Range(d) + ".map(v, " + One({"v + 1", "v", "[v]", Any(d)}) + ")";
      case 4:
        return Range(d) + ".filter(v, " + One({"v != 1", "v > 1", Boolean(d)}) + ")";
      default:
        return Range(d) + ".transformList(v, w, v != 1, [v, w])";
    }
  }

  std::string Range(int depth) { return Below(4) == 0 ? Map(depth) : List(depth); }

  std::string Map(int depth) {
    if (depth <= 0)
      return One({"{}", "{'a': 1, 'b': 2}", "m", "m.deep", "{1: 'x', 2u: 'y', true: s}"});
    const int d = depth - 1;
    switch (Below(4)) {
      case 0:
        return "{'a': " + Any(d) + ", 'name': " + Any(d) + "}";
      case 1:
        return "{?'x': " + Optional(d) + ", " + Text(d) + ": " + Any(d) + "}";
      case 2:
        return Range(d) + ".transformMap(v, w, " + One({"w", "[v]", Any(d)}) + ")";
      default:
        return "{" + Number(d) + ": 1, " + Number(d) + ": " + Any(d) + "}";
    }
  }

  std::string Optional(int depth) {
    if (depth <= 0)
      return One({"m.?count", "m.?gone", "l[?0]", "l[?7]", "optional.none()", "m.?deep.s"});
    const int d = depth - 1;
    switch (Below(6)) {
      case 0:
        return "optional.of(" + Any(d) + ")";
      case 1:
        return Map(d) + ".?" + One({"name", "x", "deep.n"});
      case 2:
        return List(d) + "[?" + Number(d) + "]";
      case 3:
        return Map(d) + "[?" + Text(d) + "]";
      case 4:
        return Optional(d) + ".optMap(v, " + One({"v", "v == 1", Any(d)}) + ")";
      default:
        return Optional(d) + ".optFlatMap(v, " + Optional(d) + ")";
    }
  }

  std::mt19937_64 random_;
};

Value Made(const Naive& naive, Arena& arena) {
  switch (naive.is) {
    case Naive::Is::kBool:
      return Value::Bool(naive.boolean);
    case Naive::Is::kInt:
      return Value::Int(static_cast<int64_t>(naive.integer));
    case Naive::Is::kUint:
      return Value::Uint(static_cast<uint64_t>(naive.integer));
    case Naive::Is::kDouble:
      return Value::Double(naive.real);
    case Naive::Is::kText:
      return Value::Text(arena.Copy(naive.text));
    case Naive::Is::kList: {
      std::vector<Value> parts;
      for (const Naive& part : naive.parts) parts.push_back(Made(part, arena));
      return Value::List(arena.Copy(std::span<const Value>(parts)));
    }
    case Naive::Is::kMap: {
      std::vector<Entry> entries;
      for (const auto& [key, value] : naive.entries) {
        entries.push_back({Made(key, arena), Made(value, arena)});
      }
      return Value::Map(arena.Copy(std::span<const Entry>(entries)));
    }
    default:
      return Value();
  }
}

// Equal in value and type, all the way down.
bool IsSame(const Naive& naive, const Value& value) {
  switch (naive.is) {
    case Naive::Is::kNull:
      return value.Is(Kind::kNull);
    case Naive::Is::kBool:
      return value.Is(Kind::kBool) && value.AsBool() == naive.boolean;
    case Naive::Is::kInt:
      return value.Is(Kind::kInt) && value.AsInt() == naive.integer;
    case Naive::Is::kUint:
      return value.Is(Kind::kUint) && value.AsUint() == naive.integer;
    case Naive::Is::kDouble:
      if (!value.Is(Kind::kDouble)) return false;
      return std::isnan(naive.real) ? std::isnan(value.AsDouble()) : value.AsDouble() == naive.real;
    case Naive::Is::kText:
      return value.Is(Kind::kString) && value.AsText() == naive.text;
    case Naive::Is::kOptional:
      if (!value.Is(Kind::kOptional)) return false;
      if (naive.parts.empty()) return value.optional() == nullptr;
      return value.optional() != nullptr && IsSame(naive.parts[0], *value.optional());
    case Naive::Is::kList:
      if (!value.Is(Kind::kList) || value.size() != naive.parts.size()) return false;
      for (uint32_t i = 0; i < value.size(); ++i) {
        if (!IsSame(naive.parts[i], value.Element(i))) return false;
      }
      return true;
    case Naive::Is::kMap:
      if (!value.Is(Kind::kMap) || value.size() != naive.entries.size()) return false;
      for (uint32_t i = 0; i < value.size(); ++i) {
        if (!IsSame(naive.entries[i].key, value.Key(i))) return false;
        if (!IsSame(naive.entries[i].value, value.Held(i))) return false;
      }
      return true;
    case Naive::Is::kAbsent:
      return value.is_error() && value.code() == ErrorCode::kAbsent;
    case Naive::Is::kError:
      return value.is_error() && value.code() != ErrorCode::kAbsent;
  }
  return false;
}

// Values for the variables, by the naive evaluator itself.
NaiveScope MakeScope(int variant) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> texts = {
      {"b", {"true", "false"}},
      {"c", {"false", "false"}},
      {"i", {"2", "-9223372036854775808"}},
      {"j", {"1", "0"}},
      {"d", {"0.25", "2.0"}},
      {"s", {"'a'", "'\\u00e9'"}},
      {"t", {"'ab'", "''"}},
      {"l", {"[1, 2, 3]", "['a', 1.0]"}},
      {"m",
       {"{'flag': true, 'count': 2, 'name': 'ab', 'list': [1, 2], 'deep': {'n': 1.5, 's': 'a'}, "
        "'nothing': null}",
        "{'flag': 'yes', 'name': 7, 'deep': {}}"}}};
  NaiveScope scope;
  for (const auto& [name, choices] : texts) {
    const std::string& text = choices[static_cast<size_t>(variant)];
    scope[name] = NaiveEvaluate(*Parse(text).expr, {});
  }
  return scope;
}

TEST(Random, TheCompiledAndTheNaiveEvaluatorAgree) {
  constexpr uint64_t kExpressions = 20000;
  uint64_t values = 0;
  uint64_t absent = 0;
  for (uint64_t seed = 0; seed < kExpressions; ++seed) {
    const std::string source = Writer(seed).Any(static_cast<int>(1 + seed % 4));
    const NaiveScope scope = MakeScope(static_cast<int>(seed % 2));
    const Parsed parsed = Parse(source);
    ASSERT_NE(parsed.expr, nullptr) << source << "\n" << Describe(parsed.diagnostics, source);
    const Naive naive = NaiveEvaluate(*parsed.expr, scope);

    Environment environment;
    environment.Declare("nobody");
    VariableSource variables;
    Arena arena;
    for (const auto& [name, value] : scope) {
      environment.Declare(name);
      variables.Set(name, Made(value, arena));
    }
    AttributeTable table;
    const auto folded = Generate(*parsed.expr, environment, table);
    const auto plain = internal::GenerateUnfolded(*parsed.expr, environment, table);
    const Parsed again = Parse(Print(*parsed.expr));
    ASSERT_NE(again.expr, nullptr) << Print(*parsed.expr);
    const auto printed = Generate(*again.expr, environment, table);
    for (const auto& program : {folded, plain, printed}) {
      Activation activation(table, variables);
      Evaluator evaluator;
      const Value value = evaluator.Evaluate(*program, activation);
      ASSERT_TRUE(IsSame(naive, value))
          << "seed " << seed << ": " << source << "\nnaive " << static_cast<int>(naive.is)
          << ", compiled " << static_cast<int>(value.kind())
          << (value.is_error() ? value.detail() : "");
    }
    if (!naive.failed()) ++values;
    if (naive.is == Naive::Is::kAbsent) ++absent;
  }
  // The expressions are worth something: many have values, and many miss a field.
  EXPECT_GT(values, kExpressions / 3);
  EXPECT_GT(absent, kExpressions / 50);
}

}  // namespace
}  // namespace batuta::expr
