// Rows that are kept decoded in memory while they are hot, and written back at checkpoints.
//
// A row is found in the cache or read from the partition's database; changes stay in memory until a
// checkpoint freezes them. Freezing costs nothing at once: the dirty rows of the frozen epoch are
// encoded a few at a time, and one that is about to change again is encoded first. What is frozen
// and not yet written stays in the cache, so a read never misses it.
//
// Used by one thread, the partition's. Pointers to rows stay valid until Trim().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "base/status.h"
#include "store/cursor.h"
#include "store/database.h"

namespace batuta::engine {

// What a checkpoint writes of one table: the row's bytes, or nothing for a removed row.
using EncodedRow = std::pair<std::string, std::optional<std::string>>;

// Key: a value type with ToBytes() and a hash. Row: a protobuf message without maps.
template <typename Key, typename Row>
class CachedRows {
 public:
  CachedRows(store::Database& database, store::Table table) : database_(database), table_(table) {}

  // The row, or null if there is none. Not for changing it.
  const Row* Find(const Key& key) {
    Entry& entry = Load(key);
    return entry.present ? &entry.row : nullptr;
  }

  // The row without keeping it, for looking at many once: cached, or read into `scratch`.
  const Row* Peek(const Key& key, Row& scratch) const {
    const auto found = rows_.find(key);
    if (found != rows_.end()) return found->second->present ? &found->second->row : nullptr;
    const auto stored = database_.Get(table_, key.ToBytes());
    BATUTA_CHECK_OK(stored.status());
    if (!stored->has_value()) return nullptr;
    BATUTA_CHECK(scratch.ParseFromString(**stored), "a stored row does not parse");
    return &scratch;
  }

  // From now on gets each row that is about to change, as it is; null: nobody does. Must not use
  // the rows itself.
  void Watch(std::function<void(const Row&)> watcher) { watcher_ = std::move(watcher); }

  // Looks at many rows once, in the order of `keys`, with the index of each: cached ones as they
  // are, others in the bytes that are stored, to be decoded as far as they are wanted. Leaves out
  // what there is none of. Requires: keys ascend. Quick where they follow each other.
  void PeekMany(std::span<const Key> keys,
                absl::FunctionRef<void(size_t index, const Row* cached, std::string_view stored)>
                    visit) const {
    constexpr int kStepsMax = 4;  // then seeking is quicker
    std::unique_ptr<store::Cursor> cursor;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (const auto found = rows_.find(keys[i]); found != rows_.end()) {
        if (found->second->present) visit(i, &found->second->row, {});
        continue;
      }
      const std::string key = keys[i].ToBytes();
      if (cursor == nullptr) cursor = database_.OpenCursor(table_, key, "");
      for (int steps = 0; cursor->Valid() && cursor->key() < key; ++steps) {
        steps < kStepsMax ? cursor->Next() : cursor->Seek(key);
      }
      BATUTA_CHECK_OK(cursor->status());
      if (cursor->Valid() && cursor->key() == key) visit(i, nullptr, cursor->value());
    }
  }

  // The row, made empty if there was none; it is written at the next checkpoint.
  Row& Mutable(const Key& key) {
    Entry& entry = Load(key);
    if (watcher_ && entry.present) watcher_(entry.row);
    MarkDirty(entry);
    entry.present = true;
    return entry.row;
  }

  void Erase(const Key& key) {
    Entry& entry = Load(key);
    if (!entry.present) return;
    if (watcher_) watcher_(entry.row);
    MarkDirty(entry);
    entry.present = false;
    entry.row.Clear();
  }

  // Starts a frozen epoch with everything dirty. Requires: the previous one is written.
  void Freeze() {
    BATUTA_CHECK(!in_flight_);
    frozen_epoch_ = epoch_++;
    frozen_ = std::exchange(dirty_, {});
    cursor_ = 0;
    encoded_.clear();
    encoded_.reserve(frozen_.size());
    in_flight_ = true;
    dirty_bytes_ = 0;
  }

  // Encodes up to `count` frozen rows; true when all are encoded.
  bool EncodeSome(size_t count) {
    for (; count > 0 && cursor_ < frozen_.size(); --count, ++cursor_) {
      Entry& entry = *frozen_[cursor_];
      if (entry.epoch == frozen_epoch_ && !entry.encoded) Encode(entry);
    }
    return cursor_ == frozen_.size();
  }

  // The encoded rows of the frozen epoch. Requires: EncodeSome() returned true.
  std::vector<EncodedRow> TakeEncoded() {
    BATUTA_CHECK(in_flight_ && cursor_ == frozen_.size());
    return std::exchange(encoded_, {});
  }

  // The frozen rows are in the database; they may be evicted from now on.
  void Written() {
    BATUTA_CHECK(in_flight_);
    in_flight_ = false;
    frozen_.clear();
  }

  // Evicts rows that are neither dirty nor frozen until the cache is within `bytes_max`, those not
  // used lately first. Invalidates pointers.
  void Trim(size_t bytes_max) {
    size_t looked_at = 0;
    while (bytes_ > bytes_max && !clock_.empty() && looked_at < 2 * clock_.size()) {
      ++looked_at;
      if (hand_ >= clock_.size()) hand_ = 0;
      Entry& entry = *clock_[hand_];
      if (entry.used || entry.epoch >= OldestUnwrittenEpoch()) {
        entry.used = false;
        ++hand_;
        continue;
      }
      bytes_ -= entry.bytes;
      const Key key = entry.key;
      clock_[hand_] = clock_.back();
      clock_.pop_back();
      rows_.erase(key);
    }
  }

