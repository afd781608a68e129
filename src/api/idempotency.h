// The header Idempotency-Key, by which a client names a request so that it can be sent again.
// Internal to this folder.
#pragma once

#include <optional>
#include <string>

#include "api/exchange.h"

namespace batuta::api {

// "" if there is none. Nothing, and answered 400, if it is not a text of at most 255 bytes.
std::optional<std::string> IdempotencyKeyOf(const ExchangePtr& exchange);

// Answers 422: under this key another thing was asked for before.
void FailMismatch(const ExchangePtr& exchange);

}  // namespace batuta::api
