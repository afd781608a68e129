#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using http::Method;
using testing::HasSubstr;

constexpr std::string_view kAsk = R"({"person":{"userId":"u1"},"placement":"web.home.hero"})";

class Decisions : public testing::Test {
 protected:
  // Asks for new people until one gets an action; "" never.
  TestAnswer AskUntilAction() {
    for (int i = 0; i < 200; ++i) {
      TestAnswer answer = hub_.Post(
          "/v1/decisions",
          base::StrCat(R"({"person":{"userId":"p)", i, R"("},"placement":"web.home.hero"})"));
      if (answer.At("actions.0.nothing") == "false") return answer;
    }
    ADD_FAILURE() << "nobody got an action";
    return {};
  }

  TestAnswer AskWithKey(std::string_view body, std::string_view idempotency_key) {
    return hub_.Call({.method = Method::kPost,
                      .target = "/v1/decisions",
                      .body = std::string(body),
                      .key = hub_.keys().secret_key,
                      .headers = {{"Idempotency-Key", std::string(idempotency_key)}}});
  }

  TestHub hub_;
};

TEST_F(Decisions, AnAnswerSaysWhatToShowAndWithWhichProbability) {
  const TestAnswer answer = AskUntilAction();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.At("placement"), "web.home.hero");
  EXPECT_EQ(answer.At("actions.0.action"), "plain-card");  // nobody states a country
  EXPECT_EQ(answer.At("actions.0.title"), "Tarjeta");
  EXPECT_EQ(answer.At("actions.0.content.headline"), "Sola");
  EXPECT_EQ(answer.At("identity"), "settled");
}

TEST_F(Decisions, ADecisionCanBeReadExplainedAndReplayed) {
  const TestAnswer made = hub_.Post("/v1/decisions", kAsk);
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string path = "/v1/decisions/" + made.At("id");
  const TestAnswer read = hub_.Get(path);
  EXPECT_EQ(read.At("actions"), made.At("actions"));
  EXPECT_EQ(read.At("time"), made.At("time"));
  const TestAnswer english = hub_.Get(path + "/explanation?lang=en");
  EXPECT_THAT(english.At("summary"), HasSubstr("with probability"));
  EXPECT_THAT(hub_.Get(path + "/explanation?lang=es").At("summary"), HasSubstr("con probabilidad"));
  const TestAnswer accepted = hub_.Call({.target = path + "/explanation",
                                         .key = hub_.keys().secret_key,
                                         .headers = {{"Accept-Language", "es-MX,es;q=0.9,en"}}});
  EXPECT_THAT(accepted.At("summary"), HasSubstr("con probabilidad"));
  EXPECT_EQ(english.json.object().fields().empty(), false);
  const TestAnswer replayed = hub_.Post(path + ":replay", "{}");
  EXPECT_EQ(replayed.At("equal"), "true") << replayed.body;
  EXPECT_EQ(replayed.At("from"), "trace and definitions");
}

TEST_F(Decisions, ManyAreMadeAgainAndAllAreTheSame) {
  for (int i = 0; i < 60; ++i) {
    hub_.Post("/v1/decisions",
              base::StrCat(R"({"person":{"userId":"p)", i, R"("},"placement":"web.home.hero"})"));
  }
  const TestAnswer all = hub_.Post("/v1/decisions:replay", "{}");
  ASSERT_EQ(all.status, 200) << all.body;
  EXPECT_EQ(all.At("found"), "60");
  EXPECT_EQ(all.At("replayed"), "60");
  EXPECT_EQ(all.At("equal"), "60");
  EXPECT_EQ(all.At("different"), "0");
  const TestAnswer some = hub_.Post("/v1/decisions:replay", R"({"sample": 20})");
  EXPECT_EQ(some.At("found"), "60");
  EXPECT_GT(std::stoi(some.At("replayed")), 5);
  EXPECT_LT(std::stoi(some.At("replayed")), 40);
  EXPECT_EQ(some.At("equal"), some.At("replayed"));
  EXPECT_EQ(hub_.Post("/v1/decisions:replay", R"({"sample": 0})").status, 422);
  EXPECT_EQ(hub_.Post("/v1/decisions:replay", R"({"samples": 5})").status, 422);
}

