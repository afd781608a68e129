#include "rule/form.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/parse.h"
#include "rule/form_testing.h"
#include "rule/rule_testing.h"

namespace batuta::rule {
namespace {

TEST(Form, AndTextSayTheSame) {
  for (const auto& [form, text] : {
           Pair{R"({"field":"person.traits.plan","operator":"is","value":"gold"})",
                "person.traits.plan == \"gold\""},
           Pair{R"({"field":"person.traits.plan","operator":"isNot","value":"gold"})",
                "!has(person.traits.plan) || person.traits.plan != \"gold\""},
           Pair{R"({"field":"person.traits.n","operator":"isNoneOf","value":[1,2.5]})",
                "!has(person.traits.n) || !(person.traits.n in [1, 2.5])"},
           Pair{R"({"all":[{"field":"person.traits.n","operator":"atLeast","value":3},)"
                R"({"any":[{"field":"person.traits.vip","operator":"isTrue"},)"
                R"({"expression":"person.traits.a < person.traits.b"}]}]})",
                "person.traits.n >= 3 && (person.traits.vip || person.traits.a < person.traits.b)"},
           Pair{R"({"none":[{"field":"person.traits.tags","operator":"includes","value":"x"},)"
                R"({"field":"person.traits.t","operator":"startsWith","value":"a"}]})",
                "!(\"x\" in person.traits.tags || person.traits.t.startsWith(\"a\"))"},
           Pair{R"({"any":[{"field":"context.page","operator":"isMissing"},)"
                R"({"field":"person.traits.plan","operator":"isNot","value":true}]})",
                "!has(context.page) || (!has(person.traits.plan) || person.traits.plan != true)"},
           Pair{R"-({"event":"Order Completed","within":"90d","where":)-"
                R"-({"field":"e.properties.total","operator":"moreThan","value":500},)-"
                R"-("measure":"count","operator":"atLeast","value":3})-",
                "events(\"Order Completed\").within(\"90d\").where(e, e.properties.total > 500)"
                ".count() >= 3"},
           Pair{R"-({"none":[{"event":["A","B"],"within":"today","measure":"exists",)-"
                R"-("operator":"isTrue"}]})-",
                "!events(\"A\", \"B\").today().exists()"},
           Pair{R"-({"event":[],"lastDays":7,"measure":"sum","of":"e.properties.total",)-"
                R"-("operator":"lessThan","value":10.5})-",
                "events().lastDays(7).sum(e, e.properties.total) < 10.5"},
           Pair{R"-({"event":"Product Added","notFollowedBy":"Order Completed",)-"
                R"-("notFollowedWithin":"1h","measure":"exists","operator":"isTrue"})-",
                "events(\"Product Added\").not_followed_by(\"Order Completed\", \"1h\").exists()"},
           Pair{R"-({"event":"Subscribed","measure":"last","of":"e.properties.plan",)-"
                R"-("operator":"isOneOf","value":["a","b"]})-",
                "events(\"Subscribed\").last(e, e.properties.plan) in [\"a\", \"b\"]"},
           Pair{R"-({"expression":"person.groups.exists(g, g.role == \"admin\")"})-",
                "person.groups.exists(g, g.role == \"admin\")"},
       }) {
    EXPECT_EQ(ToText(form), text);
    EXPECT_EQ(ToForm(text), form);
  }
}

TEST(Form, SaysEverythingThatIsWrongAndWhere) {
  EXPECT_EQ(ToText(R"({"all":[]})"), "/all: a group is a list of at least one part");
  EXPECT_EQ(ToText(R"({"all":[{"field":"x","operator":"is","value":1}]})"),
            "/all/0/field: a field is a path such as person.traits.plan");
  EXPECT_EQ(ToText(R"({"field":"a.b","operator":"isOneOf","value":3})"),
            "/value: \"isOneOf\" takes a list of texts, numbers, true and false");
  EXPECT_EQ(ToText(R"({"any":[{"expression":"1 +"}]})").substr(0, 20), "/any/0/expression: 1");
  EXPECT_EQ(ToText(R"({"all":[{"field":"a.b","operator":"exists"}],"x":1})"),
            "/x: this member is not known here");
  EXPECT_TRUE(ToText(R"({"field":"a.b","operator":"eq","value":1})").starts_with("/operator: "));
  std::vector<FormProblem> problems;
  base::Value form = *base::ParseJson(R"({"field":"a.b","operator":"exists"})");
  for (int i = 0; i < 60; ++i) {
    base::Value outer;
    base::Value list;
    *list.mutable_list()->add_values() = form;
    base::SetField(*outer.mutable_object(), "none", list);
    form = outer;
  }
  EXPECT_EQ(TextOfForm(form, problems), "");
  EXPECT_FALSE(problems.empty());
}

TEST(Form, OfWhatAPersonDidNamesTheEventInOneWay) {
  EXPECT_EQ(ToForm("events(\"A\").where(order, order.properties.sku == \"x\").count() > 1"),
            ToForm("events(\"A\").where(e, e.properties.sku == \"x\").count() > 1"));
  for (const char* text : {"events(\"A\").where(a, e.properties.sku == \"x\").count() > 1",
                           "events(\"A\").within(\"1d\").within(\"2d\").count() > 1",
                           "events(\"A\").sum(e, e.properties.total * 2.0) > 1.0"}) {
    EXPECT_EQ(ToForm(text).substr(0, 14), R"({"expression":)") << text;
    EXPECT_EQ(ToForm(ToText(ToForm(text))), ToForm(text));
  }
}

TEST(Form, TellsWhatIsWrongWithWhatAPersonDid) {
  EXPECT_EQ(ToText(R"({"event": 3, "measure": "count", "operator": "is", "value": 1})"),
            "/event: an event is a name, or a list of names");
  EXPECT_EQ(ToText(R"({"event": "A", "measure": "sum", "operator": "is", "value": 1})"),
            "/of: \"sum\" is of a field such as e.properties.total");
  EXPECT_EQ(ToText(R"({"all": [{"event": "A", "measure": "count", "operator": "exists"}]})")
                .substr(0, 45),
            "/all/0/operator: the operator is one of is, i");
  EXPECT_EQ(
      ToText(R"({"event": "A", "where": {"field": "e.x", "operator": "is"}, "measure": "count",
                       "operator": "is", "value": 1})"),
      "/where/value: \"is\" takes a text, a number, true or false");
}

