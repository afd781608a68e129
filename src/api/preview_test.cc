// Previews of rules that ask for what nobody has counted: what they say is what publishing gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "http/target.h"

namespace batuta::api {
namespace {

class Preview : public testing::Test {
 protected:
  explicit Preview(ApiOptions options = {}) : hub_(std::move(options)) {}

  // Calls of one batch are sent together.
  void Add(const std::string& call) { base::StrAppend(&batch_, batch_.empty() ? "" : ",", call); }
  void Send() {
    const TestAnswer taken = hub_.Ingest("/v1/batch", base::StrCat(R"({"batch":[)", batch_, "]}"));
    EXPECT_EQ(taken.status, 200) << taken.body;
    batch_.clear();
  }
  static std::string Order(std::string_view who, double total, absl::Duration ago) {
    return base::StrCat(R"({"type":"track","event":"Order Completed",)", who, R"(,"timestamp":")",
                        Ago(ago), R"(","properties":{"total":)", total, "}}");
  }
  static std::string Ago(absl::Duration ago) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now() - ago, absl::UTCTimeZone());
  }
  static std::string User(int number) { return base::StrCat(R"("userId":"u)", number, "\""); }

  void Define(const std::string& yaml) {
    const TestAnswer applied = hub_.Call({.method = http::Method::kPost,
                                          .target = "/v1/resources:apply",
                                          .body = yaml,
                                          .key = hub_.keys().secret_key,
                                          .headers = {{"Content-Type", "application/yaml"}}});
    ASSERT_EQ(applied.status, 200) << applied.body;
  }
  TestAnswer Of(std::string_view rule, bool is_estimate = false) {
    return hub_.Post("/v1/segments:preview", base::StrCat(R"({"rule":")", rule, R"(","estimate":)",
                                                          is_estimate ? "true" : "false", "}"));
  }
  // Waits until the members of the segment have been found.
  TestAnswer CountOf(std::string_view segment) {
    TestAnswer counted;
    for (int i = 0; i < 4000; ++i) {
      counted = hub_.Get(base::StrCat("/v1/segments/", segment, ":count"));
      if (counted.At("state") != "finding") break;
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_EQ(counted.At("state"), "ready");
    return counted;
  }
  // Publishes it, and waits.
  std::string Published(std::string_view name, std::string_view rule) {
    Define(base::StrCat("{kind: segment, name: ", name, ", spec: {rule: \"", rule, "\"}}\n"));
    return CountOf(name).At("count");
  }

  TestHub hub_;
  std::string batch_;
};

TEST_F(Preview, CountsFromTheHistoryWhatNobodyHasCounted) {
  for (int i = 0; i < 40; ++i) {
    Add(base::StrCat(R"({"type":"identify",)", User(i), R"(,"traits":{"plan":")",
                     i % 2 == 0 ? "gold" : "basic", "\"}}"));
    for (int order = 0; order < i % 5; ++order) {
      Add(Order(User(i), 20.0 * order, absl::Hours(24 * order)));
    }
  }
  Send();
  constexpr std::string_view kRule =
      "person.traits.plan == 'gold' && "
      "events('Order Completed').where(o, o.properties.total >= 20.0).count() >= 2";
  const TestAnswer preview = Of(kRule);
  ASSERT_EQ(preview.status, 200) << preview.body;
  // Of five the fourth and the fifth, and of these every other.
  EXPECT_EQ(preview.At("count"), "8") << preview.body;
  EXPECT_EQ(preview.At("exact"), "true");
  EXPECT_EQ(preview.At("people"), "40");
  EXPECT_EQ(preview.At("asked"), "40");
  EXPECT_EQ(preview.At("conditions.0.count"), "20");
  EXPECT_EQ(preview.At("conditions.1.count"), "16");
  EXPECT_TRUE(preview.At("sample.7").starts_with("per_"));
  EXPECT_EQ(Published("loyal", kRule), "8");
}

TEST_F(Preview, OfAWindowIsAsOfNowAlsoWhenNothingHappens) {
  Add(Order(User(1), 10, absl::ZeroDuration()));
  Add(Order(User(2), 10, absl::Hours(2)));
  Send();
  constexpr std::string_view kRule = "events('Order Completed').within('2s').exists()";
  absl::SleepFor(absl::Seconds(2));
  EXPECT_EQ(Of(kRule).At("count"), "0");
  EXPECT_EQ(Of("events('Order Completed').within('1h').exists()").At("count"), "1");
  EXPECT_EQ(Published("lately", kRule), "0");
}

