// Random features over random histories: after every event, at every change that time brings, after
// every merge, what is kept incrementally equals what is computed from all events anew.
//
// BATUTA_FEATURE_EVENTS sets how many events; 100,000 otherwise.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "base/text.h"
#include "expr/calendar.h"
#include "feature/sample_features.h"
#include "feature/set.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace batuta::feature {
namespace {

constexpr int64_t kHour = 3'600'000'000;
constexpr int64_t kDay = 24 * kHour;

class NoTraits : public TraitSource {
 public:
  const base::Value* Find(std::string_view) const override { return nullptr; }
};

bool IsSame(const FeatureSpec& spec, const NaiveValue& a, const NaiveValue& b) {
  if (a == b) return true;
  const bool is_near_enough = spec.aggregate == Aggregate::kApproxDecay ||
                              spec.aggregate == Aggregate::kDrift ||
                              spec.aggregate == Aggregate::kHourDrift;
  const auto* x = std::get_if<double>(&a);
  const auto* y = std::get_if<double>(&b);
  // The square root of what should be 0 is of the size of a rounding's.
  return is_near_enough && x != nullptr && y != nullptr &&
         std::fabs(*x - *y) <= 1e-7 * std::max({1.0, std::fabs(*x), std::fabs(*y)});
}

struct Person {
  PersonFeatures features;
  std::vector<SampleEvent> events;

  std::vector<NaiveEvent> Naive() const {
    std::vector<NaiveEvent> naive;
    for (const SampleEvent& event : events) naive.push_back(event.naive);
    return naive;
  }
};

// One random set of features and a few persons through one random stretch of time.
class Trial {
 public:
  Trial(uint64_t seed, int entries_max)
      : random_(seed, {seed, 1}, "trial", ""),
        is_idempotent_(random_.Below(2) == 0),
        entries_max_(entries_max) {
    std::vector<FeatureSpec> specs;
    for (int i = 0; i < 8; ++i) specs.push_back(RandomSpec());
    set_ = *FeatureSet::Make(specs, {.entries_max = entries_max});
    fold_.emplace(set_);
    for (const Feature& feature : set_->features()) {
      naive_.emplace_back(feature.spec, SamplePrograms());
    }
    static const std::vector<std::pair<std::string, std::string>> kPlaces = {
        {"America/New_York", "2026-03-06T20:00:00Z"},
        {"Europe/Berlin", "2026-10-23T12:00:00Z"},
        {"America/St_Johns", "2006-10-27T00:00:00Z"},
        {"Pacific/Apia", "2011-12-27T00:00:00Z"},
        {"America/Havana", "2018-11-01T00:00:00Z"},
        {"Australia/Lord_Howe", "2026-04-02T00:00:00Z"},
        {"America/Sao_Paulo", "2018-11-02T00:00:00Z"},
        {"Asia/Kathmandu", "2026-02-26T00:00:00Z"}};
    const auto& [zone, begin] = OneOf(random_, kPlaces);
    zone_ = zone;
    now_ = base::ParseTime(begin)->micros;
    people_.resize(1 + random_.Below(3));
  }

  void Run(int events) {
    for (int i = 0; i < events && !::testing::Test::HasFailure(); ++i) {
      now_ += RandomStep();
      if (random_.Below(40) == 0 && people_.size() > 1) MergeTwo();
      Person& person = people_[random_.Below(people_.size())];
      TakeOne(person);
      CheckSome(person);
      if (random_.Below(20) == 0) set_->Expire({now_}, person.features);
      if (random_.Below(60) == 0 && !person.events.empty()) RemoveOne(person);
    }
    while (people_.size() > 1) MergeTwo();
    CheckAll(people_[0]);
    CheckBytes(people_[0]);
  }

  static uint64_t checks() { return checks_; }

 private:
  FeatureSpec RandomSpec() {
    const std::string text = RandomSpecText(random_, is_idempotent_);
    ParsedSpec parsed = ParseSpec(text);
    BATUTA_CHECK(parsed.spec.has_value(), text + ": " + expr::Describe(parsed.diagnostics, text));
    return *parsed.spec;
  }

  int64_t RandomStep() {
    switch (random_.Below(8)) {
      case 0:
        return 0;
      case 1:
        return 1;
      case 2:
        return kHour;
      case 3:
        return kDay;
      case 4:
        return static_cast<int64_t>(random_.Below(3 * kDay));
      default:
        return static_cast<int64_t>(random_.Below(2 * kHour));
    }
  }

