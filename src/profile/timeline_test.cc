#include "profile/timeline.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace batuta::profile {
namespace {

// A person's timeline and its rows, kept as the engine keeps them.
struct Rows {
  Timeline timeline;
  std::map<uint32_t, TimelineBlock> blocks;

  void Do(const TimelineChanges& changes, const Rows* absorbed = nullptr) {
    for (const TimelineChanges::Move& move : changes.moves) {
      ASSERT_NE(absorbed, nullptr);
      ASSERT_FALSE(blocks.contains(move.to));
      blocks[move.to] = absorbed->blocks.at(move.from);
    }
    for (const TimelineChanges::Spill& spill : changes.spills) {
      ASSERT_EQ(spill.fresh, !blocks.contains(spill.number));
      MergeBlock(spill.entries, blocks[spill.number]);
    }
    for (const uint32_t number : changes.drops) ASSERT_EQ(blocks.erase(number), 1u);
  }

  void Take(const TimelineEntry& entry) { Do(Append(entry, timeline)); }
  void Absorb(const Rows& other) { Do(MergeTimeline(other.timeline, timeline), &other); }

  TimelinePage Page(std::string_view cursor, int limit) const {
    return ReadTimeline(timeline, cursor, limit,
                        [&](uint32_t number) -> absl::StatusOr<TimelineBlock> {
                          const auto found = blocks.find(number);
                          if (found == blocks.end()) return absl::NotFoundError("no such row");
                          return found->second;
                        })
        .value();
  }

  std::vector<TimelineEntry> All(int page_size) const {
    std::vector<TimelineEntry> all;
    std::string cursor;
    do {
      TimelinePage page = Page(cursor, page_size);
      all.insert(all.end(), page.entries.begin(), page.entries.end());
      cursor = page.next;
    } while (!cursor.empty());
    return all;
  }
};

TimelineEntry Entry(int64_t time, uint64_t offset, uint16_t partition = 0) {
  return {.event_time = base::Time{time},
          .position = {base::PartitionId{partition}, base::Offset{offset}},
          .kind = offset % 2 == 0 ? EntryKind::kTrack : EntryKind::kPage};
}

using Plain = std::tuple<int64_t, base::Position, EntryKind>;

std::vector<Plain> PlainOf(const std::vector<TimelineEntry>& entries) {
  std::vector<Plain> plain;
  for (const TimelineEntry& entry : entries) {
    plain.emplace_back(entry.event_time.micros, entry.position, entry.kind);
  }
  return plain;
}

std::vector<Plain> NaiveNewestFirst(const std::vector<TimelineEntry>& entries) {
  std::vector<Plain> plain = PlainOf(entries);
  std::sort(plain.rbegin(), plain.rend());
  return plain;
}

std::vector<TimelineEntry> Draw(int count, int64_t times, std::mt19937_64& random) {
  std::vector<TimelineEntry> entries;
  for (int i = 0; i < count; ++i) {
    const auto time = static_cast<int64_t>(random() % static_cast<uint64_t>(times)) - times / 2;
    entries.push_back(
        Entry(time, static_cast<uint64_t>(i + 1), static_cast<uint16_t>(random() % 3)));
  }
  return entries;
}

TEST(Timeline, PagesNewestFirstWhateverTheOrderOfArrival) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    std::mt19937_64 random(seed);
    const std::vector<TimelineEntry> entries =
        Draw(static_cast<int>(random() % 900), seed % 2 == 0 ? 50 : 1'000'000, random);
    Rows rows;
    for (const TimelineEntry& entry : entries) rows.Take(entry);
    EXPECT_EQ(PlainOf(rows.All(1 + static_cast<int>(random() % 70))), NaiveNewestFirst(entries));
    EXPECT_EQ(rows.timeline.total(), entries.size());
  }
}

