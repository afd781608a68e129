// Events into states: FeatureFold of set.h.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/hash.h"
#include "base/status.h"
#include "expr/calendar.h"
#include "expr/operators.h"
#include "feature/set.h"
#include "feature/value_hash.h"

namespace batuta::feature {

// What the variables `e` and `p` are at the moment.
class FeatureFold::Source : public expr::AttributeSource {
 public:
  void SetEvent(const Event& event) { event_ = &event; }
  void SetLine(const expr::Value& line) { line_ = line; }

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
    if (attribute.variable == "p") return Follow(line_, attribute, 0, scratch);
    if (attribute.fields.empty()) {
      return expr::Value::Error(expr::ErrorCode::kNoOverload, "an event as a whole is no value");
    }
    return Follow(Field(attribute.fields[0]), attribute, 1, scratch);
  }

 private:
  expr::Value Field(std::string_view name) const {
    if (name == "properties") return OfFields(event_->properties);
    if (name == "context") return OfFields(event_->context);
    if (name == "name") return expr::Value::Text(event_->name);
    if (name == "source") return expr::Value::Text(event_->source);
    if (name == "time") return expr::OfTime(event_->time);
    return expr::Value::Error(expr::ErrorCode::kAbsent, "events have no such field", true);
  }

  static expr::Value OfFields(const base::Fields* fields) {
    return expr::Value::OfJson(fields == nullptr ? base::Fields::default_instance() : *fields);
  }

  static expr::Value Follow(expr::Value value, const expr::Attribute& attribute, size_t from,
                            expr::Scratch& scratch) {
    for (size_t i = from; i < attribute.fields.size(); ++i) {
      value = expr::Select(value, attribute.fields[i], scratch);
    }
    return value;
  }

  const Event* event_ = nullptr;
  expr::Value line_;
};

namespace {

// A number that sums and orders can work with; -0 is 0.
bool ReadNumber(const expr::Value& value, double& number) {
  switch (value.kind()) {
    case expr::Kind::kInt:
      number = static_cast<double>(value.AsInt());
      break;
    case expr::Kind::kUint:
      number = static_cast<double>(value.AsUint());
      break;
    case expr::Kind::kDouble:
      number = value.AsDouble();
      break;
    default:
      return false;
  }
  number += 0.0;
  return std::isfinite(number);
}

// What a record remembers of a value: a boolean, number or text.
bool ReadWord(const expr::Value& value, base::Value& word) {
  double number = 0;
  if (ReadNumber(value, number)) {
    word.set_number(number);
    return true;
  }
  switch (value.kind()) {
    case expr::Kind::kBool:
      word.set_boolean(value.AsBool());
      return true;
    case expr::Kind::kString:
      if (value.AsText().size() > kWordBytesMax) return false;
      word.mutable_text()->assign(value.AsText());
      return true;
    case expr::Kind::kTimestamp:
      word.set_text(expr::FormatTimestamp(value.seconds(), value.nanos()));
      return true;
    default:
      return false;
  }
}

}  // namespace

uint64_t IdentityOf(std::string_view source, std::string_view message_id) {
  return base::Hash64(message_id, base::Hash64(source));
}

FeatureFold::FeatureFold(std::shared_ptr<const FeatureSet> set)
    : set_(std::move(set)),
      source_(std::make_unique<Source>()),
      event_(set_->event_table_, *source_),
      line_(set_->line_table_, *source_),
      remembered_(set_->event_programs_.size()) {}

FeatureFold::~FeatureFold() = default;

void FeatureFold::Begin(const Event& event) {
  source_->SetEvent(event);
  event_.Clear();
  line_.Clear();
  ++event_count_;
}