TEST_F(Decisions, APersonIsNamedByIdAsWell) {
  const std::string by_user = hub_.Post("/v1/decisions", kAsk).At("personId");
  const std::string body =
      base::StrCat(R"({"person":{"id":")", by_user, R"("},"placement":"web.home.hero"})");
  const TestAnswer made = hub_.Post("/v1/decisions", body);
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.At("personId"), by_user);
  const TestAnswer once = AskWithKey(body, "by-id");
  EXPECT_EQ(AskWithKey(body, "by-id").At("id"), once.At("id"));
  EXPECT_EQ(hub_.Get("/v1/people/user_id:u1/timeline").At("data.2.kind"), "decision");
  EXPECT_EQ(hub_.Send(Method::kDelete, "/v1/people/user_id:u1", "").status, 200);
  const TestAnswer gone = hub_.Post("/v1/decisions", body);
  EXPECT_EQ(gone.status, 404) << gone.body;
  EXPECT_EQ(gone.code(), "no_such_person");
  EXPECT_EQ(hub_.Get("/v1/stats").At("people"), "0") << "an id that is unknown makes nobody";
}

TEST_F(Decisions, AWrongIdOfAPersonIsToldWithItsPlace) {
  const std::string id = hub_.Post("/v1/decisions", kAsk).At("personId");
  for (const auto& [person, pointer] :
       {std::pair(std::string(R"({"id":"per_xyz"})"), "/person/id"),
        std::pair(std::string(R"({"id":7})"), "/person/id"),
        std::pair(base::StrCat(R"({"id":")", id, R"(","userId":"u1"})"), "/person")}) {
    const TestAnswer answer = hub_.Post(
        "/v1/decisions", base::StrCat(R"({"person":)", person, R"(,"placement":"web.home.hero"})"));
    EXPECT_EQ(answer.status, 422) << person << answer.body;
    EXPECT_EQ(answer.At("errors.0.pointer"), pointer);
    EXPECT_EQ(answer.At("errors.0.code"), "bad_person");
  }
}

TEST_F(Decisions, WhatWasJustStatedCounts) {
  hub_.Ingest("/v1/identify", R"({"userId":"mx","traits":{"country":"MX"}})");
  const TestAnswer answer =
      hub_.Post("/v1/decisions",
                R"({"person":{"userId":"mx"},"placement":"web.list","slots":2,"explain":"full"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  for (const int i : {0, 1}) {
    EXPECT_EQ(answer.At(base::StrCat("explanation.considered.", i, ".admissible")) == "false",
              false);
  }
  const TestAnswer why =
      hub_.Post("/v1/decisions:whyNot",
                R"({"person":{"userId":"mx"},"placement":"web.home.hero","action":"gold-card"})");
  EXPECT_EQ(why.At("verdict"), "admissible") << why.body;
}

TEST_F(Decisions, WhyNotNamesTheReason) {
  const TestAnswer why =
      hub_.Post("/v1/decisions:whyNot",
                R"({"person":{"userId":"x"},"placement":"web.home.hero","action":"gold-card"})");
  EXPECT_EQ(why.status, 200) << why.body;
  EXPECT_EQ(why.At("verdict"), "excluded");
  EXPECT_EQ(why.At("chosen"), "false");
  EXPECT_THAT(why.At("considered"), HasSubstr("country"));
}

