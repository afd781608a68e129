#include "population/cut_points.h"

#include <algorithm>

#include "base/status.h"
#include "population/selection.h"

namespace batuta::population {
namespace {

// ceil(p n / 100), without overflow.
uint64_t NearestRank(uint64_t p, uint64_t people) {
  return p * (people / 100) + (p * (people % 100) + 99) / 100;
}

}  // namespace

std::vector<uint64_t> RanksOf(uint64_t people, std::span<const uint64_t> tops, bool reversed) {
  std::vector<uint64_t> ranks;
  if (people == 0) return ranks;
  for (uint64_t p = 1; p <= kPercentiles; ++p) ranks.push_back(NearestRank(p, people));
  for (const uint64_t n : tops) {
    if (n <= people) ranks.push_back(reversed ? n : people - n + 1);
  }
  return ranks;
}

void TakeFound(const Selection& selection, std::span<const uint64_t> tops, Version& version) {
  BATUTA_CHECK(IsFound(selection));
  const uint64_t people = selection.people();
  version.set_people(people);
  version.clear_cuts();
  version.clear_tops();
  if (people == 0) return;
  const auto& targets = selection.targets();
  for (int p = 0; p < kPercentiles; ++p) version.add_cuts(NumberOf(targets[p].prefix()));
  int next = kPercentiles;
  for (const uint64_t n : tops) {
    Top& top = *version.add_tops();
    top.set_n(n);
    top.set_people(people);
    if (n > people) continue;
    const Target& target = targets[next++];
    const uint64_t less = target.rank() - target.rest();
    top.set_value(NumberOf(target.prefix()));
    top.set_people(version.reversed() ? less + target.equal() : people - less);
  }
}

int PercentileOf(const Version& version, double value) {
  BATUTA_CHECK(version.cuts_size() == kPercentiles);
  const auto at = std::lower_bound(version.cuts().begin(), version.cuts().end(), value);
  const int straight = std::min(static_cast<int>(at - version.cuts().begin()) + 1, kPercentiles);
  return version.reversed() ? kPercentiles + 1 - straight : straight;
}

int QuintileOf(int percentile) { return (percentile + 19) / 20; }

const Top* FindTop(const Version& version, uint64_t n) {
  for (const Top& top : version.tops()) {
    if (top.n() == n) return &top;
  }
  return nullptr;
}

bool IsAmong(const Version& version, const Top& top, double value) {
  if (top.people() < top.n()) return true;
  return version.reversed() ? value <= top.value() : value >= top.value();
}

}  // namespace batuta::population