// ---- Random forms in their one form, and what they mean, told plainly.

class Forms {
 public:
  explicit Forms(base::Random& random) : random_(random) {}

  base::Value Any(int depth) {
    const uint64_t choice = depth == 0 ? 0 : random_.Below(4);
    if (choice == 1) return Group("all", depth);
    if (choice == 2) return Group("any", depth);
    if (choice == 3) return Group("none", depth);
    return Condition();
  }

 private:
  template <size_t n>
  std::string One(const std::array<const char*, n>& choices) {
    return choices[random_.Below(n)];
  }

  static base::Value Single(std::string_view name, base::Value value) {
    base::Value object;
    base::SetField(*object.mutable_object(), name, std::move(value));
    return object;
  }

  base::Value Scalar() {
    switch (random_.Below(4)) {
      case 0:
        return base::NumberValue(static_cast<double>(random_.Below(4)));
      case 1:
        return base::NumberValue(-1.5);
      case 2:
        return base::BooleanValue(random_.Below(2) == 0);
      default:
        return base::TextValue(One<3>({"x", "y", "it's \"\\\n"}));
    }
  }

  std::string Field() {
    return One<4>({"person.traits.a", "person.traits.b", "person.traits.`c d`", "context.e"});
  }

  base::Value Condition() {
    if (random_.Below(8) == 0) {
      return Single("expression", base::TextValue("person.traits.a < person.traits.b"));
    }
    const std::string op =
        One<14>({"is", "isNot", "isOneOf", "isNoneOf", "lessThan", "atMost", "moreThan", "atLeast",
                 "contains", "startsWith", "includes", "exists", "isMissing", "isTrue"});
    base::Value condition = Single("field", base::TextValue(Field()));
    base::SetField(*condition.mutable_object(), "operator", base::TextValue(op));
    if (op == "exists" || op == "isMissing" || op == "isTrue") return condition;
    base::Value value = op == "contains" || op == "startsWith" ? base::TextValue("x") : Scalar();
    if (op == "isOneOf" || op == "isNoneOf") {
      base::Value list;
      *list.mutable_list()->add_values() = value;
      *list.mutable_list()->add_values() = Scalar();
      value = list;
    }
    base::SetField(*condition.mutable_object(), "value", value);
    return condition;
  }

