#include "api/simulation_view.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/cohort_words.h"
#include "experiment/off_policy_value.h"
#include "policy/constraints.h"

namespace batuta::api {
namespace {

using whatif::ActionCount;
using whatif::Comparison;
using whatif::kOther;
using whatif::kReal;
using whatif::PerCourse;

base::Value MoneyOf(int64_t micros, const std::string& currency) {
  ObjectBuilder out;
  out.Add("amount", base::FormatAmount(micros)).Add("currency", currency);
  return out.Take();
}

double ShareOf(uint64_t part, uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

base::Value CountValue(const PerCourse<ActionCount>& counts, whatif::Course course,
                       const std::string& currency) {
  const ActionCount& count = counts[course];
  ObjectBuilder out;
  out.AddCount("chosen", count.chosen).AddCount("shown", count.shown);
  if (course == kReal) out.AddCount("accepted", count.accepted);
  out.Add("spent", MoneyOf(count.spent, currency));
  return out.Take();
}

base::Value ActionsValue(const Comparison& compared, const resource::ResourceSet& resources) {
  ListBuilder list;
  for (const auto& [key, counts] : compared.actions) {
    ObjectBuilder out;
    if (!key.segment.empty()) out.Add("segment", key.segment);
    if (key.action.empty()) {
      out.Add("nothing", true);
    } else {
      out.Add("action", key.action);
      const resource::Resource* action = resources.Find("action", key.action);
      const base::Value* title = action == nullptr ? nullptr : base::Find(action->spec, "title");
      if (title != nullptr) out.Add("title", *title);
    }
    out.Add("channel", key.channel);
    out.Add("was", CountValue(counts, kReal, compared.currency));
    out.Add("wouldBe", CountValue(counts, kOther, compared.currency));
    list.Add(out.Take());
  }
  return list.Take();
}

// What differs most comes first.
base::Value FallsValue(const Comparison& compared, decision::Language language) {
  using Entry = std::pair<decision::Fall, PerCourse<uint64_t>>;
  std::vector<Entry> falls(compared.falls.begin(), compared.falls.end());
  const auto difference = [](const Entry& entry) {
    return std::llabs(static_cast<int64_t>(entry.second[kOther]) -
                      static_cast<int64_t>(entry.second[kReal]));
  };
  std::stable_sort(falls.begin(), falls.end(),
                   [&](const Entry& a, const Entry& b) { return difference(a) > difference(b); });
  ListBuilder list;
  for (const auto& [fall, counts] : falls) {
    ObjectBuilder out;
    out.Add("stage", decision::StageCodeOf(fall.stage)).Add("result", decision::FallCode(fall));
    if (!fall.name.empty()) out.Add("name", fall.name);
    out.Add("text", decision::FallText(fall, language));
    out.AddCount("was", counts[kReal]).AddCount("wouldBe", counts[kOther]);
    list.Add(out.Take());
  }
  return list.Take();
}

base::Value ConstraintsValue(const Comparison& compared) {
  ListBuilder list;
  for (const auto& [key, spent] : compared.constraints) {
    const auto kind = static_cast<policy::ConstraintKind>(key.kind);
    const auto use = [&](whatif::Course course) {
      return kind == policy::ConstraintKind::kBudget
                 ? MoneyOf(spent[course], compared.currency)
                 : base::NumberValue(static_cast<double>(spent[course]));
    };
    ObjectBuilder out;
    out.Add("kind", policy::ConstraintKindName(kind)).Add("name", key.name);
    out.Add("was", use(kReal)).Add("wouldBe", use(kOther));
    list.Add(out.Take());
  }
  return list.Take();
}

base::Value EstimatesValue(const Comparison& compared, decision::Language language) {
  ObjectBuilder out;
  out.AddCount("decisions", compared.estimated_from);
  if (!compared.cannot_estimate.empty()) {
    out.Add(
        "why",
        language == decision::Language::kSpanish
            ? "hacen falta al menos dos decisiones en las que los otros recursos elijan algo"
            : "at least two decisions are needed in which the other resources choose something");
  }
  ListBuilder list;
  for (const whatif::OutcomeEstimate& estimate : compared.estimates) {
    base::Value value = experiment::ToValue(estimate.report, language);
    base::SetField(*value.mutable_object(), "outcome", base::TextValue(estimate.outcome));
    list.Add(std::move(value));
  }
  out.Add("outcomes", list.Take());
  return out.Take();
}

}  // namespace

base::Value SimulationSummary(const Comparison& compared) {
  ObjectBuilder out;
  out.AddCount("decisions", compared.decisions).AddCount("changed", compared.changed);
  out.AddCount("notMade", compared.not_made);
  out.AddCount("people", compared.people).AddCount("affected", compared.affected);
  out.Add("affectedShare", ShareOf(compared.affected, compared.people));
  return out.Take();
}

std::string SimulationJson(const SimulationFrame& frame, const Comparison& compared,
                           const resource::ResourceSet& resources) {
  base::Value value = SimulationSummary(compared);
  ObjectBuilder out;
  out.AddTime("from", frame.from.micros).AddTime("to", frame.to.micros);
  if (!frame.segment.empty()) out.Add("segment", frame.segment);
  for (const base::Field& field : value.object().fields()) out.Add(field.name(), field.value());
  out.AddCount("exposuresPassed", compared.passed);
  out.AddCount("answersDropped", compared.dropped);
  out.AddCount("neverShown", compared.unseen);
  out.Add("actions", ActionsValue(compared, resources));
  out.Add("constraints", ConstraintsValue(compared));
  out.Add("fell", FallsValue(compared, frame.language));
  out.Add("estimates", EstimatesValue(compared, frame.language));
  return base::ToJson(out.Take());
}

}  // namespace batuta::api
