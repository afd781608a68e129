// Fuzzes the texts of times and durations: what is taken can be written and is read again as the
// same, within the range that is promised.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/money.h"
#include "base/status.h"
#include "base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::base;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = ParseTime(text); time.ok()) {
    const auto again = ParseTime(FormatRfc3339(*time));
    BATUTA_CHECK(again.ok() && *again == *time, "a time is written and read as another");
  }
  if (const auto span = ParseDuration(text); span.ok()) {
    BATUTA_CHECK(span->micros >= 0, "a duration is negative");
    const auto again = ParseDuration(FormatDuration(*span));
    BATUTA_CHECK(again.ok() && *again == *span, "a duration is written and read as another");
  }
  if (const auto amount = ParseAmount(text); amount.ok()) {
    const auto again = ParseAmount(FormatAmount(*amount));
    BATUTA_CHECK(again.ok() && *again == *amount, "an amount is written and read as another");
  }
  return 0;
}
