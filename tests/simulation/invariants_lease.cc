// Constraints: whatever partitions hold of a budget or a capacity, nothing of it is lost, nothing
// is overspent, and it is refused only where it is used up.
#include <map>
#include <string>

#include "base/text.h"
#include "policy/lease.h"
#include "simulation/failure.h"
#include "simulation/invariants.h"

namespace batuta::simulation {
namespace {

using engine::PersonRow;
using engine::RowKind;

// Sums over partitions, of one period.
struct Sums {
  int64_t leased = 0;  // as the owner has it
  int64_t overdrawn = 0;
  int64_t granted = 0;  // as those who hold it have it
  int64_t reserved = 0;
  int64_t spent = 0;
  int64_t refused = 0;  // the least that is remembered as not to be had; 0: none
  bool is_paced = false;
  bool is_known = false;  // to the owner
  bool is_over = true;    // to all who hold it
};

template <typename Row>
Row Parse(std::string_view bytes) {
  Row row;
  Require(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "a row of a lease does not parse");
  return row;
}

void AddLease(const policy::Lease& lease, Sums& sums) {
  Require(lease.reserved() >= 0 && lease.reserved() + lease.spent() <= lease.granted(),
          "a lease is overspent");
  sums.granted += lease.granted();
  sums.reserved += lease.reserved();
  sums.spent += lease.spent();
  sums.is_paced = sums.is_paced || lease.paced();
  sums.is_over = sums.is_over && lease.closed();
  if (lease.short_from() == 0) return;
  const bool is_least = sums.refused == 0 || lease.short_from() < sums.refused;
  if (is_least) sums.refused = lease.short_from();
}

}  // namespace

void Invariants::CheckLeases() const {
  std::map<std::string, Sums> sums;
  for (uint16_t p = 0; p < partitions_; ++p) {
    engine::PartitionState& state = folds_(base::PartitionId{p}).state();
    state.ScanRows(RowKind::kLease, [&](std::string_view key, std::string_view bytes) {
      const auto lease = Parse<policy::Lease>(bytes);
      Require(lease.asked() == 0 && !lease.topping(), "a lease waits for an answer");
      AddLease(lease, sums[std::string(key)]);
      return true;
    });
    state.ScanRows(RowKind::kLedger, [&](std::string_view key, std::string_view bytes) {
      const auto ledger = Parse<policy::Ledger>(bytes);
      Sums& one = sums[std::string(key)];
      one.overdrawn += ledger.overdrawn();
      one.is_known = true;
      for (const policy::Share& share : ledger.shares()) one.leased += share.leased();
      return true;
    });
    state.ScanRows(RowKind::kLeaseWaiting, [](std::string_view, std::string_view) {
      throw Failure("a decision waits for a lease");
      return false;
    });
  }
  // What people's open choices hold, counted by hand.
  std::map<std::string, int64_t> held;
  ForEachPerson([&](const base::PersonId&, const PersonRow& row) {
    for (const decision::OpenDecision& open : row.open().decisions()) {
      for (const decision::OpenSlot& slot : open.slots()) {
        if (slot.stage() != policy::RESERVED) continue;
        for (const policy::Stake& hold : slot.holds()) {
          held[policy::Encode(hold.key())] += hold.amount();
        }
      }
    }
  });
  const auto& constraints = folds_(base::PartitionId{0}).definitions().catalogue->constraints();
  for (const auto& [bytes, one] : sums) {
    const policy::LeaseKey key = policy::DecodeLeaseKey(bytes);
    const std::string name = base::StrCat(key.name(), " from ", key.start());
    // The owner forgets what has long been over, also while a choice still holds some of it.
    Require(one.is_known || one.is_over, base::StrCat(name, ": forgotten while it may be taken"));
    Require(!one.is_known || one.leased == one.granted,
            base::StrCat(name, ": something of it was lost"));
    Require(one.reserved == held[bytes],
            base::StrCat(name, ": reserved is ", one.reserved, ", and choices hold ", held[bytes]));
    const policy::Constraint* constraint = constraints.Find(key);
    // Of what the owner has forgotten everything is refused.
    if (constraint == nullptr || one.refused == 0 || one.is_paced || !one.is_known) continue;
    Require(constraint->limit - one.overdrawn - one.reserved - one.spent < one.refused,
            base::StrCat(name, ": ", one.refused, " is refused while there is enough: of ",
                         constraint->limit, ", ", one.leased, " are leased, ", one.reserved,
                         " reserved, ", one.spent, " spent, ", one.overdrawn, " overdrawn"));
  }
}

}  // namespace batuta::simulation