TEST_F(Preview, ReadsFeaturesByNameThatAreBeingFound) {
  for (int i = 0; i < 30; ++i) Add(Order(User(i), i, absl::Hours(1)));
  Send();
  Define(
      R"yaml({kind: feature, name: spent, spec: {expression: 'events("Order Completed").sum(e, e.properties.total)'}})yaml");
  EXPECT_EQ(Of("feature.spent >= 20.0").At("count"), "10");
  EXPECT_EQ(Of("feature.spent >= 20.0 && events('Order Completed').max(e, e.properties.total) < "
               "25.0")
                .At("count"),
            "5");
}

TEST_F(Preview, AsksNobodyForEventsWhoHasNone) {
  Add(base::StrCat(R"({"type":"identify",)", User(1), R"(,"traits":{"plan":"gold"}})"));
  Add(Order(User(2), 10, absl::Hours(1)));
  Send();
  EXPECT_EQ(Of("events('Order Completed').count() == 0").At("count"), "1");
  EXPECT_EQ(Of("events('Never Heard Of').count() == 0").At("count"), "2");
  EXPECT_EQ(Of("events('identify').count() == 1").At("count"), "1");
  EXPECT_EQ(Of("events('Order Completed').last(e, e.properties.total) > 5.0").At("count"), "1");
}

TEST_F(Preview, OfARuleThatIsWrongSaysSo) {
  const TestAnswer wrong = Of("events('A').within('9x').count() > 1");
  EXPECT_EQ(wrong.status, 422) << wrong.body;
  EXPECT_THAT(wrong.At("errors.0.detail"), testing::StartsWith("1:"));
}

TEST_F(Preview, OfThousandsIsEstimatedFromTheirHistory) {
  constexpr int kPeople = 5000;
  for (int i = 0; i < kPeople; ++i) {
    Add(Order(User(i), i % 4 * 100.0, absl::Hours(i % 100)));
    if (i % 1000 == 999) Send();
  }
  constexpr std::string_view kRule =
      "events('Order Completed').sum(e, e.properties.total) == 100.0";
  const TestAnswer estimate = Of(kRule, /*is_estimate=*/true);
  ASSERT_EQ(estimate.status, 200) << estimate.body;
  EXPECT_EQ(estimate.At("exact"), "false");
  EXPECT_EQ(estimate.At("people"), "5000");
  EXPECT_GE(std::stod(estimate.At("asked")), 2000);
  EXPECT_LT(std::abs(std::stod(estimate.At("count")) - kPeople / 4),
            2 * std::stod(estimate.At("error")));
  EXPECT_LT(std::stod(estimate.At("error")), 130);
  EXPECT_EQ(Of(kRule).At("count"), "1250");
}

// ---- Against publishing

