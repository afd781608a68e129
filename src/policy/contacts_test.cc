#include "policy/contacts.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace batuta::policy {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};

base::DecisionId DecisionNumber(uint64_t number) {
  return {.partition = base::PartitionId{1}, .record = {base::Id128{7, number}}};
}

Contact Make(uint64_t number, ContactStage stage, base::Time reserved) {
  Contact contact;
  contact.set_decision(DecisionNumber(number).ToBytes());
  contact.set_action("card");
  contact.set_stage(stage);
  contact.set_reserved_at(reserved.micros);
  return contact;
}

ContactState RandomState(base::Random& random) {
  ContactState state;
  for (uint64_t i = 0, n = random.Below(6); i < n; ++i) {
    Contact contact = Make(random.Below(4), static_cast<ContactStage>(1 + random.Below(7)),
                           base::Time{static_cast<int64_t>(random.Below(4))});
    contact.set_slot(static_cast<uint32_t>(random.Below(2)));
    contact.set_ended_at(static_cast<int64_t>(random.Below(3)));
    AddContact(state, contact);
  }
  return state;
}

TEST(Contacts, MergeIsCommutativeAssociativeAndIdempotent) {
  base::Random random(1, base::Id128{}, "test", "merge");
  for (int round = 0; round < 3000; ++round) {
    const ContactState a = RandomState(random);
    const ContactState b = RandomState(random);
    const ContactState c = RandomState(random);
    ASSERT_EQ(Merge(a, b).SerializeAsString(), Merge(b, a).SerializeAsString());
    ASSERT_EQ(Merge(Merge(a, b), c).SerializeAsString(), Merge(a, Merge(b, c)).SerializeAsString());
    ASSERT_EQ(Merge(a, a).SerializeAsString(), a.SerializeAsString());
  }
}

TEST(Contacts, LaterStageWins) {
  ContactState a;
  AddContact(a, Make(1, RESERVED, kNow));
  ContactState b;
  AddContact(b, Make(1, ACCEPTED, kNow));
  ASSERT_EQ(Merge(a, b).contacts_size(), 1);
  EXPECT_EQ(Merge(a, b).contacts(0).stage(), ACCEPTED);
}

TEST(Contacts, StandInTheOrderOfTheirReservation) {
  ContactState state;
  AddContact(state, Make(1, RESERVED, kNow));
  AddContact(state, Make(2, RESERVED, kNow - base::Hours(1)));
  EXPECT_EQ(state.contacts(0).decision(), DecisionNumber(2).ToBytes());
  EXPECT_EQ(FindContact(state, DecisionNumber(1), 0)->reserved_at(), kNow.micros);
  EXPECT_EQ(FindContact(state, DecisionNumber(1), 1), nullptr);
  EXPECT_EQ(FindMutableContact(state, DecisionNumber(3), 0), nullptr);
}

TEST(Contacts, RefusalsAreKeptLongerThanContacts) {
  ContactState state;
  AddContact(state, Make(1, ACCEPTED, kNow - base::Days(35)));
  AddContact(state, Make(2, REJECTED, kNow - base::Days(399)));
  AddContact(state, Make(3, REJECTED, kNow - base::Days(400)));
  AddContact(state, Make(4, IGNORED, kNow - base::Days(36)));
  AddContact(state, Make(5, EXPOSED, kNow - base::Days(34)));
  ContactState counting_ignored = state;
  Prune(state, {}, kNow);
  ASSERT_EQ(state.contacts_size(), 2);
  EXPECT_EQ(state.contacts(0).decision(), DecisionNumber(2).ToBytes());
  EXPECT_EQ(state.contacts(1).decision(), DecisionNumber(5).ToBytes());
  Prune(counting_ignored, {.ignored_is_refusal = true}, kNow);
  EXPECT_EQ(counting_ignored.contacts_size(), 3);
}

}  // namespace
}  // namespace batuta::policy
