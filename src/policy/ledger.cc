// The owner's side of lease.h.
#include <algorithm>

#include "base/status.h"
#include "policy/lease.h"

namespace batuta::policy {
namespace {

Share& ShareOf(uint32_t partition, Ledger& ledger) {
  auto& shares = *ledger.mutable_shares();
  int at = 0;
  while (at < shares.size() && shares[at].partition() < partition) ++at;
  if (at < shares.size() && shares[at].partition() == partition) return shares[at];
  shares.Add()->set_partition(partition);
  for (int i = shares.size() - 1; i > at; --i) shares.SwapElements(i, i - 1);
  return shares[at];
}

// How much has come back, at most all that was leased.
void ComeBack(int64_t amount, Share& share) {
  BATUTA_CHECK(amount >= 0 && amount <= share.leased(), "only what was leased comes back");
  share.set_leased(share.leased() - amount);
  share.set_maybe(std::min(share.maybe(), share.leased()));
}

// Answers asks by turn.
class Counter {
 public:
  Counter(const Terms& terms, Ledger& ledger) : terms_(terms), ledger_(ledger) {}

  void Serve(const LeaseMessage* top_up) {
    Reopen();
    while (Share* next = NextInTurn()) {
      if (!Answer(*next)) break;
    }
    if (top_up != nullptr) Fill(*top_up);
  }
  std::vector<LeaseMessage> TakeMessages() { return std::move(messages_); }

 private:
  Share* NextInTurn() {
    Share* next = nullptr;
    for (Share& share : *ledger_.mutable_shares()) {
      // Who asks under newer definitions waits for them to come here.
      if (share.waits() == 0 || share.version() > terms_.version) continue;
      if (next == nullptr || share.turn() < next->turn()) next = &share;
    }
    return next;
  }

  // False if the answer has to wait.
  bool Answer(Share& share) {
    const int64_t need = share.waits();
    const int64_t left = LeftOf(terms_, ledger_);
    if (need <= left) {
      share.set_waits(0);
      const int64_t slice = IsTight() ? 0 : SliceOf(left);
      Grant(std::max(need, slice), share);
      return true;
    }
    // Who asks for more than there ever is needs not wait for what others have.
    if (need <= terms_.limit && !HaveEmptied(share)) return false;
    share.set_waits(0);
    share.set_refused(need);
    share.set_paced(need <= left + terms_.limit - terms_.allowed);
    LeaseMessage& refusal = Say(LEASE_REFUSE, share);
    refusal.set_need(need);
    refusal.set_paced(share.paced());
    return true;
  }

  // Whether nothing is free at anybody else; recalls what may be.
  bool HaveEmptied(const Share& asking) {
    bool have = true;
    for (Share& share : *ledger_.mutable_shares()) {
      if (&share == &asking || (share.maybe() == 0 && !share.recalling())) continue;
      have = false;
      if (share.recalling()) continue;
      share.set_recalling(true);
      share.set_recalled(share.maybe());
      Say(LEASE_RECALL, share);
    }
    return have;
  }

  void Grant(int64_t amount, Share& share) {
    share.set_leased(share.leased() + amount);
    share.set_maybe(share.maybe() + amount);
    LeaseMessage& grant = Say(LEASE_GRANT, share);
    grant.set_amount(amount);
    grant.set_lean(IsTight());
  }

  // Whether somebody lacks something.
  bool IsTight() const {
    return std::any_of(ledger_.shares().begin(), ledger_.shares().end(), [&](const Share& share) {
      const bool lacks = share.refused() > 0 && share.refused() <= terms_.limit;
      return share.waits() > 0 || lacks || share.recalling();
    });
  }

  int64_t SliceOf(int64_t left) const {
    return std::max<int64_t>(left, 0) / (2 * int64_t{terms_.partitions});
  }

  void Fill(const LeaseMessage& top_up) {
    const int64_t slice = IsTight() ? 0 : SliceOf(LeftOf(terms_, ledger_));
    Grant(slice >= std::max<int64_t>(top_up.need(), 1) ? slice : 0,
          ShareOf(top_up.partition(), ledger_));
  }

