// Budgets, capacities and agreements: the leases of this partition, and the ledgers of the
// constraints that it owns (policy/lease.h). A decision that needs more than the lease has waits
// for the owner's answer with its person; what it takes is reserved before its record is durable,
// so that the next decision of the partition sees it.
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/fold.h"
#include "policy/constraints.h"

namespace batuta::engine {
namespace {

// Periods that are over stay for reports. Beyond this, nothing of them is granted any more.
constexpr base::Duration kKept = base::Days(30);

base::PartitionId OwnerOf(const policy::LeaseKey& key, uint16_t partitions) {
  const uint64_t hash = base::Hash64(base::StrCat(key.kind(), " ", key.name()));
  return base::PartitionId{static_cast<uint16_t>(hash % partitions)};
}

bool IsToOwner(policy::LeaseVerb verb) {
  switch (verb) {
    case policy::LEASE_ASK:
    case policy::LEASE_TOP_UP:
    case policy::LEASE_GIVE_BACK:
    case policy::LEASE_EMPTIED:
    case policy::LEASE_OVERDRAW:
      return true;
    default:
      return false;
  }
}

// When the period may be forgotten; a campaign never is.
base::Time ForgottenAt(const policy::LeaseKey& key, base::Time ends) {
  const bool stays =
      ends == base::kDistantFuture || key.per() == static_cast<uint32_t>(policy::Per::kCampaign);
  return stays ? base::kDistantFuture : ends + kKept;
}

// Of those who wait for a lease: its key, their place in the queue, and who they are.
std::string QueueFrom(const std::string& key, uint64_t place) {
  base::ByteWriter writer;
  writer.Raw(PartitionState::KeyOf(RowKind::kLeaseWaiting, key));
  writer.U64(place);
  return writer.Take();
}
std::string RowOfWaiting(const std::string& key, uint64_t place, const base::PersonId& person) {
  return QueueFrom(key, place) + person.ToBytes();
}
constexpr size_t kPersonBytes = 19;
// So many rows of a queue are read at a time: a lease often does for few of those who wait for it.
constexpr uint64_t kWokenTogether = 16;
uint64_t PlaceOf(std::string_view row) {
  row.remove_suffix(kPersonBytes);
  return base::ByteReader(row.substr(row.size() - sizeof(uint64_t))).U64();
}
base::PersonId PersonOfWaiting(std::string_view row) {
  return base::PersonId::FromBytes(row.substr(row.size() - kPersonBytes));
}

}  // namespace

policy::Holder Fold::HolderOf(const policy::LeaseKey& key) const {
  return {.key = key,
          .partition = base::Index(settings_.partition),
          .version = definitions_->version()};
}

// Changes a lease that is there, and tells its owner what `how` says to.
void Fold::ChangeLease(const policy::LeaseKey& key, LeaseChange how) {
  const std::string bytes = policy::Encode(key);
  auto lease = state_.GetRow<policy::Lease>(RowKind::kLease, bytes);
  BATUTA_CHECK(lease.has_value(), "a lease of which something is reserved or read stays");
  const std::optional<policy::LeaseMessage> message = how(*lease);
  state_.PutRow(RowKind::kLease, bytes, *lease);
  TellOwner(message);
}

// Asks for what is lacking, and puts the decision back in front of the person's queue. `made` is
// what it would be if nothing were lacking.
void Fold::WaitForLeases(const base::PersonId& person, const DecisionAsk& ask,
                         const decision::Decision& made, std::vector<decision::Shortage> shortages,
                         PersonRow& row) {
  std::sort(shortages.begin(), shortages.end(), [](const auto& a, const auto& b) {
    return policy::Encode(a.key) < policy::Encode(b.key);
  });
  const std::string awaited = policy::Encode(shortages.front().key);
  for (const decision::Shortage& shortage : shortages) {
    const std::string key = policy::Encode(shortage.key);
    auto lease = state_.GetRow<policy::Lease>(RowKind::kLease, key);
    if (!lease.has_value()) {
      const policy::Constraint* constraint =
          definitions_->catalogue->constraints().Find(shortage.key);
      BATUTA_CHECK(constraint != nullptr);
      const base::Time ends =
          policy::PeriodOf(*constraint, log_time(), definitions_->features->zone()).end;
      lease.emplace().set_ends(ends.micros);
      for (const base::Time due : {ends, ForgottenAt(shortage.key, ends)}) {
        if (due != base::kDistantFuture) state_.timers.Set({due, TimerKind::kLeases});
      }
    }
    const auto message = policy::Ask(HolderOf(shortage.key), shortage.need, *lease);
    if (key == awaited) lease->set_waiting(lease->waiting() + 1);
    state_.PutRow(RowKind::kLease, key, *lease);
    TellOwner(message);
  }
  WaitingDecision& waiting = *row.add_waiting();
  *waiting.mutable_ask() = ask;
  waiting.set_for_lease(true);
  KeepLeases(made, awaited, waiting);
  for (int i = row.waiting_size() - 1; i > 0; --i) row.mutable_waiting()->SwapElements(i, i - 1);
  state_.rows.Put(RowOfWaiting(awaited, base::Number(current_.position.offset), person), "");
}

// Reserves what a decision may take of the constraints before the one that it waits for.
void Fold::KeepLeases(const decision::Decision& made, std::string_view awaited,
                      WaitingDecision& waiting) {
  for (const decision::LeaseTrace& read : made.trace().leases()) {
    if (policy::Encode(read.key()) >= awaited) break;  // they come in this order
    const int64_t most = *std::max_element(read.uses().begin(), read.uses().end());
    int64_t amount = 0;
    for (int i = 0; i < made.chosen_size(); ++i) amount = std::min(amount + most, read.left());
    if (amount == 0) continue;
    ChangeLease(read.key(), [amount](policy::Lease& lease) {
      policy::Take(amount, lease);
      return std::nullopt;
    });
    policy::Stake& kept = *waiting.add_kept();
    *kept.mutable_key() = read.key();
    kept.set_amount(amount);
  }
}

// The decision does not wait any more.
void Fold::ReturnKept(WaitingDecision& waiting) {
  for (const policy::Stake& kept : waiting.kept()) SettleHold(kept, policy::HOLD_RETURNED);
  waiting.clear_kept();
}

// Lets the decision that waits try again. What it does not take of what was kept for it is free.
void Fold::TryAgain(const base::PersonId& person) {
  WaitingDecision& waiting = *state_.people.Mutable(person).mutable_waiting(0);
  waiting.set_for_lease(false);
  google::protobuf::RepeatedPtrField<policy::Stake> kept;
  kept.Swap(waiting.mutable_kept());
  for (const policy::Stake& one : kept) {
    ChangeLease(one.key(), [&](policy::Lease& lease) {
      policy::Release(one.amount(), lease);
      return std::nullopt;
    });
  }
  DecideNext(person);
  for (const policy::Stake& one : kept) {
    ChangeLease(one.key(), [&](policy::Lease& lease) {
      return policy::GiveBackIfLean(HolderOf(one.key()), lease);
    });
  }
}

// Those who wait for the lease try again, in their order, until there is too little of it for one.
void Fold::WakeForLease(const std::string& key) {
  auto lease = state_.GetRow<policy::Lease>(RowKind::kLease, key);
  if (!lease.has_value()) return;
  // Who joins from here on waits for the next time.
  uint64_t left = lease->waiting();
  for (std::vector<std::string> rows; left > 0; rows.pop_back(), --left) {
    if (rows.empty()) rows = FirstWaiting(key, lease->woken(), std::min(left, kWokenTogether));
    const std::string& row = rows.back();
    state_.rows.Erase(row);
    lease->set_waiting(lease->waiting() - 1);
    lease->set_woken(PlaceOf(row));
    state_.PutRow(RowKind::kLease, key, *lease);
    const base::PersonId person = PersonOfWaiting(row);
    const PersonRow* found = state_.people.Find(person);
    if (found == nullptr || found->waiting().empty() || !found->waiting(0).for_lease()) continue;
    const uint64_t others = lease->waiting();
    TryAgain(person);
    lease = state_.GetRow<policy::Lease>(RowKind::kLease, key);
    if (lease->waiting() > others) return KeepPlace(key, row);
    if (lease->asked() > 0) return;
  }
}

// Who has tried in vain stands where they stood, not behind all the others.
void Fold::KeepPlace(const std::string& lease, const std::string& row) {
  const uint64_t now = base::Number(current_.position.offset);
  state_.rows.Erase(RowOfWaiting(lease, now, PersonOfWaiting(row)));
  state_.rows.Put(row, "");
}

// The rows of the first `count` who wait for the lease, the first one last. Looks only from the
// place of who was woken last to the end of this queue: queues that have been served leave many
// erased rows behind, this one before that place, others after its end.
std::vector<std::string> Fold::FirstWaiting(const std::string& key, uint64_t woken, size_t count) {
  std::vector<std::string> rows;
  const std::string end = QueueFrom(key, std::numeric_limits<uint64_t>::max());
  state_.rows.Scan(QueueFrom(key, woken), end, [&](std::string_view row, std::string_view) {
    rows.emplace_back(row);
    return rows.size() < count;
  });
  BATUTA_CHECK(rows.size() == count, "fewer wait than are counted");
  std::reverse(rows.begin(), rows.end());
  return rows;
}

void Fold::TakeHolds(const decision::Decision& made) {
  for (const decision::Chosen& chosen : made.chosen()) {
    for (const policy::Stake& hold : chosen.holds()) {
      ChangeLease(hold.key(), [&](policy::Lease& lease) {
        policy::Take(hold.amount(), lease);
        return policy::TopUp(HolderOf(hold.key()), hold.amount(), lease);
      });
    }
  }
}

// To the partition that made the choice, wherever its person is now.
void Fold::SendHoldChanges(base::PartitionId partition,
                           const std::vector<decision::HoldChange>& changes) {
  for (size_t i = 0; i < changes.size();) {
    Message message;
    policy::HoldsChanged& changed = *message.mutable_holds_changed();
    changed.set_fate(changes[i].fate);
    for (; i < changes.size() && changes[i].fate == changed.fate(); ++i) {
      *changed.add_holds() = changes[i].hold;
    }
    Send(partition, std::move(message));
  }
}

// Their person is gone.
void Fold::DropChoices(const decision::OpenDecisions& open) {
  for (const decision::OpenDecision& one : open.decisions()) {
    SendHoldChanges(base::DecisionId::FromBytes(one.decision()).partition,
                    decision::DroppedHolds(one));
  }
}

void Fold::OnHoldsChanged(const policy::HoldsChanged& changed) {
  for (const policy::Stake& hold : changed.holds()) SettleHold(hold, changed.fate());
}

void Fold::SettleHold(const policy::Stake& hold, policy::HoldFate fate) {
  if (!state_.rows.Get(PartitionState::KeyOf(RowKind::kLease, policy::Encode(hold.key())))) {
    return;  // shown long after all
  }
  ChangeLease(hold.key(), [&](policy::Lease& lease) {
    return policy::Settle(HolderOf(hold.key()), hold.amount(), fate, lease);
  });
}

void Fold::TellOwner(const std::optional<policy::LeaseMessage>& message) {
  if (!message.has_value()) return;
  Message out;
  *out.mutable_lease() = *message;
  Send(OwnerOf(message->key(), settings_.partitions), std::move(out));
}

void Fold::OnLeaseMessage(const policy::LeaseMessage& message) {
  return IsToOwner(message.verb()) ? NoteInLedger(message) : HearLease(message);
}

void Fold::HearLease(const policy::LeaseMessage& message) {
  const std::string key = policy::Encode(message.key());
  auto lease = state_.GetRow<policy::Lease>(RowKind::kLease, key);
  if (!lease.has_value()) return;  // of a period that is forgotten
  const policy::Heard heard = policy::Hear(HolderOf(message.key()), message, *lease);
  state_.PutRow(RowKind::kLease, key, *lease);
  for (const policy::LeaseMessage& answer : heard.messages) TellOwner(answer);
  if (heard.wakes) WakeForLease(key);
}

void Fold::NoteInLedger(const policy::LeaseMessage& message) {
  const std::string key = policy::Encode(message.key());
  auto ledger = state_.GetRow<policy::Ledger>(RowKind::kLedger, key);
  if (!ledger.has_value()) {
    // Only an ask begins one, and only while its period is not forgotten.
    const base::Time forgotten = ForgottenAt(message.key(), base::Time{message.ends()});
    if (message.verb() != policy::LEASE_ASK || forgotten <= log_time()) {
      if (auto answer = policy::AnswerInVain(message)) SendLease(*std::move(answer));
      return;
    }
    ledger.emplace().set_ends(message.ends());
    if (forgotten != base::kDistantFuture) state_.timers.Set({forgotten, TimerKind::kLeases});
  }
  policy::Note(message, *ledger);
  ServeLedger(message.key(), message.verb() == policy::LEASE_TOP_UP ? &message : nullptr, *ledger);
}

// The owner's word, to the partition that it is for.
void Fold::SendLease(policy::LeaseMessage message) {
  const base::PartitionId to{static_cast<uint16_t>(message.partition())};
  Message out;
  *out.mutable_lease() = std::move(message);
  Send(to, std::move(out));
}

void Fold::ServeLedger(const policy::LeaseKey& key, const policy::LeaseMessage* top_up,
                       policy::Ledger& ledger) {
  const policy::Constraint* constraint = definitions_->catalogue->constraints().Find(key);
  const base::Time ends{ledger.ends()};
  policy::Terms terms{
      .key = key, .partitions = settings_.partitions, .version = definitions_->version()};
  if (constraint != nullptr) {
    terms.allowed = policy::AllowedAt(*constraint, key, ends, log_time());
    terms.limit = constraint->limit;
  }
  for (policy::LeaseMessage& message : policy::Serve(terms, top_up, ledger)) {
    SendLease(std::move(message));
  }
  state_.PutRow(RowKind::kLedger, policy::Encode(key), ledger);
  const auto reopens = policy::ReopensAt(ledger);
  if (constraint == nullptr || !constraint->even || !reopens.has_value()) return;
  const base::Time due = policy::AllowsFrom(*constraint, key, ends, *reopens);
  if (due > log_time() && due != base::kDistantFuture) {
    state_.timers.Set({due, TimerKind::kLeases});
  }
}

void Fold::OnLeaseTimer() {
  CloseLeases();
  ServeLedgers();
}

// Periods that are over: what is free of them goes home, and after some time they are forgotten.
void Fold::CloseLeases() {
  for (auto& [bytes, lease] : state_.RowsOf<policy::Lease>(RowKind::kLease)) {
    if (lease.ends() > log_time().micros) continue;
    const policy::LeaseKey key = policy::DecodeLeaseKey(bytes);
    const bool is_idle = lease.reserved() == 0 && lease.asked() == 0 && !lease.topping();
    if (is_idle && ForgottenAt(key, base::Time{lease.ends()}) <= log_time()) {
      state_.EraseRow(RowKind::kLease, bytes);
    } else if (!lease.closed()) {
      const auto message = policy::Close(HolderOf(key), lease);
      state_.PutRow(RowKind::kLease, bytes, lease);
      TellOwner(message);
    }
  }
}

void Fold::ServeLedgers() {
  for (auto& [bytes, ledger] : state_.RowsOf<policy::Ledger>(RowKind::kLedger)) {
    const policy::LeaseKey key = policy::DecodeLeaseKey(bytes);
    if (ForgottenAt(key, base::Time{ledger.ends()}) > log_time()) {
      ServeLedger(key, nullptr, ledger);
      continue;
    }
    for (policy::LeaseMessage& refusal : policy::Forget(key, ledger)) {
      SendLease(std::move(refusal));
    }
    state_.EraseRow(RowKind::kLedger, bytes);
  }
}

// Of what was granted under other terms nothing is taken any more.
void Fold::RedefineLeases(const Definitions& before) {
  for (auto& [bytes, lease] : state_.RowsOf<policy::Lease>(RowKind::kLease)) {
    const policy::LeaseKey key = policy::DecodeLeaseKey(bytes);
    const policy::Constraint* old = before.catalogue->constraints().Find(key);
    const policy::Constraint* now = definitions_->catalogue->constraints().Find(key);
    const bool is_same = old != nullptr && now != nullptr && old->AllowsAs(*now);
    const bool is_campaign = key.per() == static_cast<uint32_t>(policy::Per::kCampaign);
    if (is_same || (lease.closed() && !is_campaign)) continue;
    const base::Time ends = is_campaign && now != nullptr ? now->ends : base::Time{lease.ends()};
    const auto message = policy::Redefine(HolderOf(key), ends, lease);
    state_.PutRow(RowKind::kLease, bytes, lease);
    TellOwner(message);
    if (ends != base::kDistantFuture) state_.timers.Set({ends, TimerKind::kLeases});
  }
  ServeLedgers();
}

}  // namespace batuta::engine
