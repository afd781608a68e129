#include "profile/timeline.h"

#include <algorithm>
#include <compare>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/numeric/int128.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::profile {
namespace {

constexpr int kMaxPage = 1000;
constexpr size_t kCursorBytes = 19;

// One record may be in a timeline as several kinds: as an event, and as the merge that it led to.
struct Key {
  int64_t event_time;
  uint32_t partition;
  uint64_t offset;
  uint32_t kind;
  friend auto operator<=>(const Key&, const Key&) = default;
};

Key KeyAt(const TimelineEntries& entries, int index) {
  return {entries.event_time(index), entries.partition(index), entries.offset(index),
          entries.kind(index)};
}

Key KeyOf(const TimelineEntry& entry) {
  return {entry.event_time.micros, base::Index(entry.position.partition),
          base::Number(entry.position.offset), static_cast<uint32_t>(entry.kind)};
}

TimelineEntry EntryAt(const TimelineEntries& entries, int index) {
  return {.event_time = base::Time{entries.event_time(index)},
          .position = {base::PartitionId{static_cast<uint16_t>(entries.partition(index))},
                       base::Offset{entries.offset(index)}},
          .kind = static_cast<EntryKind>(entries.kind(index))};
}

int Size(const TimelineEntries& entries) { return entries.event_time_size(); }

void Push(const TimelineEntries& from, int index, TimelineEntries& to) {
  to.add_event_time(from.event_time(index));
  to.add_partition(from.partition(index));
  to.add_offset(from.offset(index));
  to.add_kind(from.kind(index));
}

// Moves the last element down to `index`.
template <typename Field>
void RotateLast(Field& field, int index) {
  std::rotate(field.begin() + index, field.end() - 1, field.end());
}

void InsertEntry(const TimelineEntry& entry, int index, TimelineEntries& entries) {
  entries.add_event_time(entry.event_time.micros);
  entries.add_partition(base::Index(entry.position.partition));
  entries.add_offset(base::Number(entry.position.offset));
  entries.add_kind(static_cast<uint32_t>(entry.kind));
  if (index == Size(entries) - 1) return;
  RotateLast(*entries.mutable_event_time(), index);
  RotateLast(*entries.mutable_partition(), index);
  RotateLast(*entries.mutable_offset(), index);
  RotateLast(*entries.mutable_kind(), index);
}

template <typename Field>
void EraseFirst(Field& field, int count) {
  field.erase(field.begin(), field.begin() + count);
}

// Both sorted; an entry that is in both stands once in the result.
TimelineEntries Union(const TimelineEntries& a, const TimelineEntries& b) {
  TimelineEntries merged;
  int i = 0;
  int j = 0;
  while (i < Size(a) || j < Size(b)) {
    const auto order = i == Size(a)   ? std::strong_ordering::greater
                       : j == Size(b) ? std::strong_ordering::less
                                      : KeyAt(a, i) <=> KeyAt(b, j);
    if (order <= 0) {
      Push(a, i, merged);
    } else {
      Push(b, j, merged);
    }
    if (order <= 0) ++i;
    if (order >= 0) ++j;
  }
  return merged;
}

absl::uint128 HashOf(const TimelineEntry& entry) {
  base::ByteWriter writer;
  writer.Signed(entry.event_time.micros);
  writer.Varint(base::Index(entry.position.partition));
  writer.Varint(base::Number(entry.position.offset));
  writer.Varint(static_cast<uint32_t>(entry.kind));
  const base::Id128 hash = base::Hash128(writer.bytes());
  return absl::MakeUint128(hash.high, hash.low);
}

absl::uint128 DigestOf(const Timeline& timeline) {
  return absl::MakeUint128(timeline.digest_high(), timeline.digest_low());
}

void SetDigest(absl::uint128 digest, Timeline& timeline) {
  timeline.set_digest_high(absl::Uint128High64(digest));
  timeline.set_digest_low(absl::Uint128Low64(digest));
}

// The block that the next spill goes to: the last one if it has room, else a new one.
int OpenBlock(int spill_size, Timeline& timeline, bool& fresh) {
  TimelineIndex& blocks = *timeline.mutable_blocks();
  const int last = blocks.number_size() - 1;
  fresh = last < 0 || blocks.count(last) + static_cast<uint32_t>(spill_size) > kMaxBlockEntries;
  if (!fresh) return last;
  blocks.add_number(timeline.next_block());
  blocks.add_count(0);
  blocks.add_oldest(std::numeric_limits<int64_t>::max());
  blocks.add_newest(std::numeric_limits<int64_t>::min());
  timeline.set_next_block(timeline.next_block() + 1);
  return last + 1;
}

void SpillOldest(Timeline& timeline, TimelineChanges& changes) {
  TimelineEntries& head = *timeline.mutable_head();
  TimelineChanges::Spill spill;
  const int block = OpenBlock(kSpillSize, timeline, spill.fresh);
  TimelineIndex& blocks = *timeline.mutable_blocks();
  spill.number = blocks.number(block);
  for (int i = 0; i < kSpillSize; ++i) Push(head, i, spill.entries);
  EraseFirst(*head.mutable_event_time(), kSpillSize);
  EraseFirst(*head.mutable_partition(), kSpillSize);
  EraseFirst(*head.mutable_offset(), kSpillSize);
  EraseFirst(*head.mutable_kind(), kSpillSize);
  blocks.set_count(block, blocks.count(block) + kSpillSize);
  blocks.set_oldest(block, std::min(blocks.oldest(block), spill.entries.event_time(0)));
  blocks.set_newest(block,
                    std::max(blocks.newest(block), spill.entries.event_time(kSpillSize - 1)));
  changes.spills.push_back(std::move(spill));
}

template <typename Field>
void EraseAt(Field& field, int index) {
  field.erase(field.begin() + index);
}

void DropSurplusBlocks(Timeline& timeline, TimelineChanges& changes) {
  TimelineIndex& blocks = *timeline.mutable_blocks();
  while (blocks.number_size() > kMaxBlocks) {
    const auto earliest = std::min_element(blocks.newest().begin(), blocks.newest().end());
    const int victim = static_cast<int>(earliest - blocks.newest().begin());
    changes.drops.push_back(blocks.number(victim));
    timeline.set_dropped(timeline.dropped() + blocks.count(victim));
    EraseAt(*blocks.mutable_number(), victim);
    EraseAt(*blocks.mutable_count(), victim);
    EraseAt(*blocks.mutable_oldest(), victim);
    EraseAt(*blocks.mutable_newest(), victim);
  }
}

void SpillSurplus(Timeline& timeline, TimelineChanges& changes) {
  while (Size(timeline.head()) > kMaxHead) SpillOldest(timeline, changes);
  DropSurplusBlocks(timeline, changes);
}

void MoveBlocks(const Timeline& from, Timeline& into, TimelineChanges& changes) {
  TimelineIndex& blocks = *into.mutable_blocks();
  for (int i = 0; i < from.blocks().number_size(); ++i) {
    const uint32_t number = into.next_block();
    into.set_next_block(number + 1);
    changes.moves.push_back({.from = from.blocks().number(i), .to = number});
    blocks.add_number(number);
    blocks.add_count(from.blocks().count(i));
    blocks.add_oldest(from.blocks().oldest(i));
    blocks.add_newest(from.blocks().newest(i));
  }
}

absl::StatusOr<Key> ParseCursor(std::string_view cursor) {
  const absl::StatusOr<std::string> bytes = base::DecodeBase32(cursor, kCursorBytes);
  if (!bytes.ok()) {
    return absl::InvalidArgumentError(
        base::StrCat("cursor \"", cursor, "\" is not one that a page of a timeline gave"));
  }
  base::ByteReader reader(*bytes);
  const uint64_t biased = reader.U64();
  const uint16_t partition = reader.U16();
  const uint64_t offset = reader.U64();
  const uint8_t kind = reader.U8();
  return Key{static_cast<int64_t>(biased ^ (uint64_t{1} << 63)), partition, offset, kind};
}

// The newest `limit` of all entries added that are older than the end, newest first.
class NewestEntries {
 public:
  NewestEntries(const std::optional<Key>& end, size_t limit) : end_(end), limit_(limit) {}

