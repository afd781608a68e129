#include "scenarios/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/explain.h"
#include "decision/lifecycle.h"
#include "decision/replay.h"
#include "profile/preference.h"
#include "resource/check.h"
#include "resource/reader.h"
#include "resource/yaml.h"

namespace batuta::scenarios {
namespace {

using engine::RecordType;
using resource::Reader;

base::Time TimeOf(const std::string& text) {
  const auto time = base::ParseTime(text);
  EXPECT_TRUE(time.ok()) << text;
  return time.ok() ? *time : base::Time{};
}

const base::Value* Considered(const base::Value& explained, std::string_view action) {
  for (const base::Value& one : base::FindPath(explained.object(), "considered")->list().values()) {
    if (base::Find(one.object(), "action")->text() == action) return &one;
  }
  ADD_FAILURE() << action << " was not considered";
  return nullptr;
}

// That each action's entry has that text as its `member`.
void ExpectTexts(const base::Value& explained, std::string_view member, const Reader& expected) {
  for (const base::Field& field : expected.fields().fields()) {
    const base::Value* entry = Considered(explained, field.name());
    if (entry == nullptr) continue;
    EXPECT_THAT(base::Find(entry->object(), member)->text(),
                testing::HasSubstr(field.value().text()))
        << "of " << field.name();
  }
}

// The holdout in force, and what would have been chosen without any.
void ExpectHoldout(const base::Value& explained, const Reader& expected) {
  const base::Value* holdout = base::Find(explained.object(), "holdout");
  if (!base::Find(expected.fields(), "holdout")->has_object()) {
    EXPECT_EQ(expected.Text("holdout"), "none");
    EXPECT_EQ(holdout, nullptr);
    return;
  }
  ASSERT_NE(holdout, nullptr) << "no holdout is in force";
  const Reader wanted = expected.Object("holdout");
  EXPECT_EQ(base::Find(holdout->object(), "name")->text(), wanted.Text("name"));
  EXPECT_EQ(base::Find(holdout->object(), "arm")->text(), wanted.Text("arm"));
  std::vector<std::string> would;
  for (const base::Value& one : base::Find(holdout->object(), "wouldHaveChosen")->list().values()) {
    const base::Value* action = base::Find(one.object(), "action");
    would.push_back(action == nullptr ? "nothing" : action->text());
  }
  EXPECT_EQ(would, wanted.Texts("wouldHaveChosen"));
}

std::string TimeText(int64_t micros) { return base::FormatRfc3339(base::Time{micros}); }

}  // namespace

ScenarioFile ReadScenarios(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  BATUTA_CHECK(stream.good(), path);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const size_t first = text.find("---\nkind: scenario\n");
  BATUTA_CHECK(first != std::string::npos, path + " has no scenario");
  const auto read = [&](const std::string& part) {
    auto parsed = resource::ParseDocuments(part, path, resource::Format::kYaml);
    BATUTA_CHECK(parsed.problems.empty(), resource::ToText(parsed.problems));
    return std::move(parsed.documents);
  };
  ScenarioFile file{.resources = text.substr(0, first), .scenarios = read(text.substr(first))};
  resource::Change change;
  change.documents = read(file.resources);
  const std::vector<resource::Problem> problems = resource::Check({}, change);
  BATUTA_CHECK(!resource::HasError(problems), resource::ToText(problems));
  return file;
}

Scenario::Scenario(const std::string& resources)
    : hub_({.start = {1'794'268'800'000'000}}) {  // 2026-11-10
  hub_.Define(resources);
}

void Scenario::Play(const base::Fields& step) {
  const Reader reader(step);
  person_ = reader.Text("person", "ana");
  if (reader.Has("at")) GoTo(TimeOf(reader.Text("at")));
  if (reader.Has("identify")) return TakeEvent(step, profile::EventType::kIdentify);
  if (reader.Has("event") || reader.Has("prefers")) {
    return TakeEvent(step, profile::EventType::kTrack);
  }
  if (reader.Has("ask")) return Ask(step);
  if (reader.Has("report")) return Report(reader.Text("report"));
  EXPECT_TRUE(reader.Has("at")) << "the step does nothing";
}

void Scenario::GoTo(base::Time time) {
  EXPECT_GE(time, hub_.clock().Wall()) << "time goes forward";
  if (time > hub_.clock().Wall()) hub_.Advance(time - hub_.clock().Wall());
}

void Scenario::TakeEvent(const base::Fields& step, profile::EventType type) {
  const Reader reader(step);
  engine::TestHub::EventSpec spec{.name = reader.Text("event"),
                                  .identifiers = {{"user_id", person_}},
                                  .type = type,
                                  .traits = reader.Object("identify").fields(),
                                  .properties = reader.Object("properties").fields()};
  if (reader.Has("age")) spec.age = *base::ParseDuration(reader.Text("age"));
  if (reader.Has("prefers")) {
    spec.name = std::string(profile::kPreferenceChanged);
    spec.properties = reader.Object("prefers").fields();
  }
  log::Entry entry = hub_.Event(spec);
  engine::Event event;
  EXPECT_TRUE(event.ParseFromString(entry.payload));
  const profile::ParsedPreferences parsed =
      profile::ParsePreferences({.event_name = spec.name, .properties = &spec.properties});
  EXPECT_THAT(parsed.problems, testing::IsEmpty());
  for (const profile::PreferenceStatement& statement : parsed.statements) {
    engine::PreferenceFact& fact = *event.add_preferences();
    fact.set_kind(statement.kind);
    fact.set_name(statement.name);
    *fact.mutable_value() = statement.value;
    fact.set_soft(statement.soft);
  }
  entry.payload = event.SerializeAsString();
  hub_.Append({std::move(entry)});
}

void Scenario::Ask(const base::Fields& step) {
  const Reader reader(step);
  const base::RecordId id = hub_.hub().DrawId();
  engine::DecisionAsk ask;
  *ask.mutable_person()->mutable_identifier() = hub_.Identifier("user_id", person_);
  ask.mutable_request()->set_request_id(id.ToBytes());
  ask.mutable_request()->set_placement(reader.Text("ask"));
  *ask.mutable_request()->mutable_context() = reader.Object("context").fields();
  absl::StatusOr<std::string> answer = absl::UnknownError("no answer");
  hub_.hub().runtime().Await(
      id, [&answer](absl::StatusOr<std::string> made) { answer = std::move(made); });
  const auto hash = hub_.hub().vault().HashIdentifier("user_id", person_);
  hub_.Append({{.partition = identity::HomeOf(hash, hub_.hub().partitions()),
                .type = static_cast<uint8_t>(RecordType::kDecisionAsk),
                .stamp = hub_.clock().Wall(),
                .id = hub_.hub().DrawId(),
                .payload = ask.SerializeAsString()}});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(decision::Parse(*answer, last_));
  ExpectReplay(last_);
  Expect(last_, reader.Object("expect").fields());
}

void Scenario::Report(const std::string& what) {
  using decision::OutcomeKind;
  static const std::map<std::string, OutcomeKind> kKinds = {{"exposed", OutcomeKind::kExposed},
                                                            {"clicked", OutcomeKind::kClicked},
                                                            {"accepted", OutcomeKind::kAccepted},
                                                            {"rejected", OutcomeKind::kRejected},
                                                            {"failed", OutcomeKind::kFailed}};
  const auto kind = kKinds.find(what);
  ASSERT_NE(kind, kKinds.end()) << what << " cannot be reported";
  engine::OutcomeAsk ask;
  ask.set_request_id(hub_.hub().DrawId().ToBytes());
  ask.set_decision(last_.id());
  ask.set_kind(static_cast<uint32_t>(kind->second));
  ask.set_at(hub_.clock().Wall().micros);
  hub_.Append({{.partition = base::DecisionId::FromBytes(last_.id()).partition,
                .type = static_cast<uint8_t>(RecordType::kOutcomeAsk),
                .stamp = hub_.clock().Wall(),
                .id = hub_.hub().DrawId(),
                .payload = ask.SerializeAsString()}});
}

void Scenario::Expect(const decision::Decision& decision, const base::Fields& fields) const {
  const Reader expected(fields);
  const base::Value english = decision::Explain(decision, decision::Language::kEnglish);
  const base::Value spanish = decision::Explain(decision, decision::Language::kSpanish);
  if (expected.Has("chosen")) {
    std::vector<std::string> chosen;
    for (const decision::Chosen& one : decision.chosen()) {
      chosen.push_back(one.nothing() ? "nothing" : one.action());
    }
    EXPECT_EQ(chosen, expected.Texts("chosen")) << decision.DebugString();
  }
  ExpectTexts(english, "result", expected.Object("result"));
  ExpectTexts(english, "why", expected.Object("why"));
  ExpectTexts(spanish, "why", expected.Object("porque"));
  if (expected.Has("notBefore")) {
    EXPECT_EQ(TimeText(decision.chosen(0).not_before()), expected.Text("notBefore"));
  }
  if (expected.Has("askAgainAt")) {
    EXPECT_EQ(TimeText(decision.ask_again_at()), expected.Text("askAgainAt"));
  }
  if (expected.Has("holdout")) ExpectHoldout(english, expected);
  for (const base::Field& lever : expected.Object("lever").fields().fields()) {
    const base::Value* entry = Considered(english, lever.name());
    if (entry == nullptr) continue;
    EXPECT_DOUBLE_EQ(base::Find(entry->object(), "lever")->number(), lever.value().number());
  }
}

void Scenario::ExpectReplay(const decision::Decision& decision) {
  const std::string bytes = decision::Serialize(decision);
  const auto alone = decision::Replay(decision);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_EQ(*alone, bytes) << "made again from its trace alone";
  const base::PartitionId home = base::DecisionId::FromBytes(decision.id()).partition;
  const auto whole = decision::Replay(decision, *hub_.FoldOf(home).definitions().catalogue);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(*whole, bytes) << "made again from its trace with the resources";
}

}  // namespace batuta::scenarios
