#include "rule/form_behaviour.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "feature/spec.h"
#include "rule/form_testing.h"

namespace batuta::rule {
namespace {

TEST(BehaviourForm, OfLinesSaysTheSameAsItsText) {
  for (const auto& [form, text] : {
           Pair{R"-({"event":"Order Completed","within":"90d","each":"e.properties.products",)-"
                R"-("lineWhere":{"field":"p.price","operator":"moreThan","value":20},)-"
                R"-("measure":"sum","of":"p.quantity","operator":"atLeast","value":5})-",
                "events(\"Order Completed\").within(\"90d\").each(e.properties.products)"
                ".where(p, p.price > 20).sum(p, p.quantity) >= 5"},
           Pair{R"-({"event":"A","where":{"field":"e.source","operator":"is","value":"web"},)-"
                R"-("each":"e.properties.lines","lineWhere":{"all":[{"field":"e.properties.vip",)-"
                R"-("operator":"isTrue"},{"field":"p.sku","operator":"is","value":"x"}]},)-"
                R"-("measure":"exists","operator":"isTrue"})-",
                "events(\"A\").where(e, e.source == \"web\").each(e.properties.lines)"
                ".where(e, p, e.properties.vip && p.sku == \"x\").exists()"},
           Pair{R"-({"event":"A","each":"e.properties.tags","measure":"distinct","of":"p",)-"
                R"-("operator":"moreThan","value":2})-",
                "events(\"A\").each(e.properties.tags).distinct(p, p) > 2"},
           Pair{R"-({"event":"A","each":"e.properties.lines","measure":"last",)-"
                R"-("of":"e.properties.currency","operator":"is","value":"EUR"})-",
                "events(\"A\").each(e.properties.lines).last(e, p, e.properties.currency) == "
                "\"EUR\""},
           Pair{R"-({"event":"A","within":"30d","oncePer":"1d","measure":"rate","argument":"7d",)-"
                R"-("operator":"lessThan","value":1.5})-",
                "events(\"A\").within(\"30d\").once_per(\"1d\").rate(\"7d\") < 1.5"},
           Pair{R"-({"event":[],"within":"90d","measure":"drift","argument":"30d",)-"
                R"-("of":"e.context.device","operator":"atLeast","value":0.5})-",
                "events().within(\"90d\").drift(\"30d\", e, e.context.device) >= 0.5"},
       }) {
    EXPECT_EQ(ToText(form), text);
    EXPECT_EQ(ToForm(text), form);
  }
}

TEST(BehaviourForm, OfOneThingAfterAnotherSaysTheSameAsItsText) {
  for (
      const auto& [form, text] : {
          Pair{R"-({"sequence":[{"event":"Product Viewed"},{"event":"Product Added","keys":[)-"
               R"-({"field":"e.properties.sku","equals":"e.properties.sku","step":1}]}],)-"
               R"-("span":"2h","within":"7d","measure":"exists","operator":"isTrue"})-",
               "sequence(\"2h\", step(s1, \"Product Viewed\"), step(s2, \"Product Added\", "
               "s2.properties.sku == s1.properties.sku)).within(\"7d\").exists()"},
          Pair{R"-({"sequence":[{"event":["A","B"],"where":{"field":"e.properties.price",)-"
               R"-("operator":"moreThan","value":10}},{"event":[]},{"event":"C","where":{"any":[)-"
               R"-({"field":"e.source","operator":"is","value":"web"},{"field":"e.source",)-"
               R"-("operator":"is","value":"app"}]},"keys":[{"field":"e.properties.cart",)-"
               R"-("equals":"e.properties.cart","step":1},{"field":"e.properties.a",)-"
               R"-("equals":"e.context.b","step":1}]}],"span":"1d","notFollowedBy":"D",)-"
               R"-("notFollowedWithin":"1h","notFollowedKeys":[{"field":"e.properties.cart",)-"
               R"-("equals":"e.properties.cart","step":3}],"measure":"count",)-"
               R"-("operator":"atLeast","value":2})-",
               "sequence(\"1d\", step(s1, [\"A\", \"B\"], s1.properties.price > 10), step(s2, "
               "[]), step(s3, \"C\", (s3.source == \"web\" || s3.source == \"app\") && "
               "s3.properties.cart == s1.properties.cart && s3.properties.a == s1.context.b))"
               ".not_followed_by(\"D\", \"1h\", n, n.properties.cart == s3.properties.cart)"
               ".count() >= 2"},
          Pair{
              R"-({"event":"Product Added","within":"7d","notFollowedBy":["Bought","Removed"],)-"
              R"-("notFollowedWithin":"1h","notFollowedWhere":{"field":"e.source",)-"
              R"-("operator":"is","value":"web"},"notFollowedKeys":[{"field":"e.properties.cart",)-"
              R"-("equals":"e.properties.basket"}],"measure":"exists","operator":"isTrue"})-",
              "events(\"Product Added\").within(\"7d\").not_followed_by([\"Bought\", "
              "\"Removed\"], \"1h\", e, n, n.source == \"web\" && n.properties.cart == "
              "e.properties.basket).exists()"},
      }) {
    EXPECT_EQ(ToText(form), text);
    EXPECT_EQ(ToForm(text), form);
  }
}

TEST(BehaviourForm, NamesOfVariablesAndTheOrderOfCallsDoNotMatter) {
  EXPECT_EQ(ToForm("events(\"A\").each(order.properties.lines).within(\"9d\")"
                   ".where(order, line, order.source == line.source).sum(l, l.n) > 1.0"),
            ToForm("events(\"A\").within(\"9d\").each(e.properties.lines)"
                   ".where(e, p, e.source == p.source).sum(p, p.n) > 1.0"));
  // As the variables are called the other way round.
  EXPECT_EQ(ToForm("events(\"A\").each(p.properties.lines).where(p, e, p.x && e.y).exists()"),
            ToForm("events(\"A\").each(e.properties.lines).where(e, p, e.x && p.y).exists()"));
  EXPECT_EQ(ToForm("sequence(\"2h\", step(view, \"V\"), step(e, \"A\", view.properties.sku == "
                   "e.properties.sku && e.properties.n > 1)).exists()"),
            ToForm("sequence(\"2h\", step(a, \"V\"), step(b, \"A\", b.properties.n > 1 && "
                   "b.properties.sku == a.properties.sku)).exists()"));
  EXPECT_EQ(ToForm("events(\"A\").not_followed_by(\"B\", \"1h\", added, bought, "
                   "added.properties.c == bought.properties.c).exists()"),
            ToForm("events(\"A\").not_followed_by(\"B\", \"1h\", e, n, n.properties.c == "
                   "e.properties.c).exists()"));
}

TEST(BehaviourForm, WhatHasNoShapeIsAnExpression) {
  for (const char* text :
       {// Steps that are compared otherwise than by keys.
        "sequence(\"1h\", step(a, \"A\"), step(b, \"B\", b.properties.n > "
        "a.properties.n)).exists()",
        "sequence(\"1h\", step(a, \"A\"), step(b, \"B\", b.x + 1 == a.x)).exists()",
        // Names that another name would catch.
        "events(\"A\").each(a.properties.lines).where(l, l.tags.exists(p, p == \"x\")).exists()",
        "sequence(\"1h\", step(a, \"A\", a.tags.exists(e, e == \"x\")), step(b, \"B\")).exists()",
        "sequence(\"1h\", step(a, \"A\"), step(a, \"B\")).exists()",
        "events(\"A\").each(e.properties.lines).each(e.properties.lines).exists()",
        "events(\"A\").each(e.properties.lines).sum(p, p.price * p.quantity) > 1.0",
        "events(\"A\").each(e.properties.lines).not_followed_by(\"B\", \"1h\").exists()"}) {
    EXPECT_EQ(ToForm(text).substr(0, 14), R"({"expression":)") << text;
    EXPECT_EQ(ToForm(ToText(ToForm(text))), ToForm(text));
  }
}

TEST(BehaviourForm, TellsWhatIsWrongAndWhere) {
  const auto with = [](std::string_view members) {
    return ToText(base::StrCat("{", members, R"(,"measure":"exists","operator":"isTrue"})"));
  };
  EXPECT_EQ(with(R"("sequence":[{"event":"A"}],"span":"1h")"),
            "/sequence: a sequence is a list of at least two steps");
  EXPECT_EQ(with(R"("sequence":[{"event":"A"},{"event":"B"}])"), "/span: a duration such as 1h");
  EXPECT_EQ(with(R"("sequence":[{"event":"A"},{"event":3}],"span":"1h")"),
            "/sequence/1/event: an event is a name, or a list of names");
  EXPECT_EQ(with(R"("sequence":[{"event":"A"},{"event":"B","keys":[{"field":"e.a","equals":"e.b",)"
                 R"("step":2}]}],"span":"1h")"),
            "/sequence/1/keys/0/step: the number of an earlier step, from 1");
  EXPECT_EQ(with(R"("sequence":[{"event":"A"},{"event":"B","keys":[{"field":"a.b","equals":"e.b",)"
                 R"("step":1}]}],"span":"1h")"),
            "/sequence/1/keys/0/field: a field of an event is a path such as e.properties.sku");
  EXPECT_EQ(with(R"("sequence":[{"event":"A","where":{"field":"e.a","operator":"is"}},)"
                 R"({"event":"B"}],"span":"1h")"),
            "/sequence/0/where/value: \"is\" takes a text, a number, true or false");
  EXPECT_EQ(with(R"("sequence":[{"event":"A","name":"x"},{"event":"B"}],"span":"1h")"),
            "/sequence/0/name: this member is not known here");
  EXPECT_EQ(with(R"("sequence":[{"event":"A"},{"event":"B"}],"span":"1h","each":"e.x")"),
            "/each: does not go with a sequence");
  EXPECT_EQ(with(R"("event":"A","each":"products")"),
            "/each: the list in the event is a path such as e.properties.products");
  EXPECT_EQ(with(R"("event":"A","lineWhere":{"field":"p.a","operator":"isTrue"})"),
            "/lineWhere: the lines are those of \"each\"");
  EXPECT_EQ(with(R"("event":"A","notFollowedWithin":"1h")"),
            "/notFollowedBy: the name of an event");
  EXPECT_EQ(with(R"("event":"A","notFollowedBy":"B")"),
            "/notFollowedWithin: a duration such as 1h");
  EXPECT_EQ(with(R"("event":"A","notFollowedBy":"B","notFollowedWithin":"1h",)"
                 R"-("notFollowedWhere":{"expression":"e.list.exists(n, n == 1)"})-"),
            "/notFollowedWhere: no variable of an expression here may be called `e` or `n`, but "
            "the event `e`");
  EXPECT_EQ(ToText(R"({"event":"A","measure":"drift","of":"e.a","operator":"is","value":1})"),
            "/argument: a duration such as 1h");
  EXPECT_EQ(ToText(R"({"event":"A","measure":"sum","of":"p.a","operator":"is","value":1})"),
            "/of: a field of the event is a path such as e.properties.total");
}

// ---- Random behaviours in their one form.

class Behaviours {
 public:
  explicit Behaviours(base::Random& random) : random_(random) {}

