#include "identity/routing.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/hash.h"
#include "gtest/gtest.h"
#include "identity/refs.h"

namespace batuta::identity {
namespace {

EventIdentifiers Event(const std::vector<std::string>& types) {
  EventIdentifiers event;
  for (const std::string& type : types) {
    EventIdentifier& added = *event.add_identifiers();
    added.set_type(type);
    added.mutable_hash()->set_high(base::Hash64(type));
  }
  return event;
}

TEST(Routing, UserThenAnonymousThenTheBuiltInOrderThenByName) {
  std::vector<std::string> types = {"zeta",  "device_id", "alpha",       "phone",
                                    "email", "user_id",   "anonymous_id"};
  do {
    EventIdentifiers event = Event(types);
    SortForRouting(event);
    std::vector<std::string> sorted;
    for (const auto& identifier : event.identifiers()) sorted.push_back(identifier.type());
    ASSERT_EQ(sorted, (std::vector<std::string>{"user_id", "anonymous_id", "email", "phone",
                                                "device_id", "alpha", "zeta"}));
  } while (std::next_permutation(types.begin(), types.end()));
}

TEST(Routing, RepeatedIdentifierIsOne) {
  EventIdentifiers event = Event({"email", "user_id", "email"});
  SortForRouting(event);
  EXPECT_EQ(event.identifiers_size(), 2);
}

TEST(Routing, AnchorIsTheFirstThatIsNotBlocked) {
  EventIdentifiers event = Event({"user_id", "email"});
  SortForRouting(event);
  EXPECT_TRUE(ChooseAnchor(event));
  EXPECT_EQ(event.anchor(), 0u);
  event.mutable_identifiers(0)->set_blocked(true);
  EXPECT_TRUE(ChooseAnchor(event));
  EXPECT_EQ(event.anchor(), 1u);
  event.mutable_identifiers(1)->set_blocked(true);
  EXPECT_FALSE(ChooseAnchor(event));
}

TEST(Routing, HomesSpreadOverThePartitions) {
  std::vector<int> counts(8);
  for (uint64_t i = 0; i < 8000; ++i) {
    const base::IdentifierHash hash{{i * 0x9E3779B97F4A7C15ULL >> 3, i}};
    ++counts[base::Index(HomeOf(hash, 8))];
  }
  for (const int count : counts) EXPECT_GT(count, 800);
}

}  // namespace
}  // namespace batuta::identity
