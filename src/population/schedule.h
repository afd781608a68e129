// When a population is measured.
//
// Every so often, at whole multiples of the time since 1970 (24h: at midnight UTC); or each day at
// a time of the clock in a zone. A time that the clock skips on a day counts as the moment of the
// skip; of one that comes twice the first counts.
#pragma once

#include "absl/time/time.h"
#include "base/time.h"

namespace batuta::population {

struct Schedule {
  base::Duration every = {};  // zero: daily
  int minute_of_day = 0;      // if daily
  absl::TimeZone zone = absl::UTCTimeZone();

  // The first time after that one.
  base::Time Next(base::Time after) const;
};

}  // namespace batuta::population
