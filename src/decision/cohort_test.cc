// Cohorts: what is found that is there, what is not found that is not, and how it is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/random.h"
#include "base/text.h"
#include "decision/cohort_people.h"
#include "decision/cohort_words.h"
#include "decision/cohorts.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Fields "orders" (a number), "country" (a text, which some have not) and "vip" (a segment).
CohortFields const& Fields() {
  static const resource::ResourceSet resources = ResourcesOf(
      "{kind: trait, name: country, spec: {type: text}}\n---\n"
      "{kind: trait, name: orders, spec: {type: number}}\n---\n"
      "{kind: segment, name: vip, spec: {rule: 'person.traits.orders > 5'}}\n");
  static const std::shared_ptr<const CohortFields> fields = [] {
    std::vector<resource::Problem> problems;
    const auto features = feature::Catalogue::Compile(resources, {}, problems);
    const auto vocabulary = rule::Vocabulary::Of(resources, features);
    const auto catalogue = Catalogue::Compile(resources, vocabulary, problems);
    return CohortFields::Of(*catalogue, Placement{}, *features, vocabulary);
  }();
  return *fields;
}

size_t FieldNamed(std::string_view name) {
  for (size_t i = 0; i < Fields().all().size(); ++i) {
    if (Fields().all()[i].name == name) return i;
  }
  ADD_FAILURE() << name;
  return 0;
}

