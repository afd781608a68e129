#include "api/constraint_account.h"

#include <algorithm>
#include <string_view>

#include "base/status.h"
#include "engine/row.pb.h"
#include "policy/lease.pb.h"

namespace batuta::api {

ConstraintAccounts AccountsIn(engine::Fold& fold, policy::ConstraintKind kind,
                              const std::string& name) {
  ConstraintAccounts accounts;
  const policy::Constraint* constraint =
      fold.definitions().catalogue->constraints().Find(kind, name);
  if (constraint == nullptr) return accounts;
  fold.state().ScanRows(engine::RowKind::kLease, [&](std::string_view bytes, std::string_view row) {
    const policy::LeaseKey key = policy::DecodeLeaseKey(bytes);
    const bool is_it = key.kind() == static_cast<uint32_t>(kind) && key.name() == name &&
                       key.per() == static_cast<uint32_t>(constraint->per);
    if (!is_it) return true;
    policy::Lease lease;
    BATUTA_CHECK(lease.ParseFromArray(row.data(), static_cast<int>(row.size())));
    ConstraintAccount& account = accounts[base::Time{key.start()}];
    account.ends = base::Time{lease.ends()};
    account.reserved += lease.reserved();
    account.spent += lease.spent();
    account.overdrawn += lease.overdrawn();
    return true;
  });
  return accounts;
}

ConstraintAccounts SumOf(const std::vector<ConstraintAccounts>& parts) {
  ConstraintAccounts all;
  for (const ConstraintAccounts& part : parts) {
    for (const auto& [start, account] : part) {
      ConstraintAccount& sum = all[start];
      sum.ends = account.ends;
      sum.reserved += account.reserved;
      sum.spent += account.spent;
      sum.overdrawn += account.overdrawn;
    }
  }
  return all;
}

int64_t LeftOf(const policy::Constraint& constraint, const ConstraintAccounts& accounts,
               base::Time now, const absl::TimeZone& zone) {
  const policy::Period period = policy::PeriodOf(constraint, now, zone);
  // Outside of its dates a budget is empty; an agreement is none.
  const bool is_agreement = constraint.kind == policy::ConstraintKind::kAgreement;
  if (!period.is_open) return is_agreement ? policy::kLargestLimit : 0;
  const policy::LeaseKey key = policy::KeyOf(constraint, period);
  int64_t left = policy::AllowedAt(constraint, key, period.end, now);
  const auto account = accounts.find(base::Time{key.start()});
  if (account != accounts.end()) {
    left -= account->second.spent + account->second.reserved + account->second.overdrawn;
  }
  return std::max<int64_t>(left, 0);
}

}  // namespace batuta::api
