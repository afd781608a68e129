#include <map>

#include "base/text.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

// Says that two identifiers share what each must have for itself.
void CheckDistinct(const std::vector<Reader>& identifiers, const std::string& member,
                   Findings& findings) {
  std::map<std::string, int> first;
  for (int i = 0; i < static_cast<int>(identifiers.size()); ++i) {
    const Reader& identifier = identifiers[static_cast<size_t>(i)];
    const std::string value =
        member == "type" ? identifier.Text(member) : base::StrCat(identifier.Integer(member));
    const auto [found, added] = first.emplace(value, i);
    if (!added)
      findings.Error("duplicate", base::StrCat("/spec/identifiers/", i, "/", member),
                     base::StrCat("the ", member, " ", value, " is that of \"identifiers[",
                                  found->second, "]\" already; each identifier has its own"));
  }
}

void CheckIdentity(const base::Fields& spec, Findings& findings) {
  const std::vector<Reader> identifiers = Reader(spec).Objects("identifiers");
  CheckDistinct(identifiers, "type", findings);
  CheckDistinct(identifiers, "priority", findings);
  for (int i = 0; i < static_cast<int>(identifiers.size()); ++i) {
    const Reader& identifier = identifiers[static_cast<size_t>(i)];
    if (identifier.Bool("unique") && identifier.Bool("weak"))
      findings.Error(
          "conflict", base::StrCat("/spec/identifiers/", i, "/weak"),
          "an identifier cannot be both unique and weak: a unique one tells people apart, "
          "a weak one is shared by them");
  }
}

Schema Identifier() {
  return Object(
      {Required("type", Matching("[a-z][a-z0-9_]{0,31}",
                                 "up to 32 small letters, digits and \"_\", such as user_id")
                            .Describe("The type of the identifier, such as user_id.")),
       Required("priority", Integer().Range(1, 255).Describe(
                                "Its strength: 1 is the strongest; weaker ones give way first.")),
       Optional("limit",
                Integer()
                    .Range(1, 100'000)
                    .Default(5)
                    .Describe("How many values of this type one person may have in the window.")),
       Optional("window", Enum({"ever", "yearly", "monthly", "weekly", "daily"})
                              .Default("ever")
                              .Describe("The time over which the limit counts.")),
       Optional("unique", Boolean().Default(false).Describe(
                              "Two people with different values never become one.")),
       Optional("weak", Boolean().Default(false).Describe(
                            "Never joins two people who both have a unique identifier.")),
       Optional("caseSensitive",
                Boolean().Describe("Whether capital and small letters differ in its values.")),
       Optional("blocked", ListOf(Text().Range(1, 1000))
                               .AtMost(10'000)
                               .Describe("Values that identify nobody, such as test@test.com.")),
       Optional("blockedPatterns", ListOf(Regex()).AtMost(1000).Describe(
                                       "Regular expressions of values that identify nobody."))});
}

}  // namespace

Kind IdentityKind() {
  return {.name = "identity",
          .plural = "identities",
          .description = "Which identifiers people have, and when two of them are one person.",
          .singleton = true,
          .spec = Object(
              {Required("identifiers",
                        ListOf(Identifier()).Range(1, 100).Describe("The types of identifiers.")),
               Optional("maxIdentifiers",
                        Integer()
                            .Range(1, 100'000)
                            .Default(1000)
                            .Describe("How many identifiers one person may have in all.")),
               Optional("maxMerges", Integer()
                                         .Range(1, 100'000)
                                         .Default(100)
                                         .Describe("How many people may be merged into one.")),
               Optional("defaultCountry",
                        Matching("[A-Z]{2}", "a country's 2 capital letters, such as MX")
                            .Default("MX")
                            .Describe("The country whose telephone numbers are written without "
                                      "their calling code."))}),
          .check = CheckIdentity};
}

}  // namespace batuta::resource
