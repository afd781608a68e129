// A logged decision as the source of what the pipeline reads: the person, the models and the
// contacts as its trace saw them. Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/time.h"
#include "decision/decision.pb.h"
#include "decision/offered.h"
#include "decision/person_view.h"
#include "learn/models.h"
#include "policy/caps.h"
#include "policy/policies.h"
#include "rule/aggregates.h"

namespace batuta::decision {

// FailedPrecondition when another engine version made the decision, InvalidArgument when its trace
// is damaged.
absl::Status CheckUsable(const Decision& decision);

// Writes what a decision states about itself, without anything that the pipeline makes. Requires:
// `again` is empty.
void Outline(const Decision& made, Decision& again);

// The person and the context as the trace saw them.
class TracedPerson : public PersonView {
 public:
  TracedPerson(const Trace& trace, const rule::AggregateTexts& texts)
      : trace_(trace), texts_(texts) {}

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override;
  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override;
  ConsentState Consent(std::string_view purpose, std::string_view channel) const override;
  StatedPreference Preference(std::string_view kind, std::string_view name) const override;

 private:
  expr::Value Find(std::string_view path) const;

  const Trace& trace_;
  const rule::AggregateTexts& texts_;
};

// The published models as the trace saw them.
class TracedModels : public learn::ModelView {
 public:
  explicit TracedModels(const Decision& decision) : decision_(decision) {}

  // Whether the trace says what was believed of the action, with values of what is offered as
  // these.
  bool Tells(std::string_view action, const learn::PredictorValues& values) const {
    return SlotOf(values) > 1 ? FindChosen(action, values) != nullptr
                              : Find(action, values) != nullptr;
  }

  uint64_t version() const override { return decision_.model_version(); }

  learn::Opinion Judge(std::string_view action, std::string_view placement,
                       const learn::PredictorValues& values) const override;

  learn::NaturalRate Natural(std::string_view action, std::string_view placement,
                             const learn::PredictorValues& values,
                             double propensity) const override;
  learn::LearnedWorth Worth(std::string_view action) const override;

  bool NamesSymbol(std::string_view, uint64_t) const override { return true; }

  uint64_t PlacementExamples(std::string_view) const override {
    return decision_.trace().exploration().examples();
  }
  // Policies that ask for it say what it was themselves.
  learn::Belief PlacementRate(std::string_view) const override { return {.alpha = 0, .beta = 0}; }

 private:
  const CandidateTrace* Find(std::string_view action, const learn::PredictorValues& values) const;
  // What fills the slot that the values are of.
  const Chosen* FindChosen(std::string_view action, const learn::PredictorValues& values) const;
  const Decision& decision_;
};

// What policies asked for, as the trace saw it; but for blocks and cool-downs where `lookups`
// can tell of them, from what their rules read.
class TracedHistory : public policy::History {
 public:
  TracedHistory(const policy::Policies& policies, const Decision& decision,
                const policy::Lookups* lookups = nullptr);
  absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const override;
  absl::Span<const int64_t> Weights(size_t policy, std::string_view scope_value) const override;
  base::Time EndOf(size_t policy) const override;
  base::Time QuietUntil(size_t policy, base::Time at) const override;
  policy::Hold HoldOf(size_t policy) const override;
  int64_t UsualOn(size_t policy, std::string_view channel) const override;

 private:
  struct Row {
    std::string scope_value;
    std::vector<base::Time> times;
    std::vector<int64_t> weights;
    int64_t usual = 0;
  };
  struct Entry {
    const PolicyTrace* traced = nullptr;  // null: nothing was asked of it
    std::vector<Row> rows = {};
    base::Time ends = base::kDistantFuture;
  };

  void Read(const PolicyTrace& traced, Entry& entry) const;
  const Row* Find(size_t policy, std::string_view scope_value) const;

  base::Time now_;
  const policy::Lookups* lookups_;
  std::vector<Entry> entries_;  // by policy
};

}  // namespace batuta::decision
