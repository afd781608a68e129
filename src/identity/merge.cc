#include "identity/merge.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status.h"
#include "identity/refs.h"

namespace batuta::identity {
namespace {

// A total order on what provenance says, so that "the earlier" does not depend on who is asked
// first.
bool IsEarlier(const Provenance& a, const Provenance& b) {
  if (const auto order = Compare(a.moment(), b.moment()); order != 0) return order < 0;
  return std::forward_as_tuple(a.log_time(), a.source()) <
         std::forward_as_tuple(b.log_time(), b.source());
}

// The newer epoch's box; any fixed choice would do.
bool IsNewerSeal(const base::Sealed& a, const base::Sealed& b) {
  return std::forward_as_tuple(a.epoch(), a.key(), a.box(), a.equality()) >
         std::forward_as_tuple(b.epoch(), b.key(), b.box(), b.equality());
}

const Moment& Later(const Moment& a, const Moment& b) { return Compare(a, b) < 0 ? b : a; }

auto RulingOrder(const PersonIdentifier& identifier) {
  return std::make_tuple(identifier.seq(), identifier.ruling(), identifier.reason());
}

void MergeRulings(PersonIdentifier& into, const PersonIdentifier& other) {
  if (into.seq() == other.seq()) {
    *into.mutable_holder_claimed_at() =
        Later(Moment(into.holder_claimed_at()), other.holder_claimed_at());
  } else if (into.seq() < other.seq()) {
    *into.mutable_holder_claimed_at() = other.holder_claimed_at();
  }
  if (RulingOrder(into) < RulingOrder(other)) {
    into.set_seq(other.seq());
    into.set_ruling(other.ruling());
    into.set_reason(other.reason());
  }
}

auto LinkOrder(const Link& a, const Link& b) {
  if (const auto order = Compare(a.low(), b.low()); order != 0) return order;
  if (const auto order = Compare(a.high(), b.high()); order != 0) return order;
  return a.asserted() <=> b.asserted();
}

// Puts each of `from` into its place in `into`, both ascending by `less`; `join` makes one of two
// that are equal in that order.
template <typename Repeated, typename Less, typename Join>
void MergeSorted(Repeated& into, const Repeated& from, Less less, Join join) {
  Repeated merged;
  merged.Reserve(into.size() + from.size());
  auto left = into.begin();
  auto right = from.begin();
  while (left != into.end() || right != from.end()) {
    if (right == from.end() || (left != into.end() && less(*left, *right))) {
      *merged.Add() = std::move(*left++);
    } else if (left == into.end() || less(*right, *left)) {
      *merged.Add() = *right++;
    } else {
      *merged.Add() = join(*left++, *right++);
    }
  }
  into.Swap(&merged);
}

const Link& EarlierLink(const Link& a, const Link& b) {
  return IsEarlier(b.first(), a.first()) ? b : a;
}

}  // namespace

PersonIdentifier MergeIdentifiers(const PersonIdentifier& a, const PersonIdentifier& b) {
  BATUTA_CHECK(SameHash(a.hash(), b.hash()) && a.type() == b.type());
  PersonIdentifier merged = a;
  if (b.has_value() && (!a.has_value() || IsNewerSeal(b.value(), a.value()))) {
    *merged.mutable_value() = b.value();
  }
  if (IsEarlier(b.first(), a.first())) *merged.mutable_first() = b.first();
  merged.set_added_at(std::min(a.added_at(), b.added_at()));
  merged.set_first_seen(std::min(a.first_seen(), b.first_seen()));
  merged.set_last_seen(std::max(a.last_seen(), b.last_seen()));
  MergeRulings(merged, b);
  merged.set_unanswered(a.unanswered() + b.unanswered());
  *merged.mutable_last_linked() = Later(a.last_linked(), b.last_linked());
  merged.set_decided_at(std::max(a.decided_at(), b.decided_at()));
  return merged;
}

void MergeKnowledge(PersonIdentity& person, const PersonIdentity& other) {
  MergeSorted(
      *person.mutable_identifiers(), other.identifiers(),
      [](const auto& a, const auto& b) { return Compare(a.hash(), b.hash()) < 0; },
      MergeIdentifiers);
  MergeSorted(
      *person.mutable_links(), other.links(),
      [](const Link& a, const Link& b) { return LinkOrder(a, b) < 0; }, EarlierLink);
  const auto by_person = [](const auto& a, const auto& b) {
    return FromRef(a.person()) < FromRef(b.person());
  };
  MergeSorted(
      *person.mutable_absorbed(), other.absorbed(), by_person,
      [](const Absorbed& a, const Absorbed& b) { return a.log_time() <= b.log_time() ? a : b; });
  MergeSorted(*person.mutable_reservations(), other.reservations(), by_person,
              [](const Reservation& a, const Reservation&) { return a; });
  person.set_version(std::max(person.version(), other.version()));
}

void AddLink(PersonIdentity& person, const Link& link) {
  auto& links = *person.mutable_links();
  const auto place =
      std::lower_bound(links.begin(), links.end(), link,
                       [](const Link& a, const Link& b) { return LinkOrder(a, b) < 0; });
  if (place != links.end() && LinkOrder(*place, link) == 0) {
    if (IsEarlier(link.first(), place->first())) *place = link;
    return;
  }
  int index = static_cast<int>(place - links.begin());
  *links.Add() = link;
  for (int last = links.size() - 1; last > index; --last) links.SwapElements(last, last - 1);
}

}  // namespace batuta::identity
