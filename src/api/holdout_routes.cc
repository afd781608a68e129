// Holdouts: what the people who are not held out did more than those who are.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/money.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/explain_words.h"
#include "decision/holdout_tally.h"
#include "experiment/lift.h"

namespace batuta::api {
namespace {

using decision::Holdout;
using decision::HoldoutArmSums;
using decision::HoldoutTally;
using experiment::Sample;

// A sum as an amount; what does not fit is the most that does.
std::string AmountOf(const decision::HoldoutSum& sum) {
  const absl::int128 most = std::numeric_limits<int64_t>::max();
  return base::FormatAmount(static_cast<int64_t>(std::clamp(decision::SumOf(sum), -most, most)));
}

base::Value ArmValue(const Holdout& holdout, const HoldoutArmSums& arm) {
  ObjectBuilder out;
  out.AddCount("people", arm.people());
  out.AddCount("decisions", arm.decisions());
  out.AddCount("acceptors", arm.acceptors());
  out.AddCount("acceptances", absl::Int128Low64(decision::SumOf(arm.acceptances())));
  out.Add("worth", AmountOf(arm.worth()));
  if (holdout.arm == decision::NOTHING_ARM) {
    ObjectBuilder reported;
    reported.AddCount("acceptances", arm.reports());
    reported.Add("worth", AmountOf(arm.reported()));
    out.Add("reported", reported.Take());
  }
  return out.Take();
}

// Each person counts 1 or nothing, so the squares are the numbers.
Sample AcceptorsOf(const HoldoutArmSums& arm) {
  return {.people = arm.people(), .sum = arm.acceptors(), .squares = arm.acceptors()};
}
Sample SampleOf(const HoldoutArmSums& arm, const decision::HoldoutSum& sum) {
  return {.people = arm.people(), .sum = decision::SumOf(sum), .squares = decision::SquaresOf(sum)};
}

base::Value MomentsValue(const experiment::Moments& moments) {
  return ObjectBuilder().Add("mean", moments.mean).Add("variance", moments.variance).Take();
}

base::Value EstimateValue(const experiment::Estimate& estimate) {
  ObjectBuilder out;
  out.Add("value", estimate.value);
  if (estimate.interval.has_value()) {
    out.Add("low", estimate.interval->low).Add("high", estimate.interval->high);
  }
  return out.Take();
}

std::string_view VerdictName(experiment::Verdict verdict) {
  switch (verdict) {
    case experiment::Verdict::kUnclear:
      return "unclear";
    case experiment::Verdict::kBetter:
      return "better";
    case experiment::Verdict::kWorse:
      return "worse";
  }
  return "";
}

base::Value LiftValue(const experiment::Lift& lift) {
  ObjectBuilder out;
  out.Add("heldOut", MomentsValue(lift.others));
  out.Add("treated", MomentsValue(lift.treated));
  if (lift.difference.has_value()) out.Add("difference", EstimateValue(*lift.difference));
  if (lift.ratio.has_value()) out.Add("ratio", EstimateValue(*lift.ratio));
  out.Add("verdict", VerdictName(lift.verdict));
  return out.Take();
}

void Answer(const ExchangePtr& exchange, const engine::Definitions& definitions,
            const Holdout& holdout, const std::vector<HoldoutTally>& parts) {
  HoldoutTally all;
  for (const HoldoutTally& part : parts) decision::Add(part, all);
  const HoldoutArmSums& held = all.held();
  const HoldoutArmSums& treated = all.treated();
  const bool is_none = holdout.arm == decision::NOTHING_ARM;
  const resource::Resource* resource = definitions.resources.Find("holdout", holdout.name);
  BATUTA_CHECK(resource != nullptr);
  ObjectBuilder out;
  out.Add("holdout", holdout.name);
  out.Add("arm", decision::ArmCode(holdout.arm));
  out.Add("percent", holdout.percent);
  if (const base::Value* only = base::Find(resource->spec, "only")) out.Add("only", *only);
  out.AddTime("since", resource->time.micros);
  out.Add("currency", base::FormatCurrency(definitions.catalogue->currency()));
  out.Add("counts", is_none ? "events" : "events and reports");
  out.Add("heldOut", ArmValue(holdout, held));
  out.Add("treated", ArmValue(holdout, treated));
  out.AddCount("contaminated", all.contaminated());
  ObjectBuilder lift;
  lift.Add("acceptors", LiftValue(experiment::Compare(AcceptorsOf(treated), AcceptorsOf(held), 1)));
  lift.Add("acceptances", LiftValue(experiment::Compare(SampleOf(treated, treated.acceptances()),
                                                        SampleOf(held, held.acceptances()), 1)));
  lift.Add("worth", LiftValue(experiment::Compare(SampleOf(treated, treated.worth()),
                                                  SampleOf(held, held.worth()), 1e-6)));
  out.Add("lift", lift.Take());
  exchange->Json(base::ToJson(out.Take()));
}

void Report(const ExchangePtr& exchange) {
  const std::string& name = exchange->parameter("name");
  const auto definitions = exchange->core().definitions.Now()->definitions;
  const std::vector<Holdout>& holdouts = definitions->catalogue->holdouts();
  const auto holdout = std::find_if(holdouts.begin(), holdouts.end(),
                                    [&](const Holdout& one) { return one.name == name; });
  if (holdout == holdouts.end()) {
    std::vector<std::string> names;
    for (const Holdout& one : holdouts) names.push_back(one.name);
    const std::string near = base::Suggest(name, names);
    return exchange->Fail(http::Status::kNotFound, "no_such_holdout",
                          base::StrCat("There is no holdout of this name",
                                       near.empty() ? "." : "; did you mean " + near + "?"));
  }
  const std::string key = engine::HoldoutKey{holdout->name, holdout->version}.ToBytes();
  Gather<HoldoutTally>(
      exchange->core(),
      [key](engine::Fold& fold) {
        const auto tally = fold.state().GetRow<HoldoutTally>(engine::RowKind::kHoldout, key);
        return tally.value_or(HoldoutTally());
      },
      [exchange, definitions, &holdout = *holdout](const std::vector<HoldoutTally>& parts) {
        Answer(exchange, *definitions, holdout, parts);
      });
}

}  // namespace

void AddHoldoutRoutes(Core& core) {
  AddRoute(core, http::Method::kGet, "/v1/holdouts/{name}:report", {.scope = "resources:read"},
           [](const ExchangePtr& exchange) {
             AfterSettling(exchange, [exchange] { Report(exchange); });
           });
}

}  // namespace batuta::api
