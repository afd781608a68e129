// What the other course's policy would have earned: off-policy evaluation of the first slots that
// the real course filled, at the states that it was asked in.
//
// Keeps at most kSampleMax decisions, about 16 bytes for each candidate of each; of more, those
// with the smallest hashes. Which ones depends on their ids alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "base/ids.h"
#include "decision/decision.pb.h"
#include "whatif/tally.h"

namespace batuta::whatif {

class EstimateSample {
 public:
  static constexpr size_t kSampleMax = size_t{1} << 18;

  // Whether anything is kept of the decision, as far as is known yet.
  bool Wants(const base::DecisionId& id) const;
  // What the other course would do in the state that the real one was in; and what that did. Of a
  // decision of which only one is told, or without probabilities, nothing is kept.
  void AddOther(const base::DecisionId& id, const decision::Decision& other);
  void AddReal(const base::DecisionId& id, const decision::Decision& real);
  // The first slot's choice was accepted, and that was worth so much.
  void Accept(const base::DecisionId& id, int64_t value_micros);

  void WriteTo(Comparison& out) const;

 private:
  using Odds = std::vector<std::pair<uint32_t, double>>;  // by option
  struct Row {
    uint32_t chosen = 0;     // option
    double probability = 0;  // 0: the real course has not decided
    Odds target;
    bool accepted = false;
    int64_t value_micros = 0;
  };
  uint32_t OptionOf(const decision::CandidateTrace* candidate);
  Odds OddsOf(const decision::Decision& decision);
  void Thin();

  std::map<std::string, uint32_t, std::less<>> options_;  // "action/treatment/variant", "" nothing
  absl::btree_map<base::DecisionId, Row> rows_;
  uint64_t hash_below_ = ~uint64_t{0};
};

}  // namespace batuta::whatif
