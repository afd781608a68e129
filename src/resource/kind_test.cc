#include "resource/kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/canonical.h"
#include "resource/every_field.h"
#include "resource/yaml.h"

namespace batuta::resource {
namespace {

// All problems of the documents of a text.
std::string Problems(std::string_view text) {
  ParsedDocuments parsed = ParseDocuments(text, "a.yaml", Format::kYaml);
  std::vector<Problem> problems = std::move(parsed.problems);
  for (const Document& document : parsed.documents)
    for (Problem& problem : ValidateDocument(document)) problems.push_back(std::move(problem));
  return ToText(problems);
}

// The problems of an action that is right but for the given line, which stands at line 6.
std::string ActionProblems(const std::string& line) {
  return Problems(
      base::StrCat("kind: action\nname: gold\nspec:\n  title: Oro\n  value: {amount: \"1.00\", "
                   "currency: MXN}\n  ",
                   line, "\n"));
}

TEST(Kinds, AreKnownByNameAndPlural) {
  EXPECT_EQ(Kinds().size(), 21u);
  for (const Kind& kind : Kinds()) {
    EXPECT_EQ(FindKind(kind.name), &kind);
    EXPECT_EQ(FindKindByPlural(kind.plural), &kind);
    EXPECT_FALSE(kind.description.empty());
    for (const Member& member : kind.spec.members)
      EXPECT_FALSE(member.schema.description.empty()) << kind.name << " " << member.name;
  }
  EXPECT_EQ(FindKind("nothing"), nullptr);
}

// Puts the paths of the schema's members that no value sets, such as "action/eligible/values".
void FindUnset(const std::string& path, const Schema& schema,
               const std::vector<const base::Value*>& values, std::vector<std::string>& unset) {
  if (values.empty()) return unset.push_back(path);
  std::vector<const base::Value*> elements;
  for (const base::Value* value : values)
    for (const base::Value& element : value->list().values()) elements.push_back(&element);
  if (schema.element != nullptr) FindUnset(path, *schema.element, elements, unset);
  for (const Member& member : schema.members) {
    std::vector<const base::Value*> stated;
    for (const base::Value* value : values)
      if (const base::Value* found = base::Find(value->object(), member.name))
        stated.push_back(found);
    FindUnset(base::StrCat(path, "/", member.name), member.schema, stated, unset);
  }
}

TEST(Kinds, EveryFieldStandsInTheDocumentsForTests) {
  const ParsedDocuments parsed = ParseDocuments(kEveryField, "every.yaml", Format::kYaml);
  EXPECT_EQ(Problems(kEveryField), "");
  std::vector<std::string> unset;
  for (const Kind& kind : Kinds()) {
    std::vector<base::Value> specs;
    for (const Document& document : parsed.documents)
      if (document.kind == kind.name) *specs.emplace_back().mutable_object() = document.spec;
    std::vector<const base::Value*> values;
    for (const base::Value& spec : specs) values.push_back(&spec);
    FindUnset(kind.name, kind.spec, values, unset);
  }
  EXPECT_THAT(unset, testing::IsEmpty());
}

TEST(Kinds, AnUnknownOneGetsASuggestion) {
  EXPECT_EQ(
      Problems("kind: acton\nname: gold\n"),
      "a.yaml:1:7: error: there is no kind \"acton\"; did you mean \"action\"? [unknown_kind]\n");
}

TEST(Names, HaveARule) {
  EXPECT_EQ(Problems("kind: source\nname: Web Site\n"),
            "a.yaml:2:7: error: \"name\" must be up to 100 small letters, digits, \".\", \"_\" and "
            "\"-\", the first a letter or a digit, but is \"Web Site\" [bad_name]\n");
  EXPECT_EQ(Problems(base::StrCat("kind: source\nname: ", std::string(100, 'a'), "\n")), "");
  EXPECT_NE(Problems(base::StrCat("kind: source\nname: ", std::string(101, 'a'), "\n")), "");
  EXPECT_EQ(Problems("kind: hub\nname: main\nspec: {currency: MXN, timeZone: UTC}\n"),
            "a.yaml:2:7: error: there is one hub only, and its name is \"default\", not \"main\" "
            "[bad_name]\n");
}

TEST(Validation, EveryErrorComesAtOnce) {
  EXPECT_EQ(
      Problems("kind: action\nname: gold\nspec:\n  titel: Oro\n  class: marketin\n"
               "  lever: \"x\"\n  window: 7\n"),
      "a.yaml:4:3: error: there is no field \"titel\" here; did you mean \"title\"? "
      "[unknown_field]\n"
      "a.yaml:5:10: error: \"class\" cannot be \"marketin\"; did you mean \"marketing\"? "
      "[not_allowed]\n"
      "a.yaml:6:10: error: \"lever\" must be a number, but is a text [wrong_type]\n"
      "a.yaml:7:11: error: \"window\" must be a duration such as \"7d\", \"12h\", \"30m\" or "
      "\"1d12h\", but is a number; put it in quotes [wrong_type]\n"
      "a.yaml:4:3: error: \"title\" is missing: What people call it. [missing_field]\n"
      "a.yaml:4:3: error: \"value\" is missing: What an acceptance is worth, such as {amount: "
      "\"120.00\", currency: MXN}. [missing_field]\n");
}

TEST(Validation, UnknownFieldsWithoutANearOneListTheFields) {
  EXPECT_EQ(Problems("kind: source\nname: web\nspec: {zzz: 1}\n"),
            "a.yaml:3:8: error: there is no field \"zzz\" here; the fields are \"title\", "
            "\"description\" [unknown_field]\n");
}

TEST(Validation, ErrorsCarryPointerCodeAndResource) {
  const auto parsed =
      ParseDocuments("kind: holdout\nname: h\nspec: {percent: 120}\n", "a.yaml", Format::kYaml);
  const std::vector<Problem> problems = ValidateDocument(parsed.documents[0]);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "/spec/percent");
  EXPECT_EQ(
      base::ToJson(ToValue(problems)),
      R"([{"severity":"error","code":"out_of_range","pointer":"/spec/percent",)"
      R"("detail":"\"percent\" must be from 0 to 100, but is 120","kind":"holdout","name":"h",)"
      R"("file":"a.yaml","line":3,"column":17}])");
}

