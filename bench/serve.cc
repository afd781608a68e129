#include "bench/serve.h"

#include <cstdio>

#include "base/status.h"
#include "base/text.h"
#include "bench/meter.h"

namespace batuta::bench {

Served Serve(Bench& bench, Load& load, const std::vector<std::string>& requests, double rate) {
  bench.hub.hub().runtime().RequestCheckpoints();  // written while the requests come in
  const int64_t generator = ThreadCpuMicros();
  Meter meter;
  Served served;
  served.result = load.Run(requests, rate);
  meter.Exclude(ThreadCpuMicros() - generator);
  bench.hub.Settle();
  served.cpu = static_cast<double>(meter.cpu()) / static_cast<double>(requests.size());
  if (served.result.failed > 0) std::fprintf(stderr, "%s\n", served.result.failure.c_str());
  BATUTA_CHECK(served.result.failed == 0, "every request is answered with 2xx or 503");
  return served;
}

void MeasurePeakAndHalf(Bench& bench, Load& load, const std::string& row, int cpu_goal,
                        const std::function<std::vector<std::string>()>& draw) {
  Serve(bench, load, draw());  // warm-up
  const Served peak = Serve(bench, load, draw());
  bench.report.Add(row, "peak", "/s", {peak.result.per_second()});
  bench.report.Add(row, "CPU per decision at the peak", "us", {peak.cpu});
  bench.hub.disk().TakeSyncs();
  std::vector<double> cpu;
  std::vector<double> half;
  std::vector<double> most;
  std::vector<double> refused;
  for (size_t i = 0; i < bench.options.repeats; ++i) {
    const Served served = Serve(bench, load, draw(), peak.result.per_second() / 2);
    cpu.push_back(served.cpu);
    half.push_back(served.result.latencies.At(0.5));
    most.push_back(served.result.latencies.At(0.99));
    refused.push_back(static_cast<double>(served.result.refused));
  }
  bench.report.Add(row, "CPU per decision at half the peak", "us", cpu,
                   base::StrCat("<= ", cpu_goal));
  bench.report.Add(row, "p50 at half the peak", "us", half);
  bench.report.Add(row, "p99 at half the peak", "us", most, "<= 2000 + fdatasync p99");
  bench.report.Add(row, "refused with 503", "", refused, "0");
  AddSyncs(bench.report, row, bench.hub.disk().TakeSyncs());
}

}  // namespace batuta::bench
