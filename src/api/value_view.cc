#include "api/value_view.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/cohort_words.h"
#include "decision/explain_words.h"

namespace batuta::api {
namespace {

using decision::Served;
using decision::Stage;

constexpr size_t kReasonsMax = 20;
constexpr double kNormal95 = 1.959963984540054;
constexpr Served kAllServed[] = {Served::kStrong, Served::kWeak, Served::kNothing};

// Of `all` people that were looked at; with an interval if they stand for others.
base::Value ShareValue(uint64_t count, uint64_t all, bool is_sample) {
  ObjectBuilder out;
  const auto n = static_cast<double>(all);
  const double share = all == 0 ? 0 : static_cast<double>(count) / n;
  out.AddCount("people", count).Add("share", share);
  if (is_sample && all > 0) {
    constexpr double kSquare = kNormal95 * kNormal95;
    const double middle = share + kSquare / (2 * n);
    const double half = kNormal95 * std::sqrt(share * (1 - share) / n + kSquare / (4 * n * n));
    const double scale = 1 + kSquare / n;
    out.Add("low", count == 0 ? 0.0 : (middle - half) / scale);
    out.Add("high", count == all ? 1.0 : (middle + half) / scale);
  }
  return out.Take();
}

base::Value ThresholdValue(const decision::ValueThreshold& threshold, base::Currency currency) {
  ObjectBuilder out;
  out.Add("propensity", threshold.propensity).Add("netValue", threshold.net_value);
  out.Add("currency", base::FormatCurrency(currency));
  return out.Take();
}

base::Value StagesValue(const decision::ValueTally& tally) {
  ListBuilder list;
  for (size_t i = 0; i < tally.stages().size(); ++i) {
    const decision::StageCount& count = tally.stages()[i];
    const uint64_t nothing = count.emptied[static_cast<size_t>(Served::kNothing)];
    const auto stage = static_cast<Stage>(i);
    // The placement has actions, or it has none; and nothing falls out at the choice.
    if (stage == decision::CHOICE || (i == 0 && nothing == 0)) continue;
    ObjectBuilder out;
    out.Add("stage", decision::StageCodeOf(stage));
    out.AddCount("nothing", nothing);
    out.AddCount("weak", count.emptied[static_cast<size_t>(Served::kWeak)]);
    out.AddCount("actions", count.actions);
    list.Add(out.Take());
  }
  return list.Take();
}

ObjectBuilder FallValue(const decision::Fall& fall, decision::Language language) {
  ObjectBuilder out;
  out.Add("stage", decision::StageCodeOf(fall.stage));
  out.Add("result", decision::FallCode(fall));
  if (fall.stage < decision::ALLOWED) out.Add("level", decision::LevelCode(fall.level));
  if (!fall.name.empty()) out.Add("name", fall.name);
  out.Add("text", decision::FallText(fall, language));
  return out;
}

// What empties most comes first.
base::Value ReasonsValue(const decision::ValueTally& tally, decision::Language language) {
  std::vector<size_t> order(tally.falls().size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto rank = [&tally](size_t i) {
    const decision::FallCount& count = tally.fall_counts()[i];
    return std::tuple(count.emptied, count.people, count.actions);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (rank(a) != rank(b)) return rank(a) > rank(b);
    return tally.falls()[a] < tally.falls()[b];
  });
  if (order.size() > kReasonsMax) order.resize(kReasonsMax);
  ListBuilder list;
  for (const size_t i : order) {
    const decision::FallCount& count = tally.fall_counts()[i];
    ObjectBuilder out = FallValue(tally.falls()[i], language);
    out.AddCount("emptied", count.emptied).AddCount("people", count.people);
    out.AddCount("actions", count.actions);
    list.Add(out.Take());
  }
  return list.Take();
}

base::Value ActionsValue(const ValueQuestion& question, const decision::ValueTally& tally) {
  using Entry = std::pair<std::string, decision::ActionCount>;
  std::vector<Entry> actions(tally.actions().begin(), tally.actions().end());
  std::stable_sort(actions.begin(), actions.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.second.chosen, a.second.possible) >
           std::pair(b.second.chosen, b.second.possible);
  });
  ListBuilder list;
  for (const auto& [name, count] : actions) {
    ObjectBuilder out;
    out.Add("action", name);
    const decision::Action* action = question.definitions->catalogue->FindAction(name);
    if (action != nullptr && !action->title.empty()) out.Add("title", action->title);
    out.AddCount("chosen", count.chosen).AddCount("possible", count.possible);
    out.AddCount("strong", count.strong);
    ObjectBuilder fell;
    for (size_t i = decision::ELIGIBLE; i < count.fell.size(); ++i) {
      fell.AddCount(decision::StageCode(static_cast<Stage>(i)), count.fell[i]);
    }
    out.Add("fell", fell.Take());
    list.Add(out.Take());
  }
  return list.Take();
}

