#include "engine/row_parts.h"

#include <gtest/gtest.h>

namespace batuta::engine {
namespace {

PersonRow Sample() {
  PersonRow row;
  row.set_number(7);
  row.set_deciding("x");
  row.mutable_identity()->set_erased(true);
  row.mutable_reaching()->set_again(true);
  row.add_segments()->set_edition(3);
  profile::Profile& profile = *row.mutable_profile();
  for (const char* name : {"city", "plan", "zone"}) {
    profile::TraitState& trait = *profile.add_traits();
    trait.set_name(name);
    trait.add_statements()->set_source("crm");
  }
  profile.add_counters()->set_name("Bought");
  profile.add_consents()->set_purpose("offers");
  profile.set_consents_overflow(true);
  profile.add_preferences()->set_name("shoes");
  profile.add_groups()->set_id("acme");
  profile.mutable_timeline()->mutable_head()->add_offset(5);
  profile.set_first_seen(1);
  profile.set_last_seen(2);
  for (const uint64_t number : {10u, 20u, 30u}) {
    feature::FeatureState& state = *row.mutable_features()->add_states();
    state.set_feature(number);
    state.set_count(number);
  }
  return row;
}

// Both ways give the same.
PersonRow Take(const RowParts& parts) {
  const PersonRow taken = TakeParts(parts, Sample(), {});
  RowPartsReader reader(parts);
  reader.Read(Sample().SerializeAsString());
  EXPECT_EQ(reader.Read(Sample().SerializeAsString()).DebugString(), taken.DebugString());
  return taken;
}

TEST(RowParts, HaveWhatIsAlwaysThere) {
  const PersonRow none = Take({});
  EXPECT_EQ(none.number(), 7u);
  EXPECT_TRUE(none.reaching().again());
  EXPECT_EQ(none.profile().first_seen(), 1);
  EXPECT_EQ(none.profile().last_seen(), 2);
  EXPECT_EQ(none.profile().traits_size() + none.profile().counters_size(), 0);
  EXPECT_FALSE(none.has_identity() || none.has_features() || none.profile().has_timeline());
  EXPECT_EQ(none.segments_size(), 0);
}

TEST(RowParts, HaveOnlyWhatIsWanted) {
  const PersonRow some = Take({.traits = {"plan"}, .segments = true, .features = {20, 30}});
  ASSERT_EQ(some.profile().traits_size(), 1);
  EXPECT_EQ(some.profile().traits(0).name(), "plan");
  EXPECT_EQ(some.profile().traits(0).statements(0).source(), "crm");
  EXPECT_EQ(some.segments(0).edition(), 3u);
  ASSERT_EQ(some.features().states_size(), 2);
  EXPECT_EQ(some.features().states(0).count(), 20u);
  const PersonRow others =
      Take({.identity = true, .consents = true, .preferences = true, .groups = true});
  EXPECT_TRUE(others.identity().erased());
  EXPECT_EQ(others.profile().consents(0).purpose(), "offers");
  EXPECT_TRUE(others.profile().consents_overflow());
  EXPECT_EQ(others.profile().preferences(0).name(), "shoes");
  EXPECT_EQ(others.profile().groups(0).id(), "acme");
}

TEST(RowParts, FeaturesCanBeLeftOut) {
  const PersonRow some = TakeParts({.features = {10, 20, 30}}, Sample(), {20});
  ASSERT_EQ(some.features().states_size(), 2);
  EXPECT_EQ(some.features().states(1).feature(), 30u);
}

}  // namespace
}  // namespace batuta::engine
