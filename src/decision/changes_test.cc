#include "decision/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/json.h"
#include "base/money.h"
#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using testing::HasSubstr;

// The documents of a text, with what `edit` makes of each; "" leaves one out.
template <typename F>
std::string EachDocument(std::string_view yaml, F edit) {
  std::string all;
  for (size_t begin = 0; begin <= yaml.size();) {
    const size_t end = std::min(yaml.find("---\n", begin), yaml.size());
    const std::string document = edit(std::string(yaml.substr(begin, end - begin)));
    if (!document.empty()) base::StrAppend(&all, all.empty() ? "" : "---\n", document);
    begin = end + 4;
  }
  return all;
}

std::string Without(std::string_view yaml, std::string_view kind, std::string_view name) {
  const std::string head = base::StrCat("kind: ", kind, "\nname: ", name, "\n");
  return EachDocument(yaml, [&](std::string document) {
    return document.starts_with(head) ? std::string() : document;
  });
}

std::string WithWorth(std::string_view yaml, std::string_view action, int64_t micros) {
  const std::string head = base::StrCat("kind: action\nname: ", action, "\n");
  return EachDocument(yaml, [&](std::string document) {
    if (!document.starts_with(head)) return document;
    const std::string before = "value: {amount: \"";
    const size_t begin = document.find(before) + before.size();
    return document.replace(begin, document.find('"', begin) - begin, base::FormatAmount(micros));
  });
}

void ApplyFact(const Edit& edit, SampleHub& hub) {
  const bool is_absent = edit.value.kind_case() == base::Value::KIND_NOT_SET;
  if (edit.name == "person.segments") {
    edit.comparison == "with" ? hub.person.In(edit.value.text())
                              : hub.person.NotIn(edit.value.text());
  } else if (edit.name.starts_with("person.traits.")) {
    const std::string trait = edit.name.substr(14);
    is_absent ? hub.person.Without(trait) : hub.person.With(trait, edit.value);
  } else if (edit.name == "context.page") {
    if (is_absent) {
      hub.context.clear_fields();
    } else {
      base::SetField(hub.context, "page", edit.value);
    }
  } else {
    hub.person.Did(edit.name, edit.value);
  }
}

// At a later time: what happened thirty hours before noon leaves the windows that look for it.
void LetPass(SampleHub& hub, base::Time now) {
  hub.now = now;
  for (const auto& [path, text] : hub.catalogue->texts()) {
    const std::string before = ".within(\"";
    const size_t begin = text.find(before);
    if (begin == std::string::npos || !text.ends_with(".exists()")) continue;
    const size_t value = begin + before.size();
    const auto window = base::ParseDuration(text.substr(value, text.find('"', value) - value));
    const bool has_left = kNoon - base::Hours(30) + *window <= now;
    if (has_left) hub.person.Did(text, base::BooleanValue(false));
  }
}

// The hub in which the edit is true, without any help of what is tested.
SampleHub Edited(SampleHub hub, const Edit& edit) {
  switch (edit.kind) {
    case EditKind::kConsent:
      hub.person.With(edit.name, CONSENT_GRANTED);
      break;
    case EditKind::kPreference: {
      const size_t space = edit.name.find(' ');
      hub.person.Accepts(edit.name.substr(0, space), edit.name.substr(space + 1));
      break;
    }
    case EditKind::kTime:
      LetPass(hub, edit.at);
      break;
    case EditKind::kWorth:
      hub.catalogue = CatalogueOf(WithWorth(hub.yaml, edit.name, edit.worth_micros));
      break;
    case EditKind::kFact:
      ApplyFact(edit, hub);
      break;
    case EditKind::kHoldout:
      hub.catalogue = CatalogueOf(Without(hub.yaml, "holdout", edit.name));
      break;
    case EditKind::kBlock:
      hub.catalogue = CatalogueOf(Without(hub.yaml, "policy", edit.name));
      break;
  }
  return hub;
}

bool Has(const Decision& decision, std::string_view action) {
  return std::any_of(decision.chosen().begin(), decision.chosen().end(),
                     [&](const Chosen& chosen) { return chosen.action() == action; });
}

bool IsFlipped(const Decision& from, const Decision& to, std::string_view wanted) {
  if (!wanted.empty()) return Has(to, wanted);
  for (int slot = 0; slot < from.chosen_size(); ++slot) {
    if (from.chosen(slot).action() != to.chosen(slot).action()) return true;
  }
  return false;
}

