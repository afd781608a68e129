#include "experiment/decision_log.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "base/value.h"

namespace batuta::experiment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Told(const std::vector<CsvProblem>& problems) {
  std::vector<std::string> texts;
  for (const CsvProblem& one : problems) {
    texts.push_back(base::StrCat(one.line, ":", one.column, ": ", one.message));
  }
  return texts;
}

TEST(DecisionLog, ReadsNumbersAndTextAndNamesItsActions) {
  std::vector<CsvProblem> problems;
  const DecisionLog log = ReadLog(
      "plan,action,reward,probability,age\ngold,b,1,0.25,31\n,a,0,0.75,\n", {}, {}, problems);
  EXPECT_THAT(Told(problems), IsEmpty());
  EXPECT_THAT(log.actions.names, ElementsAre("a", "b"));
  ASSERT_EQ(log.decisions.size(), 2u);
  EXPECT_EQ(log.decisions[0].action, 1u);
  EXPECT_EQ(log.decisions[0].probability, 0.25);
  EXPECT_EQ(log.decisions[0].reward, 1);
  EXPECT_EQ(base::Find(log.decisions[0].context, "plan")->text(), "gold");
  EXPECT_EQ(base::Find(log.decisions[0].context, "age")->number(), 31);
  EXPECT_EQ(log.decisions[0].context.fields_size(), 2) << "what was chosen is no context";
  EXPECT_EQ(log.decisions[1].context.fields_size(), 0) << "empty cells are absent";
}

TEST(DecisionLog, ActionsHaveColumns) {
  std::vector<CsvProblem> problems;
  const ActionTable actions = ReadActions("row,item,price\n1,shoe,20\n2,hat,\n", "item", problems);
  EXPECT_THAT(Told(problems), IsEmpty());
  EXPECT_THAT(actions.names, ElementsAre("shoe", "hat"));
  EXPECT_EQ(base::Find(actions.columns[0], "price")->number(), 20);
  EXPECT_EQ(base::Find(actions.columns[1], "price"), nullptr);
  EXPECT_EQ(base::Find(actions.columns[1], "name")->text(), "hat");
}

TEST(DecisionLog, SaysWhatIsWrongAndWhere) {
  std::vector<CsvProblem> problems;
  ReadLog(
      "action,probability,reward\n"
      "a,0,1\na,1.5,1\na,half,1\na,0.5,much\na,0.5\nb,0.5,0\n\"a,0.5,1\n",
      {}, {.names = {"a"}, .columns = {{}}}, problems);
  EXPECT_THAT(Told(problems),
              ElementsAre("2:3: a probability is a number above 0 and at most 1, not \"0\"",
                          "3:3: a probability is a number above 0 and at most 1, not \"1.5\"",
                          "4:3: a probability is a number above 0 and at most 1, not \"half\"",
                          "5:7: a reward is a number, not \"much\"",
                          "6:1: the line has 2 fields, and there are 3 columns",
                          "7:1: there is no action \"b\"", testing::StartsWith("8:")));
  problems.clear();
  ReadLog("action,p,reward\na,1,1\n", {}, {}, problems);
  EXPECT_THAT(Told(problems), ElementsAre("1:1: there is no column \"probability\""));
  problems.clear();
  ReadLog("", {}, {}, problems);
  EXPECT_THAT(Told(problems), ElementsAre("1:1: the first line names the columns"));
  problems.clear();
  ReadActions("name\na\na\n\"\"\n", "", problems);
  EXPECT_THAT(Told(problems),
              ElementsAre("3:1: the action \"a\" is there twice", "4:1: an action without a name"));
}

}  // namespace
}  // namespace batuta::experiment