  void Add(const TimelineEntries& entries) {
    for (int i = Size(entries) - 1; i >= 0; --i) {
      if (end_.has_value() && KeyAt(entries, i) >= *end_) continue;
      if (IsFull() && KeyAt(entries, i) <= KeyOf(found_.back())) break;
      Insert(EntryAt(entries, i));
    }
  }

  // Whether a block of these event times can hold any that belongs to the answer.
  bool MayNeed(int64_t oldest, int64_t newest) const {
    if (end_.has_value() && oldest > end_->event_time) return false;
    return !IsFull() || newest >= found_.back().event_time.micros;
  }

  std::vector<TimelineEntry> Take() { return std::move(found_); }

 private:
  bool IsFull() const { return found_.size() == limit_; }

  void Insert(TimelineEntry entry) {
    const auto place = std::lower_bound(
        found_.begin(), found_.end(), entry,
        [](const TimelineEntry& a, const TimelineEntry& b) { return KeyOf(a) > KeyOf(b); });
    if (place != found_.end() && KeyOf(*place) == KeyOf(entry)) return;
    const bool was_full = IsFull();
    found_.insert(place, entry);
    if (was_full) found_.pop_back();
  }

  std::optional<Key> end_;
  size_t limit_;
  std::vector<TimelineEntry> found_;
};

// Blocks that end last come first: they fill the page, so that earlier ones need no reading.
std::vector<int> ByNewestFirst(const TimelineIndex& blocks) {
  std::vector<int> order(static_cast<size_t>(blocks.number_size()));
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return blocks.newest(a) > blocks.newest(b); });
  return order;
}

}  // namespace

