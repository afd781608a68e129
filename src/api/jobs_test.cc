#include "api/jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "api/answer.h"
#include "api/job_answer.h"
#include "api/test_hub.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A job that is whatever the test says.
class Written : public Job {
 public:
  using Body = std::function<absl::StatusOr<JobResult>(JobContext&)>;
  explicit Written(Body body) : body_(std::move(body)) {}
  absl::StatusOr<JobResult> Run(JobContext& context) override { return body_(context); }

 private:
  const Body body_;
};

absl::StatusOr<JobResult> UntilCancelled(JobContext& context) {
  while (true) BATUTA_RETURN_IF_ERROR(context.Rest(base::Seconds(60)));
}

class JobsTest : public testing::Test {
 protected:
  std::string Start(Written::Body body) {
    const auto job =
        jobs_->Start({.kind = "test", .about = "x", .scopes = {"decisions"}, .key = "k"},
                     std::make_unique<Written>(std::move(body)));
    BATUTA_CHECK_OK(job.status());
    return job->id;
  }
  JobView Await(const std::string& id) {
    for (int i = 0; i < 6000; ++i) {
      auto job = jobs_->Find(id);
      BATUTA_CHECK(job.has_value());
      if (job->state != JobState::kRunning) return *std::move(job);
      absl::SleepFor(absl::Milliseconds(5));
    }
    BATUTA_CHECK(false, "the job does not end");
  }
  void Limit(JobLimits limits) { jobs_ = std::make_unique<Jobs>(hub_.hub(), background_, limits); }
  std::string JobsFolder() const { return hub_.folder() + "/hub/jobs"; }

  TestHub hub_;
  Background background_{1, 16};
  std::unique_ptr<Jobs> jobs_ = std::make_unique<Jobs>(hub_.hub(), background_);
};

absl::StatusOr<JobResult> WriteHello(JobContext& context) {
  BATUTA_ASSIGN_OR_RETURN(JobFile file, JobFile::Create(context, "hello"));
  BATUTA_RETURN_IF_ERROR(file.Append("hello "));
  BATUTA_RETURN_IF_ERROR(file.Append("world"));
  BATUTA_RETURN_IF_ERROR(file.Finish());
  return JobResult{.summary = ObjectBuilder().AddCount("words", 2).Take(),
                   .file = "hello",
                   .content_type = "text/plain",
                   .file_name = "hello.txt"};
}

TEST_F(JobsTest, AJobLeavesTheHubRoomOnItsDisk) {
  const std::string id = Start([](JobContext& context) -> absl::StatusOr<JobResult> {
    BATUTA_ASSIGN_OR_RETURN(const uint64_t free, context.disk().FreeBytes(context.folder()));
    BATUTA_ASSIGN_OR_RETURN(const bool some, context.HasRoom(1));
    BATUTA_ASSIGN_OR_RETURN(const bool all, context.HasRoom(free));
    return JobResult{.summary = ObjectBuilder().Add("some", some).Add("all", all).Take()};
  });
  EXPECT_EQ(base::ToJson(Await(id).result.summary), R"({"some":true,"all":false})");
}

TEST_F(JobsTest, AJobThatIsDoneHasItsResultUntilItIsRemoved) {
  const std::string id = Start(WriteHello);
  const JobView job = Await(id);
  EXPECT_EQ(job.state, JobState::kDone);
  EXPECT_EQ(job.progress.Share(), 1);
  const std::string path = job.folder + "/" + job.result.file;
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "hello world");
  const std::string json = base::ToJson(JobValue(job));
  EXPECT_THAT(json, HasSubstr(R"("summary":{"words":2})"));
  EXPECT_THAT(json, HasSubstr(base::StrCat(R"("result":"/v1/jobs/)", id, R"(/result")")));
  BATUTA_CHECK_OK(jobs_->CancelOrRemove(id).status());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(jobs_->Find(id).has_value());
  EXPECT_TRUE(absl::IsNotFound(jobs_->CancelOrRemove(id).status()));
}

TEST_F(JobsTest, ProgressIsOfTheWholeOverAllStages) {
  absl::Notification reported;
  absl::Notification seen;
  const std::string id = Start([&](JobContext& context) -> absl::StatusOr<JobResult> {
    context.Report({.stage = "second", .done = 50, .total = 200, .from = 0.5, .to = 0.9});
    reported.Notify();
    seen.WaitForNotification();
    return JobResult{};
  });
  reported.WaitForNotification();
  const auto job = jobs_->Find(id);
  EXPECT_DOUBLE_EQ(job->progress.Share(), 0.6);
  EXPECT_EQ(job->progress.done, 50);
  EXPECT_EQ(job->state, JobState::kRunning);
  seen.Notify();
  EXPECT_EQ(Await(id).state, JobState::kDone);
}

TEST_F(JobsTest, EveryPartitionTakesTurnsUntilItIsThrough) {
  std::array<std::atomic<int>, 4> turns = {};
  const std::string id = Start([&](JobContext& context) -> absl::StatusOr<JobResult> {
    BATUTA_RETURN_IF_ERROR(context.OnPartitions([&](engine::Fold& fold) -> Turn {
      const size_t partition = base::Index(fold.settings().partition);
      return ++turns[partition] <= static_cast<int>(partition);
    }));
    return JobResult{};
  });
  EXPECT_EQ(Await(id).state, JobState::kDone);
  EXPECT_THAT(std::vector<int>(turns.begin(), turns.end()), ElementsAre(1, 2, 3, 4));
}