TEST(Validation, WithoutATextTheResourceIsThePlace) {
  const Document document{.kind = "holdout", .name = "h", .spec = {}, .source = {}};
  EXPECT_EQ(
      ToText(ValidateDocument(document)),
      "holdout h /spec/percent: error: \"percent\" is missing: The share of the people, from 0 "
      "to 100. [missing_field]\n");
}

TEST(Validation, ThereIsAnEndToTheErrors) {
  std::string text = "kind: source\nname: web\nspec:\n";
  for (int i = 0; i < 1500; ++i) base::StrAppend(&text, "  x", i, ": 1\n");
  const auto parsed = ParseDocuments(text, "a.yaml", Format::kYaml);
  const std::vector<Problem> problems = ValidateDocument(parsed.documents[0]);
  ASSERT_EQ(problems.size(), 1001u);
  EXPECT_EQ(problems.back().message, "and 500 more problems");
}

TEST(Action, NumbersHaveRanges) {
  EXPECT_EQ(ActionProblems("lever: -1"),
            "a.yaml:6:10: error: \"lever\" must be from 0 to 1000, but is -1 [out_of_range]\n");
}

TEST(Action, AmountsAreDecimalTextsWithACurrency) {
  EXPECT_EQ(ActionProblems("cost: 12"),
            "a.yaml:6:9: error: \"cost\" must be an amount of money such as {amount: \"120.00\", "
            "currency: MXN}, but is a number [wrong_type]\n");
  EXPECT_EQ(ActionProblems("cost: {amount: 12.5, currency: pesos}"),
            "a.yaml:6:18: error: \"amount\" must be a text, but is a number; put it in quotes "
            "[wrong_type]\n"
            "a.yaml:6:34: error: \"currency\" must be 3 capital letters, such as MXN, but is "
            "\"pesos\" [bad_format]\n");
  EXPECT_EQ(
      ActionProblems("cost: {amount: \"1,5\", currency: MXN}"),
      "a.yaml:6:18: error: \"amount\" must be a decimal number with at most 6 decimals, such as "
      "\"120.00\", but is \"1,5\" [bad_format]\n");
  EXPECT_EQ(ActionProblems("cost: {amount: \"-1\", currency: MXN}"),
            "a.yaml:6:18: error: \"amount\" must not be negative, but is -1 [out_of_range]\n");
  EXPECT_EQ(ActionProblems("cost: {currency: MXN}"),
            "a.yaml:6:9: error: \"amount\" is missing: the amount as a text, such as \"120.00\" "
            "[missing_field]\n");
}

