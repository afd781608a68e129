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

  // What each course would do in the state that the real one was in. Of a decision without a trace,
  // or whose trace has no probabilities, nothing is kept.
  void Add(const base::DecisionId& id, const decision::Decision& real,
           const decision::Decision& other);
  // The first slot's choice was accepted, and that was worth so much.
  void Accept(const base::DecisionId& id, int64_t value_micros);

  void WriteTo(Comparison& out) const;

 private:
  using Odds = std::vector<std::pair<uint32_t, double>>;  // by option
  struct Row {
    uint32_t chosen = 0;  // option
    double probability = 0;
    Odds target;
    bool accepted = false;
    int64_t value_micros = 0;
  };
  uint32_t OptionOf(const decision::CandidateTrace* candidate);
  Odds OddsOf(const decision::Decision& decision);
  bool IsSampled(const base::DecisionId& id) const;
  void Thin();

  std::map<std::string, uint32_t, std::less<>> options_;  // "action/treatment/variant", "" nothing
  absl::btree_map<base::DecisionId, Row> rows_;
  uint64_t hash_below_ = ~uint64_t{0};
};

}  // namespace batuta::whatif
