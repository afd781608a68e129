// Row 9: how fast new features are found from the history: a behavioural one, which reads one kind
// of event in eight, and one that every event counts for.
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "bench/rows.h"
#include "engine/record.h"
#include "engine/runtime_reach.h"
#include "resource/yaml.h"

namespace batuta::bench {
namespace {

constexpr double kEventsPerSecond = 500'000;

struct Definition {
  const char* name;
  const char* expression;
};
constexpr Definition kDefinitions[] = {
    {"orders above 100 in 90 days",
     R"(events("Order Completed").within("90d").where(e, e.properties.total > 100.0).count())"},
    {"all events", "events().count()"}};

void Define(BenchHub& hub, const std::string& name, const std::string& expression) {
  const std::string yaml =
      base::StrCat("{kind: feature, name: ", name, ", spec: {expression: '", expression, "'}}");
  auto parsed = resource::ParseDocuments(yaml, "bench.yaml", resource::Format::kYaml);
  BATUTA_CHECK(parsed.problems.empty());
  engine::Runtime& runtime = hub.hub().runtime();
  absl::Notification appended;
  runtime.Run(runtime.control(), [&](engine::Fold& fold) {
    const engine::Definitions& now = fold.definitions();
    resource::Change change;
    change.documents = std::move(parsed.documents);
    engine::DefinitionsAsk ask;
    ask.set_replaces(now.version());
    ask.set_resources(now.resources.After(change, {"bench", hub.hub().clock().Wall()}).Encode());
    std::vector<log::Entry> entries;
    entries.push_back({.partition = runtime.control(),
                       .type = static_cast<uint8_t>(engine::RecordType::kDefinitionsAsk),
                       .stamp = hub.hub().clock().Wall(),
                       .id = hub.hub().DrawId(),
                       .payload = ask.SerializeAsString()});
    runtime.AppendInternal(std::move(entries), [&appended](const auto&) { appended.Notify(); });
  });
  appended.WaitForNotification();
}

// In every partition: as many features are defined, and none is being found.
bool AreComplete(BenchHub& hub, size_t features) {
  bool all = true;
  for (uint16_t p = 0; p < kPartitions; ++p) {
    absl::Notification read;
    hub.hub().runtime().Run(base::PartitionId{p}, [&](engine::Fold& fold) {
      all &= fold.definitions().features->set()->features().size() == features &&
             fold.reach().features().empty();
      read.Notify();
    });
    read.WaitForNotification();
  }
  return all;
}

}  // namespace

void MeasureReach(const BenchOptions& options, Report& report) {
  const Folder folder;
  BenchHub hub(folder.path() + "/hub", {.workers = options.workers});
  Crowd crowd(hub.hub().vault(), kPartitions, options.people);
  Latencies ignored;
  hub.Take(crowd.Introductions(0, crowd.size(), 100), ignored);
  hub.Settle();
  const size_t total = options.reach_events;
  for (size_t sent = 0; sent < total;) {
    const size_t some = std::min<size_t>(100'000, total - sent);
    hub.Take(crowd.Events({.events = some, .forwarded = options.forwarded, .zipf = false}),
             ignored);
    hub.Settle();
    sent += some;
  }
  hub.Checkpoint();
  while (hub.hub().StepArchive()) {
  }
  size_t defined = 0;
  for (const Definition& definition : kDefinitions) {
    const uint64_t read_before = hub.hub().reach().progress().events_read;
    const Meter meter;
    Define(hub, base::StrCat("f", ++defined), definition.expression);
    while (!AreComplete(hub, defined)) absl::SleepFor(absl::Milliseconds(2));
    const double seconds = static_cast<double>(meter.wall()) / 1e6;
    const double cpu = static_cast<double>(meter.cpu());
    const auto events = static_cast<double>(hub.hub().reach().progress().events_read - read_before);
    BATUTA_CHECK(events >= static_cast<double>(total), "every event is read");
    const std::string row = base::StrCat("9 reach back, ", definition.name);
    report.Add(row, "events read", "1/s", {events / seconds}, ">= 500 k");
    report.Add(row, "of the limit", "times", {events / seconds / kEventsPerSecond});
    report.Add(row, "CPU per event", "us", {cpu / events});
  }
  hub.Stop();
}

}  // namespace batuta::bench
