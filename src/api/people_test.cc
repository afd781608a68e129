#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "api/test_hub.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::api {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

class People : public testing::Test {
 protected:
  void TellOfAna() {
    hub_.Ingest("/v1/identify",
                R"({"userId":"ana","anonymousId":"web-1","messageId":"i1",
                    "traits":{"email":"Ana@Example.com","plan":"gold","address":{"city":"Puebla",
                    "street":"Calle 5"}}})");
    hub_.Ingest("/v1/track", R"({"userId":"ana","event":"Order Completed","messageId":"t1",
                                 "properties":{"total":120.5,"phone":"+52 55 1234 5678"}})");
  }
  TestHub hub_;
};

TEST_F(People, AreFoundByAnyOfTheirIdentifiersAndByTheirId) {
  TellOfAna();
  const TestAnswer person = hub_.Get("/v1/people/user_id:ana");
  ASSERT_EQ(person.status, 200) << person.body;
  EXPECT_EQ(person.At("traits.plan.value"), "gold");
  EXPECT_EQ(person.At("traits.plan.source"), "default");
  EXPECT_EQ(person.At("traits.email.value"), "Ana@Example.com");
  EXPECT_EQ(person.At("counters.Order Completed.count"), "1");
  EXPECT_EQ(person.At("settled"), "true");
  const std::string id = person.At("id");
  for (const std::string& path :
       {std::string("email:ana%40example.com"), std::string("anonymous_id:web-1"), id}) {
    EXPECT_EQ(hub_.Get("/v1/people/" + path).At("id"), id) << path;
  }
  EXPECT_THAT(person.body, HasSubstr(R"("value":"ana@example.com","status":"confirmed")"));
}

TEST_F(People, ShowTheirFeatures) {
  const auto apply = [&](std::string_view yaml) {
    base::Fields file;
    base::SetField(file, "name", base::TextValue("features.yaml"));
    base::SetField(file, "text", base::TextValue(yaml));
    return hub_.Post("/v1/resources:apply",
                     base::StrCat(R"({"files":[)", base::ToJson(file), "]}"));
  };
  const TestAnswer wrong = apply(
      "{kind: feature, name: orders, spec: {expression: 'events(\"Order Completed\").cuont()'}}");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.At("errors.0.pointer"), "/spec/expression") << wrong.body;
  EXPECT_THAT(wrong.At("errors.0.detail"), HasSubstr("did you mean `count`?"));
  const TestAnswer defined = apply(R"(
kind: feature
name: orders
spec: {unit: orders, expression: events("Order Completed").count()}
---
kind: feature
name: spent
spec:
  expression: events("Order Completed").within("90d").sum(e, e.properties.total)
---
kind: feature
name: last_refund
spec: {expression: events("Order Refunded").last()}
---
kind: feature
name: liveliness
spec: {expression: events().approx_decay("30d")}
)");
  ASSERT_EQ(defined.status, 200) << defined.body;
  TellOfAna();
  const TestAnswer person = hub_.Get("/v1/people/user_id:ana");
  EXPECT_EQ(person.At("features.orders.value"), "1") << person.body;
  EXPECT_EQ(person.At("features.orders.unit"), "orders");
  EXPECT_EQ(person.At("features.spent.value"), "120.5");
  EXPECT_THAT(person.body, HasSubstr(R"("last_refund":{"value":null})"));
  EXPECT_EQ(person.At("features.liveliness.error"), "0.022");
}

