#include "decision/remake.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/decision_rules.h"
#include "decision/offered.h"
#include "decision/pipeline.h"
#include "decision/replay.h"
#include "decision/situation.h"
#include "decision/traced.h"
#include "learn/forest_models.h"
#include "policy/quiet.h"
#include "rule/person.h"

namespace batuta::decision {

// The person of the trace, and where that says nothing, of the present.
class RemakePerson : public PersonView {
 public:
  RemakePerson(const Remaker& remaker, const Trace& trace, Remaker::Asked* gather, Remade& out)
      : remaker_(remaker),
        trace_(trace),
        traced_(trace, remaker.catalogue_.texts()),
        gather_(gather),
        out_(out) {}

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
    const std::string path = rule::NameIn(remaker_.catalogue_.texts(), attribute.Name());
    if (Holds(path)) return traced_.Read(attribute, scratch);
    const bool is_of_person = attribute.variable == "person" || attribute.variable == "feature";
    const PersonView* present = is_of_person ? remaker_.present_.person : nullptr;
    Note({Need::Kind::kFact, path}, present != nullptr);
    return present == nullptr ? rule::Absent(/*is_last=*/true) : present->Read(attribute, scratch);
  }

  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override {
    const std::string name = expr::LookedUp{std::string(table), std::string(key), {}}.Name();
    if (Holds(name)) return traced_.Lookup(table, key, scratch);
    const PersonView* present = remaker_.present_.person;
    Note({Need::Kind::kFact, name}, present != nullptr);
    return present == nullptr ? rule::Absent(/*is_last=*/true)
                              : present->Lookup(table, key, scratch);
  }

  ConsentState Consent(std::string_view purpose, std::string_view channel) const override {
    const auto& consents = trace_.consents();
    const bool is_known = std::any_of(consents.begin(), consents.end(),
                                      [&](const ConsentRead& c) { return c.purpose() == purpose; });
    if (is_known) return traced_.Consent(purpose, channel);
    const PersonView* present = remaker_.present_.person;
    Note({Need::Kind::kConsent, std::string(purpose)}, present != nullptr);
    return present == nullptr ? CONSENT_UNKNOWN : present->Consent(purpose, channel);
  }

  StatedPreference Preference(std::string_view kind, std::string_view name) const override {
    const std::pair key{std::string(kind), std::string(name)};
    if (gather_ != nullptr) gather_->preferences.insert(key);
    if (gather_ != nullptr || remaker_.asked_.preferences.contains(key)) {
      return traced_.Preference(kind, name);
    }
    const PersonView* present = remaker_.present_.person;
    const std::string text = name.empty() ? key.first : base::StrCat(kind, " ", name);
    Note({Need::Kind::kPreference, text}, present != nullptr);
    return present == nullptr ? StatedPreference{} : present->Preference(kind, name);
  }

 private:
  bool Holds(std::string_view path) const {
    const auto& values = trace_.values();
    return std::any_of(values.begin(), values.end(),
                       [&](const rule::Seen& seen) { return seen.path() == path; });
  }
  void Note(Need need, bool is_found) const {
    (is_found ? out_.looked_up : out_.missing).insert(std::move(need));
  }

  const Remaker& remaker_;
  const Trace& trace_;
  TracedPerson traced_;
  Remaker::Asked* gather_;  // of the decision as it was; else null
  Remade& out_;
};

// What policies count of the contacts in the trace at another time, and where that says nothing, of
// the present.
class RemakeHistory : public policy::History {
 public:
  RemakeHistory(const Remaker& remaker, const Decision& inputs, const Twist& twist,
                const policy::Lookups& lookups, Remaker::Asked* gather, Remade& out)
      : remaker_(remaker),
        policies_(remaker.catalogue_.policies()),
        twist_(twist),
        now_(twist.now.value_or(base::Time{inputs.log_time()})),
        traced_(policies_, inputs, &lookups),
        gather_(gather),
        out_(out) {
    if (remaker.present_.contacts == nullptr || gather != nullptr) return;
    present_.emplace(policies_, remaker.contacts_, now_, remaker.present_.zone, &lookups);
  }

  absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const override {
    const std::pair key{policy, std::string(scope_value)};
    if (gather_ != nullptr) gather_->counts.insert(key);
    if (gather_ != nullptr || remaker_.asked_.counts.contains(key)) return Counted(key).times;
    Note({Need::Kind::kPolicy, policies_.all()[policy].name});
    return present_ ? present_->Times(policy, scope_value) : absl::Span<const base::Time>();
  }

  absl::Span<const int64_t> Weights(size_t policy, std::string_view scope_value) const override {
    const std::pair key{policy, std::string(scope_value)};
    if (gather_ != nullptr || remaker_.asked_.counts.contains(key)) return Counted(key).weights;
    return present_ ? present_->Weights(policy, scope_value) : absl::Span<const int64_t>();
  }

