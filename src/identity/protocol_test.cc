// The acceptance examples of identity resolution, and single promises of the protocol, over a hub
// of several partitions with deliveries in random order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/refs.h"
#include "identity/simulated_hub.h"

namespace batuta::identity {
namespace {

using ::testing::ElementsAre;

const NamedIdentifier kJaneMail{"email", "jane@example1.com"};

NamedIdentifier User(const std::string& value) { return {"user_id", value}; }
NamedIdentifier Mail(const std::string& value) { return {"email", value}; }
NamedIdentifier Device(const std::string& value) { return {"anonymous_id", value}; }

// Every case holds whatever the partitions and the order of deliveries.
class Protocol : public testing::TestWithParam<int> {
 protected:
  SimulatedHub Hub(Settings settings = Settings()) const {
    const auto partitions = static_cast<uint16_t>(1 + GetParam() % 8);
    return SimulatedHub(partitions, std::move(settings), static_cast<uint64_t>(GetParam()));
  }
};
INSTANTIATE_TEST_SUITE_P(Seeds, Protocol, testing::Range(0, 40));

TEST_P(Protocol, IdentifiersOfOneEventAreOnePerson) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("u"), Mail("a@b.c"), Device("d")}});
  hub.Quiesce();
  EXPECT_EQ(hub.Groups().size(), 1u);
  EXPECT_EQ(hub.Living().size(), 1u);
}

TEST_P(Protocol, AnonymousVisitorBecomesTheUserWhoLogsIn) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {Device("d")}});
  hub.Quiesce();
  hub.Ingest({.time = 2, .identifiers = {User("u"), Device("d")}});
  hub.Quiesce();
  EXPECT_EQ(hub.PersonOf(Device("d")), hub.PersonOf(User("u")));
  EXPECT_THAT(hub.Living(), ElementsAre(hub.PersonOf(User("u"))));
}

TEST_P(Protocol, UserIsStrongerThanAnOlderAnonymousVisitor) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {Device("d")}});
  hub.Quiesce();
  hub.Ingest({.time = 2, .identifiers = {User("u")}});
  hub.Quiesce();
  const base::PersonId user = hub.PersonOf(User("u"));
  hub.Ingest({.time = 3, .identifiers = {User("u"), Device("d")}});
  hub.Quiesce();
  EXPECT_EQ(hub.PersonOf(Device("d")), user);
}

// Segment, "flat matching": the second user_id with the first one's e-mail is a new person.
TEST_P(Protocol, SecondUserWithTheMailOfTheFirstIsANewPerson) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("abc123"), kJaneMail}});
  hub.Quiesce();
  hub.Ingest({.time = 2, .identifiers = {User("abc456"), kJaneMail}});
  hub.Quiesce();
  EXPECT_EQ(hub.Groups(),
            (std::set<std::set<NamedIdentifier>>{{User("abc123"), kJaneMail}, {User("abc456")}}));
  const base::PersonId second = hub.PersonOf(User("abc456"));
  EXPECT_EQ(hub.StatusAt(second, kJaneMail), IdentifierStatus::kDemoted);
}

// Adobe (a): a shared device belongs to whoever was recognised on it last.
TEST_P(Protocol, SharedDeviceBelongsToTheLastWhoLoggedIn) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("jane"), Mail("jane@a.b"), Device("ecid1")}});
  hub.Quiesce();
  hub.Ingest({.time = 2, .identifiers = {User("john"), Mail("john@a.b"), Device("ecid1")}});
  hub.Quiesce();
  EXPECT_NE(hub.PersonOf(User("jane")), hub.PersonOf(User("john")));
  EXPECT_EQ(hub.PersonOf(Device("ecid1")), hub.PersonOf(User("john")));
  EXPECT_EQ(hub.StatusAt(hub.PersonOf(User("jane")), Device("ecid1")), IdentifierStatus::kMoved);
}

TEST_P(Protocol, SharedDeviceBelongsToTheLastLoginWhateverArrivesFirst) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 2, .identifiers = {User("john"), Device("ecid1")}});
  hub.Ingest({.time = 1, .identifiers = {User("jane"), Device("ecid1")}});
  hub.Quiesce();
  EXPECT_EQ(hub.PersonOf(Device("ecid1")), hub.PersonOf(User("john")));
}

TEST_P(Protocol, TabletReturnsToKevinWhenHeLogsInAgain) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("kevin"), Device("tablet")}});
  hub.Quiesce();
  hub.Ingest({.time = 2, .identifiers = {User("nora"), Device("tablet")}});
  hub.Quiesce();
  ASSERT_EQ(hub.PersonOf(Device("tablet")), hub.PersonOf(User("nora")));
  hub.Ingest({.time = 4, .identifiers = {User("kevin"), Device("tablet")}});
  hub.Quiesce();
  EXPECT_EQ(hub.PersonOf(Device("tablet")), hub.PersonOf(User("kevin")));
  EXPECT_EQ(hub.Living().size(), 2u);
  // What is seen on it without a login is his from now on.
  hub.Ingest({.time = 5, .identifiers = {Device("tablet")}});
  hub.Quiesce();
  EXPECT_EQ(hub.applied().at(3), hub.PersonOf(User("kevin")));
}