TEST_F(People, SealedTraitsComeBackAsTheyWereStated) {
  hub_.Ingest(
      "/v1/identify",
      R"({"userId":"sea","traits":{"address":{"city":"Mérida","zip":97000,"lines":["a",null]},
                  "lat":20.97,"phone":["+529991234567"],"whatsapp":true,"street":"{\"not\":1}"}})");
  const TestAnswer person = hub_.Get("/v1/people/user_id:sea");
  EXPECT_EQ(person.At("traits.address.value"),
            R"({"city":"Mérida","zip":97000,"lines":["a",null]})");
  EXPECT_EQ(person.At("traits.lat.value"), "20.97");
  EXPECT_EQ(person.At("traits.phone.value"), R"(["+529991234567"])");
  EXPECT_EQ(person.At("traits.whatsapp.value"), "true");
  EXPECT_THAT(person.body, HasSubstr(R"("value":"{\"not\":1}")"));
  const TestAnswer masked =
      hub_.Call({.target = "/v1/people/user_id:sea", .key = hub_.KeyWith(R"(["people:read"])")});
  for (const char* name : {"address", "lat", "phone", "whatsapp", "street"}) {
    EXPECT_EQ(masked.At(base::StrCat("traits.", name, ".value")), R"({"sealed":true})") << name;
  }
}

TEST_F(People, PersonalValuesNeedAScopeOfTheirOwn) {
  TellOfAna();
  const std::string key = hub_.KeyWith(R"(["people:read"])");
  for (const char* path : {"/v1/people/user_id:ana", "/v1/people/user_id:ana/timeline"}) {
    const TestAnswer masked = hub_.Call({.target = path, .key = key});
    EXPECT_EQ(masked.status, 200);
    EXPECT_THAT(masked.body, Not(HasSubstr("@")));
    EXPECT_THAT(masked.body, Not(HasSubstr("1234 5678")));
    EXPECT_THAT(masked.body, Not(HasSubstr("Calle")));
    EXPECT_THAT(masked.body, HasSubstr(R"({"sealed":true})"));
  }
}

TEST_F(People, TheTimelineIsPagedNewestFirstWithWhatTheRecordsSay) {
  TellOfAna();
  const TestAnswer first = hub_.Get("/v1/people/user_id:ana/timeline?limit=1");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.At("data.0.kind"), "track");
  EXPECT_EQ(first.At("data.0.name"), "Order Completed");
  EXPECT_EQ(first.At("data.0.properties.total"), "120.5");
  EXPECT_EQ(first.At("data.0.properties.phone"), "+52 55 1234 5678");
  EXPECT_EQ(first.At("hasMore"), "true");
  const TestAnswer second =
      hub_.Get("/v1/people/user_id:ana/timeline?limit=1&cursor=" + first.At("nextCursor"));
  EXPECT_EQ(second.At("data.0.kind"), "identify");
  EXPECT_EQ(second.At("data.0.traits.email"), "Ana@Example.com");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:ana/timeline?cursor=%21").code(), "bad_cursor");
}

TEST_F(People, DecisionsAndOutcomesStandInTheTimeline) {
  for (int i = 0; i < 100; ++i) {
    const TestAnswer made =
        hub_.Post("/v1/decisions", R"({"person":{"userId":"bo"},"placement":"web.home.hero"})");
    if (made.At("actions.0.nothing") == "true") continue;
    hub_.Post(base::StrCat("/v1/decisions/", made.At("id"), "/outcomes"), R"({"type":"click"})");
    const TestAnswer timeline = hub_.Get("/v1/people/user_id:bo/timeline");
    EXPECT_EQ(timeline.At("data.0.kind"), "outcome") << timeline.body;
    EXPECT_EQ(timeline.At("data.0.outcome"), "click");
    EXPECT_EQ(timeline.At("data.1.decisionId"), made.At("id"));
    EXPECT_THAT(timeline.At("data.1.summary"), HasSubstr("plain-card"));
    EXPECT_EQ(hub_.Get("/v1/people/user_id:bo").At("openDecisions.0.placement"), "web.home.hero");
    return;
  }
  FAIL() << "never an action";
}

TEST_F(People, WhoIsErasedIsGoneAndUnreadable) {
  TellOfAna();
  const std::string id = hub_.Get("/v1/people/user_id:ana").At("id");
  const TestAnswer erased = hub_.Send(Method::kDelete, "/v1/people/email:ana%40example.com", "");
  EXPECT_EQ(erased.status, 200) << erased.body;
  EXPECT_EQ(erased.At("id"), id);
  for (const std::string& path : {std::string("user_id:ana"), std::string("anonymous_id:web-1"),
                                  std::string("email:ana%40example.com"), id}) {
    EXPECT_EQ(hub_.Get("/v1/people/" + path).status, 404) << path;
  }
  EXPECT_EQ(hub_.Send(Method::kDelete, "/v1/people/user_id:ana", "").status, 404);
  hub_.Ingest("/v1/identify", R"({"userId":"ana","traits":{"plan":"new"}})");
  const TestAnswer again = hub_.Get("/v1/people/user_id:ana");
  EXPECT_EQ(again.At("traits.plan.value"), "new");
  EXPECT_NE(again.At("id"), id);
}

