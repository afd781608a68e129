#include "policy/lease.h"

#include <algorithm>

#include "base/status.h"

namespace batuta::policy {
namespace {

// A slice is topped up when less than this part of it is free,
constexpr int64_t kRunningOut = 4;
// and as long as it is good for so many more choices as the last.
constexpr int64_t kWorthwhile = 8;

LeaseMessage MessageOf(const Holder& holder, LeaseVerb verb, int64_t amount) {
  LeaseMessage message;
  message.set_verb(verb);
  *message.mutable_key() = holder.key;
  message.set_partition(holder.partition);
  message.set_version(holder.version);
  message.set_amount(amount);
  return message;
}

// Takes all that is free out of the lease.
int64_t TakeFree(Lease& lease) {
  const int64_t free = FreeOf(lease);
  lease.set_granted(lease.granted() - free);
  return free;
}

std::optional<LeaseMessage> GiveBack(const Holder& holder, Lease& lease) {
  const int64_t free = TakeFree(lease);
  if (free == 0) return std::nullopt;
  return MessageOf(holder, LEASE_GIVE_BACK, free);
}

// Whether what comes back is somebody else's.
bool IsLean(const Lease& lease) { return lease.lean() || lease.closed() || lease.asked() > 0; }

Heard OnGrant(const Holder& holder, const LeaseMessage& message, Lease& lease) {
  Heard heard{.wakes = true};
  lease.set_asked(0);
  lease.set_topping(false);
  if (message.version() < lease.since() || lease.closed()) {
    if (message.amount() == 0) return heard;
    heard.messages.push_back(MessageOf(holder, LEASE_GIVE_BACK, message.amount()));
    return heard;
  }
  lease.set_topped_out(message.amount() == 0);
  if (message.amount() == 0) return heard;
  lease.set_granted(lease.granted() + message.amount());
  lease.set_lean(message.lean());
  lease.set_slice(message.amount());
  return heard;
}

Heard OnRefusal(const LeaseMessage& message, Lease& lease) {
  lease.set_asked(0);
  lease.set_lean(true);
  // Of what older definitions allowed nothing can be told.
  if (message.version() >= lease.since()) {
    lease.set_short_from(message.need());
    lease.set_paced(message.paced());
  }
  return {.wakes = true};
}

}  // namespace

int64_t FreeOf(const Lease& lease) {
  return std::max<int64_t>(lease.granted() - lease.reserved() - lease.spent(), 0);
}

std::optional<LeaseMessage> Ask(const Holder& holder, int64_t need, Lease& lease) {
  BATUTA_CHECK(need > FreeOf(lease));
  if (lease.asked() > 0 || lease.topping()) return std::nullopt;
  lease.set_asked(need);
  LeaseMessage message = MessageOf(holder, LEASE_ASK, TakeFree(lease));
  message.set_need(need);
  message.set_ends(lease.ends());
  return message;
}

void Take(int64_t amount, Lease& lease) {
  BATUTA_CHECK(amount >= 0 && amount <= FreeOf(lease), "a lease is never overspent");
  lease.set_reserved(lease.reserved() + amount);
}

std::optional<LeaseMessage> TopUp(const Holder& holder, int64_t recent, Lease& lease) {
  if (IsLean(lease) || lease.topping() || lease.topped_out()) return std::nullopt;
  if (FreeOf(lease) >= lease.slice() / kRunningOut) return std::nullopt;
  lease.set_topping(true);
  LeaseMessage message = MessageOf(holder, LEASE_TOP_UP, 0);
  message.set_need(recent * kWorthwhile);
  return message;
}

void Release(int64_t amount, Lease& lease) {
  BATUTA_CHECK(amount <= lease.reserved(), "only what is reserved is spent or returned");
  lease.set_reserved(lease.reserved() - amount);
}

std::optional<LeaseMessage> GiveBackIfLean(const Holder& holder, Lease& lease) {
  return IsLean(lease) ? GiveBack(holder, lease) : std::nullopt;
}

std::optional<LeaseMessage> Settle(const Holder& holder, int64_t amount, HoldFate fate,
                                   Lease& lease) {
  if (fate == HOLD_LATE) {
    const int64_t taken = std::min(amount, FreeOf(lease));
    lease.set_spent(lease.spent() + taken);
    if (taken == amount) return std::nullopt;
    lease.set_overdrawn(lease.overdrawn() + amount - taken);
    return MessageOf(holder, LEASE_OVERDRAW, amount - taken);
  }
  Release(amount, lease);
  if (fate != HOLD_SPENT) return GiveBackIfLean(holder, lease);
  lease.set_spent(lease.spent() + amount);
  return std::nullopt;
}

Heard Hear(const Holder& holder, const LeaseMessage& message, Lease& lease) {
  switch (message.verb()) {
    case LEASE_GRANT:
      return OnGrant(holder, message, lease);
    case LEASE_REFUSE:
      return OnRefusal(message, lease);
    case LEASE_RECALL:
      lease.set_lean(true);
      return {.messages = {MessageOf(holder, LEASE_EMPTIED, TakeFree(lease))}};
    case LEASE_PACE:
      if (message.version() >= lease.since()) lease.set_paced(message.paced());
      return {};
    case LEASE_REOPEN:
      lease.set_short_from(0);
      lease.set_paced(false);
      return {};
    default:
      BATUTA_CHECK(false, "this is said to the owner");
      return {};
  }
}

std::optional<LeaseMessage> Redefine(const Holder& holder, base::Time ends, Lease& lease) {
  lease.set_since(holder.version);
  lease.set_ends(ends.micros);
  lease.set_closed(false);
  lease.set_short_from(0);
  lease.set_paced(false);
  lease.set_topped_out(false);
  return GiveBack(holder, lease);
}

std::optional<LeaseMessage> Close(const Holder& holder, Lease& lease) {
  lease.set_closed(true);
  return GiveBack(holder, lease);
}

}  // namespace batuta::policy