  void Reopen() {
    int64_t at_most = LeftOf(terms_, ledger_);
    for (const Share& share : ledger_.shares()) at_most += share.maybe();
    for (Share& share : *ledger_.mutable_shares()) {
      if (share.refused() == 0) continue;
      if (share.refused() <= at_most) {
        share.set_refused(0);
        share.set_paced(false);
        Say(LEASE_REOPEN, share);
        continue;
      }
      // What has come back since may be there, and just not yet.
      const bool is_paced = share.refused() <= at_most + terms_.limit - terms_.allowed;
      if (is_paced == share.paced()) continue;
      share.set_paced(is_paced);
      Say(LEASE_PACE, share).set_paced(is_paced);
    }
  }

  LeaseMessage& Say(LeaseVerb verb, const Share& share) {
    LeaseMessage& message = messages_.emplace_back();
    message.set_verb(verb);
    *message.mutable_key() = terms_.key;
    message.set_partition(share.partition());
    message.set_version(terms_.version);
    return message;
  }

  const Terms& terms_;
  Ledger& ledger_;
  std::vector<LeaseMessage> messages_;
};

}  // namespace

int64_t LeftOf(const Terms& terms, const Ledger& ledger) {
  int64_t left = terms.allowed - ledger.overdrawn();
  for (const Share& share : ledger.shares()) left -= share.leased();
  return left;
}

void Note(const LeaseMessage& message, Ledger& ledger) {
  Share& share = ShareOf(message.partition(), ledger);
  switch (message.verb()) {
    case LEASE_ASK:
      BATUTA_CHECK(share.waits() == 0 && message.need() > 0);
      ComeBack(message.amount(), share);
      share.set_maybe(0);
      share.set_recalled(0);
      share.set_waits(message.need());
      share.set_version(message.version());
      ledger.set_turns(ledger.turns() + 1);
      share.set_turn(ledger.turns());
      ledger.set_ends(message.ends());
      return;
    case LEASE_GIVE_BACK:
      return ComeBack(message.amount(), share);
    case LEASE_EMPTIED:
      // What was granted behind the recall may still be there.
      share.set_maybe(std::max<int64_t>(share.maybe() - share.recalled(), 0));
      share.set_recalled(0);
      share.set_recalling(false);
      return ComeBack(message.amount(), share);
    case LEASE_OVERDRAW:
      return ledger.set_overdrawn(ledger.overdrawn() + message.amount());
    case LEASE_TOP_UP:
      return;
    default:
      BATUTA_CHECK(false, "this is said to a partition");
  }
}

std::vector<LeaseMessage> Serve(const Terms& terms, const LeaseMessage* top_up, Ledger& ledger) {
  Counter counter(terms, ledger);
  counter.Serve(top_up);
  return counter.TakeMessages();
}

std::optional<int64_t> ReopensAt(const Ledger& ledger) {
  std::optional<int64_t> least;
  int64_t taken = ledger.overdrawn();
  for (const Share& share : ledger.shares()) taken += share.leased() - share.maybe();
  for (const Share& share : ledger.shares()) {
    if (share.refused() == 0) continue;
    least = least ? std::min(*least, share.refused() + taken) : share.refused() + taken;
  }
  return least;
}

std::vector<LeaseMessage> Forget(const LeaseKey& key, const Ledger& ledger) {
  std::vector<LeaseMessage> refusals;
  for (const Share& share : ledger.shares()) {
    if (share.waits() == 0) continue;
    LeaseMessage& refusal = refusals.emplace_back();
    refusal.set_verb(LEASE_REFUSE);
    *refusal.mutable_key() = key;
    refusal.set_partition(share.partition());
    refusal.set_version(share.version());
    refusal.set_need(share.waits());
  }
  return refusals;
}

std::optional<LeaseMessage> AnswerInVain(const LeaseMessage& message) {
  if (message.verb() != LEASE_ASK && message.verb() != LEASE_TOP_UP) return std::nullopt;
  LeaseMessage answer = message;
  answer.set_verb(message.verb() == LEASE_ASK ? LEASE_REFUSE : LEASE_GRANT);
  answer.set_amount(0);
  return answer;
}

}  // namespace batuta::policy