  void TakeOne(Person& person) {
    int64_t time = now_;
    if (random_.Below(4) == 0) {
      time -= static_cast<int64_t>(random_.Below(random_.Below(5) == 0 ? 40 * kDay : 2 * kDay));
    } else if (random_.Below(6) == 0 && !person.events.empty()) {
      time = OneOf(random_, person.events).naive.time;
    }
    if (is_idempotent_ && random_.Below(12) == 0 && !person.events.empty()) {
      const SampleEvent again = OneOf(random_, person.events);
      fold_->Apply(again.event(), {now_}, person.features);
      return;
    }
    person.events.emplace_back(RandomEvent(random_, time));
    fold_->Apply(person.events.back().event(), {now_}, person.features);
  }

  void MergeTwo() {
    const size_t into = random_.Below(people_.size() - 1);
    Person from = std::move(people_.back());
    people_.pop_back();
    // Persons of one history may share events where taking one twice changes nothing.
    if (is_idempotent_ && !from.events.empty() && random_.Below(2) == 0) {
      const SampleEvent shared = OneOf(random_, from.events);
      fold_->Apply(shared.event(), {now_}, people_[into].features);
    }
    if (random_.Below(2) == 0) std::swap(from.features, people_[into].features);
    set_->Merge(from.features, people_[into].features);
    for (const SampleEvent& event : from.events) people_[into].events.push_back(event);
    CheckAll(people_[into]);
  }

  void RemoveOne(Person& person) {
    const size_t at = random_.Below(person.events.size());
    const SampleEvent gone = person.events[at];
    person.events.erase(person.events.begin() + static_cast<std::ptrdiff_t>(at));
    for (const uint32_t index : fold_->Remove(gone.event(), person.features)) {
      rebuilt_.push_back(index);
    }
    for (const uint32_t index : rebuilt_) {
      const Feature& feature = set_->features()[index];
      const SampleHistory history(person.events);
      const FeatureState whole = fold_->Rebuild({{&feature}}, history, {now_})->front();
      for (FeatureState& state : *person.features.mutable_states()) {
        if (state.feature() != feature.number) continue;
        state.Clear();
        state.set_feature(feature.number);
        Merge(feature.plan, whole, entries_max_, state);
      }
    }
    rebuilt_.clear();
    set_->Expire({now_}, person.features);
    CheckAll(person);
  }

  void CheckSome(const Person& person) {
    for (int i = 0; i < 3; ++i) Check(person, random_.Below(set_->features().size()));
  }

  void CheckAll(const Person& person) {
    for (size_t i = 0; i < set_->features().size(); ++i) Check(person, i);
  }

  void Check(const Person& person, size_t index) {
    const Feature& feature = set_->features()[index];
    const FeatureState* state = FeatureSet::StateOf(feature, person.features);
    FeatureState whole;
    if (NeedsHistory(feature, state, MomentAt(now_))) {
      EXPECT_GE(entries_max_, 0);
      whole = fold_->Rebuild({{&feature}}, SampleHistory(person.events), {now_})->front();
      state = &whole;
    }
    const std::vector<NaiveEvent> events = person.Naive();
    const NaiveValue value = CheckAt(index, state, events, now_);
    const int64_t next = NextChange(feature, state, MomentAt(now_), NoTraits()).micros;
    ASSERT_GT(next, now_) << Print(feature.spec);
    const int64_t horizon = now_ + 45 * kDay;
    if (next <= horizon) {
      const NaiveValue before = CheckAt(index, state, events, next - 1);
      EXPECT_TRUE(IsSame(feature.spec, before, value))
          << "changes before NextChange: " << Print(feature.spec);
      const NaiveValue after = CheckAt(index, state, events, next);
      CheckNotEarly(feature.spec, value, after);
    }
    const int64_t middle =
        now_ +
        static_cast<int64_t>(random_.Below(static_cast<uint64_t>(std::min(next, horizon) - now_)));
    const NaiveValue between = naive_[index].ValueOf(events, middle, zone_);
    EXPECT_TRUE(IsSame(feature.spec, between, value))
        << "changes unnoticed: " << Print(feature.spec) << " at " << now_ << " and " << middle;
    ++checks_;
  }