std::span<const FeatureSet::Use> FeatureFold::UsesOf(const Event& event) {
  const FeatureSet::Uses* named = set_->FindUses(event.name);
  const FeatureSet::Uses* of_kind = event.kind.empty() ? nullptr : set_->FindUses(event.kind);
  if (named == nullptr && of_kind == nullptr) return set_->any_;
  if (named == nullptr || of_kind == nullptr) return named == nullptr ? *of_kind : *named;
  both_.clear();
  std::merge(named->begin(), named->end(), of_kind->begin(), of_kind->end(),
             std::back_inserter(both_),
             [](const auto& a, const auto& b) { return a.feature < b.feature; });
  size_t kept = 0;
  for (const FeatureSet::Use& use : both_) {
    if (kept > 0 && both_[kept - 1].feature == use.feature) {
      both_[kept - 1].steps |= use.steps;
    } else {
      both_[kept++] = use;
    }
  }
  both_.resize(kept);
  return both_;
}

const expr::Value& FeatureFold::EventValue(int program) {
  Remembered& remembered = remembered_[static_cast<size_t>(program)];
  // What a text points to may be gone when the next program has run.
  const bool is_plain = !remembered.value.Is(expr::Kind::kString);
  if (remembered.event == event_count_ && is_plain) return remembered.value;
  remembered.value =
      evaluator_.Evaluate(*set_->event_programs_[static_cast<size_t>(program)], event_);
  remembered.event = event_count_;
  return remembered.value;
}

bool FeatureFold::HoldsForEvent(int program) {
  return program == FeatureSet::kNone || EventValue(program).IsTrue();
}

expr::Value FeatureFold::LineValue(int program) {
  return evaluator_.Evaluate(*set_->line_programs_[static_cast<size_t>(program)], line_);
}

bool FeatureFold::FillPattern(const FeatureSet::Use& use, Entry& entry) {
  const FeatureSet::Programs& programs = set_->programs_[use.feature];
  for (uint32_t step = 0; step < programs.steps.size(); ++step) {
    const bool can_be = (use.steps >> step & 1) != 0;
    if (can_be && HoldsForEvent(programs.steps[step])) entry.steps |= 1u << step;
  }
  if (entry.steps == 0) return false;
  keys_.clear();
  for (const int key : programs.keys) {
    base::Id128 hash;
    if (!HashOf(EventValue(key), hash)) hash = {};
    keys_.push_back(hash);
  }
  entry.keys = keys_;
  return true;
}

// False if the value is none that the feature can use.
bool FeatureFold::FillValue(const Feature& feature, const expr::Value& value, Entry& entry) {
  const Plan& plan = feature.plan;
  if (plan.has_number && !feature.spec.value.empty() && !ReadNumber(value, entry.number)) {
    return false;
  }
  if (plan.has_word) {
    if (!ReadWord(value, word_)) return false;
    entry.word = &word_;
  }
  const bool is_once = feature.spec.once_per.micros > 0;
  const bool wants_hash = plan.keep == Keep::kSketch || plan.keep == Keep::kNewestPerKey;
  if (!wants_hash) return true;
  base::Id128 key;
  if (!feature.spec.value.empty() && !HashOf(value, key)) return false;
  if (is_once) key = HashInSlot(key, entry.place.time, feature.spec.once_per);
  keys_.assign(1, key);
  entry.keys = keys_;
  return true;
}

template <typename TakeEntry>
void FeatureFold::ForEachEntry(const FeatureSet::Use& use, const Event& event,
                               const TakeEntry& take) {
  const Feature& feature = set_->features_[use.feature];
  const FeatureSet::Programs& programs = set_->programs_[use.feature];
  Entry entry{.place = {.time = event.time.micros, .id = event.identity}};
  if (feature.spec.is_pattern()) {
    if (FillPattern(use, entry)) take(entry);
    return;
  }
  if (!HoldsForEvent(programs.steps[0])) return;
  entry.number = 1;  // of a decaying count
  if (!programs.each) {
    const expr::Value value =
        programs.value == FeatureSet::kNone ? expr::Value() : EventValue(programs.value);
    if (FillValue(feature, value, entry)) take(entry);
    return;
  }
  expr::Scratch scratch;
  scratch.Start(expr::kBudgetDefault);
  const expr::Value lines = source_->Read(*programs.each, scratch);
  if (!lines.Is(expr::Kind::kList)) return;
  for (uint32_t i = 0; i < lines.size(); ++i) {
    source_->SetLine(lines.Element(i));
    line_.Clear();
    if (programs.line_where != FeatureSet::kNone && !LineValue(programs.line_where).IsTrue()) {
      continue;
    }
    const expr::Value value =
        programs.value == FeatureSet::kNone ? expr::Value() : LineValue(programs.value);
    entry.place.line = i;
    if (FillValue(feature, value, entry)) take(entry);
  }
}

