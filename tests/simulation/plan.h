// What kind of world a seed makes: its size, what happens in it, and what goes wrong.
//
// Every world has some of the features and faults and not others, so that rare pairs meet often
// enough. Weights and rates are in parts of a thousand steps unless said otherwise.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"

namespace batuta::simulation {

struct Plan {
  uint64_t seed = 0;
  uint16_t partitions = 1;
  uint32_t people = 5;
  uint32_t steps = 400;

  bool guarded = false;  // the default limits of identity; otherwise none
  bool erasures = false;
  bool decisions = false;
  uint32_t burst = 0;  // most that clients do is to ask for up to twice so many decisions at once
  bool groups = false;
  bool archive = false;
  bool small_queue = false;
  bool uploads = false;          // of a table and a list
  bool rules = false;            // random features and segments, judged after every event
  uint32_t shared_percent = 5;   // events that carry somebody else's anonymous id
  uint32_t client_percent = 40;  // steps in which a client does something
  uint32_t checkpoint_records = 50;
  uint64_t segment_bytes = uint64_t{1} << 15;  // of the log
  size_t cache_bytes = size_t{1} << 16;        // of rows

  uint32_t crashes = 0;
  uint32_t sync_errors = 0;
  uint32_t full_disks = 0;
  uint32_t clock_jumps = 0;

  std::string ToString() const;
};

Plan DrawPlan(uint64_t seed);
// The same world, longer, with clients who mostly ask for decisions, many at the same moment.
void MakeDecisive(Plan& plan, uint32_t burst);

// The independent streams of dice. A draw more in one of them changes nothing in the others.
struct Dice {
  explicit Dice(uint64_t seed);
  base::Random workload, schedule, faults, data;
};

inline bool Percent(base::Random& dice, uint64_t percent) { return dice.Below(100) < percent; }

}  // namespace batuta::simulation
