#include <utility>

#include "resource/constraint_members.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

constexpr int64_t kLargestMicros = 1'000'000'000'000'000'000;

void CheckBudget(const base::Fields& spec, Findings& findings) {
  CheckConstraint(spec, findings);
  if (Reader(spec).MoneyField("limit").micros > kLargestMicros) {
    findings.Error("out_of_range", "/spec/limit/amount",
                   "\"amount\" must be at most 1000000000000");
  }
}

}  // namespace

Kind BudgetKind() {
  std::vector<Member> members = ConstraintMembers({"day", "week", "month", "campaign"});
  members.insert(members.begin(),
                 Required("limit", MoneyAmount().Describe(
                                       "What all choices together may cost in a period, such as "
                                       "{amount: \"5000.00\", currency: MXN}.")));
  return {.name = "budget",
          .plural = "budgets",
          .description = "What the choices of actions may cost, all together; never overspent.",
          .spec = Object(std::move(members)),
          .check = CheckBudget};
}

}  // namespace batuta::resource
