// Rows 3 and 4: requests of one event, and decisions with twenty candidates, over HTTP in this
// process.
#include <algorithm>
#include <memory>

#include "base/json.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "bench/load.h"
#include "bench/rows.h"
#include "bench/serve.h"
#include "bench/site.h"

namespace batuta::bench {
namespace {

std::vector<std::string> EventRequests(Bench& bench, const Site& site) {
  base::Random random(5, base::Id128{0, bench.events}, "http", "");
  const Draw draw(bench.crowd.size(), /*zipf=*/true);
  std::vector<std::string> requests;
  for (size_t i = 0; i < bench.options.requests; ++i) {
    const bool anonymously = random.Uniform() < bench.options.forwarded;
    requests.push_back(
        PostRequest("/v1/track", site.write(), bench.crowd.Event(draw.Next(random), anonymously)));
  }
  return requests;
}

std::vector<std::string> DecisionRequests(Bench& bench, const Site& site) {
  base::Random random(6, base::Id128{0, static_cast<uint64_t>(WallMicros())}, "http", "");
  std::vector<std::string> requests;
  for (size_t i = 0; i < bench.options.decisions; ++i) {
    const std::string user = bench.crowd.UserId(random.Below(bench.crowd.size()));
    requests.push_back(PostRequest(
        "/v1/decisions", site.secret(),
        base::StrCat(R"({"person":{"userId":")", user, R"("},"placement":"web.home.hero"})")));
  }
  return requests;
}

void MeasureEvents(Bench& bench, const Site& site) {
  const std::string row = "3 single events, 64 conn.";
  Load load(site.port(), kConnections);
  const Served warm = Serve(bench, load, EventRequests(bench, site));
  bench.events += bench.options.requests - warm.result.refused;
  bench.hub.disk().TakeSyncs();
  std::vector<double> rate;
  std::vector<double> cpu;
  std::vector<double> half;
  std::vector<double> most;
  std::vector<double> refused;
  for (size_t i = 0; i < bench.options.repeats; ++i) {
    const Served served = Serve(bench, load, EventRequests(bench, site));
    bench.events += bench.options.requests - served.result.refused;
    refused.push_back(static_cast<double>(served.result.refused));
    rate.push_back(served.result.per_second());
    cpu.push_back(served.cpu);
    half.push_back(served.result.latencies.At(0.5));
    most.push_back(served.result.latencies.At(0.99));
  }
  bench.report.Add(row, "requests a second", "/s", rate, ">= 25000");
  bench.report.Add(row, "CPU per request", "us", cpu);
  bench.report.Add(row, "p50", "us", half);
  bench.report.Add(row, "p99, checkpoints included", "us", most, "<= 20000");
  bench.report.Add(row, "refused with 503", "", refused, "0");
  AddSyncs(bench.report, row, bench.hub.disk().TakeSyncs());
}

// At a rate of its own, which is the same whatever the machine can do at its peak.
void MeasureCalmDecisions(Bench& bench, const Site& site, Load& load) {
  constexpr double kCalm = 1'000;
  const std::string row = base::StrCat("4 decisions of 20, ", kCalm, "/s");
  std::vector<double> cpu;
  std::vector<double> half;
  std::vector<double> most;
  for (size_t i = 0; i < bench.options.repeats; ++i) {
    std::vector<std::string> requests = DecisionRequests(bench, site);
    requests.resize(std::min(requests.size(), size_t{3'000}));
    const Served served = Serve(bench, load, requests, kCalm);
    cpu.push_back(served.cpu);
    half.push_back(served.result.latencies.At(0.5));
    most.push_back(served.result.latencies.At(0.99));
  }
  bench.report.Add(row, "CPU per decision", "us", cpu);
  bench.report.Add(row, "p50", "us", half);
  bench.report.Add(row, "p99", "us", most);
  AddSyncs(bench.report, row, bench.hub.disk().TakeSyncs());
}

void MeasureDecisions(Bench& bench, const Site& site) {
  const std::string row = "4 decisions of 20";
  Load load(site.port(), kConnections);
  MeasurePeakAndHalf(bench, load, row, 60, [&] { return DecisionRequests(bench, site); });
  MeasureCalmDecisions(bench, site, load);
}

// All that were made are made again, from the records of the log.
void MeasureReplay(Bench& bench, const Site& site) {
  const std::string row = "4 decisions of 20";
  Load load(site.port(), 1);
  const std::string answer =
      load.Ask(PostRequest("/v1/decisions:replay", site.secret(), R"({"sample":100000000})"));
  const auto audit = base::ParseJson(answer.substr(answer.find("\r\n\r\n") + 4));
  BATUTA_CHECK_OK(audit.status());
  const auto number = [&audit](std::string_view name) {
    return base::Find(audit->object(), name)->number();
  };
  BATUTA_CHECK(number("equal") > 0 && number("equal") == number("found"),
               "all decisions are the same again");
  bench.report.Add(row, "replayed", "/s", {number("replayed") / number("seconds")}, ">= 100000");
}

}  // namespace

void MeasureRequests(Bench& bench) {
  MeasureEvents(bench, *bench.site);
  const base::Time since = bench.hub.hub().clock().Wall();
  MeasureDecisions(bench, *bench.site);
  MeasureReplay(bench, *bench.site);
  MeasureWhatIf(bench, since);
}

}  // namespace batuta::bench
