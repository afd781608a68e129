#include "identity/merge.h"

#include <random>
#include <string>

#include "gtest/gtest.h"
#include "identity/refs.h"

namespace batuta::identity {
namespace {

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}
  uint64_t Below(uint64_t n) { return random_() % n; }

 private:
  std::mt19937_64 random_;
};

Moment DrawMoment(Draw& draw) {
  Moment moment;
  moment.set_event_time(static_cast<int64_t>(draw.Below(4)));
  moment.set_partition(static_cast<uint32_t>(draw.Below(2)));
  moment.set_offset(draw.Below(3));
  return moment;
}

Provenance DrawProvenance(Draw& draw) {
  Provenance provenance;
  *provenance.mutable_moment() = DrawMoment(draw);
  provenance.set_log_time(static_cast<int64_t>(draw.Below(2)));
  provenance.set_source(draw.Below(2) == 0 ? "web" : "crm");
  return provenance;
}

PersonIdentifier DrawIdentifier(uint64_t hash, Draw& draw) {
  PersonIdentifier identifier;
  identifier.set_type("email");
  identifier.mutable_hash()->set_high(hash);
  identifier.mutable_hash()->set_low(0);
  identifier.mutable_value()->set_epoch(static_cast<uint32_t>(draw.Below(2)));
  identifier.mutable_value()->set_box(std::to_string(draw.Below(3)));
  *identifier.mutable_first() = DrawProvenance(draw);
  identifier.set_added_at(static_cast<int64_t>(draw.Below(5)));
  identifier.set_first_seen(static_cast<int64_t>(draw.Below(5)));
  identifier.set_last_seen(static_cast<int64_t>(5 + draw.Below(5)));
  identifier.set_ruling(static_cast<Ruling>(draw.Below(4)));
  identifier.set_reason(static_cast<Reason>(draw.Below(7)));
  identifier.set_seq(draw.Below(3));
  identifier.set_unanswered(static_cast<uint32_t>(draw.Below(2)));
  *identifier.mutable_last_linked() = DrawMoment(draw);
  *identifier.mutable_holder_claimed_at() = DrawMoment(draw);
  identifier.set_decided_at(static_cast<int64_t>(draw.Below(5)));
  return identifier;
}

PersonIdentity DrawKnowledge(Draw& draw) {
  PersonIdentity person;
  for (uint64_t hash = 0; hash < 4; ++hash) {
    if (draw.Below(2) == 0) *person.add_identifiers() = DrawIdentifier(hash, draw);
  }
  for (uint64_t i = 0; i < draw.Below(5); ++i) {
    Link link;
    link.mutable_low()->set_high(draw.Below(2));
    link.mutable_high()->set_high(2 + draw.Below(2));
    link.set_asserted(draw.Below(2) == 0);
    *link.mutable_first() = DrawProvenance(draw);
    AddLink(person, link);
  }
  for (uint64_t id = 1; id < 4; ++id) {
    if (draw.Below(2) == 0) continue;
    Absorbed& absorbed = *person.add_absorbed();
    absorbed.mutable_person()->set_record_low(id);
    absorbed.set_log_time(static_cast<int64_t>(id));
  }
  person.set_version(draw.Below(9));
  return person;
}

std::string Merged(PersonIdentity a, const PersonIdentity& b) {
  MergeKnowledge(a, b);
  return a.SerializeAsString();
}

TEST(Merge, IsCommutative) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    Draw draw(seed);
    const PersonIdentity a = DrawKnowledge(draw);
    const PersonIdentity b = DrawKnowledge(draw);
    ASSERT_EQ(Merged(a, b), Merged(b, a)) << seed;
  }
}

TEST(Merge, IsAssociative) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    Draw draw(seed);
    const PersonIdentity a = DrawKnowledge(draw);
    const PersonIdentity b = DrawKnowledge(draw);
    const PersonIdentity c = DrawKnowledge(draw);
    PersonIdentity ab = a;
    MergeKnowledge(ab, b);
    PersonIdentity bc = b;
    MergeKnowledge(bc, c);
    ASSERT_EQ(Merged(ab, c), Merged(a, bc)) << seed;
  }
}

TEST(Merge, LaterRulingWinsAndOfOneNumberTheHolders) {
  PersonIdentifier held;
  held.set_ruling(HELD);
  held.set_seq(5);
  PersonIdentifier moved;
  moved.set_ruling(MOVED);
  moved.set_seq(7);
  EXPECT_EQ(MergeIdentifiers(held, moved).ruling(), MOVED);
  held.set_seq(7);
  EXPECT_EQ(MergeIdentifiers(held, moved).ruling(), HELD);
}

TEST(Merge, ClaimsUnderWayAddUp) {
  PersonIdentifier a;
  a.set_unanswered(1);
  EXPECT_EQ(MergeIdentifiers(a, a).unanswered(), 2u);
}

TEST(Merge, KeepsIdentifiersInOrder) {
  Draw draw(3);
  PersonIdentity a = DrawKnowledge(draw);
  MergeKnowledge(a, DrawKnowledge(draw));
  for (int i = 1; i < a.identifiers_size(); ++i) {
    EXPECT_TRUE(Compare(a.identifiers(i - 1).hash(), a.identifiers(i).hash()) < 0);
  }
}

}  // namespace
}  // namespace batuta::identity
