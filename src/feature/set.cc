#include "feature/set.h"

#include <algorithm>
#include <map>

#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"
#include "expr/compile.h"
#include "expr/parse.h"
#include "feature/event_type.h"

namespace batuta::feature {
namespace {

// Compiles each text once.
class ProgramTable {
 public:
  ProgramTable(expr::AttributeTable& attributes,
               std::vector<std::shared_ptr<const expr::Program>>& programs, bool has_lines)
      : attributes_(attributes), programs_(programs) {
    environment_.Declare("e", EventType());
    if (has_lines) environment_.Declare("p");
  }

  // -1 of "".
  int Add(const std::string& text) {
    if (text.empty()) return -1;
    const auto [at, is_new] = numbers_.try_emplace(text, static_cast<int>(programs_.size()));
    if (!is_new) return at->second;
    expr::Compiled compiled = expr::Compile(text, environment_, attributes_);
    BATUTA_CHECK(compiled.program != nullptr, text);
    programs_.push_back(std::move(compiled.program));
    return at->second;
  }

 private:
  expr::Environment environment_;
  expr::AttributeTable& attributes_;
  std::vector<std::shared_ptr<const expr::Program>>& programs_;
  std::map<std::string, int> numbers_;
};

// "e.properties.products" as what a source reads.
expr::Attribute PathOf(const std::string& text) {
  const expr::Parsed parsed = expr::Parse(text);
  BATUTA_CHECK(parsed.expr != nullptr, text);
  expr::Attribute path;
  const expr::Expr* at = parsed.expr.get();
  for (; at->kind == expr::ExprKind::kSelect; at = at->children[0].get()) {
    path.fields.insert(path.fields.begin(), at->name);
  }
  path.variable = at->name;
  return path;
}

FeatureState* MutableState(uint64_t number, PersonFeatures& person, bool may_add) {
  auto& states = *person.mutable_states();
  int low = 0;
  int high = states.size();
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (states.Get(middle).feature() < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < states.size() && states.Get(low).feature() == number) return states.Mutable(low);
  if (!may_add) return nullptr;
  states.Add()->set_feature(number);
  for (int i = states.size() - 1; i > low; --i) states.SwapElements(i, i - 1);
  return states.Mutable(low);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const FeatureSet>> FeatureSet::Make(
    const std::vector<FeatureSpec>& specs, const FeatureSetOptions& options) {
  std::shared_ptr<FeatureSet> set(new FeatureSet);
  set->options_ = options;
  std::map<uint64_t, const FeatureSpec*> by_number;
  for (const FeatureSpec& spec : specs) {
    const auto [at, is_new] = by_number.try_emplace(NumberOf(spec), &spec);
    if (is_new || *at->second == spec) continue;
    return absl::InvalidArgumentError(
        base::StrCat("two features have the same number, one has to be written differently: ",
                     Print(*at->second), " and ", Print(spec)));
  }
  ProgramTable events(set->event_table_, set->event_programs_, false);
  ProgramTable lines(set->line_table_, set->line_programs_, true);
  for (const auto& [number, spec] : by_number) {
    const Feature& feature = set->features_.emplace_back(*spec);
    Programs& programs = set->programs_.emplace_back();
    for (const Step& step : spec->steps) programs.steps.push_back(events.Add(step.where));
    if (spec->never) programs.steps.push_back(events.Add(spec->never->where));
    for (const std::string& key : feature.pattern.columns) programs.keys.push_back(events.Add(key));
    programs.value = (spec->each.empty() ? events : lines).Add(spec->value);
    programs.line_where = lines.Add(spec->line_where);
    if (!spec->each.empty()) programs.each = PathOf(spec->each);
  }
  set->Index();
  set->NoteReads();
  return set;
}

void FeatureSet::NoteReads() {
  for (const expr::AttributeTable* table : {&event_table_, &line_table_}) {
    for (uint32_t slot = 0; slot < table->size(); ++slot) {
      const expr::Attribute& attribute = table->at(slot);
      const bool is_context = !attribute.fields.empty() && attribute.fields[0] == "context";
      reads_context_ |= attribute.variable == "e" && is_context;
    }
  }
  for (const Programs& programs : programs_) {
    reads_context_ |= programs.each && programs.each->fields[0] == "context";
  }
  for (const Feature& feature : features_) {
    const Window::Kind kind = feature.spec.window.kind;
    const bool is_local = kind != Window::Kind::kEver && kind != Window::Kind::kWithin;
    reads_traits_ |= feature.spec.is_of_trait() || is_local;
  }
}

void FeatureSet::Index() {
  // Of each name the steps, by feature; then what takes events of any name goes into all.
  std::map<std::string, std::map<uint32_t, uint32_t>> named;
  std::map<uint32_t, uint32_t> any;
  for (uint32_t i = 0; i < features_.size(); ++i) {
    std::vector<Step> steps = features_[i].spec.steps;
    if (features_[i].spec.never) steps.push_back(*features_[i].spec.never);
    for (size_t step = 0; step < steps.size(); ++step) {
      const uint32_t bit = 1u << step;
      if (steps[step].events.empty()) any[i] |= bit;
      for (const std::string& name : steps[step].events) named[name][i] |= bit;
    }
  }
  for (auto& [name, uses] : named) {
    for (const auto& [feature, steps] : any) uses[feature] |= steps;
    for (const auto& [feature, steps] : uses) uses_[name].push_back({feature, steps});
  }
  for (const auto& [feature, steps] : any) any_.push_back({feature, steps});
}

const Feature* FeatureSet::Find(uint64_t number) const {
  const auto found = std::lower_bound(
      features_.begin(), features_.end(), number,
      [](const Feature& feature, uint64_t wanted) { return feature.number < wanted; });
  return found != features_.end() && found->number == number ? &*found : nullptr;
}

const FeatureSet::Uses* FeatureSet::FindUses(std::string_view name) const {
  const auto found = uses_.find(base::AbslView(name));
  return found == uses_.end() ? nullptr : &found->second;
}

bool FeatureSet::Concerns(std::string_view name, std::string_view kind) const {
  return !any_.empty() || FindUses(name) != nullptr || (!kind.empty() && FindUses(kind) != nullptr);
}

const FeatureState* FeatureSet::StateOf(const Feature& feature, const PersonFeatures& person) {
  // Only read.
  return MutableState(feature.number, const_cast<PersonFeatures&>(person), false);
}

FeatureState* FeatureSet::MutableStateOf(const Feature& feature, PersonFeatures& person) {
  return MutableState(feature.number, person, true);
}

void FeatureSet::Merge(const PersonFeatures& from, PersonFeatures& into) const {
  for (const FeatureState& state : from.states()) {
    const Feature* feature = Find(state.feature());
    if (feature == nullptr) continue;
    feature::Merge(feature->plan, state, options_.entries_max,
                   *MutableState(state.feature(), into, true));
  }
}

void FeatureSet::Expire(base::Time now, PersonFeatures& person) const {
  auto& states = *person.mutable_states();
  int kept = 0;
  for (int i = 0; i < states.size(); ++i) {
    const Feature* feature = Find(states.Get(i).feature());
    if (feature == nullptr) continue;
    feature::Expire(feature->plan, now, *states.Mutable(i));
    if (IsEmpty(states.Get(i))) continue;
    states.SwapElements(kept++, i);
  }
  states.DeleteSubrange(kept, states.size() - kept);
}

base::Time FeatureSet::NextChange(const PersonFeatures& person, const Moment& moment,
                                  const TraitSource& traits) const {
  base::Time next = base::kDistantFuture;
  int at = 0;
  for (const Feature& feature : features_) {
    while (at < person.states_size() && person.states(at).feature() < feature.number) ++at;
    const bool has_state =
        at < person.states_size() && person.states(at).feature() == feature.number;
    const FeatureState* state = has_state ? &person.states(at) : nullptr;
    next = std::min(next, feature::NextChange(feature, state, moment, traits));
  }
  return next;
}

}  // namespace batuta::feature