std::span<const uint32_t> FeatureFold::Apply(const Event& event, base::Time now,
                                             PersonFeatures& person) {
  BATUTA_CHECK(event.time <= now, "an event is not after log time");
  changed_.clear();
  const std::span<const FeatureSet::Use> uses = UsesOf(event);
  if (uses.empty()) return changed_;
  Begin(event);
  for (const FeatureSet::Use& use : uses) {
    const Feature& feature = set_->features_[use.feature];
    if (event.time.micros <= HorizonOf(feature.plan, now)) continue;
    FeatureState* state = nullptr;
    ForEachEntry(use, event, [&](const Entry& entry) {
      if (state == nullptr) state = FeatureSet::MutableStateOf(feature, person);
      Take(feature.plan, entry, set_->options_.entries_max, *state);
    });
    if (state == nullptr) continue;
    Expire(feature.plan, now, *state);
    changed_.push_back(use.feature);
  }
  return changed_;
}

std::span<const uint32_t> FeatureFold::Remove(const Event& event, PersonFeatures& person) {
  changed_.clear();
  const std::span<const FeatureSet::Use> uses = UsesOf(event);
  Begin(event);
  for (const FeatureSet::Use& use : uses) {
    const Feature& feature = set_->features_[use.feature];
    if (FeatureSet::StateOf(feature, person) == nullptr) continue;
    FeatureState* state = FeatureSet::MutableStateOf(feature, person);
    bool is_done = true;
    ForEachEntry(use, event, [&](const Entry& entry) {
      is_done &= feature::Remove(feature.plan, entry, *state) == Removal::kDone;
    });
    if (!is_done) changed_.push_back(use.feature);
  }
  return changed_;
}

absl::StatusOr<std::vector<FeatureState>> FeatureFold::Rebuild(
    std::span<const Feature* const> features, const EventHistory& history, base::Time now) {
  std::vector<FeatureState> states(features.size());
  std::vector<base::Time> horizons;
  std::vector<FeatureState*> wanted(set_->features_.size());
  for (size_t i = 0; i < features.size(); ++i) {
    const auto index = static_cast<size_t>(features[i] - set_->features_.data());
    BATUTA_CHECK(index < wanted.size(), "the feature is of another set");
    states[i].set_feature(features[i]->number);
    wanted[index] = &states[i];
    horizons.push_back({HorizonOf(features[i]->plan, now)});
  }
  const auto visit = [&](const Event& event) {
    Begin(event);
    for (const FeatureSet::Use& use : UsesOf(event)) {
      FeatureState* state = wanted[use.feature];
      if (state == nullptr) continue;
      const Plan& plan = set_->features_[use.feature].plan;
      if (event.time.micros <= HorizonOf(plan, now)) continue;
      ForEachEntry(use, event, [&](const Entry& entry) {
        Take(plan, entry, std::numeric_limits<int>::max(), *state);
      });
    }
  };
  if (!features.empty()) {
    BATUTA_RETURN_IF_ERROR(
        history.Visit(*std::min_element(horizons.begin(), horizons.end()), visit));
  }
  for (size_t i = 0; i < features.size(); ++i) Expire(features[i]->plan, now, states[i]);
  return states;
}

}  // namespace batuta::feature
