#include "profile/survivorship.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace batuta::profile {
namespace {

using ::testing::HasSubstr;

// A statement of the tests; what the hub keeps of it is up to the rule.
struct Said {
  base::Value value;
  std::string source;
  Stamp stamp;
};

Said Say(base::Value value, std::string source, int64_t event_time, uint64_t offset = 1) {
  return {.value = std::move(value),
          .source = std::move(source),
          .stamp = {.event_time = event_time, .log_time = 1000, .partition = 0, .offset = offset}};
}

base::Value Sealed(const std::string& equality, const std::string& box) {
  base::Value value;
  value.mutable_sealed()->set_equality(equality);
  value.mutable_sealed()->set_box(box);
  return value;
}

bool Add(const Rule& rule, const Said& said, TraitState& state) {
  state.set_name("plan");
  return AddStatement(rule, said.value, {.source = said.source, .stamp = said.stamp}, state);
}

TraitState Fold(const Rule& rule, const std::vector<Said>& all) {
  TraitState state;
  state.set_name("plan");
  for (const Said& said : all) Add(rule, said, state);
  return state;
}

std::string WinnerText(const Rule& rule, const TraitState& state) {
  const base::Value* winner = Winner(rule, state);
  return winner == nullptr ? "absent" : base::ToJson(*winner);
}

Rule RuleOf(RuleKind kind) {
  Rule rule;
  rule.kind = kind;
  if (kind == RuleKind::kMostTrusted) rule.trust = {"crm", "web"};
  return rule;
}

// ---- Examples, each rule alone.

TEST(Survivorship, MostRecentGoesByEventTimeNotByArrival) {
  const Rule rule = RuleOf(RuleKind::kMostRecent);
  TraitState state;
  EXPECT_TRUE(Add(rule, Say(base::TextValue("gold"), "web", 20), state));
  EXPECT_FALSE(Add(rule, Say(base::TextValue("basic"), "web", 10), state));
  EXPECT_EQ(WinnerText(rule, state), "\"gold\"");
}

TEST(Survivorship, AtEqualEventTimesTheLaterLogTimeThenTheLaterRecordWins) {
  const Rule rule = RuleOf(RuleKind::kMostRecent);
  Said early = Say(base::TextValue("a"), "web", 20, 9);
  Said late = Say(base::TextValue("b"), "web", 20, 1);
  late.stamp.log_time = 2000;
  EXPECT_EQ(WinnerText(rule, Fold(rule, {late, early})), "\"b\"");
  const Said first = Say(base::TextValue("a"), "web", 20, 1);
  const Said second = Say(base::TextValue("b"), "web", 20, 2);
  EXPECT_EQ(WinnerText(rule, Fold(rule, {second, first})), "\"b\"");
}

// A CRM that spoke 400 days ago and the web site that spoke 10 days ago.
TEST(Survivorship, TrustOrRecencyDecidesBetweenAnOldCrmAndTheWeb) {
  constexpr int64_t kDay = 86'400'000'000;
  const std::vector<Said> all = {Say(base::TextValue("Calle 1"), "crm", -400 * kDay),
                                 Say(base::TextValue("Calle 2"), "web", -10 * kDay)};
  const Rule recent = RuleOf(RuleKind::kMostRecent);
  EXPECT_EQ(WinnerText(recent, Fold(recent, all)), "\"Calle 2\"");
  const Rule trusted = RuleOf(RuleKind::kMostTrusted);
  const TraitState state = Fold(trusted, all);
  const Resolution resolution = Resolve(trusted, state);
  ASSERT_NE(resolution.winner, nullptr);
  EXPECT_EQ(resolution.winner->source(), "crm");
  EXPECT_EQ(resolution.winner->event_time(), -400 * kDay);
  ASSERT_NE(resolution.runner_up, nullptr);
  EXPECT_EQ(resolution.runner_up->source(), "web");
  EXPECT_EQ(RuleName(resolution.rule), "mostTrusted");
}

TEST(Survivorship, UnlistedSourcesComeAfterTheListedOnesTheNewestFirst) {
  const Rule rule = RuleOf(RuleKind::kMostTrusted);
  std::vector<Said> all = {Say(base::TextValue("a"), "app", 30),
                           Say(base::TextValue("b"), "pos", 40)};
  EXPECT_EQ(WinnerText(rule, Fold(rule, all)), "\"b\"");
  all.push_back(Say(base::TextValue("c"), "web", 1));
  EXPECT_EQ(WinnerText(rule, Fold(rule, all)), "\"c\"");
}

TEST(Survivorship, MostFrequentCountsStatementsAndTiesGoToTheNewest) {
  const Rule rule = RuleOf(RuleKind::kMostFrequent);
  const std::vector<Said> all = {
      Say(base::TextValue("a"), "web", 1), Say(base::TextValue("a"), "web", 2),
      Say(base::TextValue("b"), "web", 3), Say(base::TextValue("c"), "web", 4)};
  const TraitState state = Fold(rule, all);
  const Resolution resolution = Resolve(rule, state);
  EXPECT_EQ(resolution.winner->value().text(), "a");
  EXPECT_EQ(resolution.support, 2);
  EXPECT_EQ(resolution.runner_up->value().text(), "c");
}

TEST(Survivorship, FirstKeepsTheOldestHoweverLateItArrives) {
  const Rule rule = RuleOf(RuleKind::kFirst);
  EXPECT_EQ(WinnerText(rule, Fold(rule, {Say(base::TextValue("b"), "web", 20),
                                         Say(base::TextValue("c"), "web", 30),
                                         Say(base::TextValue("a"), "web", 10)})),
            "\"a\"");
}

TEST(Survivorship, ListHasDistinctValuesAndFlattensStatedLists) {
  const Rule rule = RuleOf(RuleKind::kList);
  base::Value stated;
  *stated.mutable_list()->add_values() = base::TextValue("jazz");
  *stated.mutable_list()->add_values() = base::TextValue("rock");
  const TraitState state =
      Fold(rule, {Say(base::TextValue("rock"), "web", 1), Say(stated, "app", 2),
                  Say(base::TextValue("folk"), "web", 3)});
  std::vector<std::string> values;
  for (const base::Value* value : Resolve(rule, state).list) values.push_back(value->text());
  EXPECT_EQ(values, (std::vector<std::string>{"folk", "jazz", "rock"}));
}

TEST(Survivorship, SealedValuesAreTheSameWhenTheirEqualityHashesAre) {
  const Rule rule = RuleOf(RuleKind::kList);
  const TraitState state =
      Fold(rule, {Say(Sealed("h1", "x"), "web", 1), Say(Sealed("h1", "y"), "web", 2),
                  Say(Sealed("h2", "z"), "web", 3)});
  EXPECT_EQ(Resolve(rule, state).list.size(), 2u);
}

TEST(Survivorship, ANullRemovesUnderEveryRule) {
  for (const RuleKind kind : {RuleKind::kMostRecent, RuleKind::kMostTrusted,
                              RuleKind::kMostFrequent, RuleKind::kFirst, RuleKind::kList}) {
    const Rule rule = RuleOf(kind);
    std::vector<Said> all = {Say(base::NullValue(), "crm", 20),
                             Say(base::TextValue("a"), "crm", 10)};
    EXPECT_EQ(WinnerText(rule, Fold(rule, all)), "absent") << RuleName(kind);
    all.push_back(Say(base::TextValue("b"), "crm", 30));
    EXPECT_EQ(WinnerText(rule, Fold(rule, all)), "\"b\"") << RuleName(kind);
  }
}

TEST(Survivorship, FirstDoesNotKeepAValueThatWasRemoved) {
  const TraitState state = Fold(RuleOf(RuleKind::kFirst), {Say(base::TextValue("a"), "web", 10),
                                                           Say(base::NullValue(), "web", 20)});
  ASSERT_EQ(state.statements_size(), 1);
  EXPECT_TRUE(base::IsNull(state.statements(0).value()));
}

TEST(Survivorship, AChangeOfRulesResolvesAgainFromWhatIsKept) {
  const std::vector<Said> all = {Say(base::TextValue("gold"), "crm", 10),
                                 Say(base::TextValue("basic"), "web", 20)};
  const TraitState state = Fold(RuleOf(RuleKind::kMostRecent), all);
  EXPECT_EQ(WinnerText(RuleOf(RuleKind::kMostRecent), state), "\"basic\"");
  EXPECT_EQ(WinnerText(RuleOf(RuleKind::kMostTrusted), state), "\"gold\"");
}

TEST(Survivorship, TooLargeValuesAreNotTaken) {
  const Rule rule = RuleOf(RuleKind::kMostRecent);
  TraitState state;
  EXPECT_FALSE(Add(rule, Say(base::TextValue(std::string(kMaxValueBytes, 'x')), "web", 1), state));
  EXPECT_EQ(state.statements_size(), 0);
}

// ---- The laws, against a naive model over all statements.

bool IsNewer(const Said& a, const Said& b) { return a.stamp > b.stamp; }

std::vector<Said> NewestFirst(std::vector<Said> all) {
  std::sort(all.begin(), all.end(), IsNewer);
  return all;
}

std::vector<Said> SinceNewestNull(const std::vector<Said>& newest_first) {
  std::vector<Said> since;
  for (const Said& said : newest_first) {
    if (base::IsNull(said.value)) break;
    since.push_back(said);
  }
  return since;
}

std::vector<Said> NewestOfSources(const std::vector<Said>& newest_first) {
  std::vector<Said> newest;
  for (const Said& said : newest_first) {
    if (std::none_of(newest.begin(), newest.end(),
                     [&](const Said& other) { return other.source == said.source; })) {
      newest.push_back(said);
    }
  }
  return newest;
}

std::string NaiveMostTrusted(const Rule& rule, const std::vector<Said>& newest_first) {
  for (const std::string& source : rule.trust) {
    for (const Said& said : newest_first) {
      if (said.source == source) return base::ToJson(said.value);
    }
  }
  return base::ToJson(newest_first.front().value);
}

std::string NaiveMostFrequent(const std::vector<Said>& newest_first) {
  std::vector<Said> counted = SinceNewestNull(newest_first);
  if (counted.size() > kMaxFrequencyStatements) counted.resize(kMaxFrequencyStatements);
  std::string best = "null";
  int best_count = 0;
  for (const Said& candidate : counted) {
    int count = 0;
    for (const Said& other : counted) count += base::Equal(candidate.value, other.value) ? 1 : 0;
    if (count > best_count) {
      best_count = count;
      best = base::ToJson(candidate.value);
    }
  }
  return best;
}

std::string NaiveFirst(const std::vector<Said>& newest_first) {
  const std::vector<Said> since = SinceNewestNull(newest_first);
  if (since.empty()) return "null";
  if (since.size() == newest_first.size()) return base::ToJson(since.back().value);
  return base::ToJson(NewestOfSources(since).back().value);
}

std::string NaiveWinner(const Rule& rule, const std::vector<Said>& all) {
  const std::vector<Said> sorted = NewestFirst(all);
  std::string json;
  switch (rule.kind) {
    case RuleKind::kMostRecent:
    case RuleKind::kList:
      json = base::ToJson(sorted.front().value);
      break;
    case RuleKind::kMostTrusted:
      json = NaiveMostTrusted(rule, sorted);
      break;
    case RuleKind::kMostFrequent:
      json = NaiveMostFrequent(sorted);
      break;
    case RuleKind::kFirst:
      json = NaiveFirst(sorted);
      break;
  }
  return json == "null" ? "absent" : json;
}

struct Shape {
  int statements;
  int sources;
  int values;
  int null_percent;
};

std::vector<Said> Draw(const Shape& shape, std::mt19937_64& random) {
  const std::vector<std::string> known = {"crm", "web"};
  std::vector<Said> all;
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  for (int i = 0; i < shape.statements; ++i) {
    const int source = below(shape.sources);
    const int value = below(shape.values);
    Said said;
    said.source = source < 2 ? known[static_cast<size_t>(source)] : base::StrCat("s", source);
    said.value = below(100) < shape.null_percent ? base::NullValue()
                 : value % 3 == 0 ? Sealed(base::StrCat("h", value), base::StrCat("box", value))
                                  : base::TextValue(base::StrCat("v", value));
    said.stamp = {.event_time = below(20),
                  .log_time = below(3),
                  .partition = static_cast<uint32_t>(below(4)),
                  .offset = static_cast<uint64_t>(i + 1)};
    all.push_back(said);
  }
  return all;
}

// Folds parts of the statements (some of them twice) and merges the parts in a random tree.
TraitState FoldAsTree(const Rule& rule, std::vector<Said> all, std::mt19937_64& random) {
  const size_t once = all.size();
  for (size_t i = 0; i < once; i += 3) all.push_back(all[i]);
  std::shuffle(all.begin(), all.end(), random);
  std::vector<TraitState> parts(1 + random() % 6);
  for (TraitState& part : parts) part.set_name("plan");
  for (const Said& said : all) Add(rule, said, parts[random() % parts.size()]);
  while (parts.size() > 1) {
    std::shuffle(parts.begin(), parts.end(), random);
    const TraitState from = parts.back();
    parts.pop_back();
    MergeTrait(rule, from, parts.back());
    if (random() % 2 == 0) MergeTrait(rule, from, parts.back());
  }
  return parts.front();
}

class SurvivorshipLaws : public ::testing::TestWithParam<RuleKind> {};

TEST_P(SurvivorshipLaws, AnyArrivalAndAnyMergeTreeKeepTheSameAndResolveLikeTheNaiveModel) {
  const Rule rule = RuleOf(GetParam());
  const std::vector<Shape> shapes = {
      {.statements = 3, .sources = 2, .values = 2, .null_percent = 20},
      {.statements = 12, .sources = 4, .values = 3, .null_percent = 10},
      {.statements = 150, .sources = 5, .values = 6, .null_percent = 1},
      {.statements = 120, .sources = 40, .values = 30, .null_percent = 2},
      {.statements = 300, .sources = 60, .values = 250, .null_percent = 0}};
  for (uint64_t seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Said> all = Draw(shapes[seed % shapes.size()], random);
    const TraitState expected = Fold(rule, all);
    for (int trial = 0; trial < 4; ++trial) {
      const TraitState actual = FoldAsTree(rule, all, random);
      ASSERT_EQ(actual.SerializeAsString(), expected.SerializeAsString())
          << "seed " << seed << "\n"
          << actual.DebugString() << expected.DebugString();
    }
    // Beyond 16 sources `first` after a null may rest on a source that is no longer kept.
    if (rule.kind == RuleKind::kFirst && seed % shapes.size() == 3) continue;
    ASSERT_EQ(WinnerText(rule, expected), NaiveWinner(rule, all)) << "seed " << seed;
  }
}

TEST_P(SurvivorshipLaws, WhatIsKeptIsBounded) {
  const Rule rule = RuleOf(GetParam());
  std::mt19937_64 random(7);
  const TraitState state = Fold(
      rule, Draw({.statements = 2000, .sources = 300, .values = 500, .null_percent = 0}, random));
  EXPECT_LE(state.statements_size(), kMaxSources + 1 + kMaxListValues);
  if (rule.kind == RuleKind::kMostRecent) {
    EXPECT_EQ(state.statements_size(), kMaxSources);
  }
  if (rule.kind == RuleKind::kList) {
    EXPECT_EQ(Resolve(rule, state).list.size(), 100u);
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, SurvivorshipLaws,
                         ::testing::Values(RuleKind::kMostRecent, RuleKind::kMostTrusted,
                                           RuleKind::kMostFrequent, RuleKind::kFirst,
                                           RuleKind::kList),
                         [](const auto& test) { return std::string(RuleName(test.param)); });

// ---- The list of traits.

base::Field Field(std::string name, base::Value value) {
  base::Field field;
  field.set_name(std::move(name));
  *field.mutable_value() = std::move(value);
  return field;
}

Provenance At(int64_t time) { return {.source = "web", .stamp = {.event_time = time}}; }

TEST(Traits, OnlyAChangeOfTheWinnerIsReported) {
  const Rules rules;
  TraitStates traits;
  EXPECT_TRUE(StateTrait(rules, Field("plan", base::TextValue("gold")), At(10), traits));
  EXPECT_FALSE(StateTrait(rules, Field("plan", base::TextValue("gold")), At(20), traits));
  EXPECT_FALSE(StateTrait(rules, Field("plan", base::TextValue("basic")), At(15), traits));
  EXPECT_TRUE(StateTrait(rules, Field("plan", base::TextValue("basic")), At(30), traits));
  EXPECT_TRUE(StateTrait(rules, Field("plan", base::NullValue()), At(40), traits));
  EXPECT_FALSE(StateTrait(rules, Field("plan", base::NullValue()), At(50), traits));
  EXPECT_FALSE(StateTrait(rules, Field("never", base::NullValue()), At(50), traits));
}

TEST(Traits, BeyondTheLimitDeclaredTraitsThenSmallerNamesStay) {
  base::Fields spec;
  const std::vector<TraitResource> resources = {{.name = "zzz-declared", .spec = &spec}};
  const Rules rules = Rules::Compile(resources).value();
  std::vector<base::Field> fields;
  for (int i = 0; i < kMaxTraits + 50; ++i) {
    fields.push_back(Field(base::StrCat("t", 10'000 + i), base::NumberValue(i)));
  }
  fields.push_back(Field("zzz-declared", base::TextValue("kept")));
  std::string expected;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    std::mt19937_64 random(seed);
    std::shuffle(fields.begin(), fields.end(), random);
    TraitStates halves[2];
    for (const base::Field& field : fields) {
      StateTrait(rules, field, At(1), halves[random() % 2]);
    }
    MergeTraits(rules, halves[1], halves[0]);
    EXPECT_EQ(halves[0].size(), kMaxTraits);
    EXPECT_NE(FindTrait(halves[0], "zzz-declared"), nullptr);
    EXPECT_EQ(FindTrait(halves[0], base::StrCat("t", 10'000 + kMaxTraits)), nullptr);
    std::string names;
    for (const TraitState& trait : halves[0]) names += trait.name();
    if (expected.empty()) expected = names;
    EXPECT_EQ(names, expected);
  }
}

// ---- Compiling the resources.

absl::StatusOr<Rules> Compile(std::string_view name, std::string_view json) {
  const base::Value spec = base::ParseJson(json).value();
  const std::vector<TraitResource> resources = {{.name = name, .spec = &spec.object()}};
  return Rules::Compile(resources);
}

TEST(Rules, AreReadFromResourcesAndDefaultToMostRecent) {
  const Rules rules =
      Compile("first-name", R"({"trait":"firstName","survivorship":"mostTrusted","trust":["crm"]})")
          .value();
  EXPECT_EQ(rules.Of("firstName").kind, RuleKind::kMostTrusted);
  EXPECT_EQ(rules.Of("firstName").trust, std::vector<std::string>{"crm"});
  EXPECT_TRUE(rules.Declares("firstName"));
  EXPECT_EQ(rules.Of("first-name").kind, RuleKind::kMostRecent);
  EXPECT_FALSE(rules.Declares("first-name"));
}

TEST(Rules, AllErrorsAreNamedAtOnceWithWhatWouldBeRight) {
  const base::Value a = base::ParseJson(R"({"survivorship":"mostRecnt"})").value();
  const base::Value b = base::ParseJson(R"({"survivorship":"mostTrusted"})").value();
  const std::vector<TraitResource> resources = {{.name = "a", .spec = &a.object()},
                                                {.name = "b", .spec = &b.object()},
                                                {.name = "b", .spec = &a.object()}};
  const absl::Status status = Rules::Compile(resources).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("trait/a spec.survivorship"));
  EXPECT_THAT(message, HasSubstr("did you mean \"mostRecent\""));
  EXPECT_THAT(message, HasSubstr("trait/b spec.trust"));
  EXPECT_THAT(message, HasSubstr("trait b has two rules"));
}

}  // namespace
}  // namespace batuta::profile
