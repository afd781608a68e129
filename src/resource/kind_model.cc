#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

// What only a logistic regression has: settings, and crosses of two predictors that there are.
void CheckFtrl(const Reader& reader, const std::vector<std::string>& predictors,
               Findings& findings) {
  const bool is_ftrl = reader.Text("type", "adaptive") == "ftrl";
  for (const char* field : {"crosses", "learningRate", "l1", "l2"}) {
    if (is_ftrl || !reader.Has(field)) continue;
    findings.Error("not_allowed", base::StrCat("/spec/", field),
                   base::StrCat("only a model of type: ftrl has \"", field, "\""));
  }
  std::set<std::pair<std::string, std::string>> seen;
  int number = 0;
  for (const Reader& cross : reader.Objects("crosses")) {
    const std::string place = Child("/spec/crosses", number++);
    const std::string a = cross.Text("predictor");
    const std::string b = cross.Text("with");
    for (const auto& [field, name] : {std::pair("predictor", a), std::pair("with", b)}) {
      if (std::find(predictors.begin(), predictors.end(), name) != predictors.end()) continue;
      const std::string near = base::Suggest(name, predictors);
      findings.Error("unknown_predictor", Child(place, field),
                     base::StrCat("there is no predictor \"", name, "\"",
                                  near.empty() ? "" : base::StrCat("; did you mean ", near, "?")));
    }
    if (a == b) {
      findings.Error("duplicate", place, base::StrCat("\"", a, "\" is crossed with itself"));
    } else if (!seen.insert(std::minmax(a, b)).second) {
      findings.Error("duplicate", place,
                     base::StrCat("\"", a, "\" is crossed with \"", b, "\" twice"));
    }
  }
}

// Only models that learn from counts or examples as they come are shared. One that reads nothing of
// what is offered says the same of all actions.
void CheckShared(const Reader& reader, Findings& findings) {
  if (!reader.Bool("shared")) return;
  const std::string type = reader.Text("type", "adaptive");
  if (type == "trees" || type == "beta") {
    findings.Error("not_allowed", "/spec/shared",
                   base::StrCat("a model of type: ", type, " is not shared; say adaptive or ftrl"));
  }
  const std::vector<Reader> predictors = reader.Objects("predictors");
  const bool reads_action =
      std::any_of(predictors.begin(), predictors.end(), [](const Reader& predictor) {
        return base::TrimAscii(predictor.Text("value")).starts_with("action.");
      });
  if (reads_action) return;
  findings.Warning("alike", "/spec/shared",
                   "what actions share says the same of all of them, unless a predictor reads "
                   "something of the action, such as action.name");
}

// Trees for all actions, or for some of them; each once. Another type keeps them, unused.
void CheckTrees(const Reader& reader, Findings& findings) {
  const std::vector<Reader> trees = reader.Objects("trees");
  std::set<std::string> actions;
  int number = 0;
  for (const Reader& one : trees) {
    const std::string place = Child("/spec/trees", number++);
    const std::string action = one.Text("action");
    if (actions.insert(action).second) continue;
    findings.Error("duplicate", place,
                   action.empty() ? "there are two for all actions"
                                  : base::StrCat("there are two for the action \"", action, "\""));
  }
}

void CheckModel(const base::Fields& spec, Findings& findings) {
  const Reader reader(spec);
  const std::string type = reader.Text("type", "adaptive");
  if (type != "beta" && reader.Objects("predictors").empty()) {
    findings.Error("missing_field", "/spec/predictors",
                   base::StrCat(type == "ftrl"    ? "an ftrl"
                                : type == "trees" ? "a trees"
                                                  : "an adaptive",
                                " model needs \"predictors\" to tell people apart by; without any, "
                                "say type: beta"));
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
  CheckFtrl(reader, names, findings);
  CheckShared(reader, findings);
  CheckTrees(reader, findings);
}

}  // namespace

Kind ModelKind() {
  const auto predictor = Object(
      {Required("name", Matching("[A-Za-z][A-Za-z0-9_.-]{0,63}",
                                 "a name of letters, digits, \".\", \"_\" and \"-\"")
                            .Describe("What explanations and reports call it.")),
       Required("value", RuleText().Describe("What it is of a person, in the language of rules: a "
                                             "number, a text, or true or false, such as "
                                             "person.traits.plan or feature.orders_90d; or what "
                                             "it is of what is offered: action.name, "
                                             "action.group, action.issue, action.class, "
                                             "action.treatment, action.variant, action.value, "
                                             "action.cost, action.lever, action.age, "
                                             "action.left, or slot."))});
  const auto cross =
      Object({Required("predictor", Text().Describe("The name of one of the predictors.")),
              Required("with", Text().Describe("The name of another one."))});
  const auto trees = Object(
      {Optional("action", Reference("action").Describe("Which one's acceptance it predicts; "
                                                       "without one, that of all others.")),
       Required("xgboost",
                Text()
                    .Range(1, 6'000'000)
                    .Describe("The JSON that XGBoost saves (binary:logistic, numeric features). "
                              "Its features are predictors of the same names, or without names in "
                              "their order."))});
  return {
      .name = "model",
      .plural = "models",
      .description =
          "How likely people accept what a placement shows them, learned from what they did.",
      .spec = Object(
          {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
           Optional("type", Enum({"adaptive", "ftrl", "trees", "beta"})
                                .Default("adaptive")
                                .Describe("adaptive tells people apart by predictors, each "
                                          "counted for itself; ftrl by a logistic regression "
                                          "of all of them, with crosses; trees by boosted trees "
                                          "that were trained on examples kept for them, and as "
                                          "adaptive until then; beta has one rate for all at a "
                                          "placement.")),
           Optional("predictors", ListOf(predictor).AtMost(100).Describe(
                                      "What may tell who accepts. Those that do are found.")),
           Optional("shared", Boolean().Default(false).Describe(
                                  "Whether all actions of a placement teach one instance, so that "
                                  "a new one begins with what is known of others like it "
                                  "(adaptive, ftrl).")),
           Optional("crosses",
                    ListOf(cross).AtMost(100).Describe("Predictors whose values count together "
                                                       "(ftrl).")),
           Optional("learningRate", Number().Range(0.001, 1).Default(0.05).Describe(
                                        "How fast weights follow what comes (ftrl).")),
           Optional("l1", Number().Range(0, 1000).Default(0).Describe(
                              "Weights with less evidence than this are 0 (ftrl).")),
           Optional("l2", Number().Range(0, 1000).Default(1).Describe(
                              "How strongly weights are drawn to 0 (ftrl).")),
           Optional("trees",
                    ListOf(trees).AtMost(100).Describe("What was trained or imported (trees).")),
           Optional("examples",
                    Integer()
                        .Range(1000, 1'000'000)
                        .Default(100'000)
                        .Describe("How many of the latest examples are kept to train on, for "
                                  "each action at each placement (trees).")),
           Optional("halfLife", Span().Positive().Default("180d").Describe(
                                    "After this time an example weighs half. Another half-life "
                                    "begins to learn anew."))}),
      .check = CheckModel};
}

}  // namespace batuta::resource