TEST(Action, SpansAreLongerThanNothing) {
  EXPECT_EQ(ActionProblems("window: 0d"),
            "a.yaml:6:11: error: \"window\" must be longer than 0, but is \"0d\" [out_of_range]\n");
  EXPECT_EQ(ActionProblems("window: a week"),
            "a.yaml:6:11: error: \"window\" must be a duration such as \"7d\", \"12h\", \"30m\" or "
            "\"1d12h\", but is \"a week\" [bad_format]\n");
}

TEST(Action, StartsBeforeItEnds) {
  EXPECT_EQ(ActionProblems("starts: 2026-02-01\n  ends: 2026-01-01"),
            "a.yaml:7:9: error: \"ends\" must be later than \"starts\", which is 2026-02-01 "
            "[out_of_range]\n");
  EXPECT_EQ(ActionProblems("starts: 2026-02-01\n  ends: 2026-02-01T00:00:01Z"), "");
  EXPECT_EQ(
      ActionProblems("starts: tomorrow"),
      "a.yaml:6:11: error: \"starts\" must be a time such as \"2026-01-31T09:00:00Z\", but is "
      "\"tomorrow\" [bad_format]\n");
}

TEST(Action, LeversHaveDatesInTheirOrder) {
  EXPECT_EQ(ActionProblems("levers: [{factor: 2, starts: 2026-01-01T00:00:00Z}]"), "");
  EXPECT_EQ(ActionProblems("levers: [{factor: 2, starts: 2026-02-01T00:00:00Z, ends: "
                           "2026-02-01T00:00:00Z}]"),
            "a.yaml:6:60: error: \"ends\" must be later than \"starts\", which is "
            "2026-02-01T00:00:00Z [out_of_range]\n");
}

TEST(Action, RulesAreTexts) {
  EXPECT_EQ(ActionProblems("eligible: person.traits.country == \"MX\"\n  suitable: 'true'"), "");
  EXPECT_EQ(ActionProblems("eligible: [{trait: a}]"),
            "a.yaml:6:13: error: \"eligible\" must be a text, but is a list [wrong_type]\n");
  EXPECT_EQ(ActionProblems("accept: {where: 'true'}"),
            "a.yaml:6:11: error: \"event\" is missing: The name of the event. [missing_field]\n");
}

TEST(Action, WhatIsLearnedIsOfAcceptances) {
  EXPECT_EQ(ActionProblems("learnValue: true\n  label: clicked"),
            "a.yaml:6:15: error: acceptances say what they were worth, and clicks are what is "
            "predicted; leave one of \"learnValue\" and \"label: clicked\" out [conflict]\n");
}

TEST(Action, EmptyMembersAreLeftOut) {
  EXPECT_EQ(ActionProblems("group:"),
            "a.yaml:6:3: error: \"group\" must be the name of a resource of the kind group, but is "
            "empty; leave it out if there is none [wrong_type]\n");
}

std::string PolicyProblems(const std::string& spec) {
  return Problems(base::StrCat("kind: policy\nname: p\nspec:\n  ", spec, "\n"));
}

TEST(Policy, QuietHoursAreTimesOfTheDay) {
  EXPECT_EQ(PolicyProblems("quiet: {windows: [{from: \"21:00\", to: \"24:00\"}]}"), "");
  EXPECT_EQ(PolicyProblems("quiet: {windows: [{from: \"24:00\", to: \"25:00\"}]}"),
            "a.yaml:4:28: error: \"from\" must be a time of the day, such as \"21:00\", but is "
            "\"24:00\" [bad_format]\n"
            "a.yaml:4:41: error: \"to\" must be a time of the day, such as \"08:00\", up to "
            "\"24:00\", but is \"25:00\" [bad_format]\n");
  EXPECT_EQ(PolicyProblems("quiet: {windows: [{from: \"08:00\", to: \"08:00\"}]}"),
            "a.yaml:4:41: error: \"to\" is the time that \"from\" is; for a whole day write from: "
            "\"00:00\", to: \"24:00\" [contradiction]\n");
}