  base::Time EndOf(size_t policy) const override {
    const base::Time ends = traced_.EndOf(policy);
    if (policies_.all()[policy].calendar == policy::Calendar::kNone) return ends;
    if (ends != base::kDistantFuture && ends > now_) return ends;
    Note({Need::Kind::kZone, ""});
    return present_ ? present_->EndOf(policy) : base::kDistantFuture;
  }

  base::Time QuietUntil(size_t policy, base::Time at) const override {
    const std::pair key{policy, at.micros};
    if (gather_ != nullptr) gather_->quiet.insert(key);
    if (gather_ != nullptr || remaker_.asked_.quiet.contains(key)) {
      return traced_.QuietUntil(policy, at);
    }
    Note({Need::Kind::kZone, ""});
    if (!present_) return at;
    return policy::QuietEnd(policies_.all()[policy].quiet, at, remaker_.present_.zone);
  }

  policy::Hold HoldOf(size_t policy) const override {
    if (policies_.all()[policy].name == twist_.without_block) return {};
    const policy::Hold hold = traced_.HoldOf(policy);
    const bool has_ended = twist_.now && hold.until <= now_;
    return has_ended ? policy::Hold{} : hold;
  }

  int64_t UsualOn(size_t policy, std::string_view channel) const override {
    const std::pair key{policy, std::string(channel)};
    const bool is_traced = gather_ != nullptr || remaker_.asked_.counts.contains(key);
    if (is_traced || !present_) return traced_.UsualOn(policy, channel);
    return present_->UsualOn(policy, channel);
  }

 private:
  struct Row {
    std::vector<base::Time> times;
    std::vector<int64_t> weights;
  };

  // Of what the trace counts, what still counts.
  const Row& Counted(const std::pair<size_t, std::string>& key) const {
    const auto [found, is_new] = rows_.try_emplace(key);
    if (!is_new) return found->second;
    const auto times = traced_.Times(key.first, key.second);
    const auto weights = traced_.Weights(key.first, key.second);
    for (size_t i = 0; i < times.size(); ++i) {
      if (!StillCounts(key.first, times[i])) continue;
      found->second.times.push_back(times[i]);
      if (i < weights.size()) found->second.weights.push_back(weights[i]);
    }
    return found->second;
  }

  bool StillCounts(size_t index, base::Time time) const {
    if (!twist_.now) return true;
    const policy::Policy& policy = policies_.all()[index];
    if (policy.calendar != policy::Calendar::kNone) {
      const base::Time ends = traced_.EndOf(index);
      return now_ < ends || time >= ends;
    }
    const int64_t spans = policy.kind == policy::PolicyKind::kSuppress ? 2 : 1;
    return time > now_ - base::Duration{policy.window.micros * spans};
  }

  void Note(Need need) const { (present_ ? out_.looked_up : out_.missing).insert(std::move(need)); }

  const Remaker& remaker_;
  const policy::Policies& policies_;
  const Twist& twist_;
  base::Time now_;
  TracedHistory traced_;
  std::optional<policy::ContactHistory> present_;
  Remaker::Asked* gather_;
  Remade& out_;
  mutable std::map<std::pair<size_t, std::string>, Row> rows_;
};

namespace {

// The models of the trace, and where that says nothing, of the present.
class RemakeModels : public learn::ModelView {
 public:
  // With `anew` what the trace says does not hold any more: predictors are otherwise.
  RemakeModels(const Decision& inputs, const learn::ModelView* present, bool anew, Remade& out)
      : inputs_(inputs), traced_(inputs), present_(present), anew_(anew), out_(out) {}

  uint64_t version() const override { return inputs_.model_version(); }

  learn::Opinion Judge(std::string_view action, std::string_view placement,
                       const learn::PredictorValues& values) const override {
    if (!anew_ && traced_.Tells(action, values)) return traced_.Judge(action, placement, values);
    Need need{Need::Kind::kModel, std::string(action)};
    if (present_ == nullptr) {
      out_.missing.insert(std::move(need));
      return {};
    }
    // Of the same version they are what the decision would have asked.
    if (present_->version() != inputs_.model_version()) out_.looked_up.insert(std::move(need));
    return present_->Judge(action, placement, values);
  }

  // These are asked after Judge(), which has said what is looked up and what is missing.
  learn::NaturalRate Natural(std::string_view action, std::string_view placement,
                             const learn::PredictorValues& values,
                             double propensity) const override {
    const learn::ModelView* models = !anew_ && traced_.Tells(action, values) ? &traced_ : present_;
    if (models == nullptr) return {};
    return models->Natural(action, placement, values, propensity);
  }
  learn::LearnedWorth Worth(std::string_view action) const override {
    const learn::ModelView* models = !anew_ && traced_.Tells(action, {}) ? &traced_ : present_;
    return models == nullptr ? learn::LearnedWorth() : models->Worth(action);
  }

  bool NamesSymbol(std::string_view, uint64_t) const override { return true; }

  uint64_t PlacementExamples(std::string_view) const override {
    return inputs_.trace().exploration().examples();
  }
  learn::Belief PlacementRate(std::string_view placement) const override {
    return present_ == nullptr ? traced_.PlacementRate(placement)
                               : present_->PlacementRate(placement);
  }

