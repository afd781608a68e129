#include "engine/dedup.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/status.h"

namespace batuta::engine {
namespace {

constexpr size_t kFillStep = 2048;  // ids; half a millisecond
constexpr size_t kChecksPerFillStep = 128;

Dedup::Entry DecodeEntry(std::string_view bytes) {
  base::ByteReader reader(bytes);
  Dedup::Entry entry;
  entry.log_time.micros = static_cast<int64_t>(reader.U64());
  entry.payload_hash = reader.U64();
  BATUTA_CHECK(reader.ok() && reader.AtEnd());
  return entry;
}

bool IsExpired(const Dedup::Entry& entry, base::Time log_time) {
  return entry.log_time <= log_time - kDedupWindow;
}

}  // namespace

// The log time comes first, so that the store can drop expired rows without knowing more.
std::string Dedup::EncodeEntry(const Entry& entry) {
  base::ByteWriter writer;
  writer.U64(static_cast<uint64_t>(entry.log_time.micros));
  writer.U64(entry.payload_hash);
  return writer.Take();
}

std::optional<Dedup::Entry> Dedup::Find(const base::Id128& id) const {
  if (const auto found = active_.find(id); found != active_.end()) return found->second;
  if (frozen_ != nullptr) {
    if (const auto found = frozen_->find(id); found != frozen_->end()) return found->second;
  }
  if (filled_ && !seen_.MayContain(id)) return std::nullopt;
  auto stored = database_.Get(store::Table::dedup, id.ToBytes());
  BATUTA_CHECK_OK(stored.status());
  if (!stored->has_value()) return std::nullopt;
  return DecodeEntry(**stored);
}

bool Dedup::FillFilter() {
  if (filled_) return true;
  size_t left = kFillStep;
  std::string last;
  BATUTA_CHECK_OK(database_.Scan(
      store::Table::dedup, fill_from_, "", [&](std::string_view key, std::string_view value) {
        last = key;
        seen_.Add(base::Id128::FromBytes(key), DecodeEntry(value).log_time);
        return --left > 0;
      }));
  filled_ = left > 0;
  fill_from_ = last + std::string(1, '\0');
  return filled_;
}

Dedup::Verdict Dedup::Check(const base::Id128& id, uint64_t payload_hash, base::Time log_time) {
  if (!filled_ && unfilled_checks_++ % kChecksPerFillStep == 0) FillFilter();
  if (const auto known = Find(id); known.has_value() && !IsExpired(*known, log_time)) {
    return known->payload_hash == payload_hash ? Verdict::kDuplicate : Verdict::kMismatch;
  }
  active_[id] = {log_time, payload_hash};
  seen_.Add(id, log_time);
  newest_ = log_time;
  return Verdict::kNew;
}

// An entry that has expired lies over what the database and the frozen layer may hold.
void Dedup::Forget(const base::Id128& id) { active_[id] = {}; }

std::shared_ptr<const Dedup::Layer> Dedup::Freeze() {
  BATUTA_CHECK(frozen_ == nullptr);
  frozen_ = std::make_shared<const Layer>(std::exchange(active_, {}));
  return frozen_;
}

void Dedup::Written() {
  BATUTA_CHECK(frozen_ != nullptr);
  frozen_ = nullptr;
  if (newest_.micros > base::kDistantPast.micros) seen_.Forget(newest_ - kDedupWindow);
}

void Dedup::ForEach(base::Time log_time,
                    absl::FunctionRef<void(const base::Id128&, const Entry&)> visit) const {
  std::vector<std::pair<base::Id128, Entry>> entries;
  BATUTA_CHECK_OK(database_.Scan(
      store::Table::dedup, "", "", [&](std::string_view key, std::string_view value) {
        entries.emplace_back(base::Id128::FromBytes(key), DecodeEntry(value));
        return true;
      }));
  const size_t stored = entries.size();
  if (frozen_ != nullptr) entries.insert(entries.end(), frozen_->begin(), frozen_->end());
  entries.insert(entries.end(), active_.begin(), active_.end());
  BATUTA_CHECK(stored <= entries.size());
  // A later layer overrides an earlier one: stable by key, the last of equals counts.
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i + 1 < entries.size() && entries[i + 1].first == entries[i].first) continue;
    if (!IsExpired(entries[i].second, log_time)) visit(entries[i].first, entries[i].second);
  }
}

}  // namespace batuta::engine
