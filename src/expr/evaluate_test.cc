#include "expr/evaluate.h"

#include <string>

#include "base/json.h"
#include "base/text.h"
#include "expr/compile.h"
#include "expr/operators.h"
#include "gtest/gtest.h"

namespace batuta::expr {
namespace {

// A person of JSON, and what rules say of it.
class Evaluate : public testing::Test {
 protected:
  Evaluate() {
    json_ = *base::ParseJson(R"({"traits": {"country": "MX", "age": 30, "visits": 3, "wrong": "x",
        "born": "1990-05-17T00:00:00Z", "tags": ["a", "b"], "address": {"city": "Puebla"},
        "nothing": null}})");
    json_.mutable_object()
        ->mutable_fields(0)
        ->mutable_value()
        ->mutable_object()
        ->add_fields()
        ->set_name("email");
    json_.mutable_object()
        ->mutable_fields(0)
        ->mutable_value()
        ->mutable_object()
        ->mutable_fields(8)
        ->mutable_value()
        ->mutable_sealed();
    source_.Set("person", Value::OfJson(json_));
    environment_.Declare("person");
    environment_.Declare("nobody");
  }

  Value Run(std::string_view text, uint64_t budget = kBudgetDefault) {
    CompileOptions options;
    options.check = false;
    const Compiled compiled = Compile(text, environment_, table_, options);
    EXPECT_NE(compiled.program, nullptr) << Describe(compiled.diagnostics, text);
    programs_.push_back(compiled.program);
    activation_.Clear();
    evaluator_ = Evaluator(budget);
    return evaluator_.Evaluate(*compiled.program, activation_);
  }

  Verdict Says(std::string_view text) { return VerdictOf(Run(text)); }
  std::string Error(std::string_view text) {
    const Value value = Run(text);
    return value.is_error() ? base::StrCat(Name(value.code()), " at ", value.at()) : "no error";
  }

  base::Value json_;
  Environment environment_;
  VariableSource source_;
  AttributeTable table_;
  Activation activation_{table_, source_};
  Evaluator evaluator_;
  std::vector<std::shared_ptr<const Program>> programs_;
};

TEST_F(Evaluate, ARuleOnTraitsIsTrueOrFalse) {
  EXPECT_EQ(Says("person.traits.country == 'MX' && person.traits.age >= 18"), Verdict::kTrue);
  EXPECT_EQ(Says("person.traits.country == 'US' || person.traits.age < 18"), Verdict::kFalse);
  EXPECT_EQ(Says("'b' in person.traits.tags && person.traits.address.city.startsWith('Pue')"),
            Verdict::kTrue);
  EXPECT_EQ(Says("person.traits.nothing == null && has(person.traits.nothing)"), Verdict::kTrue);
}

TEST_F(Evaluate, AnAbsentFieldMakesTheRuleUnknownUnlessItDoesNotMatter) {
  EXPECT_EQ(Says("person.traits.plan == 'gold'"), Verdict::kUnknown);
  EXPECT_EQ(Says("person.traits.plan != 'gold'"), Verdict::kUnknown);
  EXPECT_EQ(Says("!(person.traits.plan == 'gold')"), Verdict::kUnknown);
  EXPECT_EQ(Says("person.traits.plan == 'gold' || person.traits.age > 18.0"), Verdict::kTrue);
  EXPECT_EQ(Says("person.traits.plan == 'gold' && person.traits.age < 18.0"), Verdict::kFalse);
  EXPECT_EQ(Says("person.traits.plan == 'gold' && person.traits.age > 18.0"), Verdict::kUnknown);
  EXPECT_EQ(Says("nobody.traits.age > 1.0"), Verdict::kUnknown);
  EXPECT_EQ(Says("person.traits.nothing.city == 'x'"), Verdict::kUnknown);
  EXPECT_EQ(Says("has(person.traits.nothing.city)"), Verdict::kUnknown);
}

