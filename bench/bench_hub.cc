#include "bench/bench_hub.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/dedup.h"
#include "simdjson.h"

namespace batuta::bench {

Folder::Folder() {
  const char* parent = std::getenv("TMPDIR");
  path_ = base::StrCat(parent == nullptr ? "/var/tmp" : parent, "/batuta-bench-XXXXXX");
  BATUTA_CHECK(::mkdtemp(path_.data()) != nullptr);
}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

engine::HubOptions HubOptionsOf(const std::string& folder, TimedDisk& disk, base::Clock& clock,
                                const HubChoices& choices) {
  engine::HubOptions options;
  options.folder = folder;
  options.disk = &disk;
  options.clock = &clock;
  options.master_key = *vault::MasterKey::FromBytes(std::string(vault::MasterKey::kSize, 'b'));
  options.partitions = kPartitions;
  options.workers = choices.workers;
  if (!choices.checkpoints) {
    options.checkpoint = {.dirty_bytes = size_t{1} << 40,
                          .records = uint64_t{1} << 40,
                          .age = base::Days(1000),
                          .unwritten_bytes_max = size_t{1} << 42};
  }
  return options;
}

BenchHub::BenchHub(std::string folder, const HubChoices& choices)
    : folder_(std::move(folder)), choices_(choices) {
  Open();
}

BenchHub::~BenchHub() { hub_->Stop(); }

void BenchHub::Open() {
  auto hub = engine::Hub::Open(HubOptionsOf(folder_, disk_, clock_, choices_));
  BATUTA_CHECK_OK(hub.status());
  hub_ = *std::move(hub);
  hub_->Start();
}

connect::Ingested BenchHub::Read(std::string_view body, std::string_view type) {
  thread_local simdjson::dom::parser parser;
  const connect::IngestOptions options = {.event = {.vault = hub_->vault(),
                                                    .identity = identity_,
                                                    .classification = classification_,
                                                    .hash_seed = 7,
                                                    .source = "web",
                                                    .received_at = clock_.Wall()},
                                          .partitions = kPartitions,
                                          .type = type};
  auto ingested = connect::Ingest(parser, body, options, [this] { return hub_->DrawId(); });
  BATUTA_CHECK_OK(ingested.status());
  BATUTA_CHECK(ingested->rejected.empty(), "the generator writes right events");
  return *std::move(ingested);
}

bool BenchHub::Take(std::string_view body, std::string_view type, engine::CommitDone done) {
  return hub_->runtime().Append(Read(body, type).entries, std::move(done)).ok();
}

void BenchHub::Take(const Bodies& bodies, Latencies& acknowledged, size_t in_flight) {
  Latch latch;
  std::vector<int64_t> took(bodies.size());
  for (size_t i = 0; i < bodies.size(); ++i) {
    latch.WaitBelow(in_flight);
    latch.Add(1);
    const auto durable = [&latch, &took, i](const auto& done) {
      BATUTA_CHECK_OK(done.status());
      took[i] += WallMicros();
      latch.Done();
    };
    // A client that is refused tries again, as with the API, which refuses from 0.8 on.
    for (absl::Status queued = absl::UnknownError(""); !queued.ok();) {
      while (hub_->runtime().Pressure() > 0.7) absl::SleepFor(absl::Milliseconds(1));
      connect::Ingested ingested = Read(bodies.at(i), "");
      took[i] = -WallMicros();
      queued = hub_->runtime().Append(std::move(ingested.entries), durable);
      BATUTA_CHECK(queued.ok() || absl::IsResourceExhausted(queued));
    }
    if (i % 64 == 0) peak_resident_ = std::max(peak_resident_, ResidentBytes() - bodies.bytes());
  }
  latch.WaitBelow(1);
  for (const int64_t micros : took) acknowledged.Add(micros);
}

void BenchHub::Settle() {
  // A merge takes more hops than one Settle() waits for.
  for (uint64_t before = ~uint64_t{0}; before != LogRecords();) {
    before = LogRecords();
    absl::Notification settled;
    hub_->runtime().Settle([&settled] { settled.Notify(); });
    settled.WaitForNotification();
  }
}

void BenchHub::Checkpoint() {
  hub_->runtime().RequestCheckpoints();
  while (hub_->runtime().Checkpointed() != hub_->runtime().Applied()) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  WaitUntilIdle(30'000'000);
}

Totals BenchHub::Sums() {
  Totals sums;
  for (uint16_t p = 0; p < kPartitions; ++p) {
    absl::Notification read;
    hub_->runtime().Run(base::PartitionId{p}, [&](engine::Fold& fold) {
      const engine::Tallies& tallies = fold.state().self.tallies();
      sums.events += tallies.events();
      sums.duplicates += tallies.duplicates();
      sums.rejections += tallies.rejections();
      sums.people += tallies.people();
      sums.merges += tallies.merges();
      read.Notify();
    });
    read.WaitForNotification();
  }
  return sums;
}

uint64_t BenchHub::CountedInProfiles() {
  uint64_t count = 0;
  for (uint16_t p = 0; p < kPartitions; ++p) {
    absl::Notification read;
    hub_->runtime().Run(base::PartitionId{p}, [&](engine::Fold& fold) {
      fold.state().people.ForEach([&](std::string_view, const engine::PersonRow& row) {
        for (const profile::Counter& counter : row.profile().counters()) count += counter.count();
      });
      read.Notify();
    });
    read.WaitForNotification();
  }
  return count;
}

uint64_t BenchHub::LogRecords() {
  uint64_t records = 0;
  for (const auto& [partition, end] : hub_->log().Ends()) records += base::Number(end);
  return records;
}

void BenchHub::PreloadDedup(size_t ids) {
  const base::Id128 hub = hub_->vault().HubId();
  hub_->Stop();
  hub_.reset();
  const store::SharedResources shared({.block_cache_bytes = size_t{128} << 20});
  base::Random random(2, {}, "dedup", "");
  const std::string value = engine::Dedup::EncodeEntry({clock_.Wall(), 1});
  constexpr size_t kBatch = 500'000;
  for (uint16_t p = 0; p < kPartitions; ++p) {
    auto database =
        store::Database::Open(shared, {.path = absl::StrFormat("%s/state/p%03d", folder_, p),
                                       .hub = hub,
                                       .partition = base::PartitionId{p}});
    BATUTA_CHECK_OK(database.status());
    for (size_t left = ids / kPartitions; left > 0;) {
      store::Batch batch;
      for (size_t i = 0; i < std::min(left, kBatch); ++i) {
        batch.Put(store::Table::dedup, base::Id128{random.Bits(), random.Bits()}.ToBytes(), value);
      }
      left -= std::min(left, kBatch);
      BATUTA_CHECK_OK((*database)->Write(batch, (*database)->Applied()));
    }
  }
  Open();
}

void Latch::Add(size_t count) {
  absl::MutexLock lock(&mutex_);
  under_way_ += count;
}

void Latch::Done() {
  absl::MutexLock lock(&mutex_);
  --under_way_;
  changed_.Signal();
}

void Latch::WaitBelow(size_t count) {
  absl::MutexLock lock(&mutex_);
  while (under_way_ >= count) changed_.Wait(&mutex_);
}

}  // namespace batuta::bench