Changes Find(const SampleHub& hub, const Decision& decision, std::string_view wanted = "") {
  SamplePerson knowing = hub.person;
  knowing.Knowing(hub.catalogue->texts());
  const auto changes = FindChanges(
      decision, *hub.catalogue,
      {.person = &knowing, .contacts = &hub.contacts, .zone = hub.zone, .models = &hub.models},
      wanted);
  EXPECT_TRUE(changes.ok()) << changes.status();
  return changes.ok() ? *changes : Changes();
}

std::string Describe(const Edit& edit) {
  return base::StrCat(static_cast<int>(edit.kind), " ", edit.name, " ", edit.comparison, " ",
                      base::ToJson(edit.value), " ", edit.worth_micros, " ",
                      base::FormatRfc3339(edit.at));
}

// The oracle: the hub itself is changed, and decides anew from the beginning.
void ExpectTrue(const SampleHub& hub, uint64_t request, const Decision& decision,
                const Changes& changes, std::string_view wanted) {
  for (const Change& change : changes.found) {
    const Decision again = Edited(hub, change.edit).Decide(request);
    ASSERT_TRUE(IsFlipped(decision, again, wanted))
        << Describe(change.edit) << "\nwanted " << wanted << "\n"
        << hub.yaml << decision.DebugString() << again.DebugString();
    ASSERT_EQ(static_cast<int>(change.chosen.size()), again.chosen_size());
    for (int slot = 0; slot < again.chosen_size(); ++slot) {
      ASSERT_EQ(change.chosen[static_cast<size_t>(slot)].SerializeAsString(),
                again.chosen(slot).SerializeAsString())
          << Describe(change.edit);
    }
  }
  for (const Edit& edit : changes.vain) {
    ASSERT_FALSE(IsFlipped(decision, Edited(hub, edit).Decide(request), wanted)) << Describe(edit);
  }
}

TEST(Changes, EachAppliedToTheHubItselfFlipsTheAnswerAndThoseBeforeDoNot) {
  base::Random random(77, base::Id128{}, "test", "changes");
  std::map<EditKind, int> found;
  for (int round = 0; round < 400; ++round) {
    const SampleHub hub = RandomHub(random);
    for (uint64_t request = 0; request < 2; ++request) {
      const Decision decision = hub.Decide(request);
      std::string wanted;
      const auto& candidates = decision.trace().candidates();
      if (request == 1 && !candidates.empty()) {
        wanted =
            candidates[static_cast<int>(random.Below(static_cast<uint64_t>(candidates.size())))]
                .action();
      }
      const Changes changes = Find(hub, decision, wanted);
      ExpectTrue(hub, request, decision, changes, wanted);
      if (testing::Test::HasFatalFailure()) return;
      for (const Change& change : changes.found) ++found[change.edit.kind];
    }
  }
  for (const EditKind kind :
       {EditKind::kConsent, EditKind::kPreference, EditKind::kTime, EditKind::kWorth,
        EditKind::kFact, EditKind::kHoldout, EditKind::kBlock}) {
    EXPECT_GT(found[kind], 3) << "too few of kind " << static_cast<int>(kind);
  }
}

TEST(Changes, OfTheTraceAloneAreTrueAsWell) {
  base::Random random(78, base::Id128{}, "test", "changes-alone");
  size_t found = 0;
  size_t untried = 0;
  for (int round = 0; round < 400; ++round) {
    const SampleHub hub = RandomHub(random);
    const Decision decision = hub.Decide(5);
    const auto changes = FindChanges(decision, *hub.catalogue, {});
    ASSERT_TRUE(changes.ok()) << changes.status();
    ExpectTrue(hub, 5, decision, *changes, "");
    if (testing::Test::HasFatalFailure()) return;
    for (const Change& change : changes->found) EXPECT_TRUE(change.looked_up.empty());
    for (const Untried& one : changes->untried) EXPECT_FALSE(one.missing.empty());
    found += changes->found.size();
    untried += changes->untried.size();
  }
  EXPECT_GT(found, 20u);
  EXPECT_GT(untried, 20u);
}

// A placement that always takes the best.
constexpr std::string_view kGreedyYaml =
    "kind: hub\nspec: {currency: MXN, timeZone: America/Mexico_City}\n"
    "---\nkind: placement\nname: home\nspec: {channel: web, choice: {method: greedy, floor: 0}}\n";

TEST(Changes, AreTheConsentThatIsMissing) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedyYaml, ActionYaml("card", "10.00", "  purpose: marketing\n")))};
  const Decision decision = hub.Decide(1);
  ASSERT_TRUE(decision.chosen(0).nothing());
  const Changes changes = Find(hub, decision);
  ASSERT_FALSE(changes.found.empty());
  EXPECT_EQ(ChangeText(changes.found[0], decision, Language::kEnglish),
            "With consent for marketing on web, the answer would be: card.");
  EXPECT_EQ(ChangeText(changes.found[0], decision, Language::kSpanish),
            "Con consentimiento para marketing en web, la respuesta sería: card.");
}