// People who turn out to be one, events that come late, windows, and the memory for few at a time.
class PreviewInRounds : public Preview {
 protected:
  PreviewInRounds() : Preview({.preview_bytes = 20'000}) {}
};

constexpr std::string_view kRules[] = {
    "events('Order Completed').count() >= 3",
    "events('Order Completed').within('30d').count() >= 2",
    "events('Order Completed').within('7d').sum(e, e.properties.total) > 200.0",
    "events('Order Completed').within('90d').where(e, e.properties.total > 150.0).exists() && "
    "!events('Order Returned').within('90d').exists()",
    "events('Order Completed').last(e, e.properties.total) < 100.0",
    "events('page: Pricing').lastDays(5).count() >= 1 || person.traits.plan == 'gold'",
    "events('Order Completed').days_since() > 10",
    "events().sessions('30m') >= 2",
    "sequence('2d', step(a, 'page: Pricing'), step(b, 'Order Completed')).within('60d').exists()",
    "events('Order Completed').not_followed_by('Order Returned', '3d').within('60d').count() >= 2",
    "'gold' in person.segments && events('Order Completed').thisMonth().exists()",
    "events('Order Completed').distinct(e, e.properties.total) >= 3",
};

TEST_F(PreviewInRounds, SaysWhatPublishingGives) {
  Define("{kind: segment, name: gold, spec: {rule: \"person.traits.plan == 'gold'\"}}\n");
  base::Random random(7, {}, "test", "");
  constexpr int kPeople = 150;
  for (int i = 0; i < 2000; ++i) {
    const int who = static_cast<int>(random.Below(kPeople));
    // Some are known by a device alone, and turn out to be somebody.
    const std::string device = base::StrCat(R"("anonymousId":"d)", who, "\"");
    const std::string id = random.Below(3) == 0 ? device : User(who);
    const absl::Duration ago = absl::Minutes(random.Below(100 * 24 * 60));
    const std::string rest = base::StrCat(id, R"(,"timestamp":")", Ago(ago), "\"");
    switch (random.Below(8)) {
      case 0:
        Add(base::StrCat(R"({"type":"identify","traits":{"plan":")",
                         random.Below(3) == 0 ? "gold" : "basic", "\"},", rest, "}"));
        break;
      case 1:
        Add(base::StrCat(R"({"type":"identify",)", User(who), ",", device, "}"));
        break;
      case 2:
        Add(base::StrCat(R"({"type":"page","name":"Pricing",)", rest, "}"));
        break;
      case 3:
        Add(base::StrCat(R"({"type":"track","event":"Order Returned",)", rest, "}"));
        break;
      default:
        Add(Order(id, static_cast<double>(random.Below(4)) * 60, ago));
    }
    if (i % 200 == 199) Send();
  }
  std::vector<std::string> previews;
  std::string yaml;
  for (size_t i = 0; i < std::size(kRules); ++i) {
    const TestAnswer preview = Of(kRules[i]);
    EXPECT_EQ(preview.At("exact"), "true") << preview.body;
    previews.push_back(preview.At("count"));
    base::StrAppend(&yaml, "---\nkind: segment\nname: s", i, "\nspec: {rule: \"", kRules[i],
                    "\"}\n");
  }
  Define(yaml);
  int some = 0;
  for (size_t i = 0; i < std::size(kRules); ++i) {
    EXPECT_EQ(CountOf(base::StrCat("s", i)).At("count"), previews[i]) << kRules[i];
    EXPECT_EQ(Of(kRules[i]).At("count"), previews[i]) << "also when it is counted: " << kRules[i];
    some += previews[i] != "0" ? 1 : 0;
  }
  EXPECT_EQ(some, std::size(kRules)) << "every rule is one that somebody fits";
}

TEST_F(PreviewInRounds, SeveralWaitForEachOther) {
  for (int i = 0; i < 200; ++i) Add(Order(User(i), i, absl::Hours(1)));
  Send();
  std::vector<std::thread> clients;
  std::vector<std::string> counts(4);
  for (size_t i = 0; i < counts.size(); ++i) {
    clients.emplace_back([this, i, &counts] {
      counts[i] =
          Of(base::StrCat("events('Order Completed').sum(e, e.properties.total) >= ", i, ".0"))
              .At("count");
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_THAT(counts, testing::ElementsAre("200", "199", "198", "197"));
}

// ---- Clients that go away

class Gone : public http::ResponseSink {
 public:
  void Deliver(http::Response) override { delivered_.Notify(); }
  bool Cancelled() const override { return true; }
  bool Wait() { return delivered_.WaitForNotificationWithTimeout(absl::Seconds(30)); }

 private:
  absl::Notification delivered_;
};

TEST_F(Preview, StopsWhenTheClientHasGoneAndLetsTheNextBegin) {
  for (int i = 0; i < 20; ++i) Add(Order(User(i), i, absl::Hours(1)));
  Send();
  http::Request request;
  request.method = http::Method::kPost;
  request.target = "/v1/segments:preview";
  ASSERT_TRUE(http::ParseTarget(&request));
  request.headers.Add("Authorization", "Bearer " + hub_.keys().secret_key);
  const std::string body = R"json({"rule":"events('Order Completed').count() > 1"})json";
  request.body.reserve(body.size() + http::kBodyPadding);
  request.body = body;
  request.has_body = true;
  auto gone = std::make_shared<Gone>();
  hub_.api().Hooks().handler(std::move(request), http::Responder(gone));
  EXPECT_TRUE(gone->Wait());
  EXPECT_EQ(Of("events('Order Completed').count() >= 1").At("count"), "20");
}

}  // namespace
}  // namespace batuta::api
