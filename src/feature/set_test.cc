// Features as they are used: a set, a person, some events, what they say.
#include "feature/set.h"

#include "base/allocations_testing.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/calendar.h"
#include "expr/check.h"
#include "expr/parse.h"
#include "expr/value_json.h"
#include "feature/builtin.h"
#include "feature/recognise.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace batuta::feature {
namespace {

using ::testing::ElementsAre;

class Traits : public TraitSource {
 public:
  explicit Traits(const char* json = "{}") : fields_(*base::ParseJson(json)) {}
  const base::Value* Find(std::string_view path) const override {
    return base::FindPath(fields_.object(), path);
  }

 private:
  base::Value fields_;
};

base::Time At(std::string_view text) { return *base::ParseTime(text); }

FeatureSpec SpecOf(std::string_view text) {
  ParsedSpec parsed = ParseSpec(text);
  EXPECT_TRUE(parsed.spec.has_value()) << expr::Describe(parsed.diagnostics, text);
  return parsed.spec.value_or(FeatureSpec());
}

std::string TextOf(const expr::Value& value) {
  if (value.is_error()) return "absent";
  if (value.Is(expr::Kind::kTimestamp))
    return expr::FormatTimestamp(value.seconds(), value.nanos());
  if (value.Is(expr::Kind::kInt)) return std::to_string(value.AsInt());
  if (value.Is(expr::Kind::kDouble)) return base::ToJson(base::NumberValue(value.AsDouble()));
  if (value.Is(expr::Kind::kBool)) return value.AsBool() ? "true" : "false";
  return std::string(value.AsText());
}

// A person with one feature.
class One {
 public:
  explicit One(std::string_view spec, const char* zone = "UTC", int entries_max = kEntriesMax)
      : set_(*FeatureSet::Make({SpecOf(spec)}, {.entries_max = entries_max})),
        fold_(set_),
        zone_(*expr::FindZone(zone)) {}

  One& Take(std::string_view time, std::string_view name, const char* properties = "{}",
            const char* context = "{}") {
    const base::Value parsed = *base::ParseJson(properties);
    const base::Value around = *base::ParseJson(context);
    const std::string id = std::string(time) + std::string(name) + properties;
    const Event event{.name = name,
                      .kind = name.substr(0, 4) == "page" ? "page" : "",
                      .source = "shop",
                      .time = At(time),
                      .identity = IdentityOf("shop", id),
                      .properties = &parsed.object(),
                      .context = &around.object()};
    fold_.Apply(event, event.time, person_);
    return *this;
  }

  std::string ValueAt(std::string_view time, const Traits& traits = Traits()) {
    return TextOf(ValueOf(feature(), state(), MomentAt(time), traits));
  }
  std::string ChangeAfter(std::string_view time, const Traits& traits = Traits()) {
    const base::Time next = set_->NextChange(person_, MomentAt(time), traits);
    return next == base::kDistantFuture ? "never" : base::FormatRfc3339(next);
  }

  Moment MomentAt(std::string_view time) const { return {At(time), zone_}; }
  const Feature& feature() const { return set_->features()[0]; }
  const FeatureState* state() const { return FeatureSet::StateOf(feature(), person_); }
  FeatureFold& fold() { return fold_; }

