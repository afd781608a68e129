#include "experiment/off_policy_value.h"

#include <string>
#include <string_view>

#include "base/value.h"

namespace batuta::experiment {

base::Value ToValue(const Estimate& estimate) {
  base::Value value;
  base::Fields& fields = *value.mutable_object();
  base::SetField(fields, "method", base::TextValue(estimate.method));
  base::SetField(fields, "value", base::NumberValue(estimate.value));
  base::SetField(fields, "standardError", base::NumberValue(estimate.standard_error));
  base::SetField(fields, "low", base::NumberValue(estimate.low));
  base::SetField(fields, "high", base::NumberValue(estimate.high));
  return value;
}

base::Value ToValue(const OffPolicyReport& report, rule::Language language) {
  base::Value value;
  base::Fields& fields = *value.mutable_object();
  const auto add = [&fields](std::string_view name, double number) {
    base::SetField(fields, name, base::NumberValue(number));
  };
  base::Value can;
  can.set_boolean(report.doubts.empty());
  base::SetField(fields, "canBeEstimated", can);
  base::Value doubts;
  doubts.mutable_list();
  for (const Doubt& doubt : report.doubts) {
    *doubts.mutable_list()->add_values() = base::TextValue(TextOf(doubt, language));
  }
  base::SetField(fields, "doubts", doubts);
  add("decisions", static_cast<double>(report.decisions));
  add("rewarded", static_cast<double>(report.rewarded));
  add("leftOut", static_cast<double>(report.left_out));
  add("effectiveSample", report.effective_sample);
  add("meanWeight", report.mean_weight);
  add("highestWeight", report.highest_weight);
  add("lowestProbability", report.lowest_probability);
  add("unseen", report.unseen);
  add("switched", report.switched);
  base::Value estimates;
  for (const Estimate& one : report.estimates) {
    *estimates.mutable_list()->add_values() = ToValue(one);
  }
  base::SetField(fields, "estimates", estimates);
  base::SetField(fields, "logged", ToValue(report.logged));
  base::SetField(fields, "gain", ToValue(report.gain));
  return value;
}

}  // namespace batuta::experiment
