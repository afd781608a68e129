// Row 11: decisions for everybody at once, as a job: all are scored among twenty actions, what is
// scarce is given to those worth most, and a file is written. As a dry run; then for a part of them
// recorded.
#include <algorithm>

#include "absl/time/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "bench/load.h"
#include "bench/meter.h"
#include "bench/rows.h"
#include "bench/site.h"

namespace batuta::bench {
namespace {

constexpr size_t kRecorded = 50'000;

base::Value BodyOf(const std::string& answer) {
  auto parsed = base::ParseJson(answer.substr(answer.find("\r\n\r\n") + 4));
  BATUTA_CHECK_OK(parsed.status());
  return *std::move(parsed);
}

std::string TextIn(const base::Value& object, std::string_view field) {
  const base::Value* found = base::Find(object.object(), field);
  return found == nullptr ? "" : found->text();
}

struct Batch {
  double seconds = 0;
  double cpu = 0;  // seconds
  double people = 0;
  double choices = 0;
};

// Starts the job and waits for its end.
Batch DecideAll(Load& load, const Site& site, const std::string& wish) {
  const Meter meter;
  const base::Value started =
      BodyOf(load.Ask(PostRequest("/v1/placements/web.home.hero:decideAll", site.secret(), wish)));
  const std::string id = TextIn(started, "id");
  BATUTA_CHECK(!id.empty(), base::ToJson(started));
  const std::string ask = base::StrCat("GET /v1/jobs/", id, " HTTP/1.1\r\nHost: localhost\r\n",
                                       "Authorization: ", site.secret(), "\r\n\r\n");
  base::Value job;
  do {
    absl::SleepFor(absl::Milliseconds(20));
    job = BodyOf(load.Ask(ask));
  } while (TextIn(job, "state") == "running");
  BATUTA_CHECK(TextIn(job, "state") == "done", base::ToJson(job));
  const base::Value* summary = base::Find(job.object(), "summary");
  BATUTA_CHECK(summary != nullptr);
  const auto number = [&](std::string_view name) {
    return base::Find(summary->object(), name)->number();
  };
  return {.seconds = static_cast<double>(meter.wall()) / 1e6,
          .cpu = static_cast<double>(meter.cpu()) / 1e6,
          .people = number("people"),
          .choices = number("choices")};
}

}  // namespace

void MeasureDecideAll(Bench& bench) {
  const std::string row = "11 decisions for everybody";
  Load load(bench.site->port(), 1);
  const Batch dry = DecideAll(load, *bench.site, R"({"dryRun": true})");
  BATUTA_CHECK(dry.people == static_cast<double>(bench.crowd.size()), "everybody was scored");
  BATUTA_CHECK(dry.choices > 0, "somebody gets something");
  bench.report.Add(row, base::StrCat("dry run for ", dry.people, " people"), "s", {dry.seconds},
                   "<= 60 for 1 M");
  bench.report.Add(row, "CPU per person", "us", {dry.cpu * 1e6 / dry.people});
  const size_t few = std::min(kRecorded, bench.crowd.size());
  const Batch made = DecideAll(load, *bench.site, base::StrCat(R"({"limit": )", few, "}"));
  bench.report.Add(row, base::StrCat("the same, with ", made.choices, " recorded"), "s",
                   {made.seconds});
}

}  // namespace batuta::bench
