#include "policy/lease.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "base/random.h"

namespace batuta::policy {
namespace {

struct World {
  int partitions = 4;
  int64_t limit = 10'000;
  int64_t largest = 100;  // what a choice takes at most
  bool returns = true;    // reservations expire
  bool redefines = false;
};

// Partitions that choose at random, an owner, and the messages between them, which take any time.
// Counts by itself what is spent.
class Walk {
 public:
  Walk(const World& world, uint64_t seed)
      : world_(world),
        random_(seed, base::Id128{0, 1}, "leases", ""),
        holders_(Index(world.partitions)) {
    limits_ = {world.limit};
    for (One& one : holders_) one.lease.set_ends(base::kDistantFuture.micros);
  }

  void Step() {
    const uint64_t dice = random_.Below(100);
    if (dice < 45) {
      Deliver();
    } else if (dice < 80) {
      Choose(Any(), 1 + static_cast<int64_t>(random_.Below(static_cast<uint64_t>(world_.largest))));
    } else if (dice < 99 || !world_.redefines) {
      SettleOne();
    } else {
      RedefineSomewhere();
    }
    CheckNothingIsLost();
  }

  void Drain() {
    for (int turns = 0; Deliver(); ++turns) {
      CheckNothingIsLost();
      ASSERT_LT(turns, 100'000) << "they never stop talking";
    }
  }

  // All have the same definitions and nobody talks.
  void Settle() {
    for (One& one : holders_) one.version = limits_.size() - 1;
    owner_version_ = limits_.size() - 1;
    for (size_t i = 0; i < holders_.size(); ++i) Become(i);
    ServeOwner(nullptr);
    Drain();
    for (const One& one : holders_) {
      EXPECT_EQ(one.lease.asked(), 0);
      EXPECT_TRUE(one.waiting.empty()) << "every ask is answered";
    }
  }

  // Chooses until it is refused everywhere.
  void Exhaust(int64_t cost) {
    for (size_t i = 0; i < holders_.size(); ++i) {
      while (true) {
        const size_t before = refusals_;
        Choose(i, cost);
        Drain();
        if (refusals_ != before) break;
      }
    }
  }

  int64_t Used() const {
    int64_t used = 0;
    for (const One& one : holders_) used += one.reserved_by_hand + one.spent_by_hand;
    return used;
  }
  int64_t Spare() const { return limits_.back() - Used() - overdrawn_; }
  int64_t overdrawn() const { return overdrawn_; }
  size_t refusals() const { return refusals_; }
  size_t messages() const { return messages_; }
  size_t choices() const { return choices_; }
  const Ledger& ledger() const { return ledger_; }

 private:
  struct One {
    Lease lease;
    size_t version = 0;
    std::vector<int64_t> waiting;   // what choices need that wait for an answer
    std::vector<int64_t> reserved;  // by choices that are open
    std::vector<int64_t> returned;  // by choices that have expired
    int64_t reserved_by_hand = 0;
    int64_t spent_by_hand = 0;
    std::deque<LeaseMessage> to_owner;
    std::deque<LeaseMessage> from_owner;
  };
  static size_t Index(int number) { return static_cast<size_t>(number); }
  size_t Any() { return random_.Below(holders_.size()); }

  Holder HolderOf(size_t i) const {
    LeaseKey key;
    key.set_name("b");
    return {.key = key, .partition = static_cast<uint32_t>(i), .version = holders_[i].version};
  }

  void Tell(size_t i, const std::optional<LeaseMessage>& message) {
    if (message.has_value()) holders_[i].to_owner.push_back(*message);
  }

  void Choose(size_t i, int64_t cost) {
    One& one = holders_[i];
    ++choices_;
    if (cost <= FreeOf(one.lease)) {
      Take(cost, one.lease);
      one.reserved.push_back(cost);
      one.reserved_by_hand += cost;
      const size_t oldest = OldestVersion();
      EXPECT_LE(Used(),
                *std::max_element(limits_.begin() + static_cast<int64_t>(oldest), limits_.end()))
          << "overspent";
      Tell(i, TopUp(HolderOf(i), cost, one.lease));
    } else if (one.lease.short_from() != 0 && cost >= one.lease.short_from()) {
      ++refusals_;
      const bool is_quiet = IsQuiet() && OldestVersion() + 1 == limits_.size();
      if (is_quiet || !(world_.returns || world_.redefines)) {
        EXPECT_LT(Spare(), cost) << "refused while there was enough";
      }
    } else {
      one.waiting.push_back(cost);
      Tell(i, Ask(HolderOf(i), cost, one.lease));
    }
  }

  void SettleOne() {
    const size_t i = Any();
    One& one = holders_[i];
    const bool is_late = !one.returned.empty() && random_.Below(20) == 0;
    std::vector<int64_t>& from = is_late ? one.returned : one.reserved;
    if (from.empty()) return;
    std::swap(from[random_.Below(from.size())], from.back());
    const int64_t amount = from.back();
    from.pop_back();
    if (is_late) {
      const int64_t before = one.lease.overdrawn();
      Tell(i, policy::Settle(HolderOf(i), amount, HOLD_LATE, one.lease));
      overdrawn_ += one.lease.overdrawn() - before;
      one.spent_by_hand += amount - (one.lease.overdrawn() - before);
      return;
    }
    const bool returns = world_.returns && random_.Below(2) == 0;
    one.reserved_by_hand -= amount;
    if (returns) one.returned.push_back(amount);
    if (!returns) one.spent_by_hand += amount;
    Tell(i, policy::Settle(HolderOf(i), amount, returns ? HOLD_RETURNED : HOLD_SPENT, one.lease));
  }

  // Definitions come to each at their own time.
  void RedefineSomewhere() {
    const size_t who = random_.Below(holders_.size() + 2);
    if (who == holders_.size() + 1) {
      limits_.push_back(static_cast<int64_t>(random_.Below(static_cast<uint64_t>(world_.limit))));
    } else if (who == holders_.size()) {
      if (owner_version_ + 1 < limits_.size()) ++owner_version_;
      ServeOwner(nullptr);
    } else if (holders_[who].version + 1 < limits_.size()) {
      ++holders_[who].version;
      Become(who);
    }
  }
  void Become(size_t i) { Tell(i, Redefine(HolderOf(i), base::kDistantFuture, holders_[i].lease)); }
  size_t OldestVersion() const {
    size_t oldest = owner_version_;
    for (const One& one : holders_) oldest = std::min(oldest, one.version);
    return oldest;
  }

  bool IsQuiet() const {
    return std::all_of(holders_.begin(), holders_.end(), [](const One& one) {
      return one.to_owner.empty() && one.from_owner.empty();
    });
  }

  // Some message arrives. False if there is none.
  bool Deliver() {
    const size_t from = Any();
    for (size_t n = 0; n < holders_.size(); ++n) {
      const size_t i = (from + n) % holders_.size();
      One& one = holders_[i];
      if (one.to_owner.empty() && one.from_owner.empty()) continue;
      ++messages_;
      const bool up = one.from_owner.empty() || (!one.to_owner.empty() && random_.Below(2) == 0);
      if (up) {
        const LeaseMessage message = one.to_owner.front();
        one.to_owner.pop_front();
        Note(message, ledger_);
        ServeOwner(message.verb() == LEASE_TOP_UP ? &message : nullptr);
      } else {
        const LeaseMessage message = one.from_owner.front();
        one.from_owner.pop_front();
        HearAt(i, message);
      }
      return true;
    }
    return false;
  }

  void ServeOwner(const LeaseMessage* top_up) {
    const Terms terms{.key = HolderOf(0).key,
                      .allowed = limits_[owner_version_],
                      .limit = limits_[owner_version_],
                      .partitions = static_cast<uint32_t>(holders_.size()),
                      .version = owner_version_};
    for (const LeaseMessage& message : Serve(terms, top_up, ledger_)) {
      holders_[message.partition()].from_owner.push_back(message);
    }
  }

  void HearAt(size_t i, const LeaseMessage& message) {
    One& one = holders_[i];
    const Heard heard = Hear(HolderOf(i), message, one.lease);
    for (const LeaseMessage& answer : heard.messages) Tell(i, answer);
    if (!heard.wakes) return;
    const std::vector<int64_t> waiting = std::move(one.waiting);
    one.waiting.clear();
    for (size_t w = 0; w < waiting.size(); ++w) {
      if (one.lease.asked() > 0) {
        one.waiting.push_back(waiting[w]);
      } else {
        Choose(i, waiting[w]);
      }
    }
  }

  void CheckNothingIsLost() {
    for (size_t i = 0; i < holders_.size(); ++i) {
      const One& one = holders_[i];
      int64_t on_way = 0;
      for (const LeaseMessage& message : one.to_owner) {
        if (message.verb() != LEASE_OVERDRAW) on_way += message.amount();
      }
      for (const LeaseMessage& message : one.from_owner) on_way += message.amount();
      int64_t leased = 0;
      for (const Share& share : ledger_.shares()) {
        if (share.partition() == i) leased = share.leased();
      }
      ASSERT_EQ(leased, one.lease.granted() + on_way);
      ASSERT_EQ(one.lease.reserved(), one.reserved_by_hand);
      ASSERT_EQ(one.lease.spent(), one.spent_by_hand);
      ASSERT_LE(one.lease.reserved() + one.lease.spent(), one.lease.granted());
    }
  }

  World world_;
  base::Random random_;
  std::vector<One> holders_;
  std::vector<int64_t> limits_;  // by version
  size_t owner_version_ = 0;
  Ledger ledger_;
  int64_t overdrawn_ = 0;
  size_t refusals_ = 0;
  size_t messages_ = 0;
  size_t choices_ = 0;
};

TEST(Lease, IsNeverOverspentNorRefusedWhileThereIsEnough) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Walk walk({.partitions = 1 + static_cast<int>(seed % 6), .returns = false}, seed);
    for (int step = 0; step < 3000; ++step) walk.Step();
    walk.Settle();
    walk.Exhaust(1 + static_cast<int64_t>(seed));
    EXPECT_LT(walk.Spare(), 1 + static_cast<int64_t>(seed)) << seed;
    EXPECT_GE(walk.Spare(), 0);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Lease, WhatComesBackIsChosenAgain) {
  for (uint64_t seed = 100; seed < 160; ++seed) {
    Walk walk({.partitions = 2 + static_cast<int>(seed % 4)}, seed);
    for (int step = 0; step < 6000; ++step) walk.Step();
    walk.Settle();
    const int64_t cost = 100;  // a hundredth of the limit
    walk.Exhaust(cost);
    EXPECT_GE((walk.Used() + walk.overdrawn()) * 100, int64_t{99} * 10'000) << seed;
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Lease, RedefiningTheLimitLosesNothing) {
  for (uint64_t seed = 200; seed < 260; ++seed) {
    Walk walk({.partitions = 3, .redefines = true}, seed);
    for (int step = 0; step < 6000; ++step) walk.Step();
    walk.Settle();
    walk.Exhaust(7);
    EXPECT_LT(walk.Spare(), 7) << seed;
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Lease, MostChoicesNeedNoMessage) {
  Walk walk({.partitions = 8, .limit = 10'000'000, .returns = false}, 1);
  for (int step = 0; step < 100'000; ++step) walk.Step();
  EXPECT_LT(walk.messages() * 100, walk.choices());
  EXPECT_EQ(walk.refusals(), 0u);
}

// Two partitions that lack a little each do not take it from each other for ever: see Drain().
TEST(Lease, TheLastIsGivenToOneOfThem) {
  Walk walk({.partitions = 2, .limit = 10, .largest = 6, .returns = false}, 3);
  for (int step = 0; step < 500; ++step) walk.Step();
  walk.Drain();
  EXPECT_GE(walk.Spare(), 0);
}

LeaseMessage AskOf(uint32_t partition, int64_t need, uint64_t version = 0) {
  LeaseMessage ask;
  ask.set_verb(LEASE_ASK);
  ask.set_partition(partition);
  ask.set_need(need);
  ask.set_version(version);
  return ask;
}

TEST(Ledger, RefusesOnlyWhenAllHaveEmptied) {
  const Terms terms{.allowed = 100, .limit = 100, .partitions = 2};
  Ledger ledger;
  Note(AskOf(0, 90), ledger);
  EXPECT_EQ(Serve(terms, nullptr, ledger).at(0).amount(), 90);
  Note(AskOf(1, 20), ledger);
  const auto recall = Serve(terms, nullptr, ledger);
  ASSERT_EQ(recall.size(), 1u);
  EXPECT_EQ(recall[0].verb(), LEASE_RECALL);
  EXPECT_EQ(recall[0].partition(), 0u);
  LeaseMessage emptied;
  emptied.set_verb(LEASE_EMPTIED);
  emptied.set_amount(5);
  Note(emptied, ledger);
  const auto refusal = Serve(terms, nullptr, ledger);
  ASSERT_EQ(refusal.size(), 1u);
  EXPECT_EQ(refusal[0].verb(), LEASE_REFUSE);
  EXPECT_FALSE(refusal[0].paced());
  // Something comes back.
  LeaseMessage back;
  back.set_verb(LEASE_GIVE_BACK);
  back.set_amount(5);
  Note(back, ledger);
  const auto reopened = Serve(terms, nullptr, ledger);
  ASSERT_EQ(reopened.size(), 1u);
  EXPECT_EQ(reopened[0].verb(), LEASE_REOPEN);
  EXPECT_EQ(reopened[0].partition(), 1u);
}

TEST(Ledger, SaysThatItIsThePace) {
  const Terms terms{.allowed = 10, .limit = 100, .partitions = 2};
  Ledger ledger;
  Note(AskOf(0, 20), ledger);
  const auto refusal = Serve(terms, nullptr, ledger);
  ASSERT_EQ(refusal.size(), 1u);
  EXPECT_TRUE(refusal[0].paced());
  EXPECT_EQ(ReopensAt(ledger), 20);
}

// Used up at first; then something comes back, which is for later in the period.
TEST(Ledger, SaysWhenWhatWasUsedUpIsPacedFromThenOn) {
  Ledger ledger;
  Note(AskOf(0, 90), ledger);
  ASSERT_EQ(Serve({.allowed = 90, .limit = 100, .partitions = 2}, nullptr, ledger).size(), 1u);
  Note(AskOf(0, 50), ledger);  // all of it is taken
  const Terms terms{.allowed = 95, .limit = 100, .partitions = 2};
  const auto refusal = Serve(terms, nullptr, ledger);
  ASSERT_EQ(refusal.size(), 1u);
  EXPECT_FALSE(refusal[0].paced());
  LeaseMessage back;
  back.set_verb(LEASE_GIVE_BACK);
  back.set_amount(42);
  Note(back, ledger);
  const auto paced = Serve(terms, nullptr, ledger);
  ASSERT_EQ(paced.size(), 1u);
  EXPECT_EQ(paced[0].verb(), LEASE_PACE);
  EXPECT_TRUE(paced[0].paced());
  EXPECT_TRUE(Serve(terms, nullptr, ledger).empty()) << "it is said once";

  Lease lease;
  lease.set_short_from(50);
  EXPECT_TRUE(Hear({}, paced[0], lease).messages.empty());
  EXPECT_TRUE(lease.paced());
  EXPECT_EQ(lease.short_from(), 50);
}

TEST(Ledger, AnAskUnderNewerDefinitionsWaitsForThem) {
  Ledger ledger;
  Note(AskOf(0, 20, 7), ledger);
  EXPECT_TRUE(Serve({.allowed = 100, .limit = 100, .version = 6}, nullptr, ledger).empty());
  EXPECT_EQ(Serve({.allowed = 100, .limit = 100, .version = 7}, nullptr, ledger).size(), 1u);
}

}  // namespace
}  // namespace batuta::policy