  // Every row in the order of the keys' bytes, as a reader of the database after a checkpoint of
  // this moment would see them.
  void ForEach(absl::FunctionRef<void(std::string_view key, const Row&)> visit) {
    std::vector<std::pair<std::string, const Entry*>> cached;
    cached.reserve(clock_.size());
    for (const Entry* entry : clock_) cached.emplace_back(entry->key.ToBytes(), entry);
    std::sort(cached.begin(), cached.end());
    auto next = cached.begin();
    const auto visit_cached_before = [&](std::string_view key) {
      for (; next != cached.end() && next->first < key; ++next) {
        if (next->second->present) visit(next->first, next->second->row);
      }
    };
    Row row;
    BATUTA_CHECK_OK(
        database_.Scan(table_, "", "", [&](std::string_view key, std::string_view value) {
          visit_cached_before(key);
          if (next != cached.end() && next->first == key) return true;
          BATUTA_CHECK(row.ParseFromArray(value.data(), static_cast<int>(value.size())));
          visit(key, row);
          return true;
        }));
    for (; next != cached.end(); ++next) {
      if (next->second->present) visit(next->first, next->second->row);
    }
  }

  size_t dirty_count() const { return dirty_.size(); }
  size_t dirty_bytes() const { return dirty_bytes_; }
  size_t cached_bytes() const { return bytes_; }

 private:
  struct Entry {
    Key key;
    Row row;
    bool present = false;
    bool used = true;
    bool encoded = false;  // its state in `epoch` is in `encoded_`
    uint64_t epoch = 0;    // the last epoch in which it changed; 0: never
    size_t bytes = 0;      // its share of the cache
  };

  // What the maps take of an entry, and the allocator's rounding.
  static constexpr size_t kEntryOverhead = sizeof(Entry) + 64;
  // Asking a message how much memory it takes is slow: one in so many is asked, and the others are
  // taken to be as much larger than their encoding as those were.
  static constexpr size_t kSampleEvery = 64;

  uint64_t OldestUnwrittenEpoch() const { return in_flight_ ? frozen_epoch_ : epoch_; }

  Entry& Load(const Key& key) {
    auto [found, inserted] = rows_.try_emplace(key);
    if (!inserted) {
      found->second->used = true;
      return *found->second;
    }
    found->second = std::make_unique<Entry>();
    Entry& entry = *found->second;
    entry.key = key;
    clock_.push_back(&entry);
    auto stored = database_.Get(table_, key.ToBytes());
    BATUTA_CHECK_OK(stored.status());
    // A new row will be like the others.
    auto encoded_size = static_cast<size_t>(encoded_bytes_ / samples_);
    if (stored->has_value()) {
      BATUTA_CHECK(entry.row.ParseFromString(**stored), "a stored row does not parse");
      entry.present = true;
      encoded_size = (*stored)->size();
    }
    Account(entry, encoded_size);
    return entry;
  }

  void Account(Entry& entry, size_t encoded_size) {
    if (entry.present && accounted_++ % kSampleEvery == 0) Sample(entry, encoded_size);
    bytes_ -= entry.bytes;
    entry.bytes = kEntryOverhead + static_cast<size_t>(static_cast<double>(encoded_size) *
                                                       decoded_bytes_ / encoded_bytes_);
    bytes_ += entry.bytes;
  }

  // Later samples weigh more.
  void Sample(const Entry& entry, size_t encoded_size) {
    constexpr double kKept = 0.95;
    decoded_bytes_ = kKept * decoded_bytes_ + static_cast<double>(entry.row.SpaceUsedLong());
    encoded_bytes_ = kKept * encoded_bytes_ + static_cast<double>(encoded_size);
    samples_ = kKept * samples_ + 1;
  }

  void MarkDirty(Entry& entry) {
    if (entry.epoch == epoch_) return;
    if (in_flight_ && entry.epoch == frozen_epoch_ && !entry.encoded) Encode(entry);
    entry.epoch = epoch_;
    entry.encoded = false;
    dirty_.push_back(&entry);
    dirty_bytes_ += entry.bytes;
  }

  void Encode(Entry& entry) {
    std::optional<std::string> bytes;
    if (entry.present) bytes = entry.row.SerializeAsString();
    Account(entry, bytes.has_value() ? bytes->size() : 0);
    encoded_.emplace_back(entry.key.ToBytes(), std::move(bytes));
    entry.encoded = true;
  }

  store::Database& database_;
  const store::Table table_;
  std::function<void(const Row&)> watcher_;
  absl::flat_hash_map<Key, std::unique_ptr<Entry>> rows_;
  std::vector<Entry*> clock_;  // every cached entry, in no order that matters to the fold
  size_t hand_ = 0;
  std::vector<Entry*> dirty_;   // changed in `epoch_`
  std::vector<Entry*> frozen_;  // changed in `frozen_epoch_`
  size_t cursor_ = 0;
  std::vector<EncodedRow> encoded_;
  uint64_t epoch_ = 1;
  uint64_t frozen_epoch_ = 0;
  bool in_flight_ = false;
  size_t bytes_ = 0;
  size_t dirty_bytes_ = 0;
  size_t accounted_ = 0;
  // Of the samples, older ones weighing less: their sums, and how many they are.
  double decoded_bytes_ = 3'000;
  double encoded_bytes_ = 500;
  double samples_ = 1;
};

}  // namespace batuta::engine