TEST_F(Evaluate, AnAbsentFieldCountsMoreThanAnotherError) {
  EXPECT_EQ(Says("1/0 == 1 || person.traits.plan == 'gold'"), Verdict::kUnknown);
  EXPECT_EQ(Says("person.traits.plan == 'gold' || 1/0 == 1"), Verdict::kUnknown);
  EXPECT_EQ(Says("1/0 == 1 || person.traits.age < 18"), Verdict::kFailed);
}

TEST_F(Evaluate, HasAsksForTheLastFieldOnly) {
  EXPECT_EQ(Says("has(person.traits.plan)"), Verdict::kFalse);
  EXPECT_EQ(Says("has(person.traits.address.street)"), Verdict::kFalse);
  EXPECT_EQ(Says("has(person.traits.home.street)"), Verdict::kUnknown);
  EXPECT_EQ(Says("person.traits.?home.street.hasValue()"), Verdict::kFalse);
}

TEST_F(Evaluate, ASealedFieldIsThereButCannotBeRead) {
  EXPECT_EQ(Says("has(person.traits.email)"), Verdict::kTrue);
  EXPECT_EQ(Says("person.traits.email == 'a@b.mx'"), Verdict::kUnknown);
}

TEST_F(Evaluate, AnErrorTellsItsPlace) {
  EXPECT_EQ(Error("true && person.traits.plan == 'gold'"), "absent at 27");
  EXPECT_EQ(Error("1 + 2 / 0"), "division by zero at 6");
  EXPECT_EQ(Error("person.traits.age + 1"), "no overload at 18");
  EXPECT_EQ(Error("9223372036854775807 + 1"), "overflow at 20");
}

TEST_F(Evaluate, WhatIsMissingIsNamed) {
  const auto why = [this](std::string_view text) {
    const Value value = Run(text);
    return ExplainError(value, *programs_.back(), table_);
  };
  EXPECT_EQ(why("person.traits.plan == 'gold' || false"), "`person.traits.plan` is absent");
  EXPECT_EQ(why("person.traits.plan.startsWith('g')"), "`person.traits.plan` is absent");
  EXPECT_EQ(why("person.traits.email == 'a@b.mx'"), "`person.traits.email` is sealed");
  EXPECT_EQ(why("[{}].exists(x, x.a == 1)"), "the field is absent");
  EXPECT_EQ(why("1 / 0 == 1"), "division by zero");
  EXPECT_EQ(why("person.traits.country > 3"),
            "`person.traits.country`: not for values of these types");
}

TEST_F(Evaluate, NumbersAndTextsOfJsonAreWhatTheSchemaSays) {
  auto traits = std::make_shared<ObjectSchema>();
  traits->fields = {{"visits", Type::Tag::kInt, ""},
                    {"born", Type::Tag::kTimestamp, ""},
                    {"wrong", Type::Tag::kInt, ""}};
  auto person = std::make_shared<ObjectSchema>();
  person->fields = {{"traits", Type::Object(traits), ""}};
  environment_.Declare("person", Type::Object(person));
  EXPECT_EQ(Says("person.traits.visits + 1 == 4"), Verdict::kTrue);
  EXPECT_EQ(Says("person.traits.born.getFullYear() == 1990"), Verdict::kTrue);
  EXPECT_EQ(Says("person.traits.age + 0.5 == 30.5"), Verdict::kTrue);
  EXPECT_EQ(Says("person.traits.wrong == 1"), Verdict::kFailed);
}

TEST_F(Evaluate, RulesShareTheSlotsOfWhatTheyRead) {
  Run("person.traits.country == 'MX'");
  const size_t slots = table_.size();
  Run("person.traits['country'] != 'US' && has(person.traits.country)");
  EXPECT_EQ(table_.size(), slots);
  EXPECT_EQ(programs_.back()->slots, programs_.front()->slots);
}

