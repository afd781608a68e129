// The promise that a crash at any instant loses no acknowledged record, put to the test: a model of
// what was appended beside a log on a disk that loses, tears and garbles what was not synced.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "log/archive.h"
#include "log/embedded_log.h"
#include "log/history.h"
#include "log/log_testing.h"
#include "log/sim_disk.h"

namespace batuta::log {
namespace {

constexpr int kPartitions = 3;

// The end of the simulated process.
struct ProcessEnds {};

class World {
 public:
  explicit World(uint64_t seed) : random_(seed, {}, "world", "") {}

  SimDisk& disk() { return disk_; }
  base::Random& random() { return random_; }
  bool has_died() const { return has_died_; }
  int refusals() const { return refusals_; }

  // Opens the log and appends groups until done or dead. Errors of Open end the process too.
  void Live(int groups, bool archives) {
    has_died_ = false;
    try {
      const absl::Status opened = Open();
      if (!opened.ok()) throw ProcessEnds();
      for (int i = 0; i < groups; ++i) {
        AppendOne();
        if (archives && random_.Below(8) == 0) ArchiveAll();
      }
      if (random_.Below(2) == 0 && !log_->Close().ok()) throw ProcessEnds();
    } catch (const ProcessEnds&) {
      has_died_ = true;
    }
    log_.reset();
    archive_.reset();
  }

  void LosePower() { disk_.Crash(random_.Bits()); }

  // Opens without faults and compares. What was acknowledged must be there, what was refused must
  // not; the groups in flight may be there, but only whole ones, and the first of them. What was
  // found is then what is acknowledged.
  void Check(const std::string& what) {
    disk_.ClearFaults();
    disk_.SetHook({});
    disk_.SetQuota(std::nullopt);
    const absl::Status opened = Open();
    ASSERT_TRUE(opened.ok()) << what << ": " << opened;
    const History history(archive_.get(), log_.get());
    AcknowledgeFound();
    in_flight_.clear();
    ASSERT_EQ(log_->Ends(), EndsOf(acknowledged_)) << what;
    for (int partition = 0; partition < kPartitions; ++partition) {
      const auto records = ReadAll(history, Partition(partition));
      ASSERT_TRUE(records.ok()) << what << ": " << records.status();
      size_t at = 0;
      for (const Entry& entry : acknowledged_) {
        if (entry.partition != Partition(partition)) continue;
        ASSERT_LT(at, records->size()) << what;
        ASSERT_TRUE(Same(entry, (*records)[at])) << what << ", record " << at;
        ++at;
      }
      ASSERT_EQ(at, records->size()) << what;
    }
    log_.reset();
    archive_.reset();
    disk_.Kill();
  }

  size_t acknowledged() const { return acknowledged_.size(); }

 private:
  absl::Status Open() {
    BATUTA_ASSIGN_OR_RETURN(
        archive_,
        Archive::Open({.disk = &disk_, .folder = "archive", .hub = {7, 7}, .block_bytes = 2000}));
    BATUTA_ASSIGN_OR_RETURN(
        log_, EmbeddedLog::Open({.disk = &disk_,
                                 .clock = &clock_,
                                 .folder = "log",
                                 .hub = {7, 7},
                                 .segment_bytes = 1 << 13,
                                 .reserve_bytes = 1 << 10,
                                 .watermark_interval = base::Seconds(1),
                                 .fatal = [](const absl::Status&) { throw ProcessEnds(); }}));
    return absl::OkStatus();
  }

  void AppendOne() {
    clock_.Advance(base::Millis(static_cast<int64_t>(random_.Below(700))));
    if (random_.Below(3) == 0) return CommitSome();
    in_flight_.push_back(RandomEntries(random_, kPartitions, number_));
    const auto appended = log_->Append(in_flight_.back());
    if (!appended.ok()) in_flight_.pop_back();
    AcknowledgeThrough(appended.status());
  }

  // Some groups that are staged before one is committed.
  void CommitSome() {
    for (uint64_t groups = 1 + random_.Below(3); groups > 0; --groups) {
      std::vector<Entry>& group = in_flight_.emplace_back();
      for (uint64_t times = 1 + random_.Below(3); times > 0; --times) {
        const std::vector<Entry> entries = RandomEntries(random_, kPartitions, number_);
        if (!log_->Stage(entries)) break;
        group.insert(group.end(), entries.begin(), entries.end());
      }
      log_->Seal();
      if (group.empty()) in_flight_.pop_back();
    }
    AcknowledgeThrough(log_->Commit());
  }

  void AcknowledgeThrough(const absl::Status& done) {
    if (done.ok()) {
      for (const auto& group : in_flight_) Acknowledge(group);
      in_flight_.clear();
      ASSERT_EQ(log_->Ends(), EndsOf(acknowledged_));
      return;
    }
    // Only errors that promise that nothing was stored come back; the others end the process.
    ASSERT_TRUE(absl::IsResourceExhausted(done) || absl::IsUnavailable(done)) << done;
    ++refusals_;
    AcknowledgeFound();
  }

