// The pipeline alone: one decision among twenty candidates of a person with traits and history.
// The goal is 15 µs of CPU time.
#include <benchmark/benchmark.h>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/replay.h"
#include "decision/replay_audit.h"
#include "google/protobuf/arena.h"
#include "policy/contacts.h"
#include "resource/yaml.h"

namespace batuta::decision {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};

// A person who has the traits that rules ask for.
class BenchPerson : public PersonView {
 public:
  expr::Value Read(const expr::Attribute& attribute, expr::Scratch&) const override {
    return expr::Value::OfJson(attribute.fields[1] == "country" ? country_ : age_);
  }
  ConsentState Consent(std::string_view, std::string_view) const override {
    return CONSENT_GRANTED;
  }
  StatedPreference Preference(std::string_view, std::string_view) const override { return {}; }

 private:
  base::Value country_ = base::TextValue("MX");
  base::Value age_ = base::NumberValue(40);
};

std::shared_ptr<const Catalogue> TwentyActions(std::string_view method) {
  std::string yaml = base::StrCat(
      "kind: placement\nname: home\nspec: {channel: web, choice: {method: ", method, "}}\n",
      "---\nkind: policy\nname: weekly\nspec: {cap: {scope: person, max: 50, window: 7d}}\n",
      "---\nkind: policy\nname: each\nspec: {cap: {scope: action, max: 9, window: 7d}, ",
      "suppress: {scope: action, refusals: 3, for: 30d}}\n");
  for (int i = 0; i < 20; ++i) {
    base::StrAppend(&yaml, "---\nkind: action\nname: action-", i, "\nspec:\n  title: Action ", i,
                    "\n  group: group-", i % 4, "\n  value: {amount: \"", 10 + i,
                    ".00\", currency: MXN}\n  purpose: marketing\n  eligible: "
                    "person.traits.country == 'MX' && person.traits.age >= 18\n",
                    "---\nkind: treatment\nname: action-", i, "-web\nspec: {action: action-", i,
                    ", channel: web, placements: [home], variants: [{name: a, content: {}}]}\n");
  }
  resource::Change change;
  change.documents =
      resource::ParseDocuments(yaml, "bench.yaml", resource::Format::kYaml).documents;
  std::vector<resource::Problem> problems;
  return Catalogue::Compile(resource::ResourceSet().After(change, {}), rule::Vocabulary(),
                            problems);
}

policy::ContactState SomeContacts() {
  policy::ContactState contacts;
  for (uint64_t i = 0; i < 20; ++i) {
    policy::Contact contact;
    const base::DecisionId id{.partition = base::PartitionId{1}, .record = {base::Id128{3, i}}};
    contact.set_decision(id.ToBytes());
    contact.set_action(base::StrCat("action-", i % 20));
    contact.set_group("group-1");
    contact.set_channel("web");
    contact.set_placement("home");
    contact.set_action_class(policy::MARKETING);
    contact.set_stage(policy::EXPOSED);
    contact.set_reserved_at((kNow - base::Hours(static_cast<int64_t>(i))).micros);
    policy::AddContact(contacts, contact);
  }
  return contacts;
}

Decision& MakeOne(const Catalogue& catalogue, const policy::ContactState& contacts, uint64_t number,
                  google::protobuf::Arena& arena) {
  static const BenchPerson person;
  static const learn::Models models;
  DecisionRequest request;
  request.set_placement("home");
  const base::DecisionId id{.partition = base::PartitionId{1}, .record = {base::Id128{5, number}}};
  Decision& decision = *google::protobuf::Arena::CreateMessage<Decision>(&arena);
  BATUTA_CHECK_OK(Decide(request,
                         {.catalogue = catalogue,
                          .models = models,
                          .person = person,
                          .contacts = contacts,
                          .decision = id,
                          .person_id = {},
                          .now = kNow,
                          .hub_seed = 7},
                         decision));
  return decision;
}

void BM_Decide(benchmark::State& state, std::string_view method) {
  const auto catalogue = TwentyActions(method);
  const policy::ContactState contacts = SomeContacts();
  uint64_t number = 0;
  for (auto _ : state) {
    google::protobuf::Arena arena;
    benchmark::DoNotOptimize(MakeOne(*catalogue, contacts, ++number, arena));
  }
  google::protobuf::Arena arena;
  state.counters["trace_bytes"] =
      static_cast<double>(Serialize(MakeOne(*catalogue, contacts, 1, arena)).size());
}
BENCHMARK_CAPTURE(BM_Decide, squarecb, "squarecb");
BENCHMARK_CAPTURE(BM_Decide, greedy, "greedy");
BENCHMARK_CAPTURE(BM_Decide, thompson, "thompson");

void BM_Serialize(benchmark::State& state) {
  const auto catalogue = TwentyActions("squarecb");
  google::protobuf::Arena arena;
  const Decision& decision = MakeOne(*catalogue, SomeContacts(), 1, arena);
  for (auto _ : state) benchmark::DoNotOptimize(Serialize(decision));
}
BENCHMARK(BM_Serialize);

void BM_Replay(benchmark::State& state) {
  const auto catalogue = TwentyActions("squarecb");
  google::protobuf::Arena arena;
  const Decision& decision = MakeOne(*catalogue, SomeContacts(), 1, arena);
  for (auto _ : state) benchmark::DoNotOptimize(Replay(decision));
}
BENCHMARK(BM_Replay);

// With the definitions, as an audit of many does it.
void BM_Audit(benchmark::State& state) {
  const auto catalogue = TwentyActions("squarecb");
  google::protobuf::Arena arena;
  const std::string logged = Serialize(MakeOne(*catalogue, SomeContacts(), 1, arena));
  ReplayAudit audit;
  for (auto _ : state) audit.Add(logged, [&](uint64_t) { return catalogue.get(); });
  BATUTA_CHECK(audit.equal() == audit.all());
}
BENCHMARK(BM_Audit);

}  // namespace
}  // namespace batuta::decision

BENCHMARK_MAIN();
