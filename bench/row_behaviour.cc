// Row 8: the same batches with a hundred segments and sixty features defined, of which each event
// touches five, beside a hub without any.
#include <array>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "bench/rows.h"
#include "engine/record.pb.h"
#include "resource/yaml.h"

namespace batuta::bench {
namespace {

constexpr int kFeatures = 60;
constexpr int kSegments = 100;
constexpr size_t kPeopleMax = 20'000;

// Eight of the names are those that the crowd sends.
constexpr std::array<std::string_view, 12> kNames = {
    "Product Viewed", "Product Added", "Product List Viewed", "Order Completed", "Cart Viewed",
    "Coupon Entered", "Article Read",  "Store Located",       "Never A",         "Never B",
    "Never C",        "Never D"};

// The aggregate that the feature of that number is, compared so that some people fit.
std::string Condition(int feature) {
  const std::string_view name = kNames[static_cast<size_t>(feature) % kNames.size()];
  const std::string_view aggregates[] = {
      ".within('30d').count() >= 3", ".within('90d').sum(e, e.properties.total) > 500.0",
      ".thisWeek().exists()",
      ".where(e, e.properties.total > 100.0).avg(e, e.properties.total) > 0.0",
      ".days_since() < 7"};
  return base::StrCat("events('", name, "')",
                      aggregates[feature / static_cast<int>(kNames.size())]);
}

std::string Company() {
  std::string text = "kind: hub\nname: default\nspec: {currency: EUR, timeZone: Europe/Madrid}\n";
  for (int i = 0; i < kSegments; ++i) {
    std::string rule = Condition(i % kFeatures);
    if (i >= kFeatures) rule += " && person.traits.country == 'MX'";
    base::StrAppend(&text, "---\nkind: segment\nname: s", i, "\nspec: {rule: \"", rule, "\"}\n");
  }
  return text;
}

void Define(BenchHub& hub, const std::string& yaml) {
  auto parsed = resource::ParseDocuments(yaml, "company.yaml", resource::Format::kYaml);
  BATUTA_CHECK(parsed.problems.empty());
  resource::Change change;
  change.documents = std::move(parsed.documents);
  engine::DefinitionsAsk ask;
  ask.set_resources(
      resource::ResourceSet().After(change, {.author = "bench", .time = {}}).Encode());
  const base::PartitionId control{hub.hub().partitions()};
  BATUTA_CHECK_OK(hub.hub().runtime().Append(
      {{.partition = control,
        .type = static_cast<uint8_t>(engine::RecordType::kDefinitionsAsk),
        .stamp = hub.hub().clock().Wall(),
        .id = hub.hub().DrawId(),
        .payload = ask.SerializeAsString()}},
      nullptr));
  hub.Settle();
  hub.hub().runtime().Run(base::PartitionId{0}, [](engine::Fold& fold) {
    BATUTA_CHECK(fold.definitions().segments->all().size() == kSegments);
    BATUTA_CHECK(fold.definitions().features->set()->features().size() == kFeatures);
  });
  hub.Settle();
}

// A hub and the people in it.
struct Side {
  Side(const BenchOptions& options, const std::string& folder)
      : hub(folder, {.workers = options.workers}),
        crowd(hub.hub().vault(), kPartitions, std::min(options.people, kPeopleMax)) {}

  void Begin() {
    hub.Take(crowd.Introductions(0, crowd.size(), 100), acknowledged);
    hub.Settle();
  }
  // Microseconds of CPU an event.
  double Run(const Traffic& traffic) {
    const Bodies bodies = crowd.Events(traffic);
    const Meter meter;
    hub.Take(bodies, acknowledged);
    hub.Settle();
    return static_cast<double>(meter.cpu()) / static_cast<double>(traffic.events);
  }

  BenchHub hub;
  Crowd crowd;
  Latencies acknowledged;
};

}  // namespace

void MeasureBehaviour(const BenchOptions& options, Report& report) {
  const std::string row = "8 behaviour: 100 segments, 60 features, 5 touched";
  const Folder folder;
  Side plain(options, folder.path() + "/plain");
  Side defined(options, folder.path() + "/defined");
  Define(defined.hub, Company());
  plain.Begin();
  defined.Begin();
  const Traffic traffic = {
      .events = options.events, .batch = 100, .forwarded = options.forwarded, .zipf = true};
  plain.Run(traffic);  // warm-up
  defined.Run(traffic);
  std::vector<double> without;
  std::vector<double> with;
  std::vector<double> ratio;
  for (size_t i = 0; i < options.repeats; ++i) {
    without.push_back(plain.Run(traffic));
    with.push_back(defined.Run(traffic));
    ratio.push_back(100 * without.back() / with.back());
  }
  report.Add(row, "CPU per event without", "us", without);
  report.Add(row, "CPU per event with", "us", with);
  report.Add(row, "throughput per CPU, of that without", "%", ratio, ">= 70");
  plain.hub.Stop();
  defined.hub.Stop();
}

}  // namespace batuta::bench