TEST(Policy, PressureLeavesRoomForAContact) {
  const std::string pressure = "pressure: {scope: person, halfLife: 3d, max: ";
  EXPECT_EQ(PolicyProblems(pressure + "1}"), "");
  EXPECT_EQ(PolicyProblems(pressure + "0.9}"),
            "a.yaml:4:48: error: one contact weighs 1, more than this allows, so that there could "
            "never be one [contradiction]\n");
  EXPECT_EQ(PolicyProblems(pressure + "2, weights: [{channel: sms, weight: 3}]}"),
            "a.yaml:4:84: error: one contact on \"sms\" weighs more than \"max\" allows, so that "
            "there could never be one; say so by a cap of 0 [contradiction]\n");
  EXPECT_EQ(PolicyProblems(pressure + "2, weights: [{channel: sms, weight: 1}, {channel: sms, "
                                      "weight: 2}]}"),
            "a.yaml:4:98: error: the channel \"sms\" has a weight already, at \"weights[0]\" "
            "[duplicate]\n");
}

TEST(Policy, APreferredChannelIsAmongSeveral) {
  EXPECT_EQ(
      PolicyProblems("preferChannel: {among: [email, sms], atLeast: 1}\n  only: {groups: [cards]}"),
      "");
  EXPECT_EQ(PolicyProblems("preferChannel: {among: [email]}"),
            "a.yaml:4:26: error: \"among\" must have from 2 to 20 elements, but has 1 "
            "[out_of_range]\n");
  EXPECT_EQ(PolicyProblems("preferChannel: {among: [email, sms], atLeast: 1.5}"),
            "a.yaml:4:49: error: \"atLeast\" must be from 0.01 to 1, but is 1.5 [out_of_range]\n");
  EXPECT_EQ(PolicyProblems("preferChannel: {among: [email, sms]}\n  only: {channels: [sms]}"),
            "a.yaml:5:20: error: the channels that \"preferChannel\" compares stand in \"among\"; "
            "name channels for other limits in a policy of their own [contradiction]\n");
}

TEST(Hub, NeedsACurrencyAndAZone) {
  EXPECT_EQ(
      Problems("kind: hub\nspec: {currency: mxn, timeZone: \"\"}\n"),
      "a.yaml:2:18: error: \"currency\" must be 3 capital letters, such as MXN, but is \"mxn\" "
      "[bad_format]\n"
      "a.yaml:2:33: error: \"timeZone\" must be a zone of the tz database, such as "
      "America/Mexico_City, but is \"\" [bad_format]\n");
}

std::string IdentityProblems(std::string_view identifiers) {
  return Problems(base::StrCat("kind: identity\nspec:\n  identifiers:\n", identifiers));
}

TEST(Identity, LimitsAreAtLeastOne) {
  EXPECT_EQ(IdentityProblems("  - {type: email, priority: 1, limit: 0}\n"),
            "a.yaml:4:39: error: \"limit\" must be from 1 to 100000, but is 0 [out_of_range]\n");
  EXPECT_EQ(IdentityProblems("  - {type: email, priority: 1, limit: 1.5}\n"),
            "a.yaml:4:39: error: \"limit\" must be a whole number, but is 1.5 [wrong_type]\n");
}

TEST(Identity, TypesAndPrioritiesAreDistinct) {
  EXPECT_EQ(IdentityProblems("  - {type: email, priority: 1}\n  - {type: email, priority: 1}\n"),
            "a.yaml:5:12: error: the type email is that of \"identifiers[0]\" already; each "
            "identifier has its own [duplicate]\n"
            "a.yaml:5:29: error: the priority 1 is that of \"identifiers[0]\" already; each "
            "identifier has its own [duplicate]\n");
}

TEST(Identity, UniqueAndWeakExcludeEachOther) {
  EXPECT_EQ(IdentityProblems("  - {type: email, priority: 1, unique: true, weak: true}\n"),
            "a.yaml:4:52: error: an identifier cannot be both unique and weak: a unique one tells "
            "people apart, a weak one is shared by them [conflict]\n");
}

