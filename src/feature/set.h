// All features that are defined, compiled together, so that an event costs only what it touches.
//
// Features are found by the event's name; a condition or value that many share is evaluated once an
// event. On the common path nothing is allocated but what the state grows by. A FeatureSet is
// immutable and shared by any threads; a FeatureFold is one thread's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "expr/activation.h"
#include "expr/evaluate.h"
#include "expr/program.h"
#include "feature/event.h"
#include "feature/feature.pb.h"
#include "feature/state.h"
#include "feature/value.h"

namespace batuta::feature {

struct FeatureSetOptions {
  int entries_max = kEntriesMax;  // in the record, of each feature
};

class FeatureSet {
 public:
  // A spec that is there twice counts once. Fails if two different ones have the same number: then
  // one must be written differently.
  static absl::StatusOr<std::shared_ptr<const FeatureSet>> Make(
      const std::vector<FeatureSpec>& specs, const FeatureSetOptions& options = {});

  // In the order of their numbers.
  std::span<const Feature> features() const { return features_; }
  const Feature* Find(uint64_t number) const;
  // If an event of this name (or kind) touches any feature: otherwise it need not be read.
  bool Concerns(std::string_view name, std::string_view kind) const;

  // If any feature looks at the context of events; at traits, of which one says the person's zone.
  bool reads_context() const { return reads_context_; }
  bool reads_traits() const { return reads_traits_; }

  // Null if there is none. Requires: a feature of this set.
  static const FeatureState* StateOf(const Feature& feature, const PersonFeatures& person);

  // Takes all that another person's features have. Commutative and associative; see state.h.
  void Merge(const PersonFeatures& from, PersonFeatures& into) const;

  // Forgets what no value at `now` or later depends on, and features that are not in this set.
  // After it equal histories have equal bytes.
  void Expire(base::Time now, PersonFeatures& person) const;

  // The earliest NextChange of all.
  base::Time NextChange(const PersonFeatures& person, const Moment& moment,
                        const TraitSource& traits) const;

 private:
  friend class FeatureFold;
  static constexpr int kNone = -1;

  // The programs of a feature, as indexes; kNone where it has none.
  struct Programs {
    std::vector<int> steps;  // conditions, the one of `never` last
    std::vector<int> keys;   // of patterns, by column
    int value = kNone;       // over lines if the feature has them
    int line_where = kNone;
    std::optional<expr::Attribute> each;
  };
  // That an event can be some steps of a feature.
  struct Use {
    uint32_t feature = 0;
    uint32_t steps = 0;
  };
  using Uses = std::vector<Use>;  // by feature

  FeatureSet() = default;
  static FeatureState* MutableStateOf(const Feature& feature, PersonFeatures& person);
  const Uses* FindUses(std::string_view name) const;
  void Index();
  void NoteReads();

  FeatureSetOptions options_;
  std::vector<Feature> features_;
  std::vector<Programs> programs_;  // parallel
  std::vector<std::shared_ptr<const expr::Program>> event_programs_;
  std::vector<std::shared_ptr<const expr::Program>> line_programs_;
  expr::AttributeTable event_table_;
  expr::AttributeTable line_table_;
  absl::flat_hash_map<std::string, Uses> uses_;
  Uses any_;  // by events of other names
  bool reads_context_ = false;
  bool reads_traits_ = false;
};

// Folds events into persons. Not thread-safe.
class FeatureFold {
 public:
  explicit FeatureFold(std::shared_ptr<const FeatureSet> set);
  ~FeatureFold();

  const FeatureSet& set() const { return *set_; }

  // Takes an event. Returns the indexes into set().features() of those that took something, until
  // the next call. Requires: `now` is log time and not before the event's.
  std::span<const uint32_t> Apply(const Event& event, base::Time now, PersonFeatures& person);

  // Takes an event back. Returns the indexes of features that have to be rebuilt, until the next
  // call. Requires: it was applied once to this person.
  std::span<const uint32_t> Remove(const Event& event, PersonFeatures& person);

  // The states of these features from all events there are, which are visited once, with room for
  // all entries. Errors of the history are passed on. Requires: they are of this set.
  absl::StatusOr<std::vector<FeatureState>> Rebuild(std::span<const Feature* const> features,
                                                    const EventHistory& history, base::Time now);

 private:
  class Source;
  struct Remembered {
    expr::Value value;
    uint64_t event = 0;  // the count of the event that it is of
  };

  std::span<const FeatureSet::Use> UsesOf(const Event& event);
  void Begin(const Event& event);
  // Calls `take(entry)` for what the event has to say to the feature.
  template <typename TakeEntry>
  void ForEachEntry(const FeatureSet::Use& use, const Event& event, const TakeEntry& take);
  bool HoldsForEvent(int program);
  const expr::Value& EventValue(int program);
  expr::Value LineValue(int program);
  bool FillPattern(const FeatureSet::Use& use, Entry& entry);
  bool FillValue(const Feature& feature, const expr::Value& value, Entry& entry);

  std::shared_ptr<const FeatureSet> set_;
  std::unique_ptr<Source> source_;
  expr::Activation event_;
  expr::Activation line_;
  expr::Evaluator evaluator_;
  uint64_t event_count_ = 0;
  std::vector<Remembered> remembered_;  // by event program
  std::vector<uint32_t> changed_;
  FeatureSet::Uses both_;  // scratch: of name and kind
  absl::InlinedVector<base::Id128, 8> keys_;
  base::Value word_;
};

}  // namespace batuta::feature
