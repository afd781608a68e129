// Row 10: how long the preview of a rule takes: an estimate, and the exact number, on features that
// are kept and on aggregates that nobody has counted, for which the events are read.
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "api/api.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "bench/rows.h"
#include "http/target.h"

namespace batuta::bench {
namespace {

constexpr size_t kEventsPerPerson = 3;
constexpr size_t kPeopleAtOnce = 50'000;

constexpr std::string_view kCompany = R"(
kind: hub
name: default
spec: {currency: EUR, timeZone: Europe/Madrid}
---
kind: feature
name: orders
spec: {expression: 'events("Order Completed").within("90d").count()'}
---
kind: feature
name: spent
spec: {expression: 'events("Order Completed").sum(e, e.properties.total)'}
)";

constexpr std::string_view kKept =
    "person.traits.plan == 'gold' && feature.orders >= 1 && feature.spent > 200.0";

struct NewRule {
  const char* name;
  const char* rule;
};
constexpr NewRule kNew[] = {
    {"one kind in eight",
     "events('Product Viewed').within('90d').where(e, e.properties.total > 100.0).count() >= 1"},
    {"all events", "events().count() >= 3"}};

class Answer : public http::ResponseSink {
 public:
  void Deliver(http::Response response) override {
    response_ = std::move(response);
    delivered_.Notify();
  }
  bool Cancelled() const override { return false; }
  http::Response Wait() {
    delivered_.WaitForNotification();
    return std::move(response_);
  }

 private:
  http::Response response_;
  absl::Notification delivered_;
};

// The API without a server.
class Caller {
 public:
  explicit Caller(BenchHub& hub) {
    auto api = api::Api::Create(hub.hub(), {});
    BATUTA_CHECK_OK(api.status());
    api_ = *std::move(api);
    auto keys = api_->CreateFirstKeys();
    BATUTA_CHECK_OK(keys.status());
    key_ = "Bearer " + keys->secret_key;
    api_->EndStart();
  }
  base::Value Post(std::string_view path, std::string_view body, std::string_view type) {
    http::Request request;
    request.method = http::Method::kPost;
    request.target = std::string(path);
    BATUTA_CHECK(http::ParseTarget(&request));
    request.headers.Add("Authorization", key_);
    request.headers.Add("Content-Type", std::string(type));
    request.body.reserve(body.size() + http::kBodyPadding);
    request.body = std::string(body);
    request.has_body = true;
    auto answer = std::make_shared<Answer>();
    api_->Hooks().handler(std::move(request), http::Responder(answer));
    const http::Response response = answer->Wait();
    BATUTA_CHECK(response.status == http::Status::kOk, response.body);
    auto json = base::ParseJson(response.body);
    BATUTA_CHECK_OK(json.status());
    return *std::move(json);
  }

 private:
  std::unique_ptr<api::Api> api_;
  std::string key_;
};

struct Asked {
  double seconds = 0;
  double cpu = 0;  // seconds
  double count = 0;
  double people = 0;  // asked
};

Asked AskFor(Caller& caller, std::string_view rule, bool is_estimate) {
  const Meter meter;
  const base::Value answer = caller.Post(
      "/v1/segments:preview",
      base::StrCat(R"({"rule":")", rule, R"(","estimate":)", is_estimate ? "true" : "false", "}"),
      "application/json");
  const auto number = [&](const char* name) { return base::Find(answer.object(), name)->number(); };
  return {.seconds = static_cast<double>(meter.wall()) / 1e6,
          .cpu = static_cast<double>(meter.cpu()) / 1e6,
          .count = number("count"),
          .people = number("asked")};
}

void Fill(BenchHub& hub, Crowd& crowd, double forwarded) {
  Latencies ignored;
  for (size_t first = 0; first < crowd.size(); first += kPeopleAtOnce) {
    const size_t last = std::min(first + kPeopleAtOnce, crowd.size());
    hub.Take(crowd.Introductions(first, last, 100), ignored);
    hub.Settle();
  }
  for (size_t sent = 0; sent < crowd.size() * kEventsPerPerson; sent += kPeopleAtOnce) {
    const size_t some = std::min(kPeopleAtOnce, crowd.size() * kEventsPerPerson - sent);
    hub.Take(crowd.Events({.events = some, .forwarded = forwarded, .zipf = false}), ignored);
    hub.Settle();
  }
  hub.Checkpoint();
  while (hub.hub().StepArchive()) {
  }
}

}  // namespace

void MeasurePreview(const BenchOptions& options, Report& report) {
  const Folder folder;
  BenchHub hub(folder.path() + "/hub", {.workers = options.workers});
  Crowd crowd(hub.hub().vault(), kPartitions, options.preview_people);
  {
    Caller caller(hub);
    caller.Post("/v1/resources:apply", kCompany, "application/yaml");
    Fill(hub, crowd, options.forwarded);
    const auto people = static_cast<double>(crowd.size());
    const std::string of = base::StrCat("10 preview, ", crowd.size(), " people, ");
    const auto measure = [&](const std::string& row, std::string_view rule) {
      std::vector<double> estimates;
      std::vector<double> exacts;
      std::vector<double> cpu;
      for (size_t i = 0; i < options.repeats; ++i) {
        estimates.push_back(AskFor(caller, rule, true).seconds * 1000);
        const Asked exact = AskFor(caller, rule, false);
        BATUTA_CHECK(exact.people == people, "everybody is asked");
        exacts.push_back(exact.seconds);
        cpu.push_back(exact.cpu / people * 1e6);
      }
      report.Add(row, "estimate", "ms", estimates, "<= 300");
      report.Add(row, "CPU per person, exact", "us", cpu);
      return exacts;
    };
    const std::string kept = of + "kept features";
    report.Add(kept, "exact", "s", measure(kept, kKept), "<= 2 of 1 M");
    for (const NewRule& one : kNew) {
      const std::string row = of + "new: " + one.name;
      const std::vector<double> exacts = measure(row, one.rule);
      report.Add(row, "exact", "s", exacts);
      std::vector<double> rates;
      for (const double seconds : exacts)
        rates.push_back(people * (kEventsPerPerson + 1) / seconds);
      report.Add(row, "events in the hub", "1/s", rates, ">= 500 k");
    }
    report.Note(base::StrCat("row 10: ", ResidentBytes() >> 20, " MiB resident at its end"));
    hub.Stop();
  }
}

}  // namespace batuta::bench
