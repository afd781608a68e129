#include "profile/view.h"

#include <string>

#include "base/json.h"
#include "base/value.h"
#include "gtest/gtest.h"
#include "profile/apply.h"

namespace batuta::profile {
namespace {

std::optional<base::Value> Nothing(const base::Sealed&) { return std::nullopt; }

Rules OneRule(std::string_view trait, std::string_view spec_json) {
  const base::Value spec = base::ParseJson(spec_json).value();
  const TraitResource resource{.name = trait, .spec = &spec.object()};
  return Rules::Compile({&resource, 1}).value();
}

void Identify(const Rules& rules, std::string_view json, int64_t seconds, std::string_view source,
              Profile& profile) {
  const base::Fields traits = base::ParseJson(json).value().object();
  EventFacts event;
  event.type = EventType::kIdentify;
  event.event_time = base::Time{seconds * 1'000'000};
  event.position.offset = base::Offset{static_cast<uint64_t>(seconds)};
  event.source = source;
  event.traits = &traits;
  ApplyEvent(rules, event, profile);
}

std::string Json(const base::Value& view, std::string_view path) {
  const base::Value* found = base::FindPath(view.object(), path);
  return found == nullptr ? "missing" : base::ToJson(*found);
}

TEST(View, ShowsTheWinnerWithSourceTimeAndRuleAndTheRunnerUp) {
  const Rules rules = OneRule("plan", R"({"survivorship":"mostTrusted","trust":["crm"]})");
  Profile profile;
  Identify(rules, R"({"plan":"gold"})", 1, "crm", profile);
  Identify(rules, R"({"plan":"basic"})", 2, "web", profile);
  EXPECT_EQ(Json(View(rules, profile, Nothing), "traits.plan"),
            R"({"value":"gold","source":"crm","time":"1970-01-01T00:00:01Z","rule":"mostTrusted",)"
            R"("runnerUp":{"value":"basic","source":"web","time":"1970-01-01T00:00:02Z"}})");
}

TEST(View, ShowsEveryPart) {
  const Rules rules;
  Profile profile;
  EventFacts event;
  event.name = "Order Completed";
  event.event_time = base::Time{5'000'000};
  event.source = "web";
  ConsentStatement consent;
  consent.purpose = "marketing";
  consent.channel = "email";
  consent.status = CONSENT_GRANTED;
  const PreferenceStatement preference{
      .kind = PREFERENCE_PACE, .name = "", .value = base::TextValue("weekly"), .soft = true};
  const std::string hash(16, 'g');
  const GroupStatement group{.group = hash, .id = "acme", .role = "admin"};
  event.consents = {&consent, 1};
  event.preferences = {&preference, 1};
  event.group = &group;
  ApplyEvent(rules, event, profile);
  const base::Value view = View(rules, profile, Nothing);
  const base::Fields& fields = view.object();
  EXPECT_EQ(base::ToJson(*base::Find(base::Find(fields, "counters")->object(), "Order Completed")),
            R"({"count":1,"first":"1970-01-01T00:00:05Z","last":"1970-01-01T00:00:05Z"})");
  EXPECT_EQ(Json(view, "consents"),
            R"([{"purpose":"marketing","channel":"email","status":"granted","of":"person",)"
            R"("source":"web","time":"1970-01-01T00:00:05Z"}])");
  EXPECT_EQ(Json(view, "preferences"),
            R"([{"kind":"pace","value":"weekly","soft":true,"source":"web",)"
            R"("time":"1970-01-01T00:00:05Z"}])");
  EXPECT_EQ(Json(view, "groups"),
            R"([{"id":"acme","role":"admin","joined":"1970-01-01T00:00:05Z","traits":{}}])");
  EXPECT_EQ(Json(view, "firstSeen"), "\"1970-01-01T00:00:05Z\"");
  EXPECT_EQ(Json(view, "timelineCount"), "1");
}

TEST(View, SealedValuesAreOpenedOrSaidToBeSealed) {
  const Rules rules;
  Profile profile;
  base::Field field;
  field.set_name("email");
  base::Sealed& sealed =
      *field.mutable_value()->mutable_object()->add_fields()->mutable_value()->mutable_sealed();
  sealed.set_box("box");
  StateTrait(rules, field, {.source = "web", .stamp = {}}, *profile.mutable_traits());
  EXPECT_EQ(Json(View(rules, profile, Nothing), "traits.email.value"), R"({"":{"sealed":true}})");
  const Unseal open = [](const base::Sealed& value) {
    return base::TextValue(value.box() + " opened");
  };
  EXPECT_EQ(Json(View(rules, profile, open), "traits.email.value"), R"({"":"box opened"})");
  const Unseal open_object = [](const base::Sealed&) { return *base::ParseJson(R"({"zip":7})"); };
  EXPECT_EQ(Json(View(rules, profile, open_object), "traits.email.value"), R"({"":{"zip":7}})");
}

TEST(View, ListsThatWereSealedAsAWholeShowTheirElements) {
  const Rules rules = OneRule("phones", R"({"survivorship":"list"})");
  Profile profile;
  base::Field field;
  field.set_name("phones");
  field.mutable_value()->mutable_sealed()->set_box("box");
  StateTrait(rules, field, {.source = "web", .stamp = {}}, *profile.mutable_traits());
  const Unseal open = [](const base::Sealed&) { return *base::ParseJson(R"(["1","2"])"); };
  EXPECT_EQ(Json(View(rules, profile, open), "traits.phones.value"), R"(["1","2"])");
}

TEST(View, ListsShowAllValuesAndTraitAnswersTheNewest) {
  const Rules rules = OneRule("likes", R"({"survivorship":"list"})");
  Profile profile;
  Identify(rules, R"({"likes":"jazz"})", 1, "web", profile);
  Identify(rules, R"({"likes":["rock","folk"]})", 2, "web", profile);
  EXPECT_EQ(Json(View(rules, profile, Nothing), "traits.likes.value"), R"(["rock","folk","jazz"])");
  EXPECT_EQ(Trait(rules, profile, "likes")->text(), "rock");
  EXPECT_EQ(TraitValues(rules, profile, "likes").size(), 3u);
  EXPECT_TRUE(TraitValues(rules, profile, "absent").empty());
}

TEST(View, ARemovedTraitIsAbsent) {
  const Rules rules;
  Profile profile;
  Identify(rules, R"({"plan":"gold"})", 1, "web", profile);
  Identify(rules, R"({"plan":null})", 2, "web", profile);
  EXPECT_EQ(Json(View(rules, profile, Nothing), "traits"), "{}");
  EXPECT_EQ(Trait(rules, profile, "plan"), nullptr);
  EXPECT_TRUE(TraitValues(rules, profile, "plan").empty());
}

TEST(View, AGroupShowsItsTraitsAndTheNumberOfItsMembers) {
  const Rules rules;
  GroupRow row;
  row.set_id("acme");
  row.set_members(3);
  const base::Fields traits = base::ParseJson(R"({"plan":"gold"})").value().object();
  StateGroupTraits(rules, traits, {.source = "crm", .stamp = {}}, row);
  const base::Value view = ViewGroup(rules, row, Nothing);
  EXPECT_EQ(Json(view, "id"), "\"acme\"");
  EXPECT_EQ(Json(view, "members"), "3");
  EXPECT_EQ(Json(view, "traits.plan.value"), "\"gold\"");
}

}  // namespace
}  // namespace batuta::profile
