// The protocol under thousands of interleavings: 1 to 8 partitions, deliveries in random order.
//
// The hub itself checks after every step and at the end (simulated_hub.h): limits with
// reservations, uniqueness, one holder per identifier, no claim unanswered, tombstones without
// cycles, an end to the messages. Here are the worlds it is put into, and what only a whole history
// can show.

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "identity/simulated_hub.h"

namespace batuta::identity {
namespace {

using Groups = std::set<std::set<NamedIdentifier>>;

struct World {
  int users = 4;
  int mails = 6;
  int devices = 6;
  int events = 40;
  int at_most = 3;  // identifiers on one event
  int asserted_percent = 0;
  int erased_percent = 0;  // erasures beside an event
};

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool Percent(int p) { return Below(100) < p; }
  template <typename T>
  void Shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random_() % i]);
  }

 private:
  std::mt19937_64 random_;
};

NamedIdentifier DrawIdentifier(const World& world, Draw& draw) {
  const int kind = draw.Below(3);
  if (kind == 0) return {"user_id", std::to_string(draw.Below(world.users))};
  if (kind == 1) return {"email", std::to_string(draw.Below(world.mails))};
  return {"anonymous_id", std::to_string(draw.Below(world.devices))};
}

NamedEvent DrawEvent(const World& world, int64_t time, Draw& draw) {
  NamedEvent event;
  event.time = time;
  const int wanted = 1 + draw.Below(world.at_most);
  for (int i = 0; i < wanted; ++i) {
    NamedIdentifier identifier = DrawIdentifier(world, draw);
    const bool second_user = identifier.type == "user_id" &&
                             std::any_of(event.identifiers.begin(), event.identifiers.end(),
                                         [](const auto& other) { return other.type == "user_id"; });
    if (!second_user) event.identifiers.push_back(std::move(identifier));
  }
  if (draw.Percent(world.asserted_percent)) {
    event.asserted = true;
    event.identifiers = {{"user_id", std::to_string(draw.Below(world.users))},
                         {"user_id", std::to_string(draw.Below(world.users))}};
  }
  return event;
}

std::vector<NamedEvent> DrawHistory(const World& world, Draw& draw) {
  std::vector<NamedEvent> history;
  for (int i = 0; i < world.events; ++i) history.push_back(DrawEvent(world, 1 + i, draw));
  return history;
}

// Events come in while others are still on their way.
void Live(SimulatedHub& hub, const std::vector<NamedEvent>& history, const World& world,
          Draw& draw) {
  const int haste = draw.Below(12);
  for (const NamedEvent& event : history) {
    hub.Ingest(event);
    if (draw.Percent(world.erased_percent)) hub.Erase(DrawIdentifier(world, draw));
    for (int i = draw.Below(1 + haste); i > 0; --i) hub.DeliverOne();
    if (testing::Test::HasFatalFailure()) return;
  }
  hub.Quiesce();
}

Groups ConnectedComponents(const std::vector<NamedEvent>& history) {
  std::map<NamedIdentifier, NamedIdentifier> leader;
  const auto find = [&leader](NamedIdentifier x) {
    leader.try_emplace(x, x);
    while (leader.at(x) != x) x = leader.at(x);
    return x;
  };
  for (const NamedEvent& event : history) {
    const NamedIdentifier first = find(event.identifiers.front());
    for (const auto& other : event.identifiers) leader[find(other)] = find(first);
  }
  std::map<NamedIdentifier, std::set<NamedIdentifier>> by_leader;
  for (const auto& [identifier, unused] : leader) by_leader[find(identifier)].insert(identifier);
  Groups groups;
  for (const auto& [unused, group] : by_leader) groups.insert(group);
  return groups;
}

Settings Unguarded() {
  constexpr uint32_t kNoLimit = 1'000'000;
  return Settings::Make({{.type = "user_id", .priority = 1, .limit = kNoLimit},
                         {.type = "email", .priority = 2, .limit = kNoLimit},
                         {.type = "anonymous_id", .priority = 3, .limit = kNoLimit}},
                        kNoLimit, kNoLimit);
}