TEST(Timeline, TenThousandImportedEventsInRandomOrderReadBackInOrder) {
  std::mt19937_64 random(1);
  std::vector<TimelineEntry> live;
  for (int i = 0; i < 300; ++i) live.push_back(Entry(1'000'000'000 + i, static_cast<uint64_t>(i)));
  std::vector<TimelineEntry> all = live;
  Rows rows;
  for (const TimelineEntry& entry : live) rows.Take(entry);
  for (TimelineEntry entry : Draw(10'000, 1'000'000, random)) {
    entry.position.partition = base::PartitionId{7};
    rows.Take(entry);
    all.push_back(entry);
  }
  EXPECT_EQ(PlainOf(rows.All(200)), NaiveNewestFirst(all));
  EXPECT_LE(rows.timeline.blocks().number_size(), 50);
}

TEST(Timeline, MergesReadLikeOneTimeline) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    std::mt19937_64 random(seed);
    const std::vector<TimelineEntry> entries = Draw(1500, 100'000, random);
    std::vector<Rows> persons(1 + random() % 8);
    for (const TimelineEntry& entry : entries) persons[random() % persons.size()].Take(entry);
    while (persons.size() > 1) {
      std::shuffle(persons.begin(), persons.end(), random);
      const Rows absorbed = std::move(persons.back());
      persons.pop_back();
      persons.back().Absorb(absorbed);
      persons.back().Take(Entry(static_cast<int64_t>(seed), 100'000 + persons.size(), 5));
    }
    EXPECT_GE(persons[0].timeline.total(), entries.size());
    std::vector<TimelineEntry> all = entries;
    for (uint64_t i = 1; i <= persons[0].timeline.total() - entries.size(); ++i) {
      all.push_back(Entry(static_cast<int64_t>(seed), 100'000 + i, 5));
    }
    EXPECT_EQ(PlainOf(persons[0].All(64)), NaiveNewestFirst(all));
  }
}

TEST(Timeline, TheContentDigestDoesNotDependOnTheLayout) {
  std::mt19937_64 random(3);
  std::vector<TimelineEntry> entries = Draw(700, 1000, random);
  Rows one;
  for (const TimelineEntry& entry : entries) one.Take(entry);
  std::shuffle(entries.begin(), entries.end(), random);
  Rows a;
  Rows b;
  for (size_t i = 0; i < entries.size(); ++i) (i % 3 == 0 ? a : b).Take(entries[i]);
  a.Absorb(b);
  EXPECT_EQ(one.timeline.digest_high(), a.timeline.digest_high());
  EXPECT_EQ(one.timeline.digest_low(), a.timeline.digest_low());
  a.Take(Entry(1, 999));
  EXPECT_NE(one.timeline.digest_low(), a.timeline.digest_low());
}

TEST(Timeline, TheNewest32NeedNoBlockEvenAfterLateArrivals) {
  std::mt19937_64 random(5);
  Rows rows;
  for (const TimelineEntry& entry : Draw(5000, 1'000'000, random)) {
    rows.Take(entry);
    ASSERT_LE(rows.timeline.head().event_time_size(), kMaxHead);
  }
  std::vector<TimelineEntry> all = rows.All(1000);
  for (int i = 0; i < 32; ++i) {
    const int in_head = rows.timeline.head().event_time_size() - 1 - i;
    EXPECT_EQ(rows.timeline.head().event_time(in_head),
              all[static_cast<size_t>(i)].event_time.micros);
  }
}

TEST(Timeline, APageOfAnOrderlyHistoryReadsFewBlocks) {
  Rows rows;
  for (int i = 0; i < 20'000; ++i) rows.Take(Entry(i, static_cast<uint64_t>(i)));
  EXPECT_EQ(rows.Page("", 20).blocks_read, 0);
  const std::string deep = FormatCursor(Entry(7000, 7000));
  const TimelinePage page = rows.Page(deep, 50);
  EXPECT_EQ(page.entries.front().event_time.micros, 6999);
  EXPECT_LE(page.blocks_read, 3);
}

TEST(Timeline, OneRecordMayStandThereAsSeveralKinds) {
  TimelineEntry event = Entry(5, 9);
  event.kind = EntryKind::kTrack;
  TimelineEntry merge = event;
  merge.kind = EntryKind::kMerge;
  for (const auto& order : {std::vector{event, merge}, std::vector{merge, event}}) {
    Rows rows;
    for (const TimelineEntry& entry : order) rows.Take(entry);
    EXPECT_EQ(rows.timeline.total(), 2u);
    EXPECT_EQ(PlainOf(rows.All(1)), PlainOf({merge, event}));
  }
}

TEST(Timeline, AnEntryTakenTwiceCountsOnce) {
  Rows rows;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 60; ++i) rows.Take(Entry(i, static_cast<uint64_t>(i)));
  }
  EXPECT_EQ(rows.timeline.total(), 60u);
  Rows same = rows;
  rows.Absorb(same);
  EXPECT_EQ(rows.timeline.total(), 60u);
  EXPECT_EQ(rows.timeline.digest_low(), same.timeline.digest_low());
}

TEST(Timeline, BeyondTheLimitTheOldestBlocksAreDroppedAndCounted) {
  Rows rows;
  const int count = kMaxBlocks * kMaxBlockEntries + 5000;
  for (int i = 0; i < count; ++i) rows.Take(Entry(i, static_cast<uint64_t>(i)));
  EXPECT_EQ(rows.timeline.blocks().number_size(), kMaxBlocks);
  EXPECT_EQ(rows.blocks.size(), static_cast<size_t>(kMaxBlocks));
  EXPECT_EQ(rows.timeline.total(), static_cast<uint64_t>(count));
  const std::vector<TimelineEntry> all = rows.All(1000);
  EXPECT_EQ(all.size() + rows.timeline.dropped(), static_cast<size_t>(count));
  EXPECT_EQ(all.back().event_time.micros, static_cast<int64_t>(rows.timeline.dropped()));
}

TEST(Timeline, BadCursorsLimitsAndMissingRowsAreErrors) {
  Rows rows;
  for (int i = 0; i < 200; ++i) rows.Take(Entry(i, static_cast<uint64_t>(i)));
  const auto missing = [](uint32_t) -> absl::StatusOr<TimelineBlock> {
    return absl::NotFoundError("no such row");
  };
  const auto code = [&](std::string_view cursor, int limit) {
    return ReadTimeline(rows.timeline, cursor, limit, missing).status().code();
  };
  EXPECT_EQ(code("", 0), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("", 1001), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("xyz!", 10), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("", 150), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace batuta::profile
