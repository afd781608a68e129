#include "segment/membership.h"

#include <algorithm>
#include <tuple>

#include "base/status.h"

namespace batuta::segment {
namespace {

int PlaceOf(const Memberships& memberships, uint64_t edition) {
  const auto found = std::lower_bound(
      memberships.begin(), memberships.end(), edition,
      [](const Membership& one, uint64_t wanted) { return one.edition() < wanted; });
  return static_cast<int>(found - memberships.begin());
}

bool IsAt(const Memberships& memberships, int place, uint64_t edition) {
  return place < memberships.size() && memberships[place].edition() == edition;
}

// Which of two statements of one membership counts; total, so that merging is commutative.
bool IsEarlier(const Membership& a, const Membership& b) {
  return std::tuple(a.since(), a.cause()) < std::tuple(b.since(), b.cause());
}

void Insert(Membership membership, int place, Memberships& memberships) {
  *memberships.Add() = std::move(membership);
  for (int i = memberships.size() - 1; i > place; --i) memberships.SwapElements(i, i - 1);
}

}  // namespace

const Membership* Find(const Memberships& memberships, uint64_t edition) {
  const int place = PlaceOf(memberships, edition);
  return IsAt(memberships, place, edition) ? &memberships[place] : nullptr;
}

void Enter(uint64_t edition, base::Time since, profile::Cause cause, Memberships& memberships) {
  const int place = PlaceOf(memberships, edition);
  BATUTA_CHECK(!IsAt(memberships, place, edition), "who is in a segment cannot enter it");
  Membership membership;
  membership.set_edition(edition);
  membership.set_since(since.micros);
  membership.set_cause(static_cast<uint32_t>(cause));
  Insert(std::move(membership), place, memberships);
}

bool Leave(uint64_t edition, Memberships& memberships) {
  const int place = PlaceOf(memberships, edition);
  if (!IsAt(memberships, place, edition)) return false;
  memberships.DeleteSubrange(place, 1);
  return true;
}

void Merge(const Memberships& from, Memberships& into) {
  for (const Membership& membership : from) {
    const int place = PlaceOf(into, membership.edition());
    if (!IsAt(into, place, membership.edition())) {
      Insert(membership, place, into);
    } else if (IsEarlier(membership, into[place])) {
      into[place] = membership;
    }
  }
}

}  // namespace batuta::segment
