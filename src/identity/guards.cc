#include "identity/guards.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status.h"
#include "identity/refs.h"

namespace batuta::identity {
namespace {

uint32_t LimitOf(const TypeSettings& type) { return type.unique ? 1 : type.limit; }

bool IsSubset(const std::vector<base::IdentifierHash>& inner,
              const std::vector<base::IdentifierHash>& outer) {
  return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
}

// Both have unique identifiers, and neither has only such as the other has.
bool BothStandAlone(const Tally& a, const Tally& b, const Settings& settings) {
  const auto unique_a = a.Unique(settings);
  const auto unique_b = b.Unique(settings);
  return !IsSubset(unique_a, unique_b) && !IsSubset(unique_b, unique_a);
}

}  // namespace

Tally::Tally(const PersonIdentity& person, const PersonRef* except)
    : merges(static_cast<uint32_t>(person.absorbed_size())) {
  Counted counted;
  for (const PersonIdentifier& identifier : person.identifiers()) {
    counted.set_type(identifier.type());
    *counted.mutable_hash() = identifier.hash();
    counted.clear_added_at();
    counted.add_added_at(identifier.added_at());
    counted.set_counted(identifier.ruling() == HELD || identifier.unanswered() > 0);
    Add(counted);
  }
  for (const Reservation& reservation : person.reservations()) {
    if (except != nullptr && SamePerson(reservation.person(), *except)) continue;
    for (const Counted& identifier : reservation.identifiers()) Add(identifier);
    merges += 1 + reservation.merges();
  }
}

void Tally::Add(const Counted& identifier) {
  const auto [found, is_new] = entries_.try_emplace(FromRef(identifier.hash()));
  Entry& entry = found->second;
  if (is_new) entry.type = identifier.type();
  for (const int64_t time : identifier.added_at()) {
    const auto place = std::lower_bound(entry.added_at.begin(), entry.added_at.end(), time);
    if (place == entry.added_at.end() || *place != time) entry.added_at.insert(place, time);
  }
  entry.counted |= identifier.counted();
}

void Tally::Add(const Tally& other) {
  for (const Counted& identifier : other.List()) Add(identifier);
  merges += other.merges;
}

std::vector<Counted> Tally::List() const {
  std::vector<Counted> list;
  list.reserve(entries_.size());
  for (const auto& [hash, entry] : entries_) {
    Counted& counted = list.emplace_back();
    counted.set_type(entry.type);
    *counted.mutable_hash() = ToRef(hash);
    counted.mutable_added_at()->Add(entry.added_at.begin(), entry.added_at.end());
    counted.set_counted(entry.counted);
  }
  return list;
}

const Tally::Entry* Tally::Find(const base::IdentifierHash& hash) const {
  const auto found = entries_.find(hash);
  return found == entries_.end() ? nullptr : &found->second;
}

bool Tally::IsCounted(const base::IdentifierHash& hash) const {
  const Entry* entry = Find(hash);
  return entry != nullptr && entry->counted;
}

std::vector<const Tally::Entry*> Tally::OfType(std::string_view type) const {
  std::vector<const Entry*> found;
  for (const auto& [hash, entry] : entries_) {
    if (entry.counted && entry.type == type) found.push_back(&entry);
  }
  return found;
}

// The most entries with a time in one span of `window`; of the spans that hold a time of
// `containing` where that is given. A zero window holds everything.
uint32_t Tally::MostIn(const std::vector<const Entry*>& entries, base::Duration window,
                       const Entry* containing) {
  if (window.micros == 0) return static_cast<uint32_t>(entries.size());
  std::vector<int64_t> starts;
  for (const Entry* entry : entries) {
    starts.insert(starts.end(), entry->added_at.begin(), entry->added_at.end());
  }
  int64_t most = 0;
  for (const int64_t start : starts) {
    const auto is_within = [start, window](const Entry* entry) {
      const auto first = std::lower_bound(entry->added_at.begin(), entry->added_at.end(), start);
      return first != entry->added_at.end() && base::Time{*first} - base::Time{start} < window;
    };
    if (containing != nullptr && !is_within(containing)) continue;
    most = std::max<int64_t>(most, std::count_if(entries.begin(), entries.end(), is_within));
  }
  return static_cast<uint32_t>(most);
}

uint32_t Tally::Most(std::string_view name, const TypeSettings& type) const {
  return MostIn(OfType(name), type.unique ? base::Duration{} : type.window, nullptr);
}

uint32_t Tally::MostAround(const TypeSettings& type, const base::IdentifierHash& hash) const {
  const Entry* entry = Find(hash);
  BATUTA_CHECK(entry != nullptr && entry->counted);
  return MostIn(OfType(entry->type), type.unique ? base::Duration{} : type.window, entry);
}

uint32_t Tally::size() const {
  return static_cast<uint32_t>(std::count_if(entries_.begin(), entries_.end(),
                                             [](const auto& item) { return item.second.counted; }));
}

std::vector<base::IdentifierHash> Tally::Unique(const Settings& settings) const {
  std::vector<base::IdentifierHash> unique;
  for (const auto& [hash, entry] : entries_) {
    if (entry.counted && settings.Of(entry.type).unique) unique.push_back(hash);
  }
  return unique;
}

std::vector<std::string> Tally::Types() const {
  std::vector<std::string> types;
  for (const auto& [hash, entry] : entries_) {
    if (entry.counted) types.push_back(entry.type);
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

std::optional<Reason> JudgeAddition(const Tally& present, absl::Span<const Counted> added,
                                    bool asserted, const Settings& settings) {
  Tally together = present;
  for (const Counted& identifier : added) together.Add(identifier);
  for (const Counted& identifier : added) {
    const TypeSettings& type = settings.Of(identifier.type());
    if (type.unique && asserted) continue;
    if (together.MostAround(type, FromRef(identifier.hash())) > LimitOf(type)) {
      return type.unique ? NOT_UNIQUE : OVER_LIMIT;
    }
  }
  const uint32_t size = together.size();
  if (size > settings.max_identifiers() && size > present.size()) return TOO_MANY;
  return std::nullopt;
}

bool MayMerge(const Tally& stronger, const Tally& weaker, const Bridge& bridge,
              const Settings& settings) {
  Tally together = stronger;
  together.Add(weaker);
  if (together.merges + 1 > settings.max_merges()) return false;
  const uint32_t size = together.size();
  if (size > settings.max_identifiers() && size > std::max(stronger.size(), weaker.size())) {
    return false;
  }
  for (const std::string& name : together.Types()) {
    const TypeSettings& type = settings.Of(name);
    if (type.unique && bridge.asserted) continue;
    const uint32_t most = together.Most(name, type);
    if (most <= LimitOf(type)) continue;
    if (most > std::max(stronger.Most(name, type), weaker.Most(name, type))) return false;
  }
  return bridge.asserted || !bridge.weak || !BothStandAlone(stronger, weaker, settings);
}

}  // namespace batuta::identity