  static bool Is(const base::Value& form, std::string_view group) {
    return base::Find(form.object(), group) != nullptr;
  }

  base::Value Group(std::string_view name, int depth) {
    base::Value list;
    const uint64_t least = name == "none" ? 1 : 2;
    const uint64_t parts = least + random_.Below(3);
    while (list.list().values().size() < static_cast<int>(parts)) {
      base::Value part = Any(depth - 1);
      if (Is(part, name == "none" ? "any" : name)) continue;
      // A single missing field is said by `isMissing`, or by its opposite.
      const base::Value* op = base::Find(part.object(), "operator");
      if (name == "none" && parts == 1 && op != nullptr && op->text() == "exists") continue;
      // Beside a missing field, "none of" in an `any` might say isNoneOf.
      if (name == "any" && Is(part, "none")) continue;
      *list.mutable_list()->add_values() = std::move(part);
    }
    return Single(name, list);
  }

  base::Random& random_;
};

// Three values, as rules have them.
using Truth = std::optional<bool>;

class NaiveForm {
 public:
  explicit NaiveForm(const base::Value& variables) : variables_(variables) {}

  Truth Ask(const base::Value& form) const {
    for (const std::string_view group : {"all", "any", "none"}) {
      const base::Value* parts = base::Find(form.object(), group);
      if (parts == nullptr) continue;
      const bool deciding = group != "all";
      Truth truth = !deciding;
      for (const base::Value& part : parts->list().values()) {
        const Truth one = Ask(part);
        if (one == deciding) {
          truth = deciding;
          break;
        }
        if (!one.has_value()) truth = std::nullopt;
      }
      return group == "none" && truth.has_value() ? Truth(!*truth) : truth;
    }
    if (base::Find(form.object(), "expression") != nullptr) {
      return Order(Read("person.traits.a"), Read("person.traits.b"), "lessThan");
    }
    return Condition(base::Find(form.object(), "operator")->text(),
                     Read(base::Find(form.object(), "field")->text()),
                     base::Find(form.object(), "value"));
  }

 private:
  const base::Value* Read(std::string_view field) const {
    if (field == "person.traits.`c d`") field = "person.traits.c d";
    return base::FindPath(variables_.object(), field);
  }

  static Truth Order(const base::Value* a, const base::Value* b, std::string_view op) {
    if (a == nullptr || b == nullptr || a->kind_case() != b->kind_case()) return std::nullopt;
    if (!a->has_number() && !a->has_text() && !a->has_boolean()) return std::nullopt;
    const int order = base::Compare(*a, *b);
    if (op == "lessThan") return order < 0;
    if (op == "atMost") return order <= 0;
    return op == "moreThan" ? order > 0 : order >= 0;
  }

  static bool Among(const base::Value& one, const base::Value& list) {
    for (const base::Value& each : list.list().values()) {
      if (base::Equal(one, each)) return true;
    }
    return false;
  }

