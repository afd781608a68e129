// The pipeline alone: one decision among twenty candidates of a person with traits and history (the
// goal is 15 µs of CPU time), and one among two hundred with an adaptive model of thirty predictors
// each (over HTTP and durable the goal is 200 µs).
#include <benchmark/benchmark.h>

#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/replay.h"
#include "decision/replay_audit.h"
#include "google/protobuf/arena.h"
#include "learn/predictor_code.h"
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

std::shared_ptr<const Catalogue> CatalogueOf(const std::string& yaml) {
  resource::Change change;
  change.documents =
      resource::ParseDocuments(yaml, "bench.yaml", resource::Format::kYaml).documents;
  std::vector<resource::Problem> problems;
  auto catalogue =
      Catalogue::Compile(resource::ResourceSet().After(change, {}), rule::Vocabulary(), problems);
  BATUTA_CHECK(problems.empty());
  return catalogue;
}

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
  return CatalogueOf(yaml);
}

constexpr int kWideActions = 200;
constexpr int kPredictors = 30;

std::shared_ptr<const Catalogue> WideCompany() {
  std::string yaml = "{kind: model, name: wide, spec: {predictors: [";
  for (int i = 0; i < kPredictors; ++i) {
    base::StrAppend(&yaml, i > 0 ? ", " : "", "{name: p", i, ", value: context.p", i, "}");
  }
  base::StrAppend(
      &yaml, "]}}\n", "---\n{kind: placement, name: home, spec: {channel: web, model: wide}}\n",
      "---\n{kind: policy, name: week, spec: {cap: {scope: action, max: 50, window: 7d}}}\n",
      "---\n{kind: policy, name: gap, spec: {gap: {scope: action, least: 1s}}}\n",
      "---\n{kind: policy, name: no, spec: {suppress: {scope: action, refusals: 3, for: 30d}}}\n");
  for (int i = 0; i < kWideActions; ++i) {
    base::StrAppend(&yaml, "---\n{kind: action, name: action-", i, ", spec: {title: Action ", i,
                    ", group: group-", i % 20, ", value: {amount: \"", 10 + i % 50,
                    ".00\", currency: MXN}, eligible: \"person.traits.country == 'MX'\", ",
                    "suitable: \"person.traits.age >= 18 || context.p", i % kPredictors,
                    " == ", i % 7, "\"}}\n---\n{kind: treatment, name: action-", i,
                    "-web, spec: {action: action-", i,
                    ", channel: web, placements: [home], variants: [{name: a, content: {}}]}}\n");
  }
  return CatalogueOf(yaml);
}

// A third of the predictors are texts of eight values, the others numbers in twelve bins. All of
// them count.
learn::PublishedPredictor WidePredictor(int number, base::Random& random) {
  learn::PublishedPredictor predictor;
  predictor.set_name(base::StrCat("p", number));
  predictor.set_key(learn::PredictorKey(predictor.name()));
  predictor.set_activity(learn::ACTIVE);
  predictor.set_auc(0.6);
  const bool is_text = number % 3 == 0;
  for (int i = 0; i < (is_text ? 8 : 12); ++i) {
    learn::PublishedBin& bin = is_text ? *predictor.add_symbols() : *predictor.add_numbers();
    bin.set_contribution(random.Uniform() - 0.5);
    if (is_text) {
      const std::string text = base::StrCat("v", i);
      bin.add_symbols()->set_code(learn::SymbolCode(text));
      bin.mutable_symbols(0)->set_text(text);
    } else {
      bin.set_from(learn::OrderOf(learn::NumberCode(i * 80)));
    }
  }
  return predictor;
}

learn::Models WideModels() {
  base::Random random(3, base::Id128{}, "bench", "models");
  learn::PublishedModels update;
  update.set_version(1);
  for (int i = 0; i < kWideActions; ++i) {
    learn::PublishedModel& rate = *update.add_models();
    rate.set_action(base::StrCat("action-", i));
    rate.set_placement("home");
    rate.set_alpha(10 + i % 7);
    rate.set_beta(200);
    rate.set_examples(200);
    *update.add_actions() = rate.action();
    learn::PublishedAdaptive& model = *update.add_adaptive();
    model.set_model("wide");
    model.set_action(rate.action());
    model.set_placement("home");
    model.set_base_log_odds(-3);
    model.set_mean(-3);
    model.set_spread(1);
    model.set_maturity(1);
    for (int p = 0; p < kPredictors; ++p) *model.add_predictors() = WidePredictor(p, random);
    for (int bin = 0; bin < 10; ++bin) {
      learn::ClassifierBin& point = *model.add_classifier();
      point.set_centre(10 * bin - 45);
      point.set_propensity(0.01 + bin * 0.01);
    }
  }
  return learn::Models().With(update);
}

base::Fields WideContext(base::Random& random) {
  base::Fields context;
  for (int i = 0; i < kPredictors; ++i) {
    base::SetField(context, base::StrCat("p", i),
                   i % 3 == 0 ? base::TextValue(base::StrCat("v", random.Below(8)))
                              : base::NumberValue(static_cast<double>(random.Below(1000))));
  }
  return context;
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

Decision& MakeOne(const DecisionRequest& request, const Catalogue& catalogue,
                  const learn::Models& models, const policy::ContactState& contacts,
                  uint64_t number, google::protobuf::Arena& arena) {
  static const BenchPerson person;
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

Decision& MakeOne(const Catalogue& catalogue, const policy::ContactState& contacts, uint64_t number,
                  google::protobuf::Arena& arena) {
  static const learn::Models models;
  DecisionRequest request;
  request.set_placement("home");
  return MakeOne(request, catalogue, models, contacts, number, arena);
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

void BM_Wide(benchmark::State& state) {
  const auto catalogue = WideCompany();
  const learn::Models models = WideModels();
  const policy::ContactState contacts = SomeContacts();
  base::Random random(4, base::Id128{}, "bench", "context");
  std::vector<DecisionRequest> requests(64);
  for (DecisionRequest& request : requests) {
    request.set_placement("home");
    *request.mutable_context() = WideContext(random);
  }
  uint64_t number = 0;
  size_t bytes = 0;
  std::vector<char> block(1 << 20);
  for (auto _ : state) {
    google::protobuf::Arena arena(block.data(), block.size());
    ++number;
    Decision& decision =
        MakeOne(requests[number % requests.size()], *catalogue, models, contacts, number, arena);
    benchmark::DoNotOptimize(bytes = Serialize(decision).size());
  }
  google::protobuf::Arena arena;
  const Decision& last = MakeOne(requests[0], *catalogue, models, contacts, 1, arena);
  BATUTA_CHECK(last.trace().candidates(7).has_score());
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(BM_Wide);

void BM_Serialize(benchmark::State& state) {
  const auto catalogue = TwentyActions("squarecb");
  google::protobuf::Arena arena;
  Decision& decision = MakeOne(*catalogue, SomeContacts(), 1, arena);
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
