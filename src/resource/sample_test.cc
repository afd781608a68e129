#include <gtest/gtest.h>

#include <map>

#include "resource/check.h"
#include "resource/kind.h"
#include "resource/reader.h"
#include "resource/references.h"
#include "resource/sample_company.h"

namespace batuta::resource {
namespace {

ResourceSet SampleSet() {
  Change change;
  change.documents = ParseFiles(ReadSampleCompany()).documents;
  return ResourceSet().After(change, {.author = "ana", .time = {}});
}

TEST(SampleCompany, HasNeitherErrorNorWarning) {
  ParsedDocuments parsed = ParseFiles(ReadSampleCompany());
  EXPECT_EQ(ToText(parsed.problems), "");
  Change change;
  change.documents = std::move(parsed.documents);
  EXPECT_EQ(ToText(Check({}, change)), "");
}

TEST(SampleCompany, HasEveryKind) {
  const ResourceSet set = SampleSet();
  std::map<std::string, size_t> counts;
  for (const Kind& kind : Kinds()) counts[kind.name] = set.OfKind(kind.name).size();
  const std::map<std::string, size_t> expected = {
      {"action", 12},    {"agreement", 1}, {"budget", 1}, {"capacity", 1},  {"classification", 1},
      {"event", 3},      {"feature", 6},   {"group", 8},  {"holdout", 1},   {"hub", 1},
      {"identity", 1},   {"issue", 3},     {"model", 1},  {"placement", 3}, {"policy", 4},
      {"population", 3}, {"segment", 12},  {"source", 5}, {"table", 1},     {"trait", 10},
      {"treatment", 36}};
  EXPECT_EQ(counts, expected);
}

TEST(SampleCompany, EveryActionIsShownOnEveryChannel) {
  const ResourceSet set = SampleSet();
  for (const Resource* action : set.OfKind("action")) {
    std::map<std::string, int> channels;
    for (const Mention& mention : UsersOf(set, action->key))
      ++channels[Reader(set.Find(mention.user.kind, mention.user.name)->spec).Text("channel")];
    const std::map<std::string, int> expected = {{"app", 1}, {"call_center", 1}, {"web", 1}};
    EXPECT_EQ(channels, expected) << action->key.name;
  }
}

TEST(SampleCompany, SpanishTextsArriveAsWritten) {
  const ResourceSet set = SampleSet();
  const Resource* action = set.Find("action", "credit-card-gold");
  ASSERT_NE(action, nullptr);
  EXPECT_EQ(Reader(action->spec).Text("title"), "Tarjeta de Crédito Oro");
}

}  // namespace
}  // namespace batuta::resource