 private:
  std::shared_ptr<const FeatureSet> set_;
  FeatureFold fold_;
  absl::TimeZone zone_;
  PersonFeatures person_;
};

constexpr const char* kNoon = "2026-11-22T12:00:00Z";

TEST(FeatureValue, AnEventLeavesTheWindowExactlyThatLongAfterItHappened) {
  One one(R"(events("Order Completed").within("90d").count())");
  one.Take("2026-01-01T10:00:00Z", "Order Completed")
      .Take("2026-01-02T10:00:00Z", "Order Completed");
  EXPECT_EQ(one.ValueAt("2026-04-01T09:59:59.999999Z"), "2");
  EXPECT_EQ(one.ChangeAfter("2026-01-03T10:00:00Z"), "2026-04-01T10:00:00Z");
  EXPECT_EQ(one.ValueAt("2026-04-01T10:00:00Z"), "1");
  EXPECT_EQ(one.ChangeAfter("2026-04-01T10:00:00Z"), "2026-04-02T10:00:00Z");
  EXPECT_EQ(one.ValueAt("2026-04-02T10:00:00Z"), "0");
  EXPECT_EQ(one.ChangeAfter("2026-04-02T10:00:00Z"), "never");
}

TEST(FeatureValue, TodayEndsAtMidnightOfThePerson) {
  One one(R"(events("A").today().count())", "America/New_York");
  one.Take("2026-03-08T05:00:00Z", "A");  // midnight there, the day the clocks go forward
  EXPECT_EQ(one.ValueAt("2026-03-09T03:59:59Z"), "1");
  EXPECT_EQ(one.ChangeAfter("2026-03-08T06:00:00Z"), "2026-03-09T04:00:00Z");
  EXPECT_EQ(one.ValueAt("2026-03-09T04:00:00Z"), "0");
}

TEST(FeatureValue, TheFormulasByExample) {
  struct Row {
    const char* spec;
    const char* wanted;
  };
  const Row rows[] = {
      {R"(events("A", "B").count())", "4"},
      {R"(events("A").sum(e, e.properties.x))", "0.6"},
      {R"(events("A").avg(e, e.properties.x))", "0.3"},
      {R"(events("A").min(e, e.properties.x))", "0.1"},
      {R"(events("A").within("30d").max(e, e.properties.x))", "0.5"},
      {R"(events("A").first())", "2026-11-18T12:00:00Z"},
      {R"(events("A").within("30d").first(e, e.properties.x))", "0.1"},
      {R"(events("A").last(e, e.properties.c))", "push"},
      {R"(events("A", "B").distinct(e, e.properties.c))", "2"},
      {R"(events("C").exists())", "false"},
      {R"(events("C").within("1d").last())", "absent"},
      {R"(events("A").within("4d").first_ever())", "false"},
      {R"(events("A").within("97h").first_ever())", "true"},
      {R"(events("A").days_since())", "1"},
      {R"(events("A").within("30d").rate("7d"))", "0.4666666666666667"},
      {R"(events("A", "B").within("6d").trend())", "0"},
      {R"(events("A", "B").within("47h").trend())", "-1"},
      {R"(events("A", "B").top(e, e.properties.c))", "push"},
      {R"(events("A", "B").top_share(e, e.properties.c))", "0.5"},
      {R"(events("A", "B").preferred_hour())", "12"},
      {R"(events("A", "B").within("30d").drift("60h", e, e.properties.c))", "0.5579230452841438"},
      {R"(events("A", "B").within("30d").sessions("25h"))", "2"},
      {R"(events("A", "B").approx_distinct(e, e.properties.c))", "2"},
      {R"(events("B").each(e.properties.lines).where(p, p.n > 1.0).sum(p, p.n * p.price))", "7"},
      {R"(events("B").each(e.properties.lines).count())", "3"},
      {R"(sequence("2d", step(a, "A"), step(b, "B", b.properties.c == a.properties.c)).count())",
       "1"},
      {R"(events("A").not_followed_by("B", "1d").last())", "2026-11-21T10:00:00Z"},
      {R"(events("A").not_followed_by("B", "1d", a, b, a.properties.c == b.properties.c).count())",
       "1"},
  };
  for (const Row& row : rows) {
    One one(row.spec);
    one.Take("2026-11-18T12:00:00Z", "A", R"({"x": 0.1, "c": "email"})")
        .Take("2026-11-19T11:00:00Z", "B",
              R"({"c": "email", "lines": [{"n": 1, "price": 5}, {"n": 2, "price": 3.5}, {}]})")
        .Take("2026-11-20T12:00:00Z", "B", R"({"c": "push"})")
        .Take("2026-11-21T10:00:00Z", "A", R"({"x": 0.5, "c": "push"})");
    EXPECT_EQ(one.ValueAt(kNoon), row.wanted) << row.spec;
  }
}

TEST(FeatureValue, NotFollowedIsKnownWhenTheTimeIsOver) {
  One one(R"(events("Product Added").not_followed_by("Order Completed", "1h").exists())");
  one.Take("2026-01-01T10:00:00Z", "Product Added");
  EXPECT_EQ(one.ValueAt("2026-01-01T10:59:59Z"), "false");
  EXPECT_EQ(one.ChangeAfter("2026-01-01T10:30:00Z"), "2026-01-01T11:00:00Z");
  EXPECT_EQ(one.ValueAt("2026-01-01T11:00:00Z"), "true");
  one.Take("2026-01-01T11:00:00Z", "Order Completed");
  EXPECT_EQ(one.ValueAt("2026-01-01T11:00:00Z"), "false");
}

TEST(FeatureValue, DatesInTraitsCountLocalDays) {
  const Traits traits(R"({"born": "1990-05-17", "renewal": "2026-11-23T03:00:00Z", "odd": 5})");
  One anniversary("anniversary(person.traits.born)");
  EXPECT_EQ(anniversary.ValueAt("2026-05-16T12:00:00Z", traits), "1");
  EXPECT_EQ(anniversary.ValueAt("2026-05-18T12:00:00Z", traits), "364");
  One until("days_until(person.traits.renewal)", "America/Mexico_City");
  EXPECT_EQ(until.ValueAt("2026-11-21T12:00:00Z", traits), "1");
  EXPECT_EQ(until.ChangeAfter("2026-11-21T12:00:00Z", traits), "2026-11-22T06:00:00Z");
  EXPECT_EQ(until.ValueAt("2026-11-21T12:00:00Z"), "absent");
  EXPECT_EQ(until.ChangeAfter("2026-11-21T12:00:00Z"), "never");
  EXPECT_EQ(One("days_since(person.traits.odd)").ValueAt(kNoon, traits), "absent");
  EXPECT_EQ(One("days_since(person.traits.born)").ValueAt("1990-05-20T00:00:00Z", traits), "3");
}

TEST(FeatureValue, OfABirthYearTheAgeIsTheOneThatIsCertain) {
  const Traits traits(R"({"birth_year": 2008, "odd": 1990.5, "text": "x", "future": 2030})");
  One age("age(person.traits.birth_year)", "America/Mexico_City");
  One band("age_band(person.traits.birth_year)", "America/Mexico_City");
  EXPECT_EQ(age.ValueAt("2026-12-31T12:00:00Z", traits), "17");
  EXPECT_EQ(band.ValueAt("2026-12-31T12:00:00Z", traits), "13-17");
  EXPECT_EQ(band.ChangeAfter("2026-03-01T12:00:00Z", traits), "2027-01-01T06:00:00Z");
  EXPECT_EQ(band.ValueAt("2027-01-01T05:59:59Z", traits), "13-17");
  EXPECT_EQ(band.ValueAt("2027-01-01T06:00:00Z", traits), "18-24");
  EXPECT_EQ(age.ValueAt("2008-07-01T00:00:00Z", traits), "0");
  EXPECT_EQ(age.ValueAt("2007-07-01T00:00:00Z", traits), "absent");
  EXPECT_EQ(age.ChangeAfter("2005-07-01T00:00:00Z", traits), "2008-01-01T06:00:00Z");
  EXPECT_EQ(One("age(person.traits.odd)").ValueAt(kNoon, traits), "absent");
  EXPECT_EQ(One("age(person.traits.text)").ValueAt(kNoon, traits), "absent");
  EXPECT_EQ(One("age(person.traits.none)").ValueAt(kNoon, traits), "absent");
  EXPECT_EQ(One("age(person.traits.none)").ChangeAfter(kNoon, traits), "never");
  EXPECT_EQ(One("days_since(person.traits.birth_year)").ValueAt(kNoon, traits), "absent");
}

TEST(FeatureValue, OfABirthdayTheAgeIsExact) {
  const Traits traits(R"({"born": "2008-05-17"})");
  One age("age(person.traits.born)", "Europe/Madrid");
  EXPECT_EQ(age.ValueAt("2026-05-16T21:59:59Z", traits), "17");
  EXPECT_EQ(age.ChangeAfter("2026-05-16T12:00:00Z", traits), "2026-05-16T22:00:00Z");
  EXPECT_EQ(age.ValueAt("2026-05-16T22:00:00Z", traits), "18");
  EXPECT_EQ(age.ChangeAfter("2026-05-17T12:00:00Z", traits), "2027-05-16T22:00:00Z");
  EXPECT_EQ(age.ValueAt("2008-05-16T12:00:00Z", traits), "absent");
  EXPECT_EQ(age.ChangeAfter("2008-05-16T12:00:00Z", traits), "2008-05-16T22:00:00Z");
}

TEST(FeatureValue, BandsOfAgesBeginWhereTheTableSays) {
  One band("age_band(person.traits.born)");
  const auto at = [&](int age) {
    const std::string json = "{\"born\": \"" + std::to_string(2026 - age) + "-01-01\"}";
    return band.ValueAt("2026-06-01T00:00:00Z", Traits(json.c_str()));
  };
  const std::pair<int, const char*> rows[] = {
      {0, "0-12"},   {12, "0-12"},  {13, "13-17"}, {18, "18-24"}, {25, "25-34"}, {34, "25-34"},
      {35, "35-44"}, {45, "45-54"}, {55, "55-64"}, {64, "55-64"}, {65, "65+"},   {99, "65+"}};
  for (const auto& [age, name] : rows) EXPECT_EQ(at(age), name) << age;
}

TEST(FeatureValue, StretchesOfOncePerBeginWithTheHour) {
  One one(R"(events("A").once_per("1h").count())");
  one.Take("2026-01-01T10:00:00Z", "A").Take("2026-01-01T10:59:59.999999Z", "A");
  EXPECT_EQ(one.ValueAt(kNoon), "1");
  one.Take("2026-01-01T11:00:00Z", "A");
  EXPECT_EQ(one.ValueAt(kNoon), "2");
}

TEST(FeatureValue, VisitsAreForgottenWhenNothingCanJoinThem) {
  One one(R"(events("A").within("2h").sessions("1h"))");
  one.Take("2026-01-01T10:00:00Z", "A").Take("2026-01-01T10:40:00Z", "A");
  one.Take("2026-01-01T13:20:00Z", "A");
  // The first has left the window; its end can still be joined, its beginning matters no more.
  ASSERT_EQ(one.state()->time_size(), 2);
  EXPECT_EQ(base::FormatRfc3339({one.state()->time(0)}), "2026-01-01T10:40:00Z");
  EXPECT_EQ(one.ValueAt("2026-01-01T13:20:00Z"), "1");
}

TEST(FeatureValue, PagesGoByTwoNames) {
  One all(R"(events("page").count())");
  One home(R"(events("page: Home").count())");
  One both(R"(events("page", "page: Home").count())");
  for (One* one : {&all, &home, &both}) {
    one->Take("2026-01-01T10:00:00Z", "page: Home").Take("2026-01-01T11:00:00Z", "page: Cart");
  }
  EXPECT_EQ(all.ValueAt(kNoon), "2");
  EXPECT_EQ(home.ValueAt(kNoon), "1");
  EXPECT_EQ(both.ValueAt(kNoon), "2");
}

TEST(FeatureValue, SealedAndWrongValuesAreLeftOut) {
  One sum(R"(events("A").within("1d").sum(e, e.properties.x))");
  sum.Take("2026-11-22T10:00:00Z", "A", R"({"x": "ten"})").Take("2026-11-22T11:00:00Z", "A");
  EXPECT_EQ(sum.state(), nullptr);
  EXPECT_EQ(sum.ValueAt(kNoon), "0");
}

class Broken : public EventHistory {
 public:
  absl::Status Visit(base::Time, absl::FunctionRef<void(const Event&)>) const override {
    return absl::UnavailableError("the archive is gone");
  }
};

TEST(FeatureValue, TooManyEntriesAreReadFromTheHistory) {
  One one(R"(events("A").within("1h").count())", "UTC", 3);
  for (const char* time :
       {"2026-11-22T11:10:00Z", "2026-11-22T11:20:00Z", "2026-11-22T11:30:00Z"}) {
    one.Take(time, "A");
  }
  EXPECT_FALSE(NeedsHistory(one.feature(), one.state(), one.MomentAt(kNoon)));
  one.Take("2026-11-22T11:40:00Z", "A");
  EXPECT_TRUE(NeedsHistory(one.feature(), one.state(), one.MomentAt(kNoon)));
  EXPECT_EQ(one.fold().Rebuild({{&one.feature()}}, Broken(), At(kNoon)).status().code(),
            absl::StatusCode::kUnavailable);
  // Once those that found no room have left, the record knows.
  EXPECT_FALSE(NeedsHistory(one.feature(), one.state(), one.MomentAt("2026-11-22T12:10:00Z")));
  EXPECT_EQ(one.ValueAt("2026-11-22T12:10:00Z"), "3");
}

TEST(FeatureSet, AnEventTouchesOnlyWhatItCanAffect) {
  const auto set =
      *FeatureSet::Make({SpecOf(R"(events("A").count())"), SpecOf(R"(events("A", "B").count())"),
                         SpecOf(R"(events("B").where(e, e.source == "x").count())")});
  FeatureFold fold(set);
  PersonFeatures person;
  const auto apply = [&](std::string_view name) {
    const Event event{.name = name, .time = At(kNoon), .identity = 1};
    return fold.Apply(event, At(kNoon), person).size();
  };
  EXPECT_EQ(apply("A"), 2u);
  EXPECT_EQ(apply("B"), 1u);
  EXPECT_EQ(apply("C"), 0u);
  EXPECT_TRUE(set->Concerns("A", ""));
  EXPECT_FALSE(set->Concerns("C", "page"));
  EXPECT_EQ(person.states_size(), 2);
}

TEST(FeatureSet, ValuesThatAreMadeAreNotMixedUp) {
  std::vector<FeatureSpec> specs;
  for (const char* value : {"e.name + e.source", "e.source + e.name"}) {
    for (const char* aggregate : {"last", "top", "distinct"}) {
      specs.push_back(SpecOf(base::StrCat("events(\"Abcdefgh\").", aggregate, "(e, ", value, ")")));
      specs.push_back(SpecOf(
          base::StrCat("events(\"Abcdefgh\").within(\"1d\").", aggregate, "(e, ", value, ")")));
    }
  }
  const auto set = *FeatureSet::Make(specs);
  FeatureFold fold(set);
  PersonFeatures person;
  const Event event{.name = "Abcdefgh", .source = "x", .time = At(kNoon), .identity = 1};
  fold.Apply(event, At(kNoon), person);
  for (const Feature& feature : set->features()) {
    if (feature.spec.aggregate == Aggregate::kDistinct) continue;
    const bool is_name_first = feature.spec.value == "e.name + e.source";
    EXPECT_EQ(TextOf(ValueOf(feature, FeatureSet::StateOf(feature, person),
                             {At(kNoon), absl::UTCTimeZone()}, Traits())),
              is_name_first ? "Abcdefghx" : "xAbcdefgh")
        << Print(feature.spec);
  }
}

TEST(FeatureSet, EqualSpecsAreOneFeature) {
  const auto set = *FeatureSet::Make({SpecOf(R"(events("A").within("1d").count())"),
                                      SpecOf(R"(events("A").within("24h").count())")});
  EXPECT_EQ(set->features().size(), 1u);
  EXPECT_NE(set->Find(NumberOf(SpecOf(R"(events("A").within("1d").count())"))), nullptr);
  EXPECT_EQ(set->Find(1), nullptr);
}

TEST(FeatureSet, ForgetsFeaturesThatAreNoMore) {
  const auto old = *FeatureSet::Make({SpecOf(R"(events("A").count())")});
  FeatureFold fold(old);
  PersonFeatures person;
  const Event event{.name = "A", .time = At(kNoon), .identity = 1};
  fold.Apply(event, At(kNoon), person);
  const auto set = *FeatureSet::Make({SpecOf(R"(events("B").count())")});
  PersonFeatures merged;
  set->Merge(person, merged);
  EXPECT_EQ(merged.states_size(), 0);
  set->Expire(At(kNoon), person);
  EXPECT_EQ(person.states_size(), 0);
}

#ifndef BATUTA_SANITIZED
TEST(FeatureSet, TakingAnEventAllocatesOnlyAsTheStateGrows) {
  const auto set = *FeatureSet::Make(
      {SpecOf(R"(events("A").where(e, e.properties.total > 5.0).count())"),
       SpecOf(R"(events("A").where(e, e.properties.total > 5.0).sum(e, e.properties.total))"),
       SpecOf(R"(events("A").within("90d").max(e, e.properties.total))"),
       SpecOf(R"(events("A").within("90d").distinct(e, e.properties.city))"),
       SpecOf(R"(events("A").days_since())")});
  FeatureFold fold(set);
  PersonFeatures person;
  const base::Value properties = *base::ParseJson(R"({"total": 10, "city": "Puebla"})");
  Event event{.name = "A", .source = "shop", .time = At(kNoon), .properties = &properties.object()};
  const auto take = [&] {
    event.time = event.time + base::Hours(1);
    ++event.identity;
    fold.Apply(event, event.time, person);
  };
  for (int i = 0; i < 10; ++i) take();
  const size_t before = base::Allocations();
  for (int i = 0; i < 100; ++i) take();
  EXPECT_EQ(base::Allocations() - before, 0u);
  EXPECT_EQ(person.states_size(), 5);
}
#endif

TEST(Builtins, CanAllBeComputed) {
  std::string_view last;
  for (const BuiltinFeature& builtin : BuiltinFeatures()) {
    EXPECT_LT(last, builtin.name);
    last = builtin.name;
    expr::Parsed parsed = expr::Parse(builtin.expression);
    ASSERT_NE(parsed.expr, nullptr) << builtin.name;
    const Recognition recognition = Recognise(parsed.expr);
    EXPECT_EQ(expr::Describe(recognition.diagnostics, builtin.expression), "") << builtin.name;
    EXPECT_FALSE(recognition.found.empty()) << builtin.name;
    expr::Environment environment;
    std::vector<NamedType> types;
    for (const Found& found : recognition.found) {
      types.push_back({IdOf(found.spec), TypeOf(found.spec).type});
    }
    environment.Declare("feature", FeatureVariable(types));
    EXPECT_EQ(
        expr::Describe(expr::Check(*parsed.expr, environment).diagnostics, builtin.expression), "")
        << builtin.name;
  }
}

TEST(Builtins, ChannelAffinityIsTheChannelOfMostReplies) {
  const auto affinity = std::find_if(BuiltinFeatures().begin(), BuiltinFeatures().end(),
                                     [](const auto& b) { return b.name == "channel_affinity"; });
  One one(affinity->expression);
  one.Take("2026-11-20T12:00:00Z", "Email Opened")
      .Take("2026-11-20T13:00:00Z", "Email Link Clicked")
      .Take("2026-11-21T12:00:00Z", "SMS Link Clicked");
  EXPECT_EQ(one.ValueAt(kNoon), "email");
}

}  // namespace
}  // namespace batuta::feature
