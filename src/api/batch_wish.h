// What a batch of decisions is asked for: for whom, at which placement, and how it is written.
// Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "base/value.pb.h"

namespace batuta::api {

struct BatchWish {
  std::string placement = {};
  std::string segment = {};  // "": everybody
  uint32_t slots = 0;        // choices of a person, at most; 0: as many as the placement has
  uint64_t limit = 0;        // choices of all people, at most; 0: as many as there may be
  base::Fields context = {};
  std::vector<std::string> identifiers = {};  // types of those that the file says
  bool ndjson = false;                        // not CSV
  bool dry_run = false;
};

// Held against the definitions of now. Nothing, with the request answered, if something is wrong
// with it.
std::optional<BatchWish> ReadBatchWish(const ExchangePtr& exchange);

}  // namespace batuta::api
