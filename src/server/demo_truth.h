// The demo's ground truth, kept in the file truth.json: who the customers are and with which
// probability each accepts each offer at each spot. The hub never reads it.
//
// A demo that goes on in the same folder must be about the same people: the file is checked against
// what the seed gives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace batuta::server {

inline constexpr uint64_t kPeopleMax = 50'000;

struct Truth {
  uint64_t seed = 1;
  uint64_t people = 2000;
  base::Time began;     // of the first demo in the folder
  bool is_new = false;  // the file was made just now
};

struct TruthWish {
  std::optional<uint64_t> seed;    // what the user asked for
  std::optional<uint64_t> people;  // the same
  base::Time now;
};

// Reads the file, or makes it. FailedPrecondition: it is about other people than those asked for,
// or its contents are not what its seed gives.
absl::StatusOr<Truth> OpenTruth(const std::string& path, const TruthWish& wish);

}  // namespace batuta::server
