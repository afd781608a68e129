#include "simulation/invariants.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "engine/segment_testing.h"
#include "identity/refs.h"
#include "policy/contacts.h"
#include "simulation/company.h"
#include "simulation/failure.h"

namespace batuta::simulation {

using engine::PersonRow;

void Invariants::ForEachPerson(const Visit& visit) const {
  for (uint16_t p = 0; p < partitions_; ++p) {
    folds_(base::PartitionId{p})
        .state()
        .people.ForEach([&](std::string_view key, const PersonRow& row) {
          visit(base::PersonId::FromBytes(key), row);
        });
  }
}

base::Time Invariants::LatestLogTime() const {
  base::Time latest = base::kDistantPast;
  for (uint16_t p = 0; p < partitions_; ++p) {
    latest = std::max(latest, folds_(base::PartitionId{p}).log_time());
  }
  return latest;
}

const PersonRow* Invariants::Root(const identity::PersonRef& person) const {
  base::PersonId id = identity::FromRef(person);
  while (true) {
    const PersonRow* row = folds_(id.partition).state().people.Find(id);
    if (row == nullptr || !row->identity().has_merged_into()) return row;
    const base::PersonId next = identity::FromRef(row->identity().merged_into());
    Require(base::IsStronger(next, id), "somebody merged into a weaker person");
    id = next;
  }
}

const PersonRow* Invariants::HolderOf(const std::string& bytes) const {
  const auto hash = base::IdentifierHash::FromBytes(bytes);
  const identity::IdentifierRow* row =
      folds_(identity::HomeOf(hash, partitions_)).state().identifiers.Find(hash);
  return row == nullptr || !row->has_person() ? nullptr : Root(row->person());
}

// ---- Always
// ----------------------------------------------------------------------------------------

void Invariants::CheckAlways() const {
  ForEachPerson([&](const base::PersonId& id, const PersonRow& row) { CheckPerson(id, row); });
}

void Invariants::CheckDecided(const base::PersonId& id) const {
  const PersonRow* row = folds_(id.partition).state().people.Find(id);
  Require(row != nullptr, id.ToString() + " is nobody");
  CheckPerson(id, *row);
}

void Invariants::CheckPerson(const base::PersonId& id, const PersonRow& row) const {
  if (guarded_) CheckLimits(id, row.identity());
  CheckWaiting(id, row);
  const bool is_gone = row.identity().erased() || row.identity().has_merged_into();
  if (!is_gone) return;
  Require(row.profile().ByteSizeLong() == 0 && row.contacts().contacts_size() == 0 &&
              row.open().decisions_size() == 0 && row.waiting_size() == 0 &&
              row.features().states_size() == 0 && !row.has_features_due(),
          id.ToString() + " is erased or merged away, and something of them is left");
}

// A request that waits for links alone is decided by a timer at the latest.
void Invariants::CheckWaiting(const base::PersonId& id, const PersonRow& row) const {
  // Who waits for a lease waits for a message: see CheckAtRest.
  if (row.waiting().empty() || !row.deciding().empty() || row.waiting(0).for_lease()) return;
  const engine::Timer timer{.due = {row.waiting(0).settle_by()},
                            .kind = engine::TimerKind::kDecisionSettle,
                            .target = id.ToBytes()};
  bool is_set = false;
  folds_(id.partition).state().timers.ForEach([&](const engine::Timer& one) {
    is_set = one == timer;
    return !is_set && one.due <= timer.due;
  });
  Require(is_set, id.ToString() + " waits for links without end");
}

// By the defaults: one user_id unless a source has asserted more, five addresses a year.
void Invariants::CheckLimits(const base::PersonId& id,
                             const identity::PersonIdentity& person) const {
  const bool is_asserted = std::any_of(person.links().begin(), person.links().end(),
                                       [](const identity::Link& link) { return link.asserted(); });
  constexpr int64_t kYear = int64_t{365} * 86'400'000'000;
  std::map<std::string, std::vector<int64_t>> held;
  for (const identity::PersonIdentifier& each : person.identifiers()) {
    if (each.ruling() == identity::HELD) held[each.type()].push_back(each.added_at());
  }
  Require(is_asserted || held["user_id"].size() <= 1, id.ToString() + " has two user_ids");
  for (const int64_t last : held["email"]) {
    const auto within =
        std::count_if(held["email"].begin(), held["email"].end(),
                      [last](int64_t time) { return time <= last && time > last - kYear; });
    Require(within <= 5, id.ToString() + " has more than five e-mail addresses a year");
  }
}

// ---- At rest
// ---------------------------------------------------------------------------------------

void Invariants::CheckAtRest() const {
  CheckAlways();
  CheckIdentifiers();
  CheckGroups();
  CheckAddresses();
  ForEachPerson([&](const base::PersonId& id, const PersonRow& row) {
    Require(!identity::HasUnsettledLinks(row.identity()), id.ToString() + " has unsettled links");
    Require(row.waiting_size() == 0 && row.deciding().empty(),
            id.ToString() + " waits for a decision");
  });
  CheckSegments();
  CheckPopulations();
  CheckLeases();
  CheckHoldouts();
  CheckLessons();
}

void Invariants::CheckSegments() const {
  for (uint16_t p = 0; p < partitions_; ++p) {
    const std::string fault = engine::FindSegmentFault(folds_(base::PartitionId{p}));
    Require(fault.empty(), fault);
  }
}

void Invariants::CheckIdentifiers() const {
  std::map<std::string, int> holders;
  ForEachPerson([&](const base::PersonId&, const PersonRow& row) {
    for (const identity::PersonIdentifier& each : row.identity().identifiers()) {
      if (each.ruling() == identity::HELD) ++holders[identity::FromRef(each.hash()).ToBytes()];
    }
  });
  for (uint16_t p = 0; p < partitions_; ++p) {
    folds_(base::PartitionId{p})
        .state()
        .identifiers.ForEach([&](std::string_view key, const identity::IdentifierRow& row) {
          Require(row.waiting_size() == 0, "a claim was not answered");
          if (!row.has_person()) return;
          const PersonRow* root = Root(row.person());
          Require(root != nullptr && !root->identity().erased(),
                  "an identifier points to an erased person");
          Require(holders[std::string(key)] == 1, "an identifier has not one holder");
          holders.erase(std::string(key));
        });
  }
  Require(std::all_of(holders.begin(), holders.end(), [](const auto& h) { return h.second == 0; }),
          "a person holds an identifier that does not point back");
}

void Invariants::CheckGroups() const {
  std::map<std::string, std::map<std::string, bool>> of_people;  // group → person → left
  ForEachPerson([&](const base::PersonId& id, const PersonRow& row) {
    for (const profile::Membership& one : row.profile().groups()) {
      of_people[one.group()][id.ToBytes()] = one.left();
    }
  });
  std::map<std::string, std::map<std::string, bool>> of_groups;
  for (uint16_t p = 0; p < partitions_; ++p) {
    folds_(base::PartitionId{p})
        .state()
        .ScanRows(engine::RowKind::kMembers, [&](std::string_view key, std::string_view bytes) {
          profile::MemberBlock block;
          Require(block.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "damaged");
          for (const profile::Member& member : block.members()) {
            of_groups[std::string(key.substr(0, 16))][member.person()] = member.left();
          }
          return true;
        });
  }
  std::erase_if(of_groups, [](const auto& group) { return group.second.empty(); });
  for (const auto& [group, members] : of_groups) {
    for (const auto& [person, left] : members) {
      const bool is_known = of_people[group].contains(person);
      Require(is_known, base::PersonId::FromBytes(person).ToString() +
                            " is a member that does not know of the group");
      Require(of_people[group][person] == left, "a member and the group disagree on leaving");
    }
  }
  for (const auto& [group, members] : of_people) {
    Require(members.size() == of_groups[group].size(), "a person's group does not know them");
  }
}

// Whoever holds an address has its consents.
void Invariants::CheckAddresses() const {
  for (uint16_t p = 0; p < partitions_; ++p) {
    folds_(base::PartitionId{p})
        .state()
        .ScanRows(engine::RowKind::kAddress, [&](std::string_view key, std::string_view bytes) {
          profile::AddressConsent row;
          Require(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "damaged");
          const PersonRow* holder = HolderOf(std::string(key));
          // Who states more than is kept has denied everything.
          if (holder == nullptr || holder->profile().consents_overflow()) return true;
          for (const profile::Consent& consent : row.current()) {
            const auto& all = holder->profile().consents();
            const bool has_it = std::any_of(all.begin(), all.end(), [&](const auto& each) {
              return each.address() == key && each.purpose() == consent.purpose() &&
                     each.status() == consent.status();
            });
            Require(has_it, "the holder of an address does not know its consent");
          }
          return true;
        });
  }
}

}  // namespace batuta::simulation
