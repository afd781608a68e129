// What is counted of two courses of a history.
//
// Values. Money in millionths of a unit of `currency`.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "decision/decision.pb.h"
#include "decision/value_tally.h"
#include "experiment/off_policy.h"

namespace batuta::whatif {

enum Course : uint8_t { kReal = 0, kOther = 1 };

template <typename T>
using PerCourse = std::array<T, 2>;

// Of one action on one channel, to all or to the people of one segment.
struct ActionKey {
  std::string segment;  // "": everybody
  std::string action;   // "": nothing
  std::string channel;
  friend auto operator<=>(const ActionKey&, const ActionKey&) = default;
};
struct ActionCount {
  uint64_t chosen = 0;
  uint64_t shown = 0;
  uint64_t accepted = 0;  // only of the real course: nobody knows the other's
  int64_t spent = 0;      // what the shown ones cost
  friend bool operator==(const ActionCount&, const ActionCount&) = default;
};

struct ConstraintKey {
  uint32_t kind = 0;  // policy::ConstraintKind
  std::string name;
  friend auto operator<=>(const ConstraintKey&, const ConstraintKey&) = default;
};

// What outcomes of the other course's policy would be, judged from what it would have chosen where
// the real one was asked.
struct OutcomeEstimate {
  std::string outcome;  // "accepted" or "value"
  experiment::OffPolicyReport report;
};

struct Comparison {
  uint64_t decisions = 0;
  uint64_t changed = 0;   // with another choice in some slot
  uint64_t not_made = 0;  // by the other course: refused, or still waiting
  uint64_t people = 0;
  uint64_t affected = 0;  // people with a changed decision
  uint64_t passed = 0;    // exposures that passed to what replaced the action
  uint64_t dropped = 0;   // answers to actions that were replaced
  uint64_t unseen = 0;    // chosen where the real course showed nothing: nobody saw them
  std::string currency;
  std::map<ActionKey, PerCourse<ActionCount>> actions;
  std::map<decision::Fall, PerCourse<uint64_t>> falls;      // of candidates
  std::map<ConstraintKey, PerCourse<int64_t>> constraints;  // spent
  uint64_t estimated_from = 0;                              // decisions
  std::vector<OutcomeEstimate> estimates;
  std::string cannot_estimate;  // why there are none
};

// Adds what a decision chose, and why the rest fell out.
void CountDecision(const decision::Decision& made, Course course,
                   const std::vector<std::string>& segments, Comparison& out);

}  // namespace batuta::whatif