TEST_F(Evaluate, WhatIsConstantIsComputedOnce) {
  Run("person.traits.age > double(2 * 3 + size(['a', 'b'].map(t, t + t)))");
  EXPECT_EQ(programs_.back()->code.size(), 1u);
  Run("true && person.traits.age > 3.0 && 2 < 3");
  EXPECT_EQ(programs_.back()->code.size(), 3u);
  Run("person.traits.age > 3.0 && 2 > 3");
  EXPECT_EQ(programs_.back()->code.size(), 1u);
  // An error waits until it is reached.
  EXPECT_EQ(Says("person.traits.age > 3.0 || 1 / 0 == 1"), Verdict::kTrue);
}

TEST_F(Evaluate, StopsWhenTheBudgetIsUsedUp) {
  const std::string numbers = "[0,1,2,3,4,5,6,7,8,9]";
  const std::string loops = "person.traits.tags.all(t, " + numbers + ".all(a, " + numbers +
                            ".all(b, " + numbers + ".all(c, a + b + c + size(t) > 0))))";
  EXPECT_EQ(Run(loops, 1000).code(), ErrorCode::kBudget);
  EXPECT_EQ(Run("true || " + loops, 1000).kind(), Kind::kBool);
  EXPECT_EQ(Run("person.traits.age > 0.0 && (" + loops + " || true)", 1000).kind(), Kind::kBool);
  EXPECT_EQ(Run(loops + " || person.traits.age > 0.0", 1000).code(), ErrorCode::kBudget);
}

TEST_F(Evaluate, DoublingAgainAndAgainEndsAtTheBudget) {
  std::string text = "person.traits.country";
  std::string list = "person.traits.tags";
  for (int i = 0; i < 60; ++i) {
    text = base::StrCat("cel.bind(x, ", text, ", x + x)");
    list = base::StrCat("cel.bind(x, ", list, ", [x, x])");
  }
  EXPECT_EQ(Run(text + " == ''").code(), ErrorCode::kBudget);
  EXPECT_EQ(Run(list + " == " + list).code(), ErrorCode::kBudget);
  EXPECT_EQ(Run("'%s'.format([" + list + "])").code(), ErrorCode::kBudget);
  std::string constant = "[1]";
  for (int i = 0; i < 60; ++i) constant = base::StrCat("cel.bind(x, ", constant, ", [x, x])");
  EXPECT_EQ(Run(constant).kind(), Kind::kList);
}

TEST_F(Evaluate, CompilingPatternsAgainAndAgainEndsAtTheBudget) {
  const std::string loop =
      "person.traits.tags.all(t, [1,2,3,4,5,6,7,8,9,10].all(i, [1,2,3,4,5,6,7,8,9,10].all(j, "
      "t.matches('(' + t + '{1,900})'))))";
  EXPECT_EQ(Run(loop, 100000).code(), ErrorCode::kBudget);
}

TEST_F(Evaluate, RepeatedEvaluationGivesTheSame) {
  const Value first = Run("person.traits.country + '-' + person.traits.address.city");
  EXPECT_EQ(first.AsText(), "MX-Puebla");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(evaluator_.Evaluate(*programs_.back(), activation_).AsText(), "MX-Puebla");
  }
}

TEST_F(Evaluate, AFunctionOfTheHostIsCalledAndNeverFoldedIfItSaysSo) {
  auto table = std::make_shared<FunctionTable>(*StandardLibrary());
  int calls = 0;
  table->Add(
      "lookup", "(string) -> map(string, dyn)",
      [&calls](Scratch& scratch, std::span<const Value>) {
        ++calls;
        const Entry entry{Value::Text("margin"), Value::Double(calls)};
        return Value::Map(scratch.arena.Copy(std::span<const Entry>(&entry, 1)));
      },
      Folding::kNever);
  environment_ = Environment(table);
  environment_.Declare("person");
  EXPECT_EQ(Says("lookup('sku').margin == 1.0"), Verdict::kTrue);
  EXPECT_EQ(VerdictOf(evaluator_.Evaluate(*programs_.back(), activation_)), Verdict::kFalse);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace batuta::expr
