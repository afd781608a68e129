// How partitions share what a constraint allows: leases.
//
// A constraint's limit for a period is kept by one partition, its owner, in a Ledger. Partitions
// that decide hold parts of it, each in a Lease, and reserve, spend and return by themselves. They
// talk by messages, which arrive once each and in order:
//
//     partition                              owner
//        │ ASK 40, gives back 12 ─────────────► │   a choice needs 40 and 12 are free here
//        │ ◄───────────────────────── GRANT 500 │   as long as there is plenty: a slice
//        │ TOP_UP ────────────────────────────► │   the slice is nearly used up; nobody waits
//        │ ◄───────────────────────── GRANT 400 │
//        │ ◄──────────────────────────── RECALL │   somebody else needs more than is left
//        │ EMPTIED, gives back 130 ───────────► │
//        │ GIVE_BACK 40 ──────────────────────► │   a reservation expired
//        │ ◄────────────────────────── REFUSE 40│   nobody has anything that is free
//        │ ◄──────────────────────────── REOPEN │   something came back
//        │ ◄────────────────────────────── PACE │   something did, but is for later in the period
//
// A slice is a part of what is left, so slices shrink: free / (2 * partitions). When what is left
// does not suffice for an ask, the owner recalls what is free from all others and answers when all
// of them have emptied; only then it refuses. From a recall on a partition is lean: whatever comes
// back to it, it sends home at once, until a grant says otherwise, which one does only while nobody
// is refused anything. A refusal is remembered by the partition, which does not ask again for so
// much until the owner reopens: when what is left, with all that may be free at partitions since
// they emptied last, is enough for it. An ask under newer definitions than the owner's waits for
// them; a grant under older ones than a partition's lease goes back.
//
// Invariant: limit = free at the owner + the sum of all shares' `leased` + `overdrawn` (what is
//   left is that difference, which only redefining the limit downwards or an overdraft make
//   negative), and a share's `leased` = its lease's `granted` + grants and gifts back on their way.
//   So nothing is lost, and nothing is granted twice.
// Invariant: reserved + spent <= granted at each partition. So, over all, reserved + spent never
//   exceed the limit under which they were granted, whatever is replayed or redefined.
// Invariant: with no message on its way, what a partition remembers as refused is more than all
//   that is neither reserved nor spent, anywhere, or known as paced. So while no choice takes more
//   than a hundredth of the limit, a refusal means that 99 % of it is reserved or spent.
// Invariant: every ask is answered, by a grant of at least what it needs, or by a refusal. That
//   holds, too, when the clock leaps over its period and the ledger is forgotten meanwhile.
//
// A decision may need several constraints, and others may need the same. It takes them in the order
// of their keys: while it waits for one, it keeps reservations of those before it. So of decisions
// that wait for each other's leases the one that has come furthest finds what it needs, and no two
// take from each other for ever what both need.
//
// What a choice takes that is shown after its reservation had expired was returned before. It is
// taken again if there is anything left at the partition, and is an overdraft else: it has
// happened. Overdrafts lessen what the owner has left.
//
// Pure functions over values; the caller keeps them and sends the messages. No threads.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "policy/constraints.h"
#include "policy/lease.pb.h"

namespace batuta::policy {

// ---- At a partition that decides
// -----------------------------------------------------------------

// What is free of the lease. Never negative.
int64_t FreeOf(const Lease& lease);

// Where a partition's messages come from.
struct Holder {
  LeaseKey key = {};
  uint32_t partition = 0;
  uint64_t version = 0;  // of its definitions
};

// Asks for `need`, which is more than is free. Nothing if an answer is under way already.
std::optional<LeaseMessage> Ask(const Holder& holder, int64_t need, Lease& lease);

// Reserves. Requires: it is free.
void Take(int64_t amount, Lease& lease);
// Asks for another slice if the lease is running out and there may be one.
std::optional<LeaseMessage> TopUp(const Holder& holder, int64_t recent, Lease& lease);

// A reservation is free again; nobody is told yet.
void Release(int64_t amount, Lease& lease);
// What is free goes home, if the lease is lean.
std::optional<LeaseMessage> GiveBackIfLean(const Holder& holder, Lease& lease);

// A reservation has met its fate. What that tells the owner, if anything.
std::optional<LeaseMessage> Settle(const Holder& holder, int64_t amount, HoldFate fate,
                                   Lease& lease);

// What a decision sees of a lease.
struct LeaseReading {
  LeaseKey key = {};
  base::Time ends = base::kDistantFuture;
  int64_t left = 0;
  int64_t short_from = 0;  // as in Lease
  bool paced = false;
  // Of an agreement with a minimum (agreements.h), at this partition.
  int64_t share = 0;
  int64_t taken = 0;
  int64_t boost = 0;  // by now
};
class LeaseView {
 public:
  virtual ~LeaseView() = default;
  // Of the period that the decision is in.
  virtual LeaseReading Read(const Constraint& constraint) const = 0;
};

// A message of the owner. `wakes`: those who wait for this lease may try again.
struct Heard {
  std::vector<LeaseMessage> messages = {};
  bool wakes = false;
};
Heard Hear(const Holder& holder, const LeaseMessage& message, Lease& lease);

// The constraint has been redefined: nothing that was granted before counts as free.
std::optional<LeaseMessage> Redefine(const Holder& holder, base::Time ends, Lease& lease);
// The period is over.
std::optional<LeaseMessage> Close(const Holder& holder, Lease& lease);

// ---- At the owner
// ----------------------------------------------------------------------------------

// What the owner knows of the constraint.
struct Terms {
  LeaseKey key = {};
  int64_t allowed = 0;  // by now; see AllowedAt
  int64_t limit = 0;
  uint32_t partitions = 1;
  uint64_t version = 0;  // of its definitions
};

// What has been leased to nobody. May be negative.
int64_t LeftOf(const Terms& terms, const Ledger& ledger);

// Takes a message of a partition. What it leads to comes of Serve.
void Note(const LeaseMessage& message, Ledger& ledger);
// Answers whom it can, and reopens what may be had again: after Note, and whenever `terms` are
// others. The messages name the partitions they are for.
std::vector<LeaseMessage> Serve(const Terms& terms, const LeaseMessage* top_up, Ledger& ledger);

// With how much allowed the first who was refused would be reopened; nothing if nobody was.
std::optional<int64_t> ReopensAt(const Ledger& ledger);

// ---- At an owner who keeps nothing of the period any more
// ----------------------------------------------------------------------------------

// Refuses those whose asks still wait in a ledger that is forgotten now.
std::vector<LeaseMessage> Forget(const LeaseKey& key, const Ledger& ledger);
// The answer to a message that comes after that, if somebody waits for one.
std::optional<LeaseMessage> AnswerInVain(const LeaseMessage& message);

}  // namespace batuta::policy
