// Facts derived at ingest, as those see them who call the hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class DerivedFacts : public testing::Test {
 protected:
  void Define(std::string_view yaml) {
    const TestAnswer applied = hub_.Call({.method = http::Method::kPost,
                                          .target = "/v1/resources:apply",
                                          .body = std::string(yaml),
                                          .key = hub_.keys().secret_key,
                                          .headers = {{"Content-Type", "application/yaml"}}});
    ASSERT_EQ(applied.status, 200) << applied.body;
  }
  TestAnswer Person(std::string_view id) {
    return hub_.Get(base::StrCat("/v1/people/user_id:", id));
  }
  static int ThisYear() {
    return static_cast<int>(absl::ToCivilYear(absl::Now(), absl::UTCTimeZone()).year());
  }

  TestHub hub_;
};

TEST_F(DerivedFacts, AreShownWithTheirSourceAndTimeAndWithoutTheRightToReadPersonalValues) {
  hub_.Ingest("/v1/identify",
              R"({"userId":"ana","timestamp":"2026-01-05T10:00:00Z","traits":{"email":"Ana@Uno.MX",
                  "birthday":"1990-05-17","address":{"country":"mx","street":"Calle 5"}},
                  "context":{"timezone":"America/Lima","locale":"es-PE"}})");
  const TestAnswer person = Person("ana");
  EXPECT_EQ(person.At("traits.email_domain.value"), "uno.mx") << person.body;
  EXPECT_EQ(person.At("traits.email_domain.source"), "default");
  EXPECT_EQ(person.At("traits.email_domain.time"), person.At("traits.email.time"));
  EXPECT_EQ(person.At("traits.birth_year.value"), "1990");
  EXPECT_EQ(person.At("traits.country.value"), "MX");
  EXPECT_EQ(person.At("traits.timezone.value"), "America/Lima");
  EXPECT_EQ(person.At("traits.language.value"), "");
}

TEST_F(DerivedFacts, OfImportsAreTheSame) {
  hub_.Ingest("/v1/import",
              R"({"batch":[{"type":"identify","userId":"ana","timestamp":"2020-01-05T10:00:00Z",
                  "traits":{"correo":"ana@uno.mx","fecha_nacimiento":"17/05/1990"}}]})");
  EXPECT_EQ(Person("ana").At("traits.email_domain.value"), "uno.mx");
  EXPECT_EQ(Person("ana").At("traits.birth_year.value"), "1990");
}

TEST_F(DerivedFacts, AreThoseThatTheClassificationLists) {
  Define("{kind: classification, name: default, spec: {derived: [language, phone_country]}}");
  hub_.Ingest("/v1/identify",
              R"({"userId":"ana","traits":{"email":"ana@uno.mx","phone":"+34 612 345 678"},
                  "context":{"timezone":"America/Lima","locale":"es-PE"}})");
  const TestAnswer person = Person("ana");
  EXPECT_EQ(person.At("traits.phone_country.value"), "ES") << person.body;
  EXPECT_EQ(person.At("traits.language.value"), "es");
  EXPECT_EQ(person.At("traits.email_domain.value"), "");
  EXPECT_EQ(person.At("traits.timezone.value"), "");
  const TestAnswer rule =
      hub_.Post("/v1/rules:validate",
                R"({"rule": "person.traits.email == 'ana@uno.mx'", "site": "segment"})");
  EXPECT_THAT(rule.body, HasSubstr("`person.traits.email_domain` would be kept in clear if"));
}

TEST_F(DerivedFacts, MakeSegmentsAndFeatures) {
  Define(
      "{kind: feature, name: age_band, spec: {}}\n---\n"
      "{kind: segment, name: uno, spec: {rule: 'person.traits.email_domain == \"uno.mx\"'}}\n---\n"
      "{kind: segment, name: minor, spec: {rule: 'age(person.traits.birth_year) < 18'}}");
  hub_.Ingest("/v1/identify", base::StrCat(R"({"userId":"ana","traits":{"email":"ana@uno.mx",)",
                                           R"("birthday":")", ThisYear() - 10, R"(-05-17"}})"));
  const TestAnswer person = Person("ana");
  EXPECT_EQ(person.At("features.age_band.value"), "0-12") << person.body;
  EXPECT_THAT(person.body, HasSubstr(R"("uno")"));
  EXPECT_THAT(person.body, HasSubstr(R"("minor")"));
  hub_.Ingest("/v1/identify", R"({"userId":"ana","traits":{"email":"ana@dos.mx"}})");
  EXPECT_THAT(Person("ana").body, Not(HasSubstr(R"("uno")")));
}

TEST_F(DerivedFacts, AreOfferedWhereARuleReadsWhatIsSealed) {
  const TestAnswer rule =
      hub_.Post("/v1/rules:validate",
                R"({"rule": "person.traits.email == 'ana@uno.mx'", "site": "segment"})");
  EXPECT_THAT(rule.body, HasSubstr("`person.traits.email_domain` is derived of it and kept clear"));
  EXPECT_THAT(rule.body, HasSubstr(R"("suggestion":"email_domain")"));
}

}  // namespace
}  // namespace batuta::api