TEST_F(Decisions, WhyNotOfADecisionThatWasMade) {
  const TestAnswer made = AskUntilAction();
  const std::string path = base::StrCat("/v1/decisions/", made.At("id"), "/explanation");
  const TestAnswer gold = hub_.Get(path + "?action=gold-card");
  ASSERT_EQ(gold.status, 200) << gold.body;
  EXPECT_EQ(gold.At("whyNot.verdict"), "excluded");
  EXPECT_EQ(gold.At("whyNot.stage"), "eligible");
  EXPECT_THAT(gold.At("whyNot.why"), HasSubstr("country is not known"));
  EXPECT_THAT(hub_.Get(path + "?action=gold-card&lang=es").At("whyNot.why"),
              HasSubstr("country no se conoce"));
  EXPECT_EQ(hub_.Get(path + "?action=plain-card").At("whyNot.verdict"), "chosen");
  EXPECT_EQ(hub_.Get(path + "?action=iron-card").At("whyNot.verdict"), "no_action");
  hub_.Apply(
      "kind: action\nname: iron-card\nspec: {title: Hierro, value: {amount: \"5.00\", "
      "currency: MXN}, window: 7d}\n");
  EXPECT_THAT(hub_.Get(path + "?action=iron-card").At("whyNot.why"), HasSubstr("It came later."));
}

TEST_F(Decisions, TheSmallestChangeIsToldAndIsTrue) {
  for (int i = 0; i < 100; ++i) {
    const std::string user = base::StrCat("chile", i);
    hub_.Ingest("/v1/identify",
                base::StrCat(R"({"userId":")", user, R"(","traits":{"country":"CL"}})"));
    const std::string body =
        base::StrCat(R"({"person":{"userId":")", user, R"("},"placement":"web.home.hero"})");
    const TestAnswer made = hub_.Post("/v1/decisions", body);
    const TestAnswer explained =
        hub_.Get(base::StrCat("/v1/decisions/", made.At("id"), "/explanation?action=gold-card"));
    ASSERT_EQ(explained.status, 200) << explained.body;
    if (explained.At("changes.smallest.kind") != "fact") continue;
    EXPECT_EQ(explained.At("changes.smallest.name"), "person.traits.country");
    EXPECT_EQ(explained.At("changes.smallest.value"), "MX");
    EXPECT_EQ(explained.At("changes.smallest.chosen.0.action"), "gold-card");
    EXPECT_EQ(explained.At("changes.smallest.what"),
              "If country were \"MX\" (it is \"CL\"), the answer would be: gold-card.");
    // Nobody had asked for the wish; the models are of the version that decided.
    EXPECT_EQ(explained.At("changes.smallest.lookedUpNow"),
              R"([{"kind":"preference","name":"topic gold-card"}])");
    return;
  }
  ADD_FAILURE() << "the country never decided";
}

TEST_F(Decisions, WhyNothingWasChosenIsTold) {
  hub_.Apply("kind: policy\nname: silence\nspec: {cap: {scope: person, max: 0, window: 1d}}\n");
  const TestAnswer made = hub_.Post("/v1/decisions", kAsk);
  ASSERT_EQ(made.At("actions.0.nothing"), "true");
  const TestAnswer explained =
      hub_.Get(base::StrCat("/v1/decisions/", made.At("id"), "/explanation"));
  EXPECT_EQ(explained.At("nothingChosen.why"), "None of 2 candidates was allowed to take part.");
  EXPECT_EQ(explained.At("nothingChosen.stages.1.result"), "capped");
  EXPECT_EQ(explained.At("changes.smallest"), "") << explained.body;
}

TEST_F(Decisions, ExplainingChangesNothing) {
  const auto hash = [&] {
    std::string all;
    absl::Mutex mutex;
    for (uint16_t i = 0; i <= hub_.hub().partitions(); ++i) {
      absl::Notification done;
      hub_.hub().runtime().Run(base::PartitionId{i}, [&](engine::Fold& fold) {
        const absl::MutexLock lock(&mutex);
        all += fold.StateHash().ToBytes();
        done.Notify();
      });
      done.WaitForNotification();
    }
    return all;
  };
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) {
    const std::string user = base::StrCat("p", i);
    hub_.Ingest("/v1/identify",
                base::StrCat(R"({"userId":")", user, R"(","traits":{"country":"CL"}})"));
    ids.push_back(hub_.Post("/v1/decisions", base::StrCat(R"({"person":{"userId":")", user,
                                                          R"("},"placement":"web.list"})"))
                      .At("id"));
  }
  const std::string before = hash();
  for (const std::string& id : ids) {
    for (const std::string_view query : {"", "?action=gold-card", "?action=none&lang=es"}) {
      EXPECT_EQ(hub_.Get(base::StrCat("/v1/decisions/", id, "/explanation", query)).status, 200);
    }
  }
  EXPECT_EQ(hash(), before);
}