// Adobe (b): one bad e-mail does not make Jane and John one person. That the first holder keeps it,
// where Adobe drops the older link, follows from the e-mail not being weak.
TEST_P(Protocol, BadMailDoesNotJoinTwoUsers) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("jane")}});
  hub.Ingest({.time = 2, .identifiers = {User("john")}});
  hub.Quiesce();
  hub.Ingest({.time = 3, .identifiers = {User("jane"), Mail("test@test.com")}});
  hub.Quiesce();
  hub.Ingest({.time = 4, .identifiers = {User("john"), Mail("test@test.com")}});
  hub.Quiesce();
  EXPECT_NE(hub.PersonOf(User("jane")), hub.PersonOf(User("john")));
  EXPECT_EQ(hub.PersonOf(Mail("test@test.com")), hub.PersonOf(User("jane")));
}

TEST_P(Protocol, BadMailOfAWeakTypeGoesToTheLastWhoUsedIt) {
  Settings settings = Settings::Make({{.type = "user_id", .priority = 1, .unique = true},
                                      {.type = "email", .priority = 2, .weak = true}},
                                     1000, 100);
  SimulatedHub hub = Hub(std::move(settings));
  hub.Ingest({.time = 3, .identifiers = {User("jane"), Mail("test@test.com")}});
  hub.Ingest({.time = 4, .identifiers = {User("john"), Mail("test@test.com")}});
  hub.Quiesce();
  EXPECT_EQ(hub.PersonOf(Mail("test@test.com")), hub.PersonOf(User("john")));
}

TEST_P(Protocol, BlockedIdentifierIsNobodys) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("blocked"), Mail("jane@a.b")}});
  hub.Ingest({.time = 2, .identifiers = {User("blocked"), Mail("john@a.b")}});
  hub.Ingest({.time = 3, .identifiers = {User("blocked")}});
  hub.Quiesce();
  EXPECT_TRUE(hub.PersonOf(User("blocked")).IsZero());
  EXPECT_NE(hub.PersonOf(Mail("jane@a.b")), hub.PersonOf(Mail("john@a.b")));
  EXPECT_EQ(hub.applied().size(), 2u);
}

TEST_P(Protocol, AliasJoinsTwoUsers) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("old"), Mail("old@a.b")}});
  hub.Ingest({.time = 2, .identifiers = {User("new"), Mail("new@a.b")}});
  hub.Quiesce();
  ASSERT_EQ(hub.Living().size(), 2u);
  hub.Ingest({.time = 3, .identifiers = {User("old"), User("new")}, .asserted = true});
  hub.Quiesce();
  EXPECT_EQ(hub.Living().size(), 1u);
  EXPECT_EQ(hub.Groups().begin()->size(), 4u);
  // A third user is still someone else.
  hub.Ingest({.time = 4, .identifiers = {User("third"), Mail("old@a.b")}});
  hub.Quiesce();
  EXPECT_EQ(hub.Living().size(), 2u);
}

TEST_P(Protocol, SixthMailWithinAYearIsDemotedAndTheNextYearsIsNot) {
  SimulatedHub hub = Hub();
  for (int i = 0; i < 5; ++i) {
    hub.Ingest({.time = i, .identifiers = {User("u"), Mail(std::to_string(i) + "@a.b")}});
  }
  hub.Quiesce();
  hub.Ingest({.time = 6, .identifiers = {User("u"), Mail("sixth@a.b")}});
  hub.Quiesce();
  EXPECT_TRUE(hub.PersonOf(Mail("sixth@a.b")).IsZero());
  EXPECT_EQ(hub.StatusAt(hub.PersonOf(User("u")), Mail("sixth@a.b")), IdentifierStatus::kDemoted);
  hub.Ingest({.time = 366 * 86400, .identifiers = {User("u"), Mail("later@a.b")}});
  hub.Quiesce();
  EXPECT_EQ(hub.PersonOf(Mail("later@a.b")), hub.PersonOf(User("u")));
}

TEST_P(Protocol, WeakestNewIdentifierIsDemotedFirst) {
  Settings settings = Settings::Make({{.type = "user_id", .priority = 1, .unique = true},
                                      {.type = "email", .priority = 2, .limit = 1},
                                      {.type = "phone", .priority = 3, .limit = 1}},
                                     1000, 100);
  SimulatedHub hub = Hub(std::move(settings));
  hub.Ingest({.time = 1, .identifiers = {User("u"), {"phone", "+525511111111"}}});
  hub.Quiesce();
  hub.Ingest({.time = 2, .identifiers = {User("u"), Mail("a@b.c"), {"phone", "+525522222222"}}});
  hub.Quiesce();
  EXPECT_EQ(hub.PersonOf(Mail("a@b.c")), hub.PersonOf(User("u")));
  EXPECT_TRUE(hub.PersonOf({"phone", "+525522222222"}).IsZero());
}