TEST(Identity, PatternsCompile) {
  EXPECT_EQ(
      IdentityProblems("  - {type: email, priority: 1, blockedPatterns: [\"^[0-\"]}\n"),
      "a.yaml:4:50: error: \"blockedPatterns[0]\" is not a regular expression: missing ]: [0- "
      "[bad_format]\n");
  EXPECT_NE(IdentityProblems(
                "  - {type: email, priority: 1, blockedPatterns: [\"((a{1000}){1000}){9}\"]}\n"),
            "");
}

TEST(Trait, TrustGoesWithMostTrusted) {
  EXPECT_EQ(
      Problems("kind: trait\nname: plan\nspec: {survivorship: mostTrusted}\n"),
      "a.yaml:3:7: error: \"trust\" is missing: mostTrusted needs the list of sources, the most "
      "trusted first [missing_field]\n");
  EXPECT_EQ(
      Problems("kind: trait\nname: plan\nspec: {trust: [crm]}\n"),
      "a.yaml:3:15: error: \"trust\" has an effect with survivorship: mostTrusted only; leave it "
      "out [conflict]\n");
  EXPECT_EQ(
      Problems("kind: trait\nname: plan\nspec: {survivorship: mostTrusted, trust: [a, b, a]}\n"),
      "a.yaml:3:49: error: \"trust[2]\" repeats \"trust[0]\"; each element may stand once "
      "[duplicate]\n");
}

TEST(Classification, AFieldIsSealedOrClear) {
  EXPECT_EQ(
      Problems("kind: classification\nspec: {sealed: [traits.a], clear: [context.ip, traits.a]}\n"),
      "a.yaml:2:48: error: \"traits.a\" is listed as sealed too; a field is one or the other "
      "[conflict]\n");
  EXPECT_EQ(
      Problems("kind: classification\nspec: {sealed: [nickname]}\n"),
      "a.yaml:2:17: error: \"sealed[0]\" must be a path that starts with traits, properties or "
      "context, such as traits.nickname, but is \"nickname\" [bad_format]\n");
}

TEST(Treatment, VariantsAreDistinct) {
  EXPECT_EQ(
      Problems("kind: treatment\nname: t\nspec:\n  action: a\n  channel: web\n  placements: [p]\n"
               "  variants: [{name: a, content: {}}, {name: a, content: {x: {y: 1}}}]\n"),
      "a.yaml:7:45: error: the variant \"a\" stands at \"variants[0]\" already; each has a name "
      "of its own [duplicate]\n");
  EXPECT_EQ(
      Problems("kind: treatment\nname: t\nspec:\n  action: a\n  channel: web\n  placements: []\n"
               "  variants: []\n"),
      "a.yaml:6:15: error: \"placements\" must have from 1 to 1000 elements, but has 0 "
      "[out_of_range]\n"
      "a.yaml:7:13: error: \"variants\" must have from 1 to 100 elements, but has 0 "
      "[out_of_range]\n");
}

TEST(Model, NeedsPredictorsOfDifferentNames) {
  EXPECT_EQ(Problems("kind: model\nname: m\nspec: {type: adaptive}\n"),
            "a.yaml:3:7: error: an adaptive model needs \"predictors\" to tell people apart by; "
            "without any, say type: beta [missing_field]\n");
  EXPECT_EQ(Problems("kind: model\nname: m\nspec: {type: beta}\n"), "");
  EXPECT_EQ(Problems("kind: model\nname: m\nspec:\n  predictors:\n"
                     "    - {name: plan, value: person.traits.plan}\n"
                     "    - {name: plan, value: person.traits.city}\n"),
            "a.yaml:6:14: error: the predictor \"plan\" is declared twice [duplicate]\n");
  EXPECT_EQ(Problems("kind: model\nname: m\nspec: {type: beta, halfLife: 3h}\n"),
            "a.yaml:3:30: error: what is learned lasts a day at least [out_of_range]\n");
}

TEST(Model, IsSharedWhereItLearnsAsExamplesComeAndReadsTheAction) {
  EXPECT_EQ(Problems("kind: model\nname: m\nspec: {shared: true, predictors: [{name: group, value: "
                     "action.group}]}\n"),
            "");
  EXPECT_EQ(Problems("kind: model\nname: m\nspec: {type: trees, shared: true, predictors: [{name: "
                     "group, value: action.group}]}\n"),
            "a.yaml:3:29: error: a model of type: trees is not shared; say adaptive or ftrl "
            "[not_allowed]\n");
  EXPECT_EQ(Problems("kind: model\nname: m\nspec: {shared: true, predictors: [{name: plan, value: "
                     "person.traits.plan}]}\n"),
            "a.yaml:3:16: warning: what actions share says the same of all of them, unless a "
            "predictor reads something of the action, such as action.name [alike]\n");
}

