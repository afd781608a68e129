// What one event costs on a person with 20 traits and 20 counters, and what merging and reading do.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "profile/apply.h"
#include "profile/hash.h"
#include "profile/merge.h"
#include "profile/view.h"

namespace batuta::profile {
namespace {

// The blocks are not kept: only what the record itself costs is measured.
class Person {
 public:
  Person() {
    for (int i = 0; i < 20; ++i) {
      names_.push_back(base::StrCat("event number ", i));
      base::Field& field = *traits_.add_fields();
      field.set_name(base::StrCat("trait", i));
      *field.mutable_value() = base::TextValue(base::StrCat("value ", i));
    }
    for (const std::string& name : names_) Track(name);
    Identify(traits_);
  }

  void Track(const std::string& name) {
    EventFacts event = Next();
    event.type = EventType::kTrack;
    event.name = name;
    benchmark::DoNotOptimize(ApplyEvent(rules_, event, profile_));
  }

  void Identify(const base::Fields& traits) {
    EventFacts event = Next();
    event.type = EventType::kIdentify;
    event.traits = &traits;
    benchmark::DoNotOptimize(ApplyEvent(rules_, event, profile_));
  }

  const std::vector<std::string>& names() const { return names_; }
  const base::Fields& traits() const { return traits_; }
  const Profile& profile() const { return profile_; }
  const Rules& rules() const { return rules_; }

 private:
  EventFacts Next() {
    ++time_;
    EventFacts event;
    event.event_time = base::Time{time_ * 1000};
    event.log_time = event.event_time;
    event.position.offset = base::Offset{static_cast<uint64_t>(time_)};
    event.source = "web";
    return event;
  }

  Rules rules_;
  Profile profile_;
  std::vector<std::string> names_;
  base::Fields traits_;
  int64_t time_ = 1'700'000'000'000;
};

void BM_ApplyTrack(benchmark::State& state) {
  Person person;
  size_t i = 0;
  for (auto _ : state) person.Track(person.names()[i++ % 20]);
}
BENCHMARK(BM_ApplyTrack);

void BM_ApplyIdentifyThreeTraits(benchmark::State& state) {
  Person person;
  base::Fields traits;
  for (const int i : {3, 11, 17}) *traits.add_fields() = person.traits().fields(i);
  int64_t visit = 0;
  for (auto _ : state) {
    traits.mutable_fields(1)->mutable_value()->set_number(static_cast<double>(++visit));
    person.Identify(traits);
  }
}
BENCHMARK(BM_ApplyIdentifyThreeTraits);

void BM_TraitLookup(benchmark::State& state) {
  const Person person;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Trait(person.rules(), person.profile(), "trait13"));
  }
}
BENCHMARK(BM_TraitLookup);

void BM_Merge(benchmark::State& state) {
  const Person a;
  const Person b;
  for (auto _ : state) {
    Profile into = a.profile();
    benchmark::DoNotOptimize(Merge(a.rules(), b.profile(), into));
  }
}
BENCHMARK(BM_Merge);

void BM_ParseRecord(benchmark::State& state) {
  const Person person;
  const std::string bytes = person.profile().SerializeAsString();
  for (auto _ : state) {
    Profile profile;
    benchmark::DoNotOptimize(profile.ParseFromString(bytes));
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(BM_ParseRecord);

void BM_HashInto(benchmark::State& state) {
  const Person person;
  for (auto _ : state) {
    base::ByteWriter writer;
    HashInto(writer, person.profile());
    benchmark::DoNotOptimize(writer.bytes().data());
  }
}
BENCHMARK(BM_HashInto);

}  // namespace
}  // namespace batuta::profile

BENCHMARK_MAIN();