 private:
  const Decision& inputs_;
  TracedModels traced_;
  const learn::ModelView* present_;
  bool anew_;
  Remade& out_;
};

// Reads those predictors anew that read the path. Whether there are any.
bool ReadPredictors(const Catalogue& catalogue, const Placement& placement, const std::string& path,
                    const Situation& situation, const learn::ModelView& models,
                    Decision& decision) {
  const Model* model = catalogue.FindModel(placement.model);
  if (model == nullptr || !model->ReadsPeople() || path.empty()) return false;
  Model affected;
  affected.name = model->name;
  affected.type = model->type;
  for (const Predictor& predictor : model->predictors) {
    if (predictor.value == nullptr) continue;
    const std::vector<std::string>& reads = predictor.value->reads();
    const bool is_read = std::any_of(reads.begin(), reads.end(), [&](const std::string& read) {
      return read == path || read.starts_with(base::StrCat(path, ".")) ||
             path.starts_with(base::StrCat(read, "."));
    });
    if (is_read) affected.predictors.push_back(predictor);
  }
  if (affected.predictors.empty()) return false;
  Decision read;
  StagePredictors(affected, catalogue, situation, models, read);
  learn::PredictorValues& values = *decision.mutable_predictors();
  for (int i = 0; i < values.keys_size(); ++i) {
    for (int j = 0; j < read.predictors().keys_size(); ++j) {
      if (values.keys(i) == read.predictors().keys(j)) {
        values.set_codes(i, read.predictors().codes(j));
        if (i < values.numbers_size() && j < read.predictors().numbers_size()) {
          values.set_numbers(i, read.predictors().numbers(j));
        }
      }
    }
  }
  return true;
}

}  // namespace

Remaker::Remaker(const Decision& logged, const Catalogue& catalogue, const Present& present)
    : logged_(logged),
      catalogue_(catalogue),
      placement_(catalogue.FindPlacement(logged.placement())),
      present_(present) {
  if (present.contacts == nullptr) return;
  for (const policy::Contact& contact : present.contacts->contacts()) {
    const bool was_there = contact.reserved_at() <= logged.log_time();
    if (was_there && contact.decision() != logged.id()) *contacts_.add_contacts() = contact;
  }
}

absl::StatusOr<Remaker> Remaker::Of(const Decision& logged, const Catalogue& catalogue,
                                    const Present& present) {
  const auto again = Replay(logged, catalogue);
  if (!again.ok()) return again.status();
  if (*again != Serialize(logged)) {
    return absl::InvalidArgumentError("made again from its trace, the decision is another");
  }
  Remaker remaker(logged, catalogue, present);
  Asked asked;
  remaker.MakeFrom(logged, {}, &asked);
  remaker.asked_ = std::move(asked);
  return remaker;
}

Remade Remaker::Make(const Decision& inputs, const Twist& twist) const {
  return MakeFrom(inputs, twist, nullptr);
}

Remade Remaker::MakeFrom(const Decision& inputs, const Twist& twist, Asked* gather) const {
  Remade out;
  Decision& again = out.decision;
  Outline(inputs, again);
  const base::Time now = twist.now.value_or(base::Time{inputs.log_time()});
  const RemakePerson person(*this, inputs.trace(), gather, out);
  const Situation situation(person, nullptr, now, catalogue_.texts(), nullptr);
  DecisionRules rules(catalogue_.attributes(), situation);
  const PersonLookups lookups({.catalogue = catalogue_,
                               .rules = rules,
                               .person = present_.person,
                               .models = present_.models});
  const RemakeHistory history(*this, inputs, twist, lookups, gather, out);
  std::optional<learn::ForestModels> present;
  if (present_.models != nullptr) {
    const Model* model = catalogue_.FindModel(placement_->model);
    present.emplace(*present_.models, model == nullptr ? nullptr : model->forests.get());
  }
  const learn::ModelView* believed = present ? &*present : nullptr;
  const bool anew = ReadPredictors(catalogue_, *placement_, twist.changed_path, situation,
                                   RemakeModels(inputs, believed, /*anew=*/false, out), again);
  const RemakeModels models(inputs, believed, anew, out);
  Run run{.decision = again,
          .policies = catalogue_.policies(),
          .history = history,
          .models = models,
          .request = base::DecisionId::FromBytes(inputs.id()).record,
          .now = now,
          .slots = static_cast<uint32_t>(inputs.chosen_size())};
  Gather(*placement_, now, *again.mutable_trace());
  ReadExclusives(catalogue_.exclusivities(), now, again);
  for (CandidateTrace& candidate : *again.mutable_trace()->mutable_candidates()) {
    if (candidate.action() != twist.worth_of) continue;
    candidate.set_value_micros(twist.worth_micros);
    candidate.clear_declared_micros();  // whatever acceptances say
  }
  StageOffered(catalogue_, *placement_, now, again);
  StageRules(*placement_, rules, run);
  StageConsent(*placement_, person, run);
  StagePreference(*placement_, person, run);
  RunFromPolicies(run);
  return out;
}

}  // namespace batuta::decision
