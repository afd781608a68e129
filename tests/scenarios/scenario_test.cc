// Each scenario of tests/scenarios/*.yaml is a test. Run in the project's folder.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "base/text.h"
#include "base/value.h"
#include "scenarios/scenario.h"

namespace batuta::scenarios {
namespace {

class ScenarioTest : public testing::Test {
 public:
  ScenarioTest(std::string resources, base::Fields spec)
      : resources_(std::move(resources)), spec_(std::move(spec)) {}

  void TestBody() override {
    Scenario scenario(resources_);
    const base::Value* steps = base::Find(spec_, "steps");
    ASSERT_NE(steps, nullptr);
    for (int i = 0; i < steps->list().values_size(); ++i) {
      SCOPED_TRACE(base::StrCat("step ", i + 1));
      scenario.Play(steps->list().values(i).object());
      if (HasFatalFailure()) return;
    }
  }

 private:
  std::string resources_;
  base::Fields spec_;
};

// Registers every scenario before the tests run.
const bool kRegistered = [] {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/scenarios")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& path : files) {
    const ScenarioFile file = ReadScenarios(path.string());
    for (const resource::Document& scenario : file.scenarios) {
      // A hyphen has a meaning of its own where tests are chosen by name.
      std::string name = scenario.name;
      std::replace(name.begin(), name.end(), '-', '_');
      testing::RegisterTest(path.stem().c_str(), name.c_str(), nullptr, nullptr, path.c_str(), 1,
                            [resources = file.resources, spec = scenario.spec] {
                              return new ScenarioTest(resources, spec);
                            });
    }
  }
  return true;
}();

// What is listed above is at least what there is to hold.
TEST(Scenarios, AreAtLeastForty) {
  EXPECT_TRUE(kRegistered);
  EXPECT_GE(testing::UnitTest::GetInstance()->total_test_count(), 41);
}

}  // namespace
}  // namespace batuta::scenarios
