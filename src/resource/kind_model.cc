#include <string>
#include <vector>

#include "base/text.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckModel(const base::Fields& spec, Findings& findings) {
  const Reader reader(spec);
  if (reader.Text("type", "adaptive") == "adaptive" && reader.Objects("predictors").empty()) {
    findings.Error("missing_field", "/spec/predictors",
                   "an adaptive model needs \"predictors\" to tell people apart by; without any, "
                   "say type: beta");
  }
  if (reader.Has("halfLife") && reader.DurationField("halfLife") < base::Days(1)) {
    findings.Error("out_of_range", "/spec/halfLife", "what is learned lasts a day at least");
  }
  std::vector<std::string> names;
  for (const Reader& predictor : reader.Objects("predictors")) {
    const std::string name = predictor.Text("name");
    const std::string place = Child("/spec/predictors", static_cast<int>(names.size()));
    for (const std::string& before : names) {
      if (before != name) continue;
      findings.Error("duplicate", Child(place, "name"),
                     base::StrCat("the predictor \"", name, "\" is declared twice"));
    }
    names.push_back(name);
  }
}

}  // namespace

Kind ModelKind() {
  const auto predictor = Object(
      {Required("name", Matching("[A-Za-z][A-Za-z0-9_.-]{0,63}",
                                 "a name of letters, digits, \".\", \"_\" and \"-\"")
                            .Describe("What explanations and reports call it.")),
       Required("value", RuleText().Describe("What it is of a person, in the language of rules: a "
                                             "number, a text, or true or false, such as "
                                             "person.traits.plan or feature.orders_90d."))});
  return {.name = "model",
          .plural = "models",
          .description =
              "How likely people accept what a placement shows them, learned from what they did.",
          .spec = Object(
              {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
               Optional("type", Enum({"adaptive", "beta"})
                                    .Default("adaptive")
                                    .Describe("adaptive tells people apart by predictors; beta has "
                                              "one rate for all at a placement.")),
               Optional("predictors", ListOf(predictor).AtMost(100).Describe(
                                          "What may tell who accepts. Those that do are found.")),
               Optional("halfLife", Span().Positive().Default("180d").Describe(
                                        "After this time an example weighs half. Another half-life "
                                        "begins to learn anew."))}),
          .check = CheckModel};
}

}  // namespace batuta::resource
