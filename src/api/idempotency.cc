#include "api/idempotency.h"

#include <string_view>

#include "base/text.h"

namespace batuta::api {
namespace {

constexpr size_t kKeyMax = 255;

}  // namespace

std::optional<std::string> IdempotencyKeyOf(const ExchangePtr& exchange) {
  const std::string_view header = exchange->request().Header("Idempotency-Key");
  if (header.size() <= kKeyMax && base::IsValidUtf8(header)) return std::string(header);
  exchange->Fail(http::Status::kBadRequest, "bad_idempotency_key",
                 "Idempotency-Key is a text of at most 255 bytes.");
  return std::nullopt;
}

void FailMismatch(const ExchangePtr& exchange) {
  exchange->Fail(http::Status::kUnprocessableContent, "idempotency_mismatch",
                 "This Idempotency-Key came with another request before.");
}

}  // namespace batuta::api
