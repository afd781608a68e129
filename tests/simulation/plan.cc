#include "simulation/plan.h"

#include <algorithm>

#include "base/text.h"

namespace batuta::simulation {

Dice::Dice(uint64_t seed)
    : workload(seed, {}, "simulation", "workload"),
      schedule(seed, {}, "simulation", "schedule"),
      faults(seed, {}, "simulation", "faults"),
      data(seed, {}, "simulation", "data") {}

Plan DrawPlan(uint64_t seed) {
  base::Random dice(seed, {}, "simulation", "plan");
  Plan plan;
  plan.seed = seed;
  constexpr uint16_t kPartitions[] = {1, 2, 2, 3, 3, 4, 5, 8};
  plan.partitions = kPartitions[dice.Below(8)];
  plan.people = Percent(dice, 70) ? 5 + static_cast<uint32_t>(dice.Below(20))
                                  : 20 + static_cast<uint32_t>(dice.Below(180));
  plan.steps = 200 + static_cast<uint32_t>(dice.Below(600));
  plan.guarded = Percent(dice, 40);
  plan.erasures = Percent(dice, 40);
  plan.decisions = Percent(dice, 60);
  plan.groups = Percent(dice, 40);
  plan.archive = Percent(dice, 40);
  plan.small_queue = Percent(dice, 20);
  plan.shared_percent = Percent(dice, 50) ? 5 : 30;
  plan.client_percent = 15 + static_cast<uint32_t>(dice.Below(50));
  plan.checkpoint_records = Percent(dice, 50) ? 10 : 100;
  if (Percent(dice, 80)) plan.crashes = 2 + static_cast<uint32_t>(dice.Below(20));
  if (Percent(dice, 20)) plan.sync_errors = 1 + static_cast<uint32_t>(dice.Below(8));
  if (Percent(dice, 20)) plan.full_disks = 1 + static_cast<uint32_t>(dice.Below(8));
  if (Percent(dice, 35)) plan.clock_jumps = 1 + static_cast<uint32_t>(dice.Below(15));
  plan.uploads = Percent(dice, 30);
  return plan;
}

void MakeDecisive(Plan& plan, uint32_t burst) {
  constexpr uint32_t kPeoplePerAsk = 8;  // so that their caps let some of what they ask through
  constexpr uint32_t kLonger = 10;
  plan.decisions = true;
  plan.burst = burst;
  plan.people = std::max(plan.people, kPeoplePerAsk * burst);
  plan.steps *= kLonger;
  plan.client_percent = 20;
  plan.checkpoint_records *= burst;
  plan.segment_bytes *= burst;
  plan.cache_bytes *= burst;
  plan.small_queue = false;
  for (uint32_t* faults : {&plan.crashes, &plan.sync_errors, &plan.full_disks}) *faults *= 2;
  plan.clock_jumps = 20 + 20 * plan.clock_jumps;  // so that limits come to an end
}

std::string Plan::ToString() const {
  std::string text = base::StrCat("seed ", seed, ": ", partitions, " partitions, ", people,
                                  " people, ", steps, " steps,");
  const auto add = [&text](bool is_on, const char* name) {
    if (is_on) base::StrAppend(&text, " ", name);
  };
  add(guarded, "guarded");
  add(erasures, "erasures");
  add(decisions, burst > 0 ? "many-decisions" : "decisions");
  add(groups, "groups");
  add(archive, "archive");
  add(small_queue, "small-queue");
  add(rules, "rules");
  add(uploads, "uploads");
  add(crashes > 0, "crashes");
  add(sync_errors > 0, "sync-errors");
  add(full_disks > 0, "full-disks");
  add(clock_jumps > 0, "clock-jumps");
  return text;
}

}  // namespace batuta::simulation