TEST(Changes, AreTheMomentAtWhichACapLetsItGo) {
  SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                    kGreedyYaml, ActionYaml("card", "10.00"),
                    "---\nkind: policy\nname: weekly\nspec: {cap: {scope: person, max: 1, window: "
                    "7d}}\n"))};
  policy::Contact contact;
  contact.set_decision(DecisionNumber(99).ToBytes());
  contact.set_action("loan");
  contact.set_channel("web");
  contact.set_placement("home");
  contact.set_action_class(policy::MARKETING);
  contact.set_stage(policy::EXPOSED);
  contact.set_reserved_at((kNoon - base::Days(4)).micros);
  *hub.contacts.add_contacts() = contact;
  const Decision decision = hub.Decide(1);
  const Changes changes = Find(hub, decision);
  ASSERT_FALSE(changes.found.empty());
  EXPECT_EQ(changes.found[0].edit.kind, EditKind::kTime);
  EXPECT_EQ(changes.found[0].edit.at, kNoon + base::Days(3));
  EXPECT_THAT(ChangeText(changes.found[0], decision, Language::kEnglish), HasSubstr("In 3 days ("));
}

TEST(Changes, AreTheLeastValueToTheHundredth) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedyYaml, ActionYaml("card", "10.00"), ActionYaml("loan", "30.00")))};
  const Decision decision = hub.Decide(1);
  ASSERT_EQ(decision.chosen(0).action(), "loan");
  const Changes changes = Find(hub, decision, "card");
  ASSERT_EQ(changes.found.size(), 1u);
  const Edit& edit = changes.found[0].edit;
  EXPECT_EQ(edit.kind, EditKind::kWorth);
  EXPECT_EQ(edit.comparison, ">=");
  EXPECT_NEAR(static_cast<double>(edit.worth_micros), 30e6, 10'000);
  EXPECT_THAT(ChangeText(changes.found[0], decision, Language::kSpanish),
              HasSubstr("Si el valor de card fuera al menos 30"));
}

TEST(Changes, AreTheValueThatWouldHaveToBeLearned) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedyYaml, ActionYaml("card", "10.00", "  learnValue: true\n"),
                          ActionYaml("loan", "30.00")))};
  const Changes changes = Find(hub, hub.Decide(1), "card");
  ASSERT_EQ(changes.found.size(), 1u);
  EXPECT_EQ(changes.found[0].edit.kind, EditKind::kWorth);
  EXPECT_NEAR(static_cast<double>(changes.found[0].edit.worth_micros), 30e6, 10'000);
}

TEST(Changes, AreTheFactThatARuleDemands) {
  SampleHub hub{
      .catalogue = CatalogueOf(base::StrCat(
          kGreedyYaml, ActionYaml("card", "10.00", "  eligible: person.traits.orders >= 3.0\n")))};
  hub.person.With("orders", base::NumberValue(2));
  const Decision decision = hub.Decide(1);
  const Changes changes = Find(hub, decision);
  ASSERT_FALSE(changes.found.empty());
  EXPECT_EQ(ChangeText(changes.found[0], decision, Language::kEnglish),
            "If orders were at least 3 (it is 2), the answer would be: card.");
}

TEST(Changes, AreNotGuessedWhereTheTraceLacksWhatIsAsked) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedyYaml, ActionYaml("card", "10.00", "  purpose: marketing\n")))};
  const Decision decision = hub.Decide(1);
  const auto changes = FindChanges(decision, *hub.catalogue, {});
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_TRUE(changes->found.empty());
  ASSERT_EQ(changes->untried.size(), 1u);
  EXPECT_TRUE(changes->untried[0].missing.contains({Need::Kind::kModel, "card"}));
  const std::string json = base::ToJson(ToValue(*changes, decision, Language::kEnglish));
  EXPECT_THAT(json, HasSubstr("cannot be told"));
  EXPECT_THAT(json, HasSubstr(R"({"kind":"model","name":"card"})"));
}

TEST(Changes, OfAnotherEngineOrATamperedTraceAreRefused) {
  const SampleHub hub{.catalogue =
                          CatalogueOf(base::StrCat(kGreedyYaml, ActionYaml("card", "10.00")))};
  Decision other = hub.Decide(1);
  other.set_engine_version("0");
  EXPECT_EQ(FindChanges(other, *hub.catalogue, {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  Decision tampered = hub.Decide(1);
  tampered.mutable_chosen(0)->set_probability(0.5);
  EXPECT_EQ(FindChanges(tampered, *hub.catalogue, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace batuta::decision
