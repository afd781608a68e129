// The decisions of row 4 in a simulation: made again in two courses, the real one and one with
// another cap, with everything else that the log holds of that time.
#include <chrono>
#include <optional>

#include "base/status.h"
#include "base/text.h"
#include "bench/bench_hub.h"
#include "bench/meter.h"
#include "bench/rows.h"
#include "resource/yaml.h"
#include "whatif/simulation.h"

namespace batuta::bench {
namespace {

constexpr std::string_view kTighter =
    "{kind: policy, name: seldom, spec: {cap: {scope: person, max: 1, window: 7d}}}\n";

}  // namespace

void MeasureWhatIf(Bench& bench, base::Time since) {
  const std::string row = "4 decisions of 20, what if";
  engine::Hub& hub = bench.hub.hub();
  auto parsed = resource::ParseDocuments(kTighter, "cap.yaml", resource::Format::kYaml);
  whatif::SimulationOptions options;
  options.history = &hub.history();
  options.disk = &hub.disk();
  options.folder = hub.folder() + "/whatif";
  options.hub = hub.vault().HubId();
  options.hub_seed = hub.vault().HubSeed();
  options.partitions = hub.partitions();
  options.threads = bench.options.workers;
  options.author = "bench";
  options.from = since;
  options.change.documents = std::move(parsed.documents);
  BATUTA_CHECK_OK(hub.disk().MakeDirectory(options.folder));
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  std::optional<Clock::time_point> parted;
  uint64_t before = 0;
  uint64_t records = 0;
  options.progress = [&](const whatif::SimulationProgress& progress) {
    if (progress.have_parted && !parted.has_value()) {
      parted = Clock::now();
      before = progress.records;
    }
    records = progress.records;
    return absl::OkStatus();
  };
  const auto compared = whatif::Simulate(options);
  BATUTA_CHECK_OK(compared.status());
  const auto ended = Clock::now();
  BATUTA_CHECK(parted.has_value() && compared->decisions > 0 && compared->changed > 0);
  const auto seconds = [](Clock::duration span) {
    return std::chrono::duration<double>(span).count();
  };
  const double both = seconds(ended - *parted);
  bench.report.Add(row, "simulated", "/s", {static_cast<double>(compared->decisions) / both},
                   ">= 30000");
  bench.report.Add(row, "records in both courses", "/s",
                   {static_cast<double>(records - before) / both});
  bench.report.Add(row, "records until the courses part", "/s",
                   {static_cast<double>(before) / seconds(*parted - began)});
}

}  // namespace batuta::bench