TimelineChanges Append(const TimelineEntry& entry, Timeline& timeline) {
  TimelineEntries& head = *timeline.mutable_head();
  int index = Size(head);
  const Key key = KeyOf(entry);
  while (index > 0 && KeyAt(head, index - 1) > key) --index;
  TimelineChanges changes;
  if (index > 0 && KeyAt(head, index - 1) == key) return changes;
  InsertEntry(entry, index, head);
  timeline.set_total(timeline.total() + 1);
  SetDigest(DigestOf(timeline) + HashOf(entry), timeline);
  SpillSurplus(timeline, changes);
  return changes;
}

void MergeBlock(const TimelineEntries& spill, TimelineBlock& block) {
  TimelineEntries merged = Union(block.entries(), spill);
  block.mutable_entries()->Swap(&merged);
  BATUTA_CHECK(Size(block.entries()) <= kMaxBlockEntries);
}

TimelineChanges MergeTimeline(const Timeline& from, Timeline& into) {
  BATUTA_CHECK(&from != &into);
  TimelineChanges changes;
  uint64_t total = into.total() + from.total();
  absl::uint128 digest = DigestOf(into) + DigestOf(from);
  TimelineEntries merged = Union(into.head(), from.head());
  for (int i = 0, j = 0; i < Size(into.head()) && j < Size(from.head());) {
    const auto order = KeyAt(into.head(), i) <=> KeyAt(from.head(), j);
    if (order == 0) {
      --total;
      digest -= HashOf(EntryAt(from.head(), j));
    }
    if (order <= 0) ++i;
    if (order >= 0) ++j;
  }
  into.mutable_head()->Swap(&merged);
  into.set_total(total);
  into.set_dropped(into.dropped() + from.dropped());
  SetDigest(digest, into);
  MoveBlocks(from, into, changes);
  SpillSurplus(into, changes);
  return changes;
}

std::string FormatCursor(const TimelineEntry& last_seen) {
  const Key key = KeyOf(last_seen);
  base::ByteWriter writer;
  writer.U64(static_cast<uint64_t>(key.event_time) ^ (uint64_t{1} << 63));
  writer.U16(static_cast<uint16_t>(key.partition));
  writer.U64(key.offset);
  writer.U8(static_cast<uint8_t>(key.kind));
  return base::EncodeBase32(writer.bytes());
}

absl::StatusOr<TimelinePage> ReadTimeline(const Timeline& timeline, std::string_view cursor,
                                          int limit, const ReadBlock& read_block) {
  if (limit < 1 || limit > kMaxPage) {
    return absl::InvalidArgumentError(
        base::StrCat("limit ", limit, " is not between 1 and ", kMaxPage));
  }
  std::optional<Key> end;
  if (!cursor.empty()) {
    BATUTA_ASSIGN_OR_RETURN(end, ParseCursor(cursor));
  }
  TimelinePage page;
  // One more than asked for tells whether another page follows.
  NewestEntries newest(end, static_cast<size_t>(limit) + 1);
  newest.Add(timeline.head());
  const TimelineIndex& blocks = timeline.blocks();
  for (const int index : ByNewestFirst(blocks)) {
    if (!newest.MayNeed(blocks.oldest(index), blocks.newest(index))) continue;
    BATUTA_ASSIGN_OR_RETURN(const TimelineBlock block, read_block(blocks.number(index)));
    newest.Add(block.entries());
    ++page.blocks_read;
  }
  page.entries = newest.Take();
  if (page.entries.size() > static_cast<size_t>(limit)) {
    page.entries.pop_back();
    page.next = FormatCursor(page.entries.back());
  }
  return page;
}

}  // namespace batuta::profile
