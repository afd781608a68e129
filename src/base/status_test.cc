#include "base/status.h"

#include <gtest/gtest.h>

#include <memory>

namespace batuta::base {
namespace {

absl::StatusOr<std::unique_ptr<int>> Half(int n) {
  if (n % 2 != 0) return absl::InvalidArgumentError("odd");
  return std::make_unique<int>(n / 2);
}

absl::StatusOr<int> Quarter(int n) {
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<int> half, Half(n));
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<int> quarter, Half(*half));
  return *quarter;
}

absl::Status Refuse(bool refuse) {
  return refuse ? absl::NotFoundError("refused") : absl::OkStatus();
}

absl::Status Pass(bool refuse) {
  BATUTA_RETURN_IF_ERROR(Refuse(refuse));
  return absl::UnknownError("went on");
}

TEST(Status, AssignOrReturnMovesTheValueOrReturnsTheError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).status(), absl::InvalidArgumentError("odd"));
}

TEST(Status, ReturnIfErrorReturnsOnlyErrors) {
  EXPECT_EQ(Pass(true), absl::NotFoundError("refused"));
  EXPECT_EQ(Pass(false), absl::UnknownError("went on"));
}

TEST(StatusDeathTest, AFailedCheckSaysWhatAndEndsTheProcess) {
  const int seen = 3;
  BATUTA_CHECK(seen == 3);
  EXPECT_DEATH(BATUTA_CHECK(seen == 4, "seen 3"), "check failed: seen == 4: seen 3");
  EXPECT_DEATH(BATUTA_CHECK_OK(Refuse(true)), "NOT_FOUND: refused");
}

}  // namespace
}  // namespace batuta::base