  // What counts changes at the very instant that was told.
  static void CheckNotEarly(const FeatureSpec& spec, const NaiveValue& before,
                            const NaiveValue& after) {
    switch (spec.aggregate) {
      case Aggregate::kCount:
      case Aggregate::kExists:
      case Aggregate::kFirstEver:
      case Aggregate::kDistinct:
      case Aggregate::kRate:
      case Aggregate::kMin:
      case Aggregate::kMax:
      case Aggregate::kDaysSince:
        // Many events of one instant can be known unfollowed together with others leaving.
        if (spec.is_pattern()) return;
        EXPECT_NE(Describe(before), Describe(after)) << Print(spec);
        return;
      default:
        return;
    }
  }

  NaiveValue CheckAt(size_t index, const FeatureState* state, const std::vector<NaiveEvent>& events,
                     int64_t time) {
    const Feature& feature = set_->features()[index];
    const NaiveValue kept = NaiveOf(ValueOf(feature, state, MomentAt(time), NoTraits()));
    const NaiveValue anew = naive_[index].ValueOf(events, time, zone_);
    EXPECT_TRUE(IsSame(feature.spec, kept, anew))
        << Print(feature.spec) << "\n  kept " << Describe(kept) << ", anew " << Describe(anew)
        << " at " << base::FormatRfc3339({time}) << " in " << zone_ << ", known at "
        << base::FormatRfc3339({now_}) << ", " << events.size() << " events";
    return anew;
  }

  // The same events taken in another order, merged along another tree, are the same bytes.
  void CheckBytes(Person& person) {
    const size_t parts = 1 + random_.Below(4);
    std::vector<PersonFeatures> others(parts);
    std::vector<SampleEvent> events = person.events;
    for (size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[random_.Below(i)]);
    for (const SampleEvent& event : events) {
      fold_->Apply(event.event(), {now_}, others[random_.Below(parts)]);
    }
    while (others.size() > 1) {
      const PersonFeatures from = others.back();
      others.pop_back();
      set_->Merge(from, others[random_.Below(others.size())]);
    }
    set_->Expire({now_}, person.features);
    set_->Expire({now_}, others[0]);
    for (const Feature& feature : set_->features()) {
      const bool may_differ = entries_max_ < kEntriesMax && (feature.plan.keep == Keep::kStairs ||
                                                             feature.plan.keep == Keep::kRuns);
      if (may_differ) continue;
      const FeatureState* a = FeatureSet::StateOf(feature, person.features);
      const FeatureState* b = FeatureSet::StateOf(feature, others[0]);
      const FeatureState none;
      EXPECT_EQ((a ? *a : none).ShortDebugString(), (b ? *b : none).ShortDebugString())
          << Print(feature.spec);
    }
  }

  Moment MomentAt(int64_t time) const { return {{time}, *expr::FindZone(zone_)}; }

  base::Random random_;
  bool is_idempotent_;
  int entries_max_;
  std::shared_ptr<const FeatureSet> set_;
  std::optional<FeatureFold> fold_;
  std::vector<NaiveFeature> naive_;
  std::string zone_;
  int64_t now_ = 0;
  std::vector<Person> people_;
  std::vector<uint32_t> rebuilt_;
  static inline uint64_t checks_ = 0;
};

int EventsToRun() {
  const char* wanted = std::getenv("BATUTA_FEATURE_EVENTS");
  int events = 0;
  if (wanted == nullptr || !absl::SimpleAtoi(wanted, &events)) return 100'000;
  return events;
}

TEST(RandomFeatures, EqualRecomputationAfterEveryEvent) {
  constexpr int kEventsPerTrial = 50;
  const int trials = EventsToRun() / kEventsPerTrial;
  for (int seed = 1; seed <= trials && !HasFailure(); ++seed) {
    SCOPED_TRACE(base::StrCat("seed ", seed));
    // A record with little room has to say when it does not know.
    Trial trial(static_cast<uint64_t>(seed), seed % 3 == 0 ? 6 : kEntriesMax);
    trial.Run(kEventsPerTrial);
  }
  EXPECT_GT(Trial::checks(), static_cast<uint64_t>(trials) * kEventsPerTrial);
}

}  // namespace
}  // namespace batuta::feature