TEST_F(People, RefusalsOfAnAddressOutliveItsHolderAndGrantsDoNot) {
  TellOfAna();
  for (const auto& [purpose, status] :
       {std::pair("marketing", "denied"), std::pair("news", "granted")}) {
    hub_.Ingest(
        "/v1/track",
        base::StrCat(R"({"userId":"ana","event":"Consent Changed","properties":{"purpose":")",
                     purpose, R"(","channel":"email","address":"ana@example.com","status":")",
                     status, R"("}})"));
  }
  const auto consents = [this](std::string_view user) {
    const std::string path = base::StrCat("/v1/people/user_id:", user);
    for (int i = 0; i < 200 && hub_.Get(path).At("consents.0.purpose").empty(); ++i) {
    }
    return hub_.Get(path);
  };
  ASSERT_EQ(consents("ana").At("consents.1.status"), "granted");
  EXPECT_EQ(hub_.Send(Method::kDelete, "/v1/people/user_id:ana", "").status, 200);
  hub_.Ingest("/v1/identify", R"({"userId":"ana-2","traits":{"email":"ana@example.com"}})");
  const TestAnswer again = consents("ana-2");
  EXPECT_EQ(again.At("consents.0.purpose"), "marketing") << again.body;
  EXPECT_EQ(again.At("consents.0.status"), "denied");
  EXPECT_EQ(again.At("consents.0.of"), "address");
  EXPECT_EQ(again.At("consents.0.source"), "") << "who stated it is forgotten";
  EXPECT_EQ(again.At("consents.1.purpose"), "");
}

TEST_F(People, CanBeErasedByTheirId) {
  TellOfAna();
  const std::string id = hub_.Get("/v1/people/user_id:ana").At("id");
  EXPECT_EQ(hub_.Send(Method::kDelete, "/v1/people/" + id, "").status, 200);
  EXPECT_EQ(hub_.Get("/v1/people/" + id).status, 404);
}

TEST_F(People, WrongNamesAreToldWithoutRepeatingThem) {
  for (const char* name : {"User:x", "user_id:nobody", "per_xyz", "email:not-an-address"}) {
    const TestAnswer answer = hub_.Get(base::StrCat("/v1/people/", name));
    EXPECT_EQ(answer.status, 400) << name << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr("not-an-address")));
  }
  const TestAnswer unknown = hub_.Get("/v1/people/user_id:secret-name");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, Not(HasSubstr("secret-name")));
}

TEST_F(People, WhoMergedIsReadUnderTheOneWhoStayed) {
  hub_.Ingest("/v1/track", R"({"anonymousId":"m-1","event":"Seen"})");
  hub_.Ingest("/v1/identify", R"({"userId":"mia","traits":{"plan":"x"}})");
  const std::string before = hub_.Get("/v1/people/anonymous_id:m-1").At("id");
  hub_.Ingest("/v1/identify", R"({"userId":"mia","anonymousId":"m-1"})");
  std::string id;
  for (int i = 0; i < 50 && id != hub_.Get("/v1/people/user_id:mia").At("id"); ++i) {
    id = hub_.Get("/v1/people/anonymous_id:m-1").At("id");
  }
  const TestAnswer person = hub_.Get("/v1/people/user_id:mia");
  EXPECT_EQ(person.At("id"), id);
  EXPECT_EQ(person.At("mergedFrom.0.id"), before) << person.body;
  EXPECT_EQ(person.At("counters.Seen.count"), "1");
  EXPECT_EQ(hub_.Get("/v1/people/" + before).At("id"), id);
}