  base::Value Any() {
    form_ = {};
    const bool is_sequence = random_.Below(3) == 0;
    if (is_sequence) {
      Steps();
      Set("span", base::TextValue("2h"));
    } else {
      Set("event", Names());
    }
    Window();
    bool has_each = false;
    if (!is_sequence) {
      if (Maybe()) Set("where", Where({"e"}, 1));
      has_each = Maybe();
      if (has_each) Set("each", base::TextValue("e.properties.products"));
      if (has_each && Maybe()) Set("lineWhere", Where({"e", "p"}, 1));
      if (random_.Below(4) == 0) Set("oncePer", base::TextValue("1d"));
    }
    if (!has_each && Maybe()) Never(is_sequence);
    Measure(has_each);
    return form_;
  }

 private:
  bool Maybe() { return random_.Below(2) == 0; }
  template <size_t n>
  std::string One(const std::array<const char*, n>& choices) {
    return choices[random_.Below(n)];
  }
  void Set(std::string_view name, base::Value value) {
    base::SetField(*form_.mutable_object(), name, std::move(value));
  }

  base::Value Names() {
    base::Value names;
    names.mutable_list();
    const uint64_t count = random_.Below(4);
    if (count == 1) return base::TextValue("A \"quoted\"");
    for (uint64_t i = 0; i < count; ++i) {
      *names.mutable_list()->add_values() = base::TextValue(base::StrCat("E", i));
    }
    return names;
  }

