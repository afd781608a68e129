#include <set>

#include "base/text.h"
#include "resource/derived_fact.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckClassification(const base::Fields& spec, Findings& findings) {
  const Reader classification(spec);
  const std::vector<std::string> sealed = classification.Texts("sealed");
  const std::set<std::string> sealed_paths(sealed.begin(), sealed.end());
  const std::vector<std::string> clear = classification.Texts("clear");
  for (size_t i = 0; i < clear.size(); ++i)
    if (sealed_paths.contains(clear[i]))
      findings.Error(
          "conflict", base::StrCat("/spec/clear/", i),
          base::StrCat("\"", clear[i], "\" is listed as sealed too; a field is one or the other"));
}

Schema Path() {
  return Matching("(traits|properties|context)(\\.[^.]+)+",
                  "a path that starts with traits, properties or context, such as "
                  "traits.nickname")
      .AtMost(500);
}

Schema Paths() { return ListOf(Path()).Unique().AtMost(10'000); }

Schema Restriction() {
  return Object(
      {Required("field", Path().Describe("The field, with everything below it.")),
       Required("purposes", ListOf(Name()).Range(1, 100).Unique().Describe(
                                "The purposes whose rules may read it; no other rule may."))});
}

Schema Facts() {
  std::vector<std::string> names;
  for (const DerivedFact& fact : DerivedFacts()) names.emplace_back(fact.name);
  return ListOf(Enum(std::move(names))).Unique();
}

}  // namespace

Kind ClassificationKind() {
  return {.name = "classification",
          .plural = "classifications",
          .description = "Which fields hold personal data, beyond and despite the built-in list.",
          .singleton = true,
          .spec = Object(
              {Optional("sealed", Paths().Describe("Fields that are sealed as well.")),
               Optional("clear", Paths().Describe("Fields that stay clear.")),
               Optional("restricted", ListOf(Restriction())
                                          .AtMost(1000)
                                          .Describe("Fields that only rules of some purposes may "
                                                    "read.")),
               Optional("derived",
                        Facts().Describe("The clear facts that are derived of personal fields; "
                                         "unless it is said: birth_year, country, email_domain "
                                         "and timezone."))}),
          .check = CheckClassification};
}

}  // namespace batuta::resource
