// Macros for the two kinds of errors of our own code.
//
// What can be expected to fail returns absl::Status or absl::StatusOr. A bug hits BATUTA_CHECK,
// which stays on in release and ends the process; the log replays.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace batuta::base {

// Prints the message to standard error and aborts. Never returns.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const std::string& detail);

}  // namespace batuta::base

// BATUTA_CHECK(condition) or BATUTA_CHECK(condition, absl::StrCat("what was seen")).
#define BATUTA_CHECK(condition, ...)                                                         \
  do {                                                                                       \
    if (!(condition)) [[unlikely]]                                                           \
      ::batuta::base::CheckFailed(__FILE__, __LINE__, #condition, std::string(__VA_ARGS__)); \
  } while (false)

// Checks that a status is OK where failing is a bug.
#define BATUTA_CHECK_OK(expression)                                                            \
  do {                                                                                         \
    const absl::Status batuta_status_ = (expression);                                          \
    if (!batuta_status_.ok()) [[unlikely]]                                                     \
      ::batuta::base::CheckFailed(__FILE__, __LINE__, #expression, batuta_status_.ToString()); \
  } while (false)

#define BATUTA_RETURN_IF_ERROR(expression)                                             \
  do {                                                                                 \
    if (absl::Status batuta_status_ = (expression); !batuta_status_.ok()) [[unlikely]] \
      return batuta_status_;                                                           \
  } while (false)

#define BATUTA_CONCAT_INNER(a, b) a##b
#define BATUTA_CONCAT(a, b) BATUTA_CONCAT_INNER(a, b)

// BATUTA_ASSIGN_OR_RETURN(const auto x, F()): returns the error of F(), or moves its value into x.
#define BATUTA_ASSIGN_OR_RETURN(declaration, expression) \
  BATUTA_ASSIGN_OR_RETURN_INNER(BATUTA_CONCAT(batuta_result_, __LINE__), declaration, expression)
#define BATUTA_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                          \
  if (!result.ok()) [[unlikely]]                                       \
    return std::move(result).status();                                 \
  declaration = *std::move(result)