std::string_view OfCode(decision::CohortField::Of of) {
  switch (of) {
    case decision::CohortField::Of::kPredictor:
      return "predictor";
    case decision::CohortField::Of::kFeature:
      return "feature";
    case decision::CohortField::Of::kTrait:
      return "trait";
    case decision::CohortField::Of::kSegment:
      return "segment";
  }
  return "";
}

// The conditions, in words and as one rule, if each can be said as one.
void AddConditions(const ValueQuestion& question, const ValueFound& found,
                   const decision::Cohort& cohort, ObjectBuilder& out) {
  const decision::CohortTexts& texts = found.cohort_people.texts();
  const decision::Language language = question.wish.language;
  std::string text;
  std::string rule;
  bool has_rule = true;
  if (!question.wish.segment.empty()) {
    const std::string quoted = base::ToJson(base::TextValue(question.wish.segment));
    rule = quoted + " in person.segments";
  }
  ListBuilder list;
  for (const decision::CohortCondition& condition : cohort.conditions) {
    const decision::CohortField& field = question.fields->all()[condition.field];
    const std::string one = decision::ConditionText(condition, field, texts, language);
    const std::string part = decision::ConditionRule(condition, field, texts);
    base::StrAppend(&text, text.empty() ? "" : decision::Pick(language, " and ", " y "), one);
    base::StrAppend(&rule, rule.empty() ? "" : " && ", part);
    has_rule = has_rule && !part.empty();
    ObjectBuilder entry;
    entry.Add("field", field.name).Add("of", OfCode(field.of));
    entry.Add("expression", field.expression).Add("text", one);
    list.Add(entry.Take());
  }
  out.Add("text", text);
  out.Add("conditions", list.Take());
  if (has_rule) out.Add("rule", rule);
}

base::Value CohortValue(const ValueQuestion& question, const ValueFound& found,
                        const decision::Cohort& cohort, bool is_sample) {
  ObjectBuilder out;
  AddConditions(question, found, cohort, out);
  out.AddCount("people", cohort.size());
  for (const Served served : kAllServed) {
    out.Add(decision::ServedCode(served),
            ShareValue(cohort.people[static_cast<size_t>(served)], cohort.size(), is_sample));
  }
  if (cohort.at_stage > 0) {
    ObjectBuilder most;
    most.Add("stage", decision::StageCodeOf(cohort.stage));
    most.AddCount("people", cohort.at_stage);
    if (cohort.stage != decision::STAGE_UNSPECIFIED) {
      ObjectBuilder reason = FallValue(found.tally.falls()[cohort.fall], question.wish.language);
      reason.AddCount("people", cohort.by_fall);
      most.Add("reason", reason.Take());
    }
    out.Add("emptied", most.Take());
  }
  return out.Take();
}

}  // namespace

std::string ValueJson(const ValueQuestion& question, const ValueFound& found) {
  const decision::ValueTally& tally = found.tally;
  const uint64_t looked = tally.people();
  const bool is_sample = question.wish.sample > 0 && looked < found.people;
  ObjectBuilder out;
  out.Add("placement", question.wish.placement);
  if (!question.wish.segment.empty()) out.Add("segment", question.wish.segment);
  out.AddTime("time", found.time.micros);
  out.AddCount("definitionsVersion", question.definitions->version());
  out.AddCount("modelVersion", found.model_version);
  out.Add("weakBelow",
          ThresholdValue(question.wish.weak_below, question.definitions->catalogue->currency()));
  out.AddCount("people", found.people).AddCount("looked", looked).Add("exact", !is_sample);
  for (const Served served : kAllServed) {
    out.Add(decision::ServedCode(served), ShareValue(tally.CountOf(served), looked, is_sample));
  }
  out.Add("stages", StagesValue(tally));
  out.Add("reasons", ReasonsValue(tally, question.wish.language));
  out.Add("actions", ActionsValue(question, tally));
  const bool is_part = !found.cohort_people.has_all();
  out.AddCount("cohortsOf", found.cohort_people.size());
  ListBuilder cohorts;
  for (const decision::Cohort& cohort : found.cohorts) {
    cohorts.Add(CohortValue(question, found, cohort, is_sample || is_part));
  }
  out.Add("cohorts", cohorts.Take());
  return base::ToJson(out.Take());
}

}  // namespace batuta::api
