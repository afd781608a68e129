// Erasures that the vault knows of and the state does not, as after the restore of an older backup.
#include <gtest/gtest.h>

#include "base/value.h"
#include "engine/hub_testing.h"

namespace batuta::engine {
namespace {

class EraseListed : public testing::Test {
 protected:
  void Tell(const std::string& name, std::vector<std::pair<std::string, std::string>> identifiers) {
    base::Fields traits;
    base::SetField(traits, "plan", base::TextValue("gold"));
    hub_.Append({hub_.Event({.name = name,
                             .identifiers = std::move(identifiers),
                             .type = profile::EventType::kIdentify,
                             .traits = traits})});
    hub_.Advance(base::Seconds(1));
  }
  // The keys go, as the ledger of a newer vault has it; the state stays what the backup holds.
  void DestroyKeys(const std::vector<std::pair<std::string, std::string>>& identifiers) {
    std::vector<base::IdentifierHash> hashes;
    for (const auto& [type, value] : identifiers) {
      hashes.push_back(hub_.hub().vault().HashIdentifier(type, value));
    }
    ASSERT_TRUE(hub_.hub().vault().Erase(hashes, hub_.clock().Wall()).ok());
  }
  size_t Erase() {
    const auto count = hub_.hub().EraseListed();
    EXPECT_TRUE(count.ok()) << count.status();
    return count.ok() ? *count : 0;
  }
  // Rows of people with anything in them but their tombstone, and rows of identifiers.
  size_t RowsThatSay() {
    size_t rows = 0;
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      PartitionState& state = hub_.FoldOf(base::PartitionId{p}).state();
      state.people.ForEach([&](std::string_view, const PersonRow& row) {
        const identity::PersonIdentity& identity = row.identity();
        rows += identity.identifiers_size() > 0 || identity.links_size() > 0 || row.has_profile();
      });
      state.identifiers.ForEach([&](std::string_view, const identity::IdentifierRow&) { ++rows; });
    }
    return rows;
  }

  TestHub hub_;
};

TEST_F(EraseListed, LeavesNothingOfThePersonWhoseKeysAreGone) {
  Tell("A", {{"anonymous_id", "web"}});
  Tell("B", {{"user_id", "ana"}, {"email", "ana@uno.mx"}, {"anonymous_id", "web"}});
  Tell("C", {{"user_id", "ana"}, {"phone", "+525512345678"}});
  DestroyKeys({{"user_id", "ana"}, {"email", "ana@uno.mx"}, {"anonymous_id", "web"}});
  ASSERT_GT(RowsThatSay(), 0u);
  EXPECT_EQ(Erase(), 1u);
  EXPECT_EQ(RowsThatSay(), 0u) << "the phone number, whose key was not listed, goes along";
  EXPECT_EQ(hub_.Totals().people(), 0u);
  EXPECT_EQ(hub_.Totals().erasures(), 1u);
  EXPECT_TRUE(
      hub_.hub().vault().IsErased(hub_.hub().vault().HashIdentifier("phone", "+525512345678"), 1));
  EXPECT_EQ(Erase(), 0u);
  const base::Id128 hash = hub_.hub().StateHash();
  hub_.Reopen();
  EXPECT_EQ(hub_.hub().StateHash(), hash);
}

TEST_F(EraseListed, GoesAlsoForThoseWhoWereNotOneYet) {
  Tell("A", {{"anonymous_id", "web"}});
  Tell("B", {{"user_id", "ana"}});
  DestroyKeys({{"user_id", "ana"}, {"anonymous_id", "web"}});
  EXPECT_EQ(Erase(), 2u);
  EXPECT_EQ(RowsThatSay(), 0u);
}

TEST_F(EraseListed, LeavesWhoCameAfterTheErasure) {
  DestroyKeys({{"user_id", "ana"}});
  Tell("A", {{"user_id", "ana"}});
  EXPECT_EQ(Erase(), 0u);
  EXPECT_TRUE(hub_.Person("user_id", "ana").has_value());
}

TEST_F(EraseListed, LeavesACustomerWhoseTabletWentToTheErased) {
  Tell("A", {{"user_id", "bo"}, {"anonymous_id", "tablet"}});
  Tell("B", {{"user_id", "ana"}});
  DestroyKeys({{"user_id", "ana"}, {"anonymous_id", "tablet"}});
  EXPECT_EQ(Erase(), 1u);
  EXPECT_TRUE(hub_.Person("user_id", "bo").has_value());
  EXPECT_FALSE(hub_.Person("user_id", "ana").has_value());
}

}  // namespace
}  // namespace batuta::engine