  // The groups of which the log says that they are durable: those staged first.
  void AcknowledgeFound() {
    while (!in_flight_.empty() && log_->Ends() != EndsOf(acknowledged_)) {
      Acknowledge(in_flight_.front());
      in_flight_.erase(in_flight_.begin());
    }
  }

  void Acknowledge(const std::vector<Entry>& group) {
    acknowledged_.insert(acknowledged_.end(), group.begin(), group.end());
  }

  void ArchiveAll() {
    Offsets needed = log_->Ends();
    for (auto& [partition, offset] : needed) offset = base::Next(offset);
    const absl::Status archived = log_->ArchiveThrough(*archive_, needed).status();
    if (!archived.ok()) throw ProcessEnds();
  }

  static Offsets EndsOf(const std::vector<Entry>& entries) {
    Offsets ends;
    for (const Entry& entry : entries) ends[entry.partition] = base::Next(ends[entry.partition]);
    return ends;
  }

  SimDisk disk_;
  base::ManualClock clock_;
  base::Random random_;
  std::unique_ptr<Archive> archive_;
  std::unique_ptr<EmbeddedLog> log_;
  std::vector<Entry> acknowledged_;
  std::vector<std::vector<Entry>> in_flight_;  // groups, in the order of the log
  uint64_t number_ = 1;
  bool has_died_ = false;
  int refusals_ = 0;
};

// Ends the process before the n-th call from now.
void EndAt(SimDisk& disk, uint64_t nth) {
  auto left = std::make_shared<uint64_t>(nth);
  disk.SetHook([left](DiskCall, const std::string&) {
    if (*left > 0 && --*left == 0) throw ProcessEnds();
  });
}

TEST(EmbeddedLogCrash, AcknowledgedIsFoundAndNothingElseOverThousandsOfSeeds) {
  int deaths = 0;
  size_t acknowledged = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    World world(seed);
    for (int life = 0; life < 4; ++life) {
      base::Random& random = world.random();
      if (random.Below(4) != 0) EndAt(world.disk(), 1 + random.Below(120));
      if (random.Below(5) == 0) world.disk().SetQuota(10'000 + random.Below(40'000));
      if (random.Below(5) == 0) {
        world.disk().Inject({.kind = DiskCall::kWrite,
                             .nth = 1 + random.Below(20),
                             .error = absl::ResourceExhaustedError("no space left")});
      }
      world.Live(15, random.Below(2) == 0);
      deaths += world.has_died() ? 1 : 0;
      if (random.Below(4) != 0) world.LosePower();
      world.Check("seed " + std::to_string(seed) + ", life " + std::to_string(life));
      if (HasFatalFailure()) return;
    }
    acknowledged += world.acknowledged();
  }
  EXPECT_GT(deaths, 3000);
  EXPECT_GT(acknowledged, 100'000u);
}

TEST(EmbeddedLogCrash, EveryCallMayBeTheLast) {
  for (uint64_t nth = 1;; ++nth) {
    World world(99);
    EndAt(world.disk(), nth);
    world.Live(40, true);
    const bool has_died = world.has_died();
    world.LosePower();
    world.Check("process ended at call " + std::to_string(nth));
    if (HasFatalFailure()) return;
    if (!has_died) {
      EXPECT_GT(nth, 200u);
      return;
    }
  }
}

class EmbeddedLogFaults : public testing::TestWithParam<absl::Status> {};

TEST_P(EmbeddedLogFaults, EveryCallMayFailOnceWithoutLoss) {
  for (uint64_t nth = 1; nth < 5000; ++nth) {
    World world(77);
    world.disk().Inject({.kind = {}, .nth = nth, .sticky = false, .error = GetParam()});
    world.Live(40, true);
    const uint64_t calls = world.disk().calls();
    world.LosePower();
    world.Check("call " + std::to_string(nth) + " failed");
    if (HasFatalFailure() || calls < nth) return;
  }
}

TEST_P(EmbeddedLogFaults, EveryCallMayFailForGoodWithoutLoss) {
  for (uint64_t nth = 1; nth < 5000; nth += 3) {
    World world(78);
    world.disk().Inject({.kind = {}, .nth = nth, .sticky = true, .error = GetParam()});
    world.Live(40, true);
    const uint64_t calls = world.disk().calls();
    world.disk().Kill();
    world.Check("every call from " + std::to_string(nth) + " on failed");
    if (HasFatalFailure() || calls < nth) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Errors, EmbeddedLogFaults,
                         testing::Values(absl::InternalError("input/output error"),
                                         absl::ResourceExhaustedError("no space left"),
                                         absl::UnavailableError("too many open files")));

TEST(EmbeddedLogCrash, AFullDiskRefusesGroupsAndGoesOnWhenThereIsSpace) {
  World world(5);
  world.disk().SetQuota(30'000);
  world.Live(200, false);
  EXPECT_FALSE(world.has_died());
  EXPECT_GT(world.refusals(), 0);
  world.Check("full disk");
  const size_t before = world.acknowledged();
  world.Live(20, false);
  EXPECT_GT(world.acknowledged(), before);
  world.Check("space again");
}

}  // namespace
}  // namespace batuta::log