TEST_F(Decisions, ADryRunIsAnsweredAndNotKept) {
  const TestAnswer answer = hub_.Post(
      "/v1/decisions",
      R"({"customer":{"anonymousId":"a1"},"placement":"web.home.hero","dryRun":true,"explain":"summary"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.At("dryRun"), "true");
  EXPECT_NE(answer.At("explanation.summary"), "");
  EXPECT_EQ(hub_.Get("/v1/decisions/" + answer.At("id")).status, 404);
}

TEST_F(Decisions, ARetryWithItsKeyGetsTheSameAnswer) {
  const TestAnswer first = AskWithKey(kAsk, "order-7");
  ASSERT_EQ(first.status, 200) << first.body;
  const TestAnswer again = AskWithKey(kAsk, "order-7");
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_NE(AskWithKey(kAsk, "order-8").At("id"), first.At("id"));
  EXPECT_EQ(hub_.Get("/v1/stats").At("decisions"), "2");
}

TEST_F(Decisions, ItsKeyWithAnotherRequestIsRefused) {
  EXPECT_EQ(AskWithKey(kAsk, "k").status, 200);
  const TestAnswer context = AskWithKey(
      R"({"person":{"userId":"u1"},"placement":"web.home.hero","context":{"a":1}})", "k");
  EXPECT_EQ(context.status, 422);
  EXPECT_EQ(context.code(), "idempotency_mismatch");
  const TestAnswer placement =
      AskWithKey(R"({"person":{"userId":"u1"},"placement":"web.list"})", "k");
  EXPECT_EQ(placement.status, 422);
  EXPECT_EQ(placement.code(), "idempotency_mismatch");
  const TestAnswer list = AskWithKey(R"({"person":{"userId":"u2"},"placement":"web.list"})", "k");
  EXPECT_EQ(list.status, 200) << "a key is good for one person";
  const TestAnswer slots =
      AskWithKey(R"({"person":{"userId":"u2"},"placement":"web.list","slots":1})", "k");
  EXPECT_EQ(slots.code(), "idempotency_mismatch");
  EXPECT_EQ(hub_.Get("/v1/stats").At("decisions"), "2");
}

TEST_F(Decisions, ARefusedRequestDoesNotUseUpItsKey) {
  EXPECT_EQ(AskWithKey(R"({"person":{"userId":"u1"},"placement":"web.hero"})", "k").status, 422);
  EXPECT_EQ(AskWithKey(kAsk, "k").status, 200);
}

TEST_F(Decisions, ManyRetriesAtOnceMakeOneDecision) {
  std::vector<std::thread> threads;
  std::vector<TestAnswer> answers(6);
  for (TestAnswer& answer : answers) {
    threads.emplace_back([&] { answer = AskWithKey(kAsk, "race"); });
  }
  for (std::thread& thread : threads) thread.join();
  std::string id;
  for (const TestAnswer& answer : answers) {
    ASSERT_TRUE(answer.status == 200 || answer.status == 409) << answer.body;
    if (answer.status != 200) continue;
    if (id.empty()) id = answer.At("id");
    EXPECT_EQ(answer.At("id"), id);
  }
  EXPECT_NE(id, "");
  EXPECT_EQ(hub_.Get("/v1/stats").At("decisions"), "1");
}

TEST_F(Decisions, APersonWithoutAnIdentifierIsAMistake) {
  for (const char* person : {"{}", R"({"userId":null})", R"({"userId":null,"email":null})"}) {
    const TestAnswer answer = hub_.Post(
        "/v1/decisions", base::StrCat(R"({"person":)", person, R"(,"placement":"web.home.hero"})"));
    EXPECT_EQ(answer.status, 422) << answer.body;
    EXPECT_EQ(answer.At("errors.0.pointer"), "/person") << answer.body;
  }
}

TEST_F(Decisions, WhoReadsOneSeesWhatHasComeOfIt) {
  const TestAnswer made = AskUntilAction();
  const std::string path = base::StrCat("/v1/decisions/", made.At("id"));
  EXPECT_EQ(made.At("life"), "");
  EXPECT_EQ(hub_.Get(path).At("life.0.stage"), "reserved");
  hub_.Post(path + "/outcomes", R"({"type":"impression"})");
  EXPECT_EQ(hub_.Get(path).At("life.0.stage"), "exposed");
  hub_.Post(path + "/outcomes", R"({"type":"accept"})");
  const TestAnswer accepted = hub_.Get(path);
  EXPECT_EQ(accepted.At("life.0.stage"), "accepted");
  EXPECT_EQ(accepted.At("life.0.action"), made.At("actions.0.action"));
  EXPECT_NE(accepted.At("life.0.endedAt"), "");
}

TEST_F(Decisions, AnEventAcceptsWhatWasShown) {
  TestAnswer made;
  std::string user;
  for (int i = 0; i < 200 && made.At("actions.0.action") != "gold-card"; ++i) {
    user = base::StrCat("mx", i);
    hub_.Ingest("/v1/identify",
                base::StrCat(R"({"userId":")", user, R"(","traits":{"country":"MX"}})"));
    made = hub_.Post("/v1/decisions", base::StrCat(R"({"person":{"userId":")", user,
                                                   R"("},"placement":"web.home.hero"})"));
  }
  ASSERT_EQ(made.At("actions.0.action"), "gold-card");
  const std::string path = base::StrCat("/v1/decisions/", made.At("id"));
  hub_.Post(path + "/outcomes", R"({"type":"impression"})");
  hub_.Ingest("/v1/track", base::StrCat(R"({"userId":")", user, R"(","event":"Card Requested"})"));
  EXPECT_EQ(hub_.Get(path).At("life.0.stage"), "accepted");
}