TEST_F(JobsTest, AFailureIsToldAndWhatIsInsideIsNot) {
  const std::string told = Start([](JobContext& context) -> absl::StatusOr<JobResult> {
    return context.Fail(
        {.status = http::Status::kConflict, .code = "changed", .detail = "It changed."});
  });
  EXPECT_EQ(Await(told).problem->code, "changed");
  const std::string refused = Start([](JobContext& context) -> absl::StatusOr<JobResult> {
    BATUTA_RETURN_IF_ERROR(context.OnPartitions(
        [](engine::Fold&) -> Turn { return absl::NotFoundError("there is no such thing"); }));
    return JobResult{};
  });
  EXPECT_EQ(Await(refused).problem->detail, "there is no such thing");
  const std::string inside = Start(
      [](JobContext&) -> absl::StatusOr<JobResult> { return absl::InternalError("/secret/path"); });
  const JobView job = Await(inside);
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.problem->code, "internal");
  EXPECT_THAT(base::ToJson(JobValue(job)), testing::Not(HasSubstr("secret")));
}

TEST_F(JobsTest, ACancelledJobEndsAndIsToldApart) {
  const std::string id = Start(UntilCancelled);
  const auto job = jobs_->CancelOrRemove(id);
  BATUTA_CHECK_OK(job.status());
  EXPECT_EQ(job->state, JobState::kRunning);
  EXPECT_TRUE(job->is_cancelling);
  const JobView ended = Await(id);
  EXPECT_EQ(ended.state, JobState::kCancelled);
  EXPECT_FALSE(ended.problem.has_value());
}

TEST_F(JobsTest, NoTurnIsTakenOnceACancelledCallHasReturned) {
  std::atomic<bool> returned = false;
  std::atomic<bool> late = false;
  std::atomic<bool> has_begun = false;
  absl::Notification began;
  const std::string id = Start([&](JobContext& context) -> absl::StatusOr<JobResult> {
    const absl::Status status = context.OnPartitions([&](engine::Fold&) -> Turn {
      if (returned) late = true;
      if (!has_begun.exchange(true)) began.Notify();
      return true;  // for ever
    });
    returned = true;
    return status;
  });
  began.WaitForNotification();
  BATUTA_CHECK_OK(jobs_->CancelOrRemove(id).status());
  EXPECT_EQ(Await(id).state, JobState::kCancelled);
  absl::SleepFor(absl::Milliseconds(20));
  EXPECT_FALSE(late);
}

TEST_F(JobsTest, NoMoreRunThanMay) {
  Limit({.running = 2});
  const std::string first = Start(UntilCancelled);
  Start(UntilCancelled);
  const auto third = jobs_->Start({.kind = "test"}, std::make_unique<Written>(UntilCancelled));
  EXPECT_TRUE(absl::IsResourceExhausted(third.status()));
  BATUTA_CHECK_OK(jobs_->CancelOrRemove(first).status());
  Await(first);
  Start(UntilCancelled);
}

TEST_F(JobsTest, TheOldestThatEndedGoFirst) {
  Limit({.finished = 2});
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(Start(WriteHello));
    Await(ids.back());
  }
  EXPECT_FALSE(jobs_->Find(ids[0]).has_value());
  EXPECT_FALSE(jobs_->Find(ids[1]).has_value());
  EXPECT_FALSE(std::filesystem::exists(JobsFolder() + "/" + ids[1]));
  EXPECT_EQ(jobs_->All().front().id, ids[3]);
  EXPECT_EQ(jobs_->All().size(), 2);
}

TEST_F(JobsTest, ResultsTogetherStayWithinTheirRoom) {
  Limit({.result_bytes = 25});  // two of 11 bytes
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(Start(WriteHello));
    Await(ids.back());
  }
  EXPECT_EQ(jobs_->All().size(), 2);
  EXPECT_FALSE(jobs_->Find(ids[0]).has_value());
}

TEST_F(JobsTest, TheEndCancelsWhatRuns) {
  std::atomic<bool> ended = false;
  Start([&](JobContext& context) -> absl::StatusOr<JobResult> {
    const absl::Status status = context.OnPartitions([](engine::Fold&) -> Turn { return true; });
    ended = true;
    return status;
  });
  jobs_->Stop();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(absl::IsUnavailable(
      jobs_->Start({.kind = "test"}, std::make_unique<Written>(WriteHello)).status()));
}

TEST_F(JobsTest, AStartRemovesWhatWasLeft) {
  std::filesystem::create_directories(JobsFolder() + "/job_old");
  std::ofstream(JobsFolder() + "/job_old/rows.csv") << "x";
  std::ofstream(JobsFolder() + "/stray") << "x";
  BATUTA_CHECK_OK(jobs_->Clear());
  EXPECT_TRUE(std::filesystem::is_empty(JobsFolder()));
  std::filesystem::remove(JobsFolder());
  BATUTA_CHECK_OK(jobs_->Clear());
}

TEST(JobRoutes, WithoutJobsThereIsNone) {
  TestHub hub;
  EXPECT_EQ(hub.Get("/v1/jobs").body, R"({"data":[]})");
  for (const std::string path : {"/v1/jobs/job_x", "/v1/jobs/job_x/result"}) {
    EXPECT_EQ(hub.Get(path).status, 404);
  }
  EXPECT_EQ(hub.Send(http::Method::kDelete, "/v1/jobs/job_x", "").code(), "no_such_job");
}

}  // namespace
}  // namespace batuta::api