TEST(Model, CrossesPredictorsThatThereAre) {
  const std::string head =
      "kind: model\nname: m\nspec:\n  type: ftrl\n  predictors: [{name: plan, value: "
      "person.traits.plan}, {name: page, value: context.page}]\n";
  EXPECT_EQ(Problems(head + "  crosses: [{predictor: plan, with: page}]\n"), "");
  EXPECT_EQ(Problems(head + "  crosses: [{predictor: plan, with: pag}]\n"),
            "a.yaml:6:37: error: there is no predictor \"pag\"; did you mean page? "
            "[unknown_predictor]\n");
  EXPECT_EQ(Problems(head + "  crosses: [{predictor: plan, with: plan}]\n"),
            "a.yaml:6:13: error: \"plan\" is crossed with itself [duplicate]\n");
  EXPECT_EQ(Problems(head +
                     "  crosses: [{predictor: plan, with: page}, {predictor: page, with: plan}]\n"),
            "a.yaml:6:44: error: \"page\" is crossed with \"plan\" twice [duplicate]\n");
  EXPECT_EQ(Problems(head + "  learningRate: 0\n"),
            "a.yaml:6:17: error: \"learningRate\" must be from 0.001 to 1, but is 0 "
            "[out_of_range]\n");
  EXPECT_EQ(Problems("kind: model\nname: m\nspec: {l1: 1, predictors: [{name: plan, value: "
                     "person.traits.plan}]}\n"),
            "a.yaml:3:12: error: only a model of type: ftrl has \"l1\" [not_allowed]\n");
  EXPECT_EQ(
      Problems("kind: model\nname: m\nspec: {type: ftrl}\n"),
      "a.yaml:3:7: error: an ftrl model needs \"predictors\" to tell people apart by; without "
      "any, say type: beta [missing_field]\n");
}

TEST(Model, HasTreesOnceForEachAction) {
  const std::string head =
      "kind: model\nname: m\nspec:\n  type: trees\n  predictors: [{name: age, value: "
      "person.traits.age}]\n";
  EXPECT_EQ(Problems(head), "");  // until they are trained
  EXPECT_EQ(Problems(head + "  trees: [{xgboost: a}, {xgboost: b}]\n"),
            "a.yaml:6:25: error: there are two for all actions [duplicate]\n");
  EXPECT_EQ(Problems(head + "  trees: [{action: x, xgboost: a}, {action: x, xgboost: b}]\n"),
            "a.yaml:6:36: error: there are two for the action \"x\" [duplicate]\n");
}

TEST(Placement, FloorIsAProbability) {
  EXPECT_EQ(Problems("kind: placement\nname: p\nspec: {channel: web, choice: {floor: 1.2}}\n"),
            "a.yaml:3:38: error: \"floor\" must be from 0 to 1, but is 1.2 [out_of_range]\n");
  EXPECT_EQ(
      Problems(
          "kind: placement\nname: p\nspec: {channel: web, choice: {method: greedy, draws: 9}}\n"),
      "a.yaml:3:54: error: \"draws\" has an effect with method: thompson only; leave it out "
      "[conflict]\n");
}

