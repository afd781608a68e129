// Promises that are held against the log alone, record by record, without looking at any state.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/time.h"
#include "decision/decision.pb.h"
#include "identity/identity.pb.h"
#include "simulation/company.h"

namespace batuta::simulation {

class Promises {
 public:
  explicit Promises(const Limits& limits) : limits_(limits) {}

  // The next decision in the log, made for `person`; `zone` is the company's. Throws Failure when
  // the person is offered more than the cap or the pressure allows, or anything in quiet hours, or
  // everybody together more than constraints allow. Counts what was offered where a decision is an
  // exposure at once, which nothing can undo, as of the log time at which it was decided.
  void TakeDecision(const identity::PersonRef& person, const decision::Decision& decision,
                    absl::TimeZone zone);

 private:
  struct Offered {
    base::Time at;
    std::string action;
  };
  void CheckCap(const std::string& person, base::Time now) const;
  void CheckPressure(const std::string& person, base::Time now) const;
  void CountConstrained(const decision::Decision& decision, absl::TimeZone zone);

  const Limits limits_;
  std::set<std::string> seen_;  // ids of decisions: what was sent again is in the log twice
  std::map<std::string, std::vector<Offered>> offered_;  // by the text of the person's id
  int loans_ = 0;
  std::map<int64_t, int> by_hour_;  // choices, by the beginning of the hour
};

}  // namespace batuta::simulation
