#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckPopulation(const base::Fields& spec, Findings& findings) {
  const Reader reader(spec);
  if (reader.Has("feature") == reader.Has("trait")) {
    findings.Error(reader.Has("feature") ? "conflict" : "missing_field", "/spec/feature",
                   "people are ordered by one number: name a \"feature\" or a \"trait\"");
  }
  if (reader.Has("every") == reader.Has("at")) {
    findings.Error(reader.Has("every") ? "conflict" : "missing_field", "/spec/every",
                   "say when it is measured: \"every\", such as 24h, or \"at\", such as 03:00");
  }
  if (reader.Has("every") && reader.DurationField("every") < base::Minutes(1)) {
    findings.Error("out_of_range", "/spec/every", "everybody is measured once a minute at most");
  }
  if (reader.Has("zone") && !reader.Has("at")) {
    findings.Error("conflict", "/spec/zone", "\"zone\" is that of \"at\", which is not there");
  }
}

}  // namespace

Kind PopulationKind() {
  return {
      .name = "population",
      .plural = "populations",
      .description =
          "Where people stand among all by a number: percentiles, quintiles and the "
          "first n, measured on a schedule and read by rules.",
      .spec = Object(
          {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
           Optional("feature", Reference("feature").Describe(
                                   "The feature by which people are ordered; a number.")),
           Optional("trait", Text().Range(1, 200).Describe(
                                 "Or the trait by which they are ordered; a number.")),
           Optional("where", Text().Range(1, 16'384).Describe(
                                 "Who counts, in the language of rules; without it everybody of "
                                 "whom the number is known.")),
           Optional("reversed", Boolean().Default(false).Describe(
                                    "The least number stands highest, as with days since the last "
                                    "order.")),
           Optional("every", Span().Positive().Describe(
                                 "How often it is measured, such as 24h: at whole multiples since "
                                 "1970, so each midnight UTC.")),
           Optional("at",
                    Matching("([01][0-9]|2[0-3]):[0-5][0-9]", "a time of the clock, such as 03:00")
                        .Describe("Or when each day.")),
           Optional("zone", Matching("[A-Za-z0-9_+/-]{1,64}",
                                     "a zone of the tz database, such as America/Mexico_City")
                                .Describe("By which clock; without it the company's."))}),
      .check = CheckPopulation};
}

}  // namespace batuta::resource