  base::Value Condition(const std::vector<std::string>& variables) {
    base::Value condition;
    base::Fields& members = *condition.mutable_object();
    if (random_.Below(6) == 0) {
      base::SetField(members, "expression",
                     base::TextValue("e.properties.tags.all(t, t != e.properties.x)"));
      return condition;
    }
    const std::string variable = variables[random_.Below(variables.size())];
    base::SetField(
        members, "field",
        base::TextValue(base::StrCat(variable, One<3>({".properties.a", ".b", ".`c d`"}))));
    const std::string op = One<5>({"is", "isNot", "moreThan", "exists", "isTrue"});
    base::SetField(members, "operator", base::TextValue(op));
    if (op == "is" || op == "isNot" || op == "moreThan") {
      base::SetField(members, "value",
                     Maybe() ? base::NumberValue(1.5) : base::TextValue("it's \"\\"));
    }
    return condition;
  }

  base::Value Where(const std::vector<std::string>& variables, int depth) {
    if (depth == 0 || Maybe()) return Condition(variables);
    const std::string group = One<2>({"all", "any"});
    base::Value list;
    for (uint64_t i = 0; i < 2 + random_.Below(2); ++i) {
      *list.mutable_list()->add_values() = Condition(variables);
    }
    base::Value where;
    base::SetField(*where.mutable_object(), group, list);
    return where;
  }