Settings Guarded(Draw& draw) {
  const base::Duration window = draw.Percent(50) ? base::Seconds(15) : base::Duration{};
  return Settings::Make({{.type = "user_id", .priority = 1, .unique = true},
                         {.type = "email",
                          .priority = 2,
                          .limit = static_cast<uint32_t>(1 + draw.Below(3)),
                          .window = window},
                         {.type = "anonymous_id",
                          .priority = 3,
                          .limit = static_cast<uint32_t>(1 + draw.Below(4)),
                          .weak = draw.Percent(60)}},
                        static_cast<uint32_t>(4 + draw.Below(8)),
                        static_cast<uint32_t>(2 + draw.Below(8)));
}

// Without guards nobody is refused what they claim, whoever had it before.
bool OnlyConfirmed(const SimulatedHub& hub) {
  const auto living = hub.Living();
  return std::all_of(living.begin(), living.end(), [&hub](const base::PersonId& id) {
    const auto& all = hub.Person(id).identifiers();
    return std::all_of(all.begin(), all.end(), [](const PersonIdentifier& each) {
      return each.ruling() == HELD || each.ruling() == NONE;
    });
  });
}

uint16_t DrawPartitions(Draw& draw) { return static_cast<uint16_t>(1 + draw.Below(8)); }

TEST(Simulation, WithoutGuardsAnyInterleavingGivesTheSamePeople) {
  uint64_t merges = 0;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const World world{.users = 6, .mails = 12, .devices = 12, .events = 10 + draw.Below(40)};
    std::vector<NamedEvent> history = DrawHistory(world, draw);
    const Groups expected = ConnectedComponents(history);
    draw.Shuffle(history);
    SimulatedHub hub(DrawPartitions(draw), Unguarded(), seed);
    Live(hub, history, world, draw);
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_EQ(hub.Groups(), expected);
    ASSERT_EQ(hub.reroutes(), 0u) << "nobody can lose an identifier here";
    ASSERT_EQ(hub.Living().size(), expected.size());
    ASSERT_EQ(hub.applied().size(), history.size());
    merges += hub.merges();
  }
  EXPECT_GT(merges, 1500u * 3) << "the worlds are too calm to prove anything";
}

TEST(Simulation, WithGuardsTheLimitsHoldAlways) {
  uint64_t merges = 0;
  uint64_t rejections = 0;
  double worst = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const World world{.users = 2 + draw.Below(5),
                      .mails = 3 + draw.Below(8),
                      .devices = 3 + draw.Below(8),
                      .events = 10 + draw.Below(50),
                      .asserted_percent = draw.Percent(30) ? 10 : 0};
    std::vector<NamedEvent> history = DrawHistory(world, draw);
    draw.Shuffle(history);
    SimulatedHub hub(DrawPartitions(draw), Guarded(draw), seed);
    Live(hub, history, world, draw);
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_EQ(hub.applied().size(), history.size());
    merges += hub.merges();
    rejections += hub.rejections();
    worst = std::max(worst, hub.deliveries_per_identifier());
  }
  EXPECT_GT(merges, 3000u);
  EXPECT_GT(rejections, 3000u);
  RecordProperty("deliveries_per_identifier_at_most", std::to_string(worst));
}

TEST(Simulation, ErasureAmidMergesLeavesNothingBehind) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const World world{.events = 10 + draw.Below(40), .erased_percent = 15};
    const std::vector<NamedEvent> history = DrawHistory(world, draw);
    const bool guarded = draw.Percent(50);
    SimulatedHub hub(DrawPartitions(draw), guarded ? Guarded(draw) : Unguarded(), seed);
    Live(hub, history, world, draw);
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_EQ(hub.applied().size(), history.size());
    if (!guarded) {
      ASSERT_TRUE(OnlyConfirmed(hub)) << "an identifier was refused for an erased person";
    }
  }
}

// Two users take turns on one device, and their logins arrive in any order.
TEST(Simulation, SharedDeviceEndsWithItsNewestLoginWhateverTheOrder) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    std::vector<NamedEvent> history;
    std::string last;
    for (int i = 0; i < 12; ++i) {
      last = std::to_string(draw.Below(3));
      history.push_back(
          {.time = 1 + i, .identifiers = {{"user_id", last}, {"anonymous_id", "tablet"}}});
    }
    draw.Shuffle(history);
    SimulatedHub hub(DrawPartitions(draw), Settings(), seed);
    Live(hub, history, World{}, draw);
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_EQ(hub.PersonOf({"anonymous_id", "tablet"}), hub.PersonOf({"user_id", last}));
  }
}

}  // namespace
}  // namespace batuta::identity
