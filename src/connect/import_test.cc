#include "connect/import.h"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>

#include "absl/time/clock.h"
#include "base/json.h"
#include "base/value.h"
#include "log/sim_disk.h"

namespace batuta::connect {
namespace {

constexpr int kRows = 1000;

std::string TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A hub that counts messages by id, and refuses those of user 13.
class CountingHub {
 public:
  absl::StatusOr<std::vector<ImportRefusal>> Send(const std::string& body) {
    const std::lock_guard lock(mutex_);
    const auto value = base::ParseJson(body);
    EXPECT_TRUE(value.ok()) << value.status();
    const auto& calls = base::Find(value->object(), "batch")->list().values();
    if (std::stoi(base::Find(calls[0].object(), "userId")->text()) > last_user_) {
      return absl::UnavailableError("gone");
    }
    std::vector<ImportRefusal> refusals;
    size_t index = 0;
    for (const base::Value& call : calls) {
      ++messages_[base::Find(call.object(), "messageId")->text()];
      if (base::Find(call.object(), "userId")->text() == "13") {
        refusals.push_back({index, "unlucky", "it is 13"});
      }
      ++index;
    }
    return refusals;
  }
  // Takes no batch of users behind this one, whatever the order in which batches come.
  void TakeUpTo(int user) { last_user_ = user; }
  size_t messages() const { return messages_.size(); }

 private:
  std::mutex mutex_;
  std::map<std::string, int> messages_;
  int last_user_ = std::numeric_limits<int>::max();
};

class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string base = testing::TempDir() + "import_test";
    path_ = base + ".csv";
    options_.disk = &disk_;
    options_.state_path = "import.state";
    options_.report_path = base + ".report";
    options_.batch_rows = 10;
    options_.parallel = 3;
    std::ofstream file(path_, std::ios::binary);
    file << "user,amount\n";
    for (int i = 1; i <= kRows; ++i) file << i << (i % 100 == 0 ? "\n" : ",5\n");
  }

  absl::StatusOr<ImportCounts> Go(CountingHub& hub, const ImportState& state) {
    auto source = OpenTable(path_, "event: X\nuserId: ${user}\n", "map.yaml", "hash");
    if (!source.ok()) return source.status();
    return RunImport(**source, state, options_,
                     [&hub](size_t, const std::string& body) { return hub.Send(body); });
  }

  log::SimDisk disk_;
  std::string path_;
  ImportOptions options_;
};

TEST_F(ImportTest, EveryRowIsSentOnceOrReported) {
  CountingHub hub;
  const auto counts = Go(hub, {.hash = "h"});
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(counts->rows, 1000U);
  EXPECT_EQ(counts->rejected, 11U);
  EXPECT_EQ(counts->accepted, 989U);
  EXPECT_EQ(hub.messages(), 990U);
  const std::string report = TextOf(options_.report_path);
  EXPECT_THAT(report,
              testing::StartsWith("line,code,detail\n14,unlucky,it is 13\n101,wrong_columns"));
  EXPECT_EQ(std::count(report.begin(), report.end(), '\n'), 12);
}

TEST_F(ImportTest, GoesOnWhereItWasAndCountsNothingTwice) {
  CountingHub hub;
  ImportState state = {.hash = "h"};
  absl::StatusOr<ImportCounts> counts = absl::UnknownError("");
  unsigned runs = 0;
  while (!counts.ok() && runs < 12) {
    hub.TakeUpTo(static_cast<int>(90 * ++runs));
    counts = Go(hub, state);
    const auto text = base::ReadFile(disk_, options_.state_path);
    ASSERT_TRUE(text.ok()) << text.status();
    const auto kept = ImportState::Parse(*text);
    ASSERT_TRUE(kept.ok()) << kept.status();
    state = *kept;
    EXPECT_EQ(state.place.row, std::min(90U * runs, 1000U));
  }
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(runs, 12);
  EXPECT_TRUE(state.done);
  EXPECT_EQ(counts->rows, 1000U);
  EXPECT_EQ(counts->accepted, 989U);
  EXPECT_EQ(hub.messages(), 990U);
  const std::string report = TextOf(options_.report_path);
  EXPECT_EQ(std::count(report.begin(), report.end(), '\n'), 12);
}

TEST_F(ImportTest, ABatchThatHangsHoldsTheOthersBack) {
  std::atomic<int> sent = 0;
  int sent_beside_the_first = 0;
  auto source = OpenTable(path_, "event: X\nuserId: ${user}\n", "map.yaml", "hash");
  ASSERT_TRUE(source.ok());
  const auto counts =
      RunImport(**source, {.hash = "h"}, options_,
                [&](size_t, const std::string& body) -> absl::StatusOr<std::vector<ImportRefusal>> {
                  if (body.find("\"userId\":\"1\"") != std::string::npos) {
                    absl::SleepFor(absl::Milliseconds(200));
                    sent_beside_the_first = sent;
                  }
                  ++sent;
                  return std::vector<ImportRefusal>();
                });
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(sent, 100);
  EXPECT_LT(sent_beside_the_first, 12);  // those that wait for it are held in memory
}

TEST_F(ImportTest, StoppingLeavesAStateToGoOnFrom) {
  CountingHub hub;
  std::atomic<int> batches = 0;
  options_.progress = [&](const ImportCounts&, uint64_t) { ++batches; };
  options_.cancelled = [&] { return batches >= 5; };
  EXPECT_EQ(Go(hub, {.hash = "h"}).status().code(), absl::StatusCode::kCancelled);
  const auto state = ImportState::Parse(*base::ReadFile(disk_, options_.state_path));
  ASSERT_TRUE(state.ok());
  EXPECT_GE(state->place.row, 50U);
  EXPECT_LT(state->place.row, 1000U);
  options_.cancelled = nullptr;
  const auto counts = Go(hub, *state);
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->accepted, 989U);
}

}  // namespace
}  // namespace batuta::connect
