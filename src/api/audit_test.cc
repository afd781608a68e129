#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_hub.h"
#include "base/text.h"
#include "identity/normalise.h"

namespace batuta::api {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    hub_.Ingest("/v1/identify", R"({"userId":"ana","traits":{"email":"ana@example.com"}})");
  }
  // The newest entry, or one so many before it.
  std::string Said(int index = 0) {
    const TestAnswer page = hub_.Get("/v1/audit");
    EXPECT_EQ(page.status, 200) << page.body;
    const std::string at = base::StrCat("data.", index, ".");
    return base::StrCat(page.At(at + "action"), " ", page.At(at + "key"), " ",
                        page.At(at + "object"));
  }
  std::string IdOf(const std::string& secret) { return secret.substr(secret.find('_', 4) + 1, 12); }
  std::string Me() { return IdOf(hub_.keys().secret_key); }

  TestHub hub_;
};

TEST_F(AuditTest, WhoReadsPersonalValuesIsNamedAndThePersonIsNot) {
  const std::string person = hub_.Get("/v1/people/email:ana%40example.com").At("id");
  const TestAnswer read = hub_.Get("/v1/audit?limit=1");
  EXPECT_EQ(read.At("data.0.action"), "people.read");
  EXPECT_EQ(read.At("data.0.key"), Me());
  EXPECT_EQ(read.At("data.0.personId"), person);
  const auto hash = hub_.hub().vault().HashIdentifier("email", "ana@example.com");
  EXPECT_EQ(read.At("data.0.identifier"), base::EncodeHex(hash.ToBytes()));
  EXPECT_THAT(read.body, Not(HasSubstr("example.com")));
  hub_.Get("/v1/people/" + person + "/timeline");
  const TestAnswer page = hub_.Get("/v1/audit?limit=1");
  EXPECT_EQ(page.At("data.0.action"), "people.timeline");
  EXPECT_EQ(page.At("data.0.personId"), person);
  EXPECT_EQ(page.At("data.0.identifier"), "") << "asked for by id";
}

TEST_F(AuditTest, WhatIsMaskedLeavesNoEntry) {
  const std::string key = hub_.KeyWith(R"(["people:read"])");
  const std::string before = Said();
  for (const char* path : {"/v1/people/user_id:ana", "/v1/people/user_id:ana/timeline"}) {
    EXPECT_EQ(hub_.Call({.target = path, .key = key}).status, 200);
  }
  EXPECT_EQ(hub_.Get("/v1/people/user_id:nobody-here").status, 404);
  EXPECT_EQ(Said(), before);
}

TEST_F(AuditTest, ActsAreThereWithWhoDidThem) {
  const TestAnswer made = hub_.Post("/v1/keys", R"({"kind":"secret","scopes":["keys","admin"]})");
  const std::string id = made.At("id");
  EXPECT_EQ(Said(), base::StrCat("keys.create ", Me(), " ", id));
  const TestAnswer revoked =
      hub_.Call({.method = Method::kDelete, .target = "/v1/keys/" + id, .key = made.At("secret")});
  EXPECT_EQ(revoked.status, 200) << revoked.body;
  EXPECT_EQ(Said(), base::StrCat("keys.revoke ", id, " ", id)) << "by itself";
  EXPECT_EQ(hub_.Post("/v1/resources:apply", R"({"kind":"source","name":"s","spec":{"title":"S"}})")
                .status,
            200);
  EXPECT_EQ(Said(), base::StrCat("resources.apply ", Me(), " version 2"));
  const std::string copy = hub_.folder() + "/copy";
  EXPECT_EQ(hub_.Post("/v1/admin:backup", base::StrCat(R"({"path":")", copy, R"("})")).status, 200);
  EXPECT_EQ(Said(), base::StrCat("hub.backup ", Me(), " ", copy));
  EXPECT_EQ(hub_.Send(Method::kDelete, "/v1/people/user_id:ana", "").status, 200);
  EXPECT_EQ(Said(), base::StrCat("people.erase ", Me(), " "));
}

TEST_F(AuditTest, TheHubsOwnKeysAndFirstResourcesBeginIt) {
  const TestAnswer all = hub_.Get("/v1/audit");
  EXPECT_EQ(all.At("hasMore"), "false");
  EXPECT_EQ(all.At("data.0.action"), "resources.apply");
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(all.At(base::StrCat("data.", i, ".action")), "keys.create");
    EXPECT_EQ(all.At(base::StrCat("data.", i, ".key")), "") << "the hub itself";
  }
  EXPECT_EQ(all.At("data.3.object"), Me());
}

TEST_F(AuditTest, IsPagedNewestFirst) {
  for (int i = 0; i < 5; ++i) hub_.KeyWith(R"(["admin"])");
  std::string seen;
  std::string cursor;
  int pages = 0;
  do {
    const TestAnswer page =
        hub_.Get(base::StrCat("/v1/audit?limit=4", cursor.empty() ? "" : "&cursor=", cursor));
    for (int i = 0; i < 4; ++i) {
      const std::string position = page.At(base::StrCat("data.", i, ".position"));
      if (position.empty()) continue;
      EXPECT_TRUE(seen.empty() || std::stoi(position.substr(2)) < std::stoi(seen.substr(2)));
      seen = position;
    }
    cursor = page.At("nextCursor");
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(pages, 3) << "of 9 entries";
  EXPECT_EQ(hub_.Get("/v1/audit?cursor=x").status, 400);
  EXPECT_EQ(hub_.Get("/v1/audit?limit=0").status, 400);
}

}  // namespace
}  // namespace batuta::api
