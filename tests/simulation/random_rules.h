// Random features and random segments on them, and what they mean: computed anew from the events
// that stand in the log, by the naive evaluator of features and a naive evaluator of conditions.
//
// Shares nothing with what it judges but the parsing of an aggregate's text. One for a world.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/random.h"
#include "feature/naive_features.h"

namespace batuta::simulation {

// The names of the features, and of the segments, begin with these.
inline constexpr std::string_view kRandomFeature = "r_";
inline constexpr std::string_view kRandomSegment = "q_";

class RandomRules {
 public:
  explicit RandomRules(uint64_t seed) : seed_(seed) {}

  // Documents of features and segments, and the company's time zone: always the same, but for some,
  // which are others with each variant.
  std::string Documents(uint64_t variant);
  const std::string& zone() const { return zone_; }

  // Before anything is asked of a person, of other events, or of another time.
  void LookAtAnother() { values_.clear(); }
  // The value of an aggregate, by its text.
  feature::NaiveValue ValueOf(const std::string& expression,
                              const std::vector<feature::NaiveEvent>& events, int64_t now);
  // What a feature of that name means just now: variants use names and rules again.
  using MeaningOf = absl::FunctionRef<std::string(std::string_view name)>;
  // Whether somebody fits the rule of that text; nothing if it is none of ours.
  std::optional<bool> Fits(const std::string& rule, MeaningOf meaning_of,
                           const std::vector<feature::NaiveEvent>& events, int64_t now);

 private:
  struct Condition;
  using Tree = std::shared_ptr<const Condition>;
  struct Naive {
    std::unique_ptr<feature::NaiveFeature> feature;
    bool takes_each_arrival = false;
  };
  feature::NaiveValue Compute(const std::string& expression,
                              const std::vector<feature::NaiveEvent>& events, int64_t now);
  enum class Truth : uint8_t { kFalse, kTrue, kUnknown };

  Tree DrawTree(base::Random& dice, const std::map<std::string, std::string>& features, int depth);
  Tree DrawLeaf(base::Random& dice, const std::map<std::string, std::string>& features);
  void DrawSet(base::Random& dice, std::string_view mark, int features, int segments,
               std::string& documents);
  Truth Judge(const Condition& condition, MeaningOf meaning_of,
              const std::vector<feature::NaiveEvent>& events, int64_t now);
  static std::string TextOf(const Condition& condition);

  const uint64_t seed_;
  std::string zone_;
  std::map<std::string, Tree> trees_;   // by the rule's text
  std::map<std::string, Naive> naive_;  // by expression
  // Of the person who is looked at: what features say is asked again by the segments on them.
  std::map<std::string, feature::NaiveValue> values_;
};

}  // namespace batuta::simulation
