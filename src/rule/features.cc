#include "rule/features.h"

#include <algorithm>

#include "base/status.h"
#include "base/value.h"
#include "expr/activation.h"
#include "expr/calendar.h"
#include "expr/evaluate.h"
#include "profile/view.h"
#include "rule/compile.h"

namespace batuta::rule {

const base::Value* PersonTraits::Find(std::string_view path) const {
  if (const base::Value* whole = profile::Trait(rules_, profile_, path)) return whole;
  const size_t dot = path.find('.');
  if (dot == path.npos) return nullptr;
  const base::Value* object = profile::Trait(rules_, profile_, path.substr(0, dot));
  if (object == nullptr || object->kind_case() != base::Value::kObject) return nullptr;
  return base::FindPath(object->object(), path.substr(dot + 1));
}

feature::Moment MomentOf(const profile::Rules& rules, const absl::TimeZone& zone,
                         const profile::Profile& profile, base::Time now) {
  feature::Moment moment{now, zone};
  const base::Value* stated = profile::Trait(rules, profile, kZoneTrait);
  if (stated == nullptr || stated->kind_case() != base::Value::kText) return moment;
  if (stated->text().empty()) return moment;
  if (const auto own = expr::FindZone(stated->text())) moment.zone = *own;
  return moment;
}

// The aggregates that a named feature is made of.
class FeatureReader::AggregateSource : public expr::AttributeSource {
 public:
  explicit AggregateSource(const FeatureReader& reader) : reader_(reader) {}

  expr::Value Read(const expr::Attribute&, expr::Scratch&) const override {
    BATUTA_CHECK(false, "features are read by slot");
  }
  expr::Value ReadSlot(uint32_t slot, const expr::Attribute&, expr::Scratch&) const override {
    return reader_.Read(&reader_.catalogue_->At(slot));
  }

 private:
  const FeatureReader& reader_;
};

expr::Value FeatureReader::Read(const feature::Feature* aggregate) const {
  if (aggregate == nullptr ||
      std::binary_search(facts_.missing.begin(), facts_.missing.end(), aggregate->number)) {
    return feature::Untold(feature::kUncounted);
  }
  if (!moment_.has_value()) {
    moment_ = MomentOf(rules_, catalogue_->zone(), *facts_.profile, facts_.now);
  }
  const feature::FeatureState* state =
      facts_.states == nullptr ? nullptr : feature::FeatureSet::StateOf(*aggregate, *facts_.states);
  if (feature::NeedsHistory(*aggregate, state, *moment_)) {
    return feature::Untold(feature::kOverfull);
  }
  return feature::ValueOf(*aggregate, state, *moment_, PersonTraits(rules_, *facts_.profile));
}

expr::Value FeatureReader::Read(const feature::NamedFeature& named, expr::Scratch& scratch) const {
  const AggregateSource source(*this);
  expr::Activation activation(catalogue_->table(), source);
  expr::Evaluator evaluator(kRuleBudget);
  return expr::DeepCopy(evaluator.Evaluate(*named.program, activation), scratch.arena);
}

}  // namespace batuta::rule
