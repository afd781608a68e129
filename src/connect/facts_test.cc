#include "connect/facts.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "base/value.h"
#include "connect/zone_names.h"
#include "resource/yaml.h"

namespace batuta::connect {
namespace {

constexpr base::Time kNow{1'790'000'000'000'000};  // in September 2026

resource::Classification Classified(std::string_view spec) {
  const resource::ParsedDocuments parsed = resource::ParseDocuments(
      "kind: classification\nspec: " + std::string(spec), "a.yaml", resource::Format::kYaml);
  EXPECT_EQ(parsed.documents.size(), 1u);
  return resource::Classification::Compile(parsed.documents.at(0).spec);
}

const char* const kEverything =
    "{derived: [birth_year, city, country, email_domain, language, locale, phone_country, "
    "postal_code, region, timezone]}";

class FactsTest : public testing::Test {
 protected:
  std::string Of(std::string_view json, std::string_view root = "traits") {
    const simdjson::padded_string text{json.data(), json.size()};
    const simdjson::dom::object fields = parser_.parse(text).value_unsafe();
    return Json(FactsOf(fields, root, {classification_, identity_, kNow}));
  }
  std::string OfContext(std::string_view json, const base::Fields& traits = {}) {
    const simdjson::padded_string text{json.data(), json.size()};
    const simdjson::dom::object context = parser_.parse(text).value_unsafe();
    return Json(FactsOfContext(context, traits, {classification_, identity_, kNow}));
  }

  static std::string Json(const base::Fields& fields) {
    base::Value object;
    *object.mutable_object() = fields;
    return base::ToJson(object);
  }

  resource::Classification classification_;
  identity::Settings identity_;
  simdjson::dom::parser parser_;
};

TEST_F(FactsTest, ThoseOfTheDesignAreDerivedUnlessTheClassificationSaysOtherwise) {
  const char* const traits =
      R"({"email":"Ana@Uno.MX","birthDate":"1990-05-17","phone":"+525512345678",
          "address":{"city":"Puebla","country":"mx","postalCode":72000,"state":"PUE"}})";
  EXPECT_EQ(Of(traits), R"({"email_domain":"uno.mx","birth_year":1990,"country":"MX"})");
  classification_ = Classified(kEverything);
  EXPECT_EQ(Of(traits), R"({"email_domain":"uno.mx","birth_year":1990,"phone_country":"MX",)"
                        R"("city":"Puebla","country":"MX","postal_code":"72000","region":"PUE"})");
  classification_ = Classified("{derived: []}");
  EXPECT_EQ(Of(traits), "{}");
}

TEST_F(FactsTest, AFactThatWouldBeSealedItselfIsNotDerived) {
  classification_ = Classified("{sealed: [traits.email_domain]}");
  EXPECT_EQ(Of(R"({"email":"a@b.mx"})"), "{}");
  EXPECT_EQ(Of(R"({"email":"a@b.mx"})", "properties"), R"({"email_domain":"b.mx"})");
  classification_ = Classified("{sealed: [traits]}");
  EXPECT_EQ(Of(R"({"birthday":"1990-01-01"})"), "{}");
}

TEST_F(FactsTest, WhatTheEventStatesItselfStands) {
  EXPECT_EQ(Of(R"({"email":"a@b.mx","email_domain":"mine"})"), "{}");
  EXPECT_EQ(Of(R"({"address":{"country":"ES"},"country":"MX"})"), "{}");
  base::Fields traits;
  base::SetField(traits, "timezone", base::TextValue("Europe/Madrid"));
  EXPECT_EQ(OfContext(R"({"timezone":"America/Lima"})", traits), "{}");
  EXPECT_EQ(OfContext(R"({"timezone":"America/Lima"})"), R"({"timezone":"America/Lima"})");
}

TEST_F(FactsTest, NamesOfFieldsAreKnownInAnySpelling) {
  EXPECT_EQ(Of(R"({"Email Address":"a@b.mx"})"), R"({"email_domain":"b.mx"})");
  EXPECT_EQ(Of(R"({"fecha_nacimiento":"17/05/1990"})"), R"({"birth_year":1990})");
  EXPECT_EQ(Of(R"({"direccion":{"pais":"México"}})"), R"({"country":"México"})");
  EXPECT_EQ(Of(R"({"work_email":"a@b.mx","plan":"gold"})"), "{}");
}

TEST_F(FactsTest, AFieldThatIsRemovedOrGivesNoFactRemovesTheFact) {
  EXPECT_EQ(Of(R"({"email":null})"), R"({"email_domain":null})");
  EXPECT_EQ(Of(R"({"email":"none"})"), R"({"email_domain":null})");
  EXPECT_EQ(Of(R"({"birthday":"soon"})"), R"({"birth_year":null})");
  EXPECT_EQ(Of(R"({"email":null,"correo":"a@b.mx"})"), R"({"email_domain":"b.mx"})");
  EXPECT_EQ(Of(R"({"email":"a@b.mx","correo":null})"), R"({"email_domain":"b.mx"})");
  // Another source may know the country.
  EXPECT_EQ(Of(R"({"address":{"city":"Lima"}})"), "{}");
  EXPECT_EQ(Of(R"({"address":null})"), "{}");
}

TEST_F(FactsTest, OfAListItIsTheFirstThatGivesTheFact) {
  classification_ = Classified(kEverything);
  EXPECT_EQ(Of(R"({"phone":["?","+14165550100","+525512345678"]})"), R"({"phone_country":"CA"})");
  EXPECT_EQ(Of(R"({"address":[{"country":"ES"},{"country":"MX"}]})"), R"({"country":"ES"})");
  EXPECT_EQ(Of(R"({"email":[["a@b.mx"]]})"), R"({"email_domain":null})");
}

TEST_F(FactsTest, APhoneWithoutCallingCodeIsReadAsThatOfTheDefaultCountry) {
  classification_ = Classified(kEverything);
  EXPECT_EQ(Of(R"({"phone":"5512345678"})"), R"({"phone_country":"MX"})");
  const resource::ParsedDocuments parsed = resource::ParseDocuments(
      "kind: identity\nspec: {defaultCountry: CA}", "a.yaml", resource::Format::kYaml);
  identity_ = *identity::Settings::Compile(parsed.documents.at(0).spec);
  EXPECT_EQ(Of(R"({"phone":4165550100})"), R"({"phone_country":"CA"})");
  EXPECT_EQ(Of(R"({"phone":"0034 612 345 678"})"), R"({"phone_country":"ES"})");
}

TEST_F(FactsTest, NoPersonalValuePassesForAPlace) {
  EXPECT_EQ(Of(R"({"address":{"country":"ana@uno.mx"}})"), "{}");
  EXPECT_EQ(Of(R"({"address":{"country":"+525512345678"}})"), "{}");
  EXPECT_EQ(Of(R"({"address":{"country":{"name":"Ana"}}})"), "{}");
  EXPECT_EQ(Of(R"({"address":"Calle 5, Puebla, MX"})"), "{}");
}

TEST_F(FactsTest, TheContextTellsZoneAndLanguageOfTheDevice) {
  EXPECT_EQ(OfContext(R"({"timezone":"Mars/Olympus","locale":"es-MX"})"), "{}");
  EXPECT_EQ(OfContext(R"({"timezone":"../../etc/passwd"})"), "{}");
  EXPECT_EQ(OfContext(R"({"timezone":7})"), "{}");
  classification_ = Classified(kEverything);
  EXPECT_EQ(OfContext(R"({"timezone":"Asia/Calcutta","locale":"zh_hant_tw"})"),
            R"({"timezone":"Asia/Calcutta","locale":"zh-Hant-TW","language":"zh"})");
}

TEST(IsZoneName, IsTrueOfTheDatabasesNamesAlone) {
  for (const char* name : {"UTC", "America/Argentina/Buenos_Aires", "Africa/Abidjan", "Zulu",
                           "Africa/Windhoek", "Etc/GMT+12", "Asia/Kolkata", "GB"}) {
    EXPECT_TRUE(IsZoneName(name)) << name;
  }
  for (const char* name : {"", "Factory", "Africa", "Africa/", "/UTC", "Africa/Abi", "America/UTC",
                           "Africa/Abidjan Accra", "europe/madrid", "Etc/GMT+"}) {
    EXPECT_FALSE(IsZoneName(name)) << name;
  }
}

TEST(DomainOf, IsWhatStandsBehindTheLastAt) {
  EXPECT_EQ(DomainOf("Ana@Correo.UNAM.mx"), "correo.unam.mx");
  EXPECT_EQ(DomainOf("\"a@b\"@uno.mx."), "uno.mx");
  EXPECT_EQ(DomainOf("ana@m\xC3\xBC.de"), "m\xC3\xBC.de");
  for (const char* none : {"", "ana", "@uno.mx", "ana@", "ana@localhost", "ana@uno..mx",
                           "ana@1.2.3.4", "ana@uno mx.de", "ana@[::1]", "ana@\xFF.mx"}) {
    EXPECT_EQ(DomainOf(none), "") << none;
  }
}

TEST(BirthYearOf, IsTheYearAsItIsWritten) {
  EXPECT_EQ(BirthYearOf("1990-05-17", 2026), 1990);
  EXPECT_EQ(BirthYearOf("1990-05-17T23:00:00.000Z", 2026), 1990);
  EXPECT_EQ(BirthYearOf("1990/5/7", 2026), 1990);
  EXPECT_EQ(BirthYearOf("17.05.1990", 2026), 1990);
  EXPECT_EQ(BirthYearOf("5/17/1990 00:00", 2026), 1990);
  EXPECT_EQ(BirthYearOf("1990", 2026), 1990);
  EXPECT_EQ(BirthYearOf("2026-01-01", 2026), 2026);
  for (const char* none : {"", "5/17/90", "2027-01-01", "0001-01-01", "17 May 1990", "19900517",
                           "1990-05", "1990-1990-1990", "643593600000", "-1990"}) {
    EXPECT_EQ(BirthYearOf(none, 2026), 0) << none;
  }
}

TEST(BirthYearOf, NobodyIsToldToBeOlderThanNinety) {
  EXPECT_EQ(BirthYearOf("1936-12-31", 2026), 1936);
  EXPECT_EQ(BirthYearOf("1935-01-01", 2026), 1936);
  EXPECT_EQ(BirthYearOf("1900-01-01", 2026), 1936);
}

TEST(LocaleOf, IsWrittenInOneWay) {
  EXPECT_EQ(LocaleOf("es_MX.UTF-8"), "es-MX");
  EXPECT_EQ(LocaleOf("DE"), "de");
  EXPECT_EQ(LocaleOf("de_AT@euro"), "de-AT");
  EXPECT_EQ(LocaleOf("es-419"), "es-419");
  for (const char* none : {"", "C", "POSIX", "e", "es--MX", "es-<b>", "x-klingon"}) {
    EXPECT_EQ(LocaleOf(none), "") << none;
  }
}

}  // namespace
}  // namespace batuta::connect