TEST_F(Decisions, OutcomesAreTakenOnceAndSayWhyNot) {
  const TestAnswer made = AskUntilAction();
  const std::string path = base::StrCat("/v1/decisions/", made.At("id"), "/outcomes");
  EXPECT_EQ(hub_.Post(path, R"({"type":"impression"})").At("recorded"), "true");
  const TestAnswer again = hub_.Post(path, R"({"type":"impression"})");
  EXPECT_EQ(again.At("recorded"), "false");
  EXPECT_NE(again.At("reason"), "");
  EXPECT_EQ(hub_.Post(path, R"({"type":"click","slot":0})").At("recorded"), "true");
  EXPECT_EQ(hub_.Post(path, R"({"type":"accept","value":{"amount":"99.50","currency":"MXN"}})")
                .At("recorded"),
            "true");
  EXPECT_EQ(hub_.Post(path, R"({"type":"click","slot":5})").At("recorded"), "false");
  EXPECT_EQ(hub_.Get("/v1/stats").At("accepted"), "1");
}

TEST_F(Decisions, WrongOutcomesAreToldWithTheirPlaces) {
  const TestAnswer made = AskUntilAction();
  const std::string path = base::StrCat("/v1/decisions/", made.At("id"), "/outcomes");
  const std::pair<const char*, const char*> bodies[] = {
      {R"({})", "/type"},
      {R"({"type":"seen"})", "/type"},
      {R"({"type":"click","slot":-1})", "/slot"},
      {R"({"type":"click","at":"now"})", "/at"},
      {R"({"type":"accept","value":{"amount":12,"currency":"MXN"}})", "/value/amount"},
      {R"({"type":"accept","value":{"amount":"1e3","currency":"MXN"}})", "/value/amount"},
      {R"({"type":"accept","value":{"amount":"1","currency":"pesos"}})", "/value/currency"},
      {R"({"type":"click","solt":1})", "/solt"}};
  for (const auto& [body, pointer] : bodies) {
    const TestAnswer answer = hub_.Post(path, body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_EQ(answer.At("errors.0.pointer"), pointer) << answer.body;
  }
  EXPECT_THAT(hub_.Post(path, R"({"type":"click","solt":1})").At("errors.0.detail"),
              HasSubstr("did you mean \"slot\""));
  EXPECT_EQ(hub_.Post("/v1/decisions/dec_zzz/outcomes", R"({"type":"click"})").status, 404);
}

TEST_F(Decisions, WrongRequestsAreToldWithTheirPlaces) {
  const std::pair<const char*, const char*> bodies[] = {
      {R"({"placement":"web.home.hero"})", "/person"},
      {R"({"person":{},"placement":"web.home.hero"})", "/person"},
      {R"({"person":{"userId":["u"]},"placement":"web.home.hero"})", "/person/userId"},
      {R"({"person":{"userId":"nobody"},"placement":"web.home.hero"})", "/person/userId"},
      {R"({"person":{"User":"u"},"placement":"web.home.hero"})", "/person/User"},
      {R"({"person":{"userId":"u"}})", "/placement"},
      {R"({"person":{"userId":"u"},"placement":"web.home.heroo"})", "/placement"},
      {R"({"person":{"userId":"u"},"placement":"web.list","slots":3})", "/slots"},
      {R"({"person":{"userId":"u"},"placement":"web.list","slots":1.5})", "/slots"},
      {R"({"person":{"userId":"u"},"placement":"web.list","context":[]})", "/context"},
      {R"({"person":{"userId":"u"},"placement":"web.list","explain":"all"})", "/explain"},
      {R"({"person":{"userId":"u"},"placement":"web.list","dryrun":true})", "/dryrun"}};
  for (const auto& [body, pointer] : bodies) {
    const TestAnswer answer = hub_.Post("/v1/decisions", body);
    EXPECT_EQ(answer.status, 422) << body << answer.body;
    EXPECT_EQ(answer.At("errors.0.pointer"), pointer) << answer.body;
  }
  const TestAnswer near = hub_.Post("/v1/decisions", bodies[6].first);
  EXPECT_THAT(near.At("errors.0.detail"), HasSubstr("did you mean \"web.home.hero\""));
  const std::string long_id = base::StrCat(R"({"person":{"userId":")", std::string(256, 'u'),
                                           R"("},"placement":"web.list"})");
  EXPECT_THAT(hub_.Post("/v1/decisions", long_id).At("errors.0.detail"), HasSubstr("256 bytes"));
  EXPECT_EQ(hub_.Post("/v1/decisions", "{").code(), "not_json");
  EXPECT_EQ(hub_.Post("/v1/decisions", R"({"placement":NaN})").At("detail"),
            "The body cannot be read as JSON: expected a value at byte 13");
  EXPECT_EQ(hub_.Post("/v1/decisions", "\xff").code(), "not_json");
  EXPECT_EQ(hub_.Post("/v1/decisions", std::string(1000, '[')).code(), "not_json");
}

TEST_F(Decisions, ABrowserDecidesForItsVisitorOnly) {
  const auto ask = [&](std::string_view body) {
    return hub_.Call({.method = Method::kPost,
                      .target = "/v1/decisions",
                      .body = std::string(body),
                      .key = hub_.keys().browser_key});
  };
  const TestAnswer answer = ask(R"({"person":{"anonymousId":"a7"},"placement":"web.home.hero"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.Get("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(ask(R"({"person":{"email":"a@b.mx"},"placement":"web.home.hero"})").status, 403);
  EXPECT_EQ(ask(R"({"person":{"userId":"u"},"placement":"web.home.hero","explain":"full"})").status,
            403);
}

TEST_F(Decisions, AMalformedPositionIsRefused) {
  const TestAnswer answer = hub_.Call({.method = Method::kPost,
                                       .target = "/v1/decisions",
                                       .body = std::string(kAsk),
                                       .key = hub_.keys().secret_key,
                                       .headers = {{"X-Log-Position", "3-17"}}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.code(), "bad_position");
}

}  // namespace
}  // namespace batuta::api