  base::Value Keys(size_t steps) {
    base::Value keys;
    for (uint64_t i = 0; i < 1 + random_.Below(2); ++i) {
      base::Fields& key = *keys.mutable_list()->add_values()->mutable_object();
      base::SetField(key, "field", base::TextValue(One<2>({"e.properties.sku", "e.source"})));
      base::SetField(key, "equals", base::TextValue(One<2>({"e.properties.sku", "e.name"})));
      if (steps == 0) continue;
      base::SetField(key, "step", base::NumberValue(1 + static_cast<double>(random_.Below(steps))));
    }
    return keys;
  }

  void Steps() {
    base::Value steps;
    const size_t count = 2 + random_.Below(3);
    for (size_t i = 0; i < count; ++i) {
      base::Fields& step = *steps.mutable_list()->add_values()->mutable_object();
      base::SetField(step, "event", Names());
      if (Maybe()) base::SetField(step, "where", Where({"e"}, 1));
      if (i > 0 && Maybe()) base::SetField(step, "keys", Keys(i));
    }
    steps_ = count;
    Set("sequence", steps);
  }

  void Window() {
    switch (random_.Below(4)) {
      case 0:
        return;
      case 1:
        return Set("within", base::TextValue(One<2>({"90d", "36h"})));
      case 2:
        return Set("within", base::TextValue(One<3>({"today", "thisWeek", "thisMonth"})));
      default:
        return Set("lastDays", base::NumberValue(7));
    }
  }

  void Never(bool is_sequence) {
    Set("notFollowedBy", Names());
    Set("notFollowedWithin", base::TextValue("1h"));
    if (Maybe()) Set("notFollowedWhere", Where({"e"}, 1));
    if (Maybe()) Set("notFollowedKeys", Keys(is_sequence ? steps_ : 0));
  }

  void Measure(bool has_each) {
    const std::string measure =
        One<8>({"count", "exists", "sum", "last", "rate", "drift", "sessions", "distinct"});
    Set("measure", base::TextValue(measure));
    const bool needs_argument = measure == "drift" || measure == "sessions";
    if (needs_argument || (measure == "rate" && Maybe())) Set("argument", base::TextValue("30m"));
    const bool needs_value = measure == "sum" || measure == "distinct" || measure == "drift";
    if (needs_value || (measure == "last" && Maybe())) {
      Set("of", base::TextValue(has_each ? One<3>({"p.price", "p", "e.properties.x"})
                                         : One<2>({"e.properties.x", "e.context.y"})));
    }
    Set("operator", base::TextValue("atLeast"));
    Set("value", base::NumberValue(3));
  }

  base::Random& random_;
  base::Value form_;
  size_t steps_ = 0;
};

TEST(BehaviourForm, RandomOnesComeBackAsTheyWereAndMeanTheSame) {
  int specs = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    base::Random random(seed, base::Id128{3, seed}, "form", "");
    const base::Value form = Behaviours(random).Any();
    std::vector<FormProblem> problems;
    const std::string text = TextOfForm(form, problems);
    ASSERT_TRUE(problems.empty()) << base::ToJson(form) << problems.front().message;
    const expr::Parsed parsed = expr::Parse(text);
    ASSERT_NE(parsed.expr, nullptr) << text;
    ASSERT_EQ(base::ToJson(FormOf(*parsed.expr)), base::ToJson(form)) << text;
    // The feature that it asks for, in its own text, has a form that asks for the same feature.
    const feature::ParsedSpec spec = feature::ParseSpec(expr::Print(*parsed.expr->children[0]));
    if (!spec.spec.has_value()) continue;  // not everything goes together
    ++specs;
    const expr::Parsed canonical = expr::Parse(feature::Print(*spec.spec) + " >= 3");
    ASSERT_NE(canonical.expr, nullptr) << feature::Print(*spec.spec);
    const std::string again = TextOfForm(FormOf(*canonical.expr), problems);
    ASSERT_TRUE(problems.empty()) << problems.front().message;
    const expr::Parsed once_more = expr::Parse(again);
    const feature::ParsedSpec same = feature::ParseSpec(expr::Print(*once_more.expr->children[0]));
    ASSERT_TRUE(same.spec.has_value()) << again;
    EXPECT_EQ(feature::Print(*same.spec), feature::Print(*spec.spec)) << text;
  }
  EXPECT_GT(specs, 400);
}

}  // namespace
}  // namespace batuta::rule
