#include "decision/replay_audit.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

const Catalogue* Unknown(uint64_t) { return nullptr; }

TEST(ReplayAudit, CountsDecisionsThatAreTheSame) {
  base::Random random(7, base::Id128{}, "test", "audit");
  ReplayAudit audit;
  for (uint64_t i = 0; i < 50; ++i) {
    const SampleHub hub = RandomHub(random);
    const std::string bytes = Serialize(hub.Decide(i));
    audit.Add(bytes, Unknown);
    audit.Add(bytes, [&hub](uint64_t) { return hub.catalogue.get(); });
  }
  EXPECT_EQ(audit.all(), 100u);
  EXPECT_EQ(audit.equal(), 100u);
  EXPECT_EQ(audit.from_trace_alone(), 50u);
  EXPECT_TRUE(audit.differing().empty());
}

TEST(ReplayAudit, NamesTheFirstThatDiffer) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(kHomeYaml, ActionYaml("card", "10")))};
  ReplayAudit audit;
  for (uint64_t i = 0; i < ReplayAudit::kNamed + 5; ++i) {
    Decision decision = hub.Decide(i);
    decision.mutable_trace()->mutable_candidates(0)->set_net_value(99);
    audit.Add(Serialize(decision), Unknown);
  }
  EXPECT_EQ(audit.different(), ReplayAudit::kNamed + 5);
  ASSERT_EQ(audit.differing().size(), ReplayAudit::kNamed);
  EXPECT_EQ(audit.differing()[3].ToBytes(), hub.Decide(3).id());
}

TEST(ReplayAudit, TellsOtherEnginesAndDamageApart) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(kHomeYaml, ActionYaml("card", "10")))};
  ReplayAudit audit;
  Decision other = hub.Decide(1);
  other.set_engine_version("0");
  audit.Add(Serialize(other), Unknown);
  Decision no_id = hub.Decide(1);
  no_id.set_id("short");
  audit.Add(Serialize(no_id), Unknown);
  audit.Add("\xff\xff", Unknown);
  EXPECT_EQ(audit.other_engine(), 1u);
  EXPECT_EQ(audit.damaged(), 2u);
  EXPECT_EQ(audit.equal() + audit.different(), 0u);
}

}  // namespace
}  // namespace batuta::decision