TEST_P(Protocol, NoMoreMergesThanAllowed) {
  Settings settings = Settings::Make({{.type = "user_id", .priority = 1, .unique = true}}, 1000, 2);
  SimulatedHub hub = Hub(std::move(settings));
  for (int i = 0; i < 5; ++i) {
    hub.Ingest({.time = i, .identifiers = {Mail(std::to_string(i) + "@a.b")}});
  }
  hub.Quiesce();
  for (int i = 0; i < 5; ++i) {
    hub.Ingest({.time = 9, .identifiers = {User("u"), Mail(std::to_string(i) + "@a.b")}});
  }
  hub.Quiesce();
  EXPECT_EQ(hub.merges(), 2u);
  EXPECT_EQ(hub.Living().size(), 4u - 0u);
}

TEST_P(Protocol, ErasedPersonsIdentifiersBeginAnew) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("u"), Mail("a@b.c")}});
  hub.Quiesce();
  const base::PersonId erased = hub.PersonOf(User("u"));
  hub.Erase(Mail("a@b.c"));
  hub.Quiesce();
  EXPECT_TRUE(hub.PersonOf(User("u")).IsZero());
  EXPECT_TRUE(hub.Person(erased).erased());
  EXPECT_EQ(hub.Person(erased).identifiers_size(), 0);
  hub.Ingest({.time = 2, .identifiers = {User("u"), Mail("a@b.c")}});
  hub.Quiesce();
  EXPECT_FALSE(hub.PersonOf(User("u")).IsZero());
  EXPECT_NE(hub.PersonOf(User("u")), erased);
}

TEST(Erased, WhoeverArrivesIsHandedOverToBeErasedToo) {
  const base::PersonId erased{base::PartitionId{0}, 1, base::RecordId{{7, 7}}};
  const base::PersonId arriving{base::PartitionId{0}, 2, base::RecordId{{8, 8}}};
  PersonIdentity person;
  *person.mutable_id() = ToRef(erased);
  person.set_erased(true);
  IdentityMessage message;
  *message.mutable_to_person() = person.id();
  Absorb& absorb = *message.mutable_absorb();
  *absorb.mutable_from() = ToRef(arriving);
  absorb.set_rows("all that they were");
  PersonIdentifier& held = *absorb.mutable_identity()->add_identifiers();
  held.set_ruling(HELD);
  *held.mutable_hash() = ToRef(base::IdentifierHash{{9, 9}});
  const Settings settings;
  Outbox outbox;
  const Outcome outcome = OnPersonMessage(
      person, std::move(message), {.settings = settings, .log_time = {}, .position = {}}, outbox);
  EXPECT_EQ(outcome.change, PersonChange::kErased);
  EXPECT_EQ(outcome.from, arriving);
  EXPECT_EQ(outcome.rows, "all that they were");
  EXPECT_THAT(outcome.erased, ElementsAre(base::IdentifierHash{{9, 9}}));
}

TEST_P(Protocol, EventOnItsWayToAnErasedPersonIsNotLost) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {User("u"), Mail("a@b.c")}});
  hub.Quiesce();
  hub.Erase(User("u"));
  hub.Ingest({.time = 2, .identifiers = {Mail("a@b.c")}});
  hub.Ingest({.time = 3, .identifiers = {User("u"), Mail("a@b.c")}});
  hub.Quiesce();
  EXPECT_EQ(hub.applied().size(), 3u);
}

TEST_P(Protocol, LinksTellWhichRecordsJoinedWhat) {
  SimulatedHub hub = Hub();
  hub.Ingest({.time = 1, .identifiers = {Device("d")}});
  hub.Ingest({.time = 2, .identifiers = {Mail("a@b.c")}});
  hub.Quiesce();
  hub.Ingest({.time = 3, .identifiers = {Device("d"), Mail("a@b.c")}});
  hub.Quiesce();
  const PersonIdentity& person = hub.Person(hub.PersonOf(Device("d")));
  ASSERT_EQ(person.links_size(), 1);
  EXPECT_EQ(person.links(0).first().moment().event_time(), 3'000'000);
  ASSERT_EQ(person.absorbed_size(), 1);
  ASSERT_EQ(person.identifiers_size(), 2);
  for (const PersonIdentifier& identifier : person.identifiers()) {
    EXPECT_EQ(identifier.first().moment().event_time(),
              identifier.type() == "email" ? 2'000'000 : 1'000'000);
  }
}

}  // namespace
}  // namespace batuta::identity