TEST(Budget, IsMoneyOfAPeriod) {
  const auto problems = [](const std::string& spec) {
    return Problems(base::StrCat("kind: budget\nname: b\nspec:\n  ", spec, "\n"));
  };
  EXPECT_EQ(problems("{limit: {amount: \"5.00\", currency: MXN}, per: day}"), "");
  EXPECT_EQ(problems("{limit: {amount: \"-5.00\", currency: MXN}, per: day}"),
            "a.yaml:4:20: error: \"amount\" must not be negative, but is -5.00 [out_of_range]\n");
  EXPECT_EQ(problems("{limit: {amount: \"1000000000000.01\", currency: MXN}, per: day}"),
            "a.yaml:4:20: error: \"amount\" must be at most 1000000000000 [out_of_range]\n");
  EXPECT_EQ(problems("{limit: {amount: \"5.00\", currency: MXN}, per: hour}"),
            "a.yaml:4:49: error: \"per\" cannot be \"hour\"; it may be \"day\", \"week\", "
            "\"month\", \"campaign\" [not_allowed]\n");
  EXPECT_EQ(problems("{limit: {amount: \"5.00\", currency: MXN}, per: campaign, pace: even}"),
            "a.yaml:4:65: error: a campaign is spread evenly from its \"starts\" to its \"ends\": "
            "state both [missing_field]\n");
  EXPECT_EQ(problems("{limit: {amount: \"5.00\", currency: MXN}, per: campaign, "
                     "starts: 2026-12-02T00:00:00Z, ends: 2026-12-01T00:00:00Z}"),
            "a.yaml:4:95: error: \"ends\" must be later than \"starts\", which is "
            "2026-12-02T00:00:00Z [out_of_range]\n");
}

TEST(Capacity, CountsWholeChoices) {
  EXPECT_EQ(Problems("kind: capacity\nname: c\nspec: {max: -1, per: hour}\n"),
            "a.yaml:3:13: error: \"max\" must be from 0 to 1000000000000000, but is -1 "
            "[out_of_range]\n");
  EXPECT_EQ(Problems("kind: capacity\nname: c\nspec: {max: 3, per: hour}\n"), "");
}

TEST(Agreement, PromisesSomethingThatCanBeKept) {
  const auto problems = [](const std::string& more) {
    return Problems("kind: agreement\nname: a\nspec:\n  only: {actions: [card]}\n" + more);
  };
  EXPECT_EQ(problems("  atMost: 5\n"), "");
  EXPECT_EQ(
      problems("  per: week\n"),
      "a.yaml:4:3: error: the agreement promises nothing: it needs \"atMost\", \"atLeast\" or "
      "\"exclusive\" [missing_field]\n");
  EXPECT_EQ(problems("  per: week\n  atLeast: 9\n"),
            "a.yaml:6:12: error: a minimum (\"atLeast\") is reached by what is added to the worth "
            "of its choices while there are too few (\"boost\"): state both, or neither "
            "[missing_field]\n");
  EXPECT_EQ(problems("  per: week\n  atMost: 5\n  atLeast: 9\n"
                     "  boost: {amount: \"0.00\", currency: MXN}\n"),
            "a.yaml:7:12: error: \"atLeast\" must not be more than \"atMost\", which is 5 "
            "[contradiction]\n"
            "a.yaml:8:19: error: \"amount\" must be more than 0 [out_of_range]\n");
  EXPECT_EQ(
      problems("  atLeast: 9\n  starts: 2026-12-02T00:00:00Z\n"
               "  boost: {amount: \"1.00\", currency: MXN}\n"),
      "a.yaml:5:12: error: the pace towards a minimum needs a period: state \"per\" day, week "
      "or month, or both \"starts\" and \"ends\" [missing_field]\n");
  EXPECT_EQ(problems("  exclusive: {over: {}}\n"),
            "a.yaml:5:21: error: it must say who gives way: actions, groups or issues "
            "[missing_field]\n");
  EXPECT_EQ(Problems("kind: agreement\nname: a\nspec: {atMost: 5, only: {}}\n"),
            "a.yaml:3:25: error: it must say what the partner's is: actions, groups, issues or "
            "channels [missing_field]\n");
}

TEST(Policy, LimitsSomething) {
  EXPECT_EQ(Problems("kind: policy\nname: p\nspec: {classes: [service]}\n"),
            "a.yaml:3:7: error: the policy limits nothing: it needs \"cap\", \"gap\", "
            "\"suppress\", \"quiet\", \"block\", \"coolDown\", \"pressure\" or "
            "\"preferChannel\" "
            "[missing_field]\n");
  EXPECT_EQ(Problems("kind: policy\nname: p\nspec: {gap: {scope: person, least: 24h}}\n"), "");
  EXPECT_EQ(Problems("kind: policy\nname: p\nspec: {cap: {scope: person, max: 1, per: day}}\n"),
            "");
  for (const std::string_view both_or_none : {"", ", window: 1d, per: day"}) {
    EXPECT_NE(Problems(base::StrCat("kind: policy\nname: p\nspec: {cap: {scope: person, max: 1",
                                    both_or_none, "}}\n"))
                  .find("one of the two"),
              std::string::npos);
  }
  EXPECT_EQ(Problems("kind: policy\nname: p\nspec: {cap: {scope: person, max: -1, window: 7d}}\n"),
            "a.yaml:3:34: error: \"max\" must be from 0 to 1000000, but is -1 [out_of_range]\n");
}