class Crowd {
 public:
  explicit Crowd(size_t people_max = 100'000) : people_(Fields().all().size(), people_max) {}
  void Add(uint64_t hash, Served served, std::optional<double> orders, std::string_view country,
           bool is_vip = false) {
    std::vector<Cell> cells(people_.fields());
    if (orders) cells[FieldNamed("orders")] = {.kind = Cell::Kind::kNumber, .number = *orders};
    if (!country.empty()) {
      cells[FieldNamed("country")] = {.kind = Cell::Kind::kText,
                                      .text = people_.texts().Number(country)};
    }
    cells[FieldNamed("vip")] = {.kind = Cell::Kind::kText,
                                .text = is_vip ? CohortTexts::kTrue : CohortTexts::kFalse};
    const PersonValue value{.served = served,
                            .emptied = served == Served::kStrong ? STAGE_UNSPECIFIED : ELIGIBLE};
    people_.Add(hash, value, cells);
  }
  std::vector<Cohort> Find(const CohortOptions& options) const {
    CohortSearch search(people_, options);
    while (search.Step()) {
    }
    return search.Found();
  }
  // "orders = 0; country = MX: 40 of 50", who gets nothing; and the rules if they are asked for.
  std::vector<std::string> Describe(const CohortOptions& options, bool as_rules = false,
                                    Language language = Language::kEnglish) const {
    std::vector<std::string> out;
    for (const Cohort& cohort : Find(options)) {
      std::string& text = out.emplace_back();
      for (const CohortCondition& condition : cohort.conditions) {
        const CohortField& field = Fields().all()[condition.field];
        base::StrAppend(&text,
                        text.empty() ? ""
                        : as_rules   ? " && "
                                     : "; ",
                        as_rules ? ConditionRule(condition, field, people_.texts())
                                 : ConditionText(condition, field, people_.texts(), language));
      }
      if (!as_rules) base::StrAppend(&text, ": ", cohort.people[0], " of ", cohort.size());
    }
    return out;
  }
  const CohortPeople& people() const { return people_; }
  CohortPeople& people() { return people_; }

 private:
  CohortPeople people_;
};

TEST(Cohorts, SayWhatPeopleHaveInCommonWhoGetNothing) {
  Crowd crowd;
  for (uint64_t i = 0; i < 1000; ++i) {
    const auto orders = static_cast<double>(i % 5);
    const char* country = i % 3 == 0 ? "MX" : "US";
    const bool is_left_out = orders == 0 && i % 3 == 0;
    crowd.Add(i, is_left_out ? Served::kNothing : Served::kStrong, orders, country);
  }
  EXPECT_THAT(crowd.Describe({.smallest = 20}),
              ElementsAre("country = MX; orders = 0: 67 of 67",
                          "country = US; orders = 0: 0 of 133", "orders >= 1: 0 of 800"));
  EXPECT_THAT(crowd.Describe({.smallest = 20}, false, Language::kSpanish),
              ElementsAre("country = MX; orders = 0: 67 of 67",
                          "country = US; orders = 0: 0 of 133", "orders >= 1: 0 of 800"));
  const std::vector<Cohort> cohorts = crowd.Find({.smallest = 20});
  EXPECT_EQ(cohorts[0].stage, ELIGIBLE);
  EXPECT_EQ(cohorts[0].at_stage, 67u);
}

TEST(Cohorts, AreNotFoundWhereChanceIsAllThereIs) {
  base::Random random(3, base::Id128{}, "test", "cohorts");
  int found = 0;
  for (int round = 0; round < 200; ++round) {
    Crowd crowd;
    for (uint64_t i = 0; i < 400; ++i) {
      crowd.Add(i, random.Below(3) == 0 ? Served::kNothing : Served::kStrong,
                static_cast<double>(random.Below(100)), random.Below(2) == 0 ? "MX" : "US",
                random.Below(2) == 0);
    }
    found += crowd.Find({.smallest = 10}).empty() ? 0 : 1;
  }
  EXPECT_LE(found, 2) << "one of a thousand is to be expected";
}

TEST(Cohorts, TellWhoHasNoValueFromWhoHas) {
  Crowd crowd;
  for (uint64_t i = 0; i < 600; ++i) {
    const bool is_unknown = i % 4 == 0;
    crowd.Add(i, is_unknown ? Served::kNothing : Served::kStrong,
              is_unknown ? std::nullopt : std::optional<double>(static_cast<double>(i % 50)), "MX");
  }
  EXPECT_THAT(crowd.Describe({.smallest = 20}),
              ElementsAre("orders is unknown: 150 of 150", "orders is known: 0 of 450"));
  EXPECT_THAT(crowd.Describe({.smallest = 20}, false, Language::kSpanish),
              ElementsAre("orders no tiene valor: 150 of 150", "orders tiene valor: 0 of 450"));
  EXPECT_THAT(crowd.Describe({.smallest = 20}, /*as_rules=*/true),
              ElementsAre("!has(person.traits.orders)", "has(person.traits.orders)"));
}

TEST(Cohorts, CutNumbersOfManyValuesAndMayCountTheUnknownToThem) {
  Crowd crowd;
  for (uint64_t i = 0; i < 4000; ++i) {
    const bool is_unknown = i % 10 == 0;
    const auto orders = static_cast<double>(i);
    const bool is_left_out = is_unknown || orders >= 2000;
    crowd.Add(i, is_left_out ? Served::kWeak : Served::kStrong,
              is_unknown ? std::nullopt : std::optional<double>(orders), "");
  }
  const std::vector<std::string> texts = crowd.Describe({.smallest = 50, .most = 2});
  EXPECT_THAT(texts,
              ElementsAre("orders >= 2001 or is unknown: 0 of 2200", "orders <= 1999: 0 of 1800"));
  EXPECT_THAT(crowd.Describe({.smallest = 50, .most = 2}, true),
              ElementsAre("(!has(person.traits.orders) || person.traits.orders >= 2001.0)",
                          "person.traits.orders < 2001.0"));
}

TEST(Cohorts, NameSegmentsAndSeveralTexts) {
  Crowd crowd;
  const char* countries[] = {"MX", "US", "BR", ""};
  for (uint64_t i = 0; i < 2000; ++i) {
    const char* country = countries[i % 4];
    const bool is_vip = i % 5 == 0;
    const bool is_left_out = is_vip ? i % 4 == 0 : i % 4 == 1;
    crowd.Add(i, is_left_out ? Served::kNothing : Served::kStrong, 1, country, is_vip);
  }
  EXPECT_THAT(
      crowd.Describe({.smallest = 20}),
      testing::IsSupersetOf({"country = US; not in segment vip: 400 of 400",
                             "country = MX; in segment vip: 100 of 100",
                             "country is not US or is unknown; not in segment vip: 0 of 1200",
                             "country = BR or is unknown; in segment vip: 0 of 200"}));
  EXPECT_THAT(
      crowd.Describe({.smallest = 20}, true),
      testing::IsSupersetOf({"person.traits.country == \"US\" && !(\"vip\" in person.segments)",
                             "(!has(person.traits.country) || person.traits.country == \"BR\") && "
                             "\"vip\" in person.segments"}));
}

TEST(Cohorts, HaveAsManyPeopleAsAreAskedForAndNotMoreOfThem) {
  Crowd crowd;
  for (uint64_t i = 0; i < 1000; ++i) {
    crowd.Add(i, i % 10 < 5 ? Served::kNothing : Served::kStrong, static_cast<double>(i % 10), "");
  }
  EXPECT_THAT(crowd.Find({.smallest = 501}), IsEmpty());
  EXPECT_THAT(crowd.Find({.smallest = 500}), SizeIs(2));
  EXPECT_THAT(crowd.Find({.smallest = 1, .most = 1}), IsEmpty());
}

TEST(CohortPeople, KeepsASampleThatDoesNotDependOnTheOrder) {
  base::Random random(8, base::Id128{}, "test", "sample");
  std::vector<uint64_t> hashes;
  for (int i = 0; i < 5000; ++i) hashes.push_back(random.Bits());
  const auto kept = [](const std::vector<uint64_t>& order) {
    Crowd crowd(1000);
    for (const uint64_t hash : order) {
      crowd.Add(hash, Served::kStrong, static_cast<double>(hash % 1'000'000), "");
    }
    std::multiset<double> numbers;
    const CohortPeople& people = crowd.people();
    EXPECT_FALSE(people.has_all());
    for (size_t i = 0; i < people.size(); ++i) {
      numbers.insert(people.At(i, FieldNamed("orders")).number);
    }
    return numbers;
  };
  const auto forward = kept(hashes);
  EXPECT_LE(forward.size(), 1000u);
  EXPECT_GE(forward.size(), 400u);
  std::reverse(hashes.begin(), hashes.end());
  EXPECT_EQ(kept(hashes), forward);
}

TEST(CohortPeople, MergesTextsAndFallsByTheirMeaning) {
  Crowd first;
  Crowd second;
  first.Add(1, Served::kStrong, 1, "MX");
  second.Add(2, Served::kStrong, 1, "US");
  second.Add(3, Served::kNothing, 1, "MX", true);
  first.people().Merge(second.people(), {7});
  const CohortPeople& people = first.people();
  ASSERT_EQ(people.size(), 3u);
  EXPECT_EQ(people.At(2, FieldNamed("country")).text, people.At(0, FieldNamed("country")).text);
  EXPECT_EQ(people.texts().Text(people.At(1, FieldNamed("country")).text), "US");
  EXPECT_EQ(people.At(2, FieldNamed("vip")).text, CohortTexts::kTrue);
  EXPECT_EQ(people.ValueOf(2).fall, 7u);
}

TEST(CohortFields, LeaveOutWhatMayNotBeRead) {
  std::vector<std::string> names;
  for (const CohortField& field : Fields().all()) names.push_back(field.name);
  EXPECT_THAT(names, testing::IsSupersetOf({"orders", "country", "vip", "email_domain"}));
  EXPECT_THAT(names, testing::Not(testing::Contains("email")));
}

TEST(CohortFields, OfANameThatIsNoPlainWordStandInBackticks) {
  EXPECT_EQ(PathOf("person.traits", "plan_2"), "person.traits.plan_2");
  EXPECT_EQ(PathOf("person.traits", "first-order"), "person.traits.`first-order`");
}

}  // namespace
}  // namespace batuta::decision
