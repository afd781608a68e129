#include "server/person_view.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <string>

#include "base/json.h"

namespace batuta::server {
namespace {

using testing::HasSubstr;
using testing::Not;

template <typename Print>
std::string Printed(std::string_view format, const Print& print) {
  std::FILE* file = std::tmpfile();
  print(*Output::Create(format, file));
  std::string text(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
  std::fclose(file);
  return text;
}

constexpr std::string_view kPerson = R"({
  "id": "per_1", "settled": false, "timelineCount": 3,
  "firstSeen": "2026-01-01T00:00:00Z", "lastSeen": "2026-02-01T00:00:00Z",
  "identifiers": [{"type": "user_id", "value": "u-17", "first": {"source": "crm"}}],
  "traits": {"plan": {"value": "gold", "source": "crm"}},
  "counters": {"Order Completed": {"count": 2}}, "groups": [],
  "openDecisions": [{"id": "dec_1", "placement": "web.home.hero",
                     "slots": [{"slot": 0, "action": "gold-card", "stage": "ignored"}]}]})";

TEST(PersonView, HasATableForEachThatThereIs) {
  const std::string text = Printed(
      "table", [](const Output& output) { PrintPerson(output, *base::ParseJson(kPerson)); });
  EXPECT_THAT(text, HasSubstr("per_1  seen 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z"));
  EXPECT_THAT(text, HasSubstr("being settled"));
  EXPECT_THAT(text, HasSubstr("user_id  u-17           crm"));
  EXPECT_THAT(text, HasSubstr("trait  value  source  time  rule\nplan   gold   crm\n"));
  EXPECT_THAT(text, HasSubstr("Order Completed  2"));
  EXPECT_THAT(text, HasSubstr("dec_1     web.home.hero  0     gold-card  ignored"));
  EXPECT_THAT(text, Not(HasSubstr("Groups")));
}

TEST(PersonView, OtherFormatsHoldTheAnswerItself) {
  const auto person = *base::ParseJson(kPerson);
  EXPECT_EQ(Printed("ndjson", [&](const Output& output) { PrintPerson(output, person); }),
            base::ToJson(person) + "\n");
}

TEST(TimelineView, NamesDecisionsOutcomesAndGroups) {
  const auto entries = base::ParseJson(R"([
    {"kind": "decision", "placement": "web.home.hero", "summary": "gold-card, surely"},
    {"kind": "outcome", "outcome": "impression", "decisionId": "dec_1"},
    {"kind": "group", "groupId": "acme", "traits": {"name": "Acme"}},
    {"kind": "track", "name": "Seen", "properties": {"sku": "S-7"}}])");
  const std::vector<base::Value> rows(entries->list().values().begin(),
                                      entries->list().values().end());
  const std::string csv =
      Printed("csv", [&](const Output& output) { PrintTimeline(output, rows); });
  EXPECT_THAT(csv, HasSubstr(",decision,web.home.hero,,\"gold-card, surely\"\r\n"));
  EXPECT_THAT(csv, HasSubstr(",outcome,impression,,dec_1\r\n"));
  EXPECT_THAT(csv, HasSubstr(",group,acme,,"));
  EXPECT_THAT(csv, HasSubstr(",track,Seen,,"));
  EXPECT_THAT(Printed("ndjson", [&](const Output& output) { PrintTimeline(output, rows); }),
              Not(HasSubstr("details")));
}

}  // namespace
}  // namespace batuta::server
