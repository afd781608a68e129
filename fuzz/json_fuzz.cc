// Fuzzes the JSON parser: the fast way and the careful one agree on every text, and what was read
// is written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/status.h"
#include "base/value.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::base;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = ParseJson(text);
  const auto carefully = internal::ParseJsonCarefully(text);
  BATUTA_CHECK(value.ok() == carefully.ok(), "the two parsers disagree");
  if (!value.ok()) return 0;
  BATUTA_CHECK(Equal(*value, *carefully), "the two parsers read another value");
  const std::string written = ToJson(*value);
  const auto again = ParseJson(written);
  BATUTA_CHECK(again.ok() && Equal(*value, *again), "what was written is read otherwise");
  BATUTA_CHECK(CanonicalHash(*value) == CanonicalHash(*again) && ToJson(*again) == written);
  Value decoded;
  BATUTA_CHECK(decoded.ParseFromString(value->SerializeAsString()), "not valid as a stored value");
  return 0;
}
