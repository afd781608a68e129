// Row 12: decisions over two hundred actions with rules, policies and an adaptive model of thirty
// predictors each, over HTTP.
#include <cstdio>

#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "bench/load.h"
#include "bench/rows.h"
#include "bench/serve.h"
#include "bench/site.h"

namespace batuta::bench {
namespace {

constexpr int kActions = 200;
constexpr int kGroups = 20;
constexpr int kPredictors = 30;
constexpr int kExamples = 150;  // of each action

std::string Company() {
  std::string text = "{kind: model, name: wide, spec: {predictors: [";
  for (int i = 0; i < kPredictors; ++i) {
    text += base::StrCat(i > 0 ? ", " : "", "{name: p", i, ", value: context.p", i, "}");
  }
  text += "]}}\n";
  text +=
      "---\n{kind: placement, name: web.wide, spec: {channel: web, slots: 1, exposure: impression, "
      "model: wide, choice: {method: squarecb}}}\n"
      "---\n{kind: policy, name: wide-week, spec: {cap: {scope: action, max: 50, window: 7d}}}\n"
      "---\n{kind: policy, name: wide-gap, spec: {gap: {scope: action, least: 1s}}}\n"
      "---\n{kind: policy, name: wide-no, spec: {suppress: {scope: action, refusals: 3, for: "
      "30d}}}\n";
  for (int i = 0; i < kGroups; ++i) {
    text += base::StrCat("---\n{kind: group, name: wide-", i, ", spec: {title: Group ", i,
                         ", eligible: \"person.traits.country == 'MX'\"}}\n");
  }
  for (int i = 0; i < kActions; ++i) {
    text += base::StrCat(
        "---\n{kind: action, name: wide-offer-", i, ", spec: {title: Offer ", i, ", group: wide-",
        i % kGroups, ", value: {amount: \"", 10 + i % 50,
        ".00\", currency: MXN}, suitable: \"person.traits.plan in ['gold', 'silver'] || context.p",
        i % kPredictors, " > ", i % 7, ".0\"}}\n---\n{kind: treatment, name: wide-offer-", i,
        "-web, spec: {action: wide-offer-", i,
        ", channel: web, placements: [web.wide], variants: [{name: a, content: {}}]}}\n");
  }
  return text;
}

// A third of the predictors are texts of eight values, the others numbers.
struct Visit {
  std::string context;
  double drawn = 0;  // from 0 to 1: how high they are on average
};

Visit VisitOf(base::Random& random) {
  Visit visit;
  for (int i = 0; i < kPredictors; ++i) {
    base::StrAppend(&visit.context, i > 0 ? "," : "{", "\"p", i, "\":");
    const uint64_t number = random.Below(i % 3 == 0 ? 8 : 1000);
    if (i % 3 == 0) {
      base::StrAppend(&visit.context, "\"v", number, "\"");
    } else {
      base::StrAppend(&visit.context, number);
    }
    visit.drawn += static_cast<double>(number) / (i % 3 == 0 ? 8 : 1000) / kPredictors;
  }
  visit.context += "}";
  return visit;
}

// What came of random choices of before, so that each action has a model of its own in which many
// predictors count: who has high ones accepts.
void Teach(Bench& bench, const Site& site) {
  base::Random random(8, base::Id128{}, "wide", "examples");
  const std::string time = base::FormatRfc3339(bench.hub.hub().clock().Wall() - base::Hours(1));
  Load load(site.port(), 1);
  for (int round = 0; round < kExamples; ++round) {
    std::string batch;
    for (int action = 0; action < kActions; ++action) {
      const Visit visit = VisitOf(random);
      base::StrAppend(
          &batch, batch.empty() ? "" : ",", R"({"id":"w)", round, "-", action,
          R"(","person":{"userId":")", bench.crowd.UserId(random.Below(bench.crowd.size())),
          R"("},"placement":"web.wide","time":")", time, R"(","action":"wide-offer-)", action,
          R"(","probability":0.005,"outcome":")", visit.drawn > 0.55 ? "accepted" : "ignored",
          R"(","context":)", visit.context, "}");
    }
    const std::string answer = load.Ask(PostRequest("/v1/decisions:import", site.secret(),
                                                    base::StrCat(R"({"batch":[)", batch, "]}")));
    const bool is_taken = answer.find(base::StrCat(R"("accepted":)", kActions)) < answer.size();
    if (!is_taken) std::fprintf(stderr, "%s\n", answer.c_str());
    BATUTA_CHECK(is_taken, "what was decided before is taken");
  }
  bench.hub.Settle();
}

// How many predictors contribute to the models of the best candidates, on average.
double CountContributions(Bench& bench, const Site& site) {
  base::Random random(10, base::Id128{}, "wide", "asked");
  Load load(site.port(), 1);
  const std::string answer = load.Ask(PostRequest(
      "/v1/decisions", site.secret(),
      base::StrCat(R"({"person":{"userId":")", bench.crowd.UserId(0),
                   R"("},"placement":"web.wide","dryRun":true,"explain":"full","context":)",
                   VisitOf(random).context, "}")));
  const auto count = [&](std::string_view part) {
    double all = 0;
    for (size_t at = answer.find(part); at < answer.size(); at = answer.find(part, at + 1)) ++all;
    return all;
  };
  const double models = count("\"contributions\"");
  return models == 0 ? 0 : count("\"logOdds\"") / models;
}

std::vector<std::string> Requests(Bench& bench, const Site& site) {
  base::Random random(9, base::Id128{0, static_cast<uint64_t>(WallMicros())}, "wide", "");
  std::vector<std::string> requests;
  for (size_t i = 0; i < bench.options.decisions / 2; ++i) {
    const std::string user = bench.crowd.UserId(random.Below(bench.crowd.size()));
    requests.push_back(PostRequest(
        "/v1/decisions", site.secret(),
        base::StrCat(R"({"person":{"userId":")", user, R"("},"placement":"web.wide","context":)",
                     VisitOf(random).context, "}")));
  }
  return requests;
}

}  // namespace

void MeasureWide(Bench& bench) {
  bench.site->Apply(Company());
  Teach(bench, *bench.site);
  const double active = CountContributions(bench, *bench.site);
  BATUTA_CHECK(active > 0, "decisions are made by adaptive models");
  bench.report.Add("12 decisions of 200, 30 predictors", "predictors that count, of a model", "",
                   {active});
  Load load(bench.site->port(), kConnections);
  MeasurePeakAndHalf(bench, load, "12 decisions of 200, 30 predictors", 200,
                     [&] { return Requests(bench, *bench.site); });
}

}  // namespace batuta::bench