  static Truth Condition(const std::string& op, const base::Value* field,
                         const base::Value* value) {
    if (op == "exists") return field != nullptr;
    if (op == "isMissing") return field == nullptr;
    if (op == "isNot") return field == nullptr || !base::Equal(*field, *value);
    if (op == "isNoneOf") return field == nullptr || !Among(*field, *value);
    if (field == nullptr) return std::nullopt;
    if (op == "is") return base::Equal(*field, *value);
    if (op == "isOneOf") return Among(*field, *value);
    if (op == "isTrue") return field->has_boolean() ? Truth(field->boolean()) : std::nullopt;
    if (op == "includes") return field->has_list() ? Truth(Among(*value, *field)) : std::nullopt;
    if (op == "contains" || op == "startsWith") {
      if (!field->has_text()) return std::nullopt;
      const size_t at = field->text().find(value->text());
      return op == "contains" ? at != std::string::npos : at == 0;
    }
    return Order(field, value, op);
  }

  const base::Value& variables_;
};

base::Value RandomVariables(base::Random& random) {
  static constexpr std::array<const char*, 8> kValues = {
      "0", "1", "3", "-1.5", "\"x\"", "\"yx\"", "true", "[1, \"x\", false]"};
  base::Value variables = *base::ParseJson(R"({"person": {"traits": {}}, "context": {}})");
  base::Fields& traits =
      *base::FindMutable(
           *base::FindMutable(*variables.mutable_object(), "person")->mutable_object(), "traits")
           ->mutable_object();
  base::Fields& context =
      *base::FindMutable(*variables.mutable_object(), "context")->mutable_object();
  for (const char* name : {"a", "b", "c d", "e"}) {
    const uint64_t choice = random.Below(kValues.size() + 2);
    if (choice >= kValues.size()) continue;
    base::SetField(std::string_view(name) == "e" ? context : traits, name,
                   *base::ParseJson(kValues[choice]));
  }
  return variables;
}

TEST(Form, RandomFormsComeBackAsTheyWereAndMeanWhatTheySay) {
  int known = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    base::Random random(seed, base::Id128{2, seed}, "form", "");
    const base::Value form = Forms(random).Any(3);
    std::vector<FormProblem> problems;
    const std::string text = TextOfForm(form, problems);
    ASSERT_TRUE(problems.empty()) << base::ToJson(form) << problems.front().message;
    const expr::Parsed parsed = expr::Parse(text);
    ASSERT_NE(parsed.expr, nullptr) << text;
    EXPECT_EQ(base::ToJson(FormOf(*parsed.expr)), base::ToJson(form)) << text;
    AskedRule rule(text, {}, Vocabulary());
    ASSERT_NE(rule.compiled().rule, nullptr) << text << rule.Notes(text);
    for (int i = 0; i < 20; ++i) {
      const base::Value variables = RandomVariables(random);
      const Truth naive = NaiveForm(variables).Ask(form);
      const Outcome asked = rule.Ask(base::ToJson(variables));
      const Truth truth = asked == OUTCOME_TRUE    ? Truth(true)
                          : asked == OUTCOME_FALSE ? Truth(false)
                                                   : std::nullopt;
      EXPECT_EQ(truth, naive) << text << base::ToJson(variables);
      known += truth.has_value() ? 1 : 0;
    }
  }
  EXPECT_GT(known, 3000);
}

TEST(Form, OfAnyTextMeansTheSameText) {
  for (const char* text :
       {"person.traits.a == 1 && (person.traits.b == 2 && person.traits.c != 3)",
        "!!has(person.traits.a)", "true", "person.traits.a == null || person.traits.b == 3u",
        "person.traits.a ? person.traits.b : person.traits.c",
        "!has(person.traits.a) || !(person.traits.b in [1])", "!person.traits.vip",
        "person.traits['first-order'] == 1 && person.traits['a\u00f1o'] == 2"}) {
    const std::string form = ToForm(text);
    EXPECT_EQ(ToForm(ToText(form)), form) << text;
  }
}

}  // namespace
}  // namespace batuta::rule