TEST(Defaults, AreFilledInAtEveryDepth) {
  const Kind& kind = *FindKind("placement");
  const auto parsed =
      ParseDocuments("kind: placement\nname: p\nspec: {channel: web}\n", "", Format::kYaml);
  EXPECT_EQ(
      base::ToJson(Canonical(WithDefaults(kind, parsed.documents[0].spec))),
      R"({"channel":"web","choice":{"draws":1000,"floor":0.02,"method":"squarecb"},"direction":"inbound",)"
      R"("expiresAfter":"30m","exposure":"impression","ignoredAfter":"24h","incremental":false,"slots":1})");
}

TEST(Defaults, ObjectsWithRequiredMembersStayAbsent) {
  const auto parsed = ParseDocuments(
      "kind: identity\nspec: {identifiers: [{type: email, priority: 1}]}\n", "", Format::kYaml);
  EXPECT_EQ(
      base::ToJson(Canonical(WithDefaults(*FindKind("identity"), parsed.documents[0].spec))),
      R"({"defaultCountry":"MX","identifiers":[{"limit":5,"priority":1,"type":"email","unique":false,"weak":false,)"
      R"("window":"ever"}],"maxIdentifiers":1000,"maxMerges":100})");
  EXPECT_EQ(base::ToJson(WithDefaults(*FindKind("policy"), {})),
            R"({"classes":["marketing","service"]})");
}

TEST(JsonSchema, SaysWhatValidationHolds) {
  EXPECT_EQ(
      base::ToJson(JsonSchema(*FindKind("holdout"))),
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:batuta:kind:holdout",)"
      R"("title":"holdout","description":"A share of the people that is treated differently, to )"
      R"(measure what marketing is worth.","type":"object","properties":{"kind":{"const":"holdout"},)"
      R"("name":{"type":"string","pattern":"^[a-z0-9][a-z0-9._-]{0,99}$"},"spec":{"type":"object",)"
      R"("properties":{"percent":{"description":"The share of the people, from 0 to 100.",)"
      R"("type":"number","minimum":0,"maximum":100},"arm":{"description":"What they get: none of )"
      R"(it; a choice at random among what is allowed; what is most likely accepted, whatever it is )"
      R"(worth; the choice as it would be without levers.","type":"string","enum":["none","random",)"
      R"("propensity","noLevers"],"default":"none"},"only":{"description":"What they are kept from, )"
      R"(while all else competes: of each list one must fit. If absent, with the arm none all )"
      R"(marketing.","type":"object","properties":{"actions":{"description":"Actions.","type":)"
      R"("array","items":{"type":"string","pattern":"^[a-z0-9][a-z0-9._-]{0,99}$","x-reference":)"
      R"("action"},"minItems":1,"uniqueItems":true},"groups":{"description":"Groups.","type":"array",)"
      R"("items":{"type":"string","pattern":"^[a-z0-9][a-z0-9._-]{0,99}$","x-reference":"group"},)"
      R"("minItems":1,"uniqueItems":true},"issues":{"description":"Issues.","type":"array","items":)"
      R"({"type":"string","pattern":"^[a-z0-9][a-z0-9._-]{0,99}$","x-reference":"issue"},"minItems":)"
      R"(1,"uniqueItems":true}},"additionalProperties":false},"description":{"description":"What this is )"
      R"(for, in your own words.","type":"string","maxLength":2000}},"required":["percent"],)"
      R"("additionalProperties":false}},"required":["kind","name","spec"],)"
      R"("additionalProperties":false})");
}

TEST(JsonSchema, EveryKindHasOne) {
  for (const Kind& kind : Kinds()) {
    const std::string schema = base::ToJson(JsonSchema(kind));
    EXPECT_NE(schema.find("2020-12"), std::string::npos);
    EXPECT_TRUE(base::ParseJson(schema).ok()) << kind.name;
  }
}

}  // namespace
}  // namespace batuta::resource