TEST_F(People, AMergeStandsInTheTimelineAsWhoCameAndNotAsTheEventThatLedToIt) {
  // Several pairs: homes of all kinds, the same one and different ones.
  for (int n = 0; n < 8; ++n) {
    const std::string user = base::StrCat("tim-", n);
    const std::string anonymous = base::StrCat("anon-", n);
    hub_.Ingest("/v1/track",
                base::StrCat(R"({"anonymousId":")", anonymous, R"(","event":"Seen"})"));
    hub_.Ingest("/v1/track", base::StrCat(R"({"userId":")", user, R"(","event":"Bought"})"));
    const std::string before = hub_.Get("/v1/people/anonymous_id:" + anonymous).At("id");
    hub_.Ingest("/v1/track", base::StrCat(R"({"userId":")", user, R"(","anonymousId":")", anonymous,
                                          R"(","event":"Logged In","messageId":"m"})"));
    const std::string path = base::StrCat("/v1/people/user_id:", user, "/timeline");
    for (int i = 0; i < 200 && hub_.Get(path).At("data.3.kind").empty(); ++i) {
    }
    const TestAnswer timeline = hub_.Get(path);
    std::map<std::string, int> seen;
    for (int i = 0; i < 4; ++i) {
      const std::string at = base::StrCat("data.", i, ".");
      const std::string kind = timeline.At(at + "kind");
      ++seen[base::StrCat(kind, " ", timeline.At(at + "name"))];
      if (kind != "merge") continue;
      EXPECT_EQ(timeline.At(at + "people"), base::StrCat("[\"", before, "\"]"));
      for (const char* field : {"messageId", "source", "context", "properties"}) {
        EXPECT_EQ(timeline.At(at + field), "") << field;
      }
    }
    EXPECT_EQ(seen,
              (std::map<std::string, int>{
                  {"track Seen", 1}, {"track Bought", 1}, {"track Logged In", 1}, {"merge ", 1}}))
        << timeline.body;
  }
}

TEST_F(People, AnAliasMakesAStrangerACustomerWhicheverIsHeardOfFirst) {
  const std::string stranger = R"({"type":"track","anonymousId":"s-%","event":"Seen"})";
  const std::string alias = R"({"type":"alias","previousId":"s-%","userId":"c-%"})";
  for (const auto& [number, first, then] :
       {std::tuple("1", stranger, alias), std::tuple("2", alias, stranger)}) {
    for (const std::string& event : {first, then}) {
      std::string body = base::StrCat(R"({"batch":[)", event, "]}");
      for (size_t at; (at = body.find('%')) != std::string::npos;) body.replace(at, 1, number);
      EXPECT_EQ(hub_.Ingest("/v1/batch", body).status, 200);
    }
    const std::string path = base::StrCat("/v1/people/user_id:c-", number);
    for (int i = 0; i < 200 && hub_.Get(path).At("counters.Seen.count").empty(); ++i) {
    }
    const TestAnswer person = hub_.Get(path);
    EXPECT_EQ(person.At("counters.Seen.count"), "1") << number << person.body;
    EXPECT_EQ(hub_.Get(base::StrCat("/v1/people/anonymous_id:s-", number)).At("id"),
              person.At("id"));
  }
}

TEST_F(People, TheSecondFormOfAPreviousIdDoesNoHarm) {
  // "old" was a user: that it may have been a stranger's joins nobody, and lets devices come.
  hub_.Ingest("/v1/identify", R"({"userId":"old","traits":{"plan":"gold"}})");
  hub_.Ingest("/v1/identify", R"({"userId":"other","anonymousId":"tablet"})");
  hub_.Ingest("/v1/alias", R"({"userId":"new","previousId":"old"})");
  hub_.Ingest("/v1/track", R"({"userId":"new","anonymousId":"phone","event":"Seen"})");
  for (int i = 0; i < 200 && hub_.Get("/v1/people/user_id:new").At("traits.plan.value").empty();
       ++i) {
  }
  const TestAnswer person = hub_.Get("/v1/people/user_id:new");
  EXPECT_EQ(person.At("traits.plan.value"), "gold") << person.body;
  EXPECT_EQ(hub_.Get("/v1/people/anonymous_id:phone").At("id"), person.At("id"));
  EXPECT_NE(hub_.Get("/v1/people/user_id:other").At("id"), person.At("id"));
  EXPECT_NE(hub_.Get("/v1/people/anonymous_id:tablet").At("id"), person.At("id"));
}

}  // namespace
}  // namespace batuta::api
