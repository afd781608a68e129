#include "profile/merge.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "gtest/gtest.h"
#include "profile/apply.h"
#include "profile/hash.h"

namespace batuta::profile {
namespace {

// An event with everything that its facts point at.
struct Happening {
  EventFacts facts;
  std::string name;
  std::string source;
  base::Fields traits;
  std::vector<ConsentStatement> consents;
  std::vector<PreferenceStatement> preferences;
  std::string group;
  GroupStatement membership;
};

Rules SampleRules() {
  const char* specs[] = {R"({"survivorship":"mostTrusted","trust":["crm","web"]})",
                         R"({"survivorship":"mostFrequent"})", R"({"survivorship":"first"})",
                         R"({"survivorship":"list"})"};
  std::vector<base::Value> values;
  for (const char* spec : specs) values.push_back(base::ParseJson(spec).value());
  std::vector<TraitResource> resources;
  const std::string_view names[] = {"t0", "t1", "t2", "t3"};
  for (size_t i = 0; i < values.size(); ++i) {
    resources.push_back({.name = names[i], .spec = &values[i].object()});
  }
  return Rules::Compile(resources).value();
}

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  uint64_t Below(uint64_t n) { return random_() % n; }
  std::mt19937_64& engine() { return random_; }

 private:
  std::mt19937_64 random_;
};

base::Value DrawValue(Dice& dice) {
  switch (dice.Below(12)) {
    case 0:
      return base::NullValue();
    case 1:
      return base::ParseJson(R"(["x","y"])").value();
    case 2: {
      base::Value sealed;
      sealed.mutable_sealed()->set_equality(base::StrCat("h", dice.Below(3)));
      return sealed;
    }
    default:
      return base::TextValue(base::StrCat("v", dice.Below(5)));
  }
}

std::unique_ptr<Happening> DrawEvent(uint64_t number, Dice& dice) {
  auto event = std::make_unique<Happening>();
  EventFacts& facts = event->facts;
  event->name = base::StrCat("e", dice.Below(5));
  event->source = dice.Below(3) == 0 ? "crm" : base::StrCat("s", dice.Below(4));
  facts.type = static_cast<EventType>(1 + dice.Below(4));
  facts.event_time = base::Time{static_cast<int64_t>(dice.Below(50))};
  facts.log_time = base::Time{static_cast<int64_t>(50 + dice.Below(3))};
  facts.position = {base::PartitionId{static_cast<uint16_t>(dice.Below(3))}, base::Offset{number}};
  for (int i = 0; i < 6; ++i) {
    if (dice.Below(3) != 0) continue;
    base::Field& field = *event->traits.add_fields();
    field.set_name(base::StrCat("t", i));
    *field.mutable_value() = DrawValue(dice);
  }
  if (dice.Below(3) == 0) {
    ConsentStatement& consent = event->consents.emplace_back();
    consent.purpose = base::StrCat("p", dice.Below(3));
    consent.channel = dice.Below(2) == 0 ? "" : "email";
    consent.status = static_cast<ConsentStatus>(1 + dice.Below(3));
    consent.address_hash = dice.Below(2) == 0 ? "" : std::string(16, 'm');
  }
  if (dice.Below(3) == 0) {
    PreferenceStatement& preference = event->preferences.emplace_back();
    preference.kind = static_cast<PreferenceKind>(1 + dice.Below(5));
    preference.value = DrawValue(dice);
  }
  event->group = std::string(16, static_cast<char>('a' + dice.Below(4)));
  event->membership = {.group = event->group, .id = "id", .role = "r", .left = dice.Below(3) == 0};
  facts.group = dice.Below(4) == 0 ? &event->membership : nullptr;
  facts.name = event->name;
  facts.source = event->source;
  facts.traits = &event->traits;
  facts.consents = event->consents;
  facts.preferences = event->preferences;
  return event;
}

std::string Content(const Profile& profile) {
  base::ByteWriter writer;
  HashInto(writer, profile);
  return writer.Take();
}

std::string LayoutFree(Profile profile) {
  profile.clear_timeline();
  return profile.SerializeAsString();
}

TEST(Merge, AnyPermutationAndAnyMergeTreeGiveWhatOneProfileGets) {
  const Rules rules = SampleRules();
  for (uint64_t seed = 0; seed < 120; ++seed) {
    Dice dice(seed);
    std::vector<std::unique_ptr<Happening>> events;
    const uint64_t count = 1 + dice.Below(250);
    for (uint64_t i = 0; i < count; ++i) events.push_back(DrawEvent(i + 1, dice));
    Profile expected;
    for (const auto& event : events) ApplyEvent(rules, event->facts, expected);

    std::shuffle(events.begin(), events.end(), dice.engine());
    std::vector<Profile> persons(1 + dice.Below(7));
    for (const auto& event : events) {
      ApplyEvent(rules, event->facts, persons[dice.Below(persons.size())]);
    }
    while (persons.size() > 1) {
      std::shuffle(persons.begin(), persons.end(), dice.engine());
      const Profile from = std::move(persons.back());
      persons.pop_back();
      Merge(rules, from, persons.back());
    }
    ASSERT_EQ(Content(persons[0]), Content(expected)) << "seed " << seed;
    ASSERT_EQ(LayoutFree(persons[0]), LayoutFree(expected)) << "seed " << seed;
  }
}

TEST(Merge, IsIdempotentButForWhatAddsUp) {
  const Rules rules = SampleRules();
  Dice dice(9);
  Profile a;
  Profile b;
  for (uint64_t i = 0; i < 100; ++i) {
    const auto event = DrawEvent(i + 1, dice);
    ApplyEvent(rules, event->facts, i % 2 == 0 ? a : b);
  }
  Profile once = a;
  Merge(rules, b, once);
  Profile twice = once;
  Merge(rules, b, twice);
  for (Profile* profile : {&once, &twice}) {
    profile->clear_counters();
    profile->clear_timeline();
  }
  EXPECT_EQ(once.SerializeAsString(), twice.SerializeAsString());
}

TEST(Merge, WithAnEmptyProfileChangesNothing) {
  const Rules rules;
  Dice dice(4);
  Profile profile;
  for (uint64_t i = 0; i < 80; ++i) ApplyEvent(rules, DrawEvent(i + 1, dice)->facts, profile);
  Profile into_empty;
  Merge(rules, profile, into_empty);
  EXPECT_EQ(Content(into_empty), Content(profile));
  const std::string before = Content(profile);
  EXPECT_TRUE(Merge(rules, Profile(), profile).empty());
  EXPECT_EQ(Content(profile), before);
}

TEST(Hash, DiffersWithEveryPartOfTheContent) {
  Profile profile;
  std::vector<std::string> contents = {Content(profile)};
  const auto add = [&] { contents.push_back(Content(profile)); };
  profile.add_traits()->set_name("t"), add();
  profile.mutable_traits(0)->add_statements()->set_offset(3), add();
  profile.add_counters()->set_name("c"), add();
  profile.add_consents()->set_status(CONSENT_DENIED), add();
  profile.set_consents_overflow(true), add();
  profile.add_preferences()->set_soft(true), add();
  profile.add_groups()->set_role("r"), add();
  profile.mutable_groups(0)->mutable_copied()->set_version(1), add();
  profile.mutable_timeline()->set_total(1), add();
  profile.mutable_timeline()->set_digest_low(1), add();
  profile.set_first_seen(0), add();
  profile.set_last_seen(0), add();
  std::sort(contents.begin(), contents.end());
  EXPECT_EQ(std::unique(contents.begin(), contents.end()), contents.end());
}

TEST(Hash, LeavesOutTheLayoutOfTheTimeline) {
  Profile profile;
  const std::string before = Content(profile);
  profile.mutable_timeline()->set_next_block(7);
  profile.mutable_timeline()->mutable_blocks()->add_number(3);
  profile.mutable_timeline()->set_dropped(9);
  EXPECT_EQ(Content(profile), before);
}

}  // namespace
}  // namespace batuta::profile
