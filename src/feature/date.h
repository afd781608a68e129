// Features of the date in a trait: days until it, days since it, days to its next anniversary,
// counted in local days.
#pragma once

#include "expr/value.h"
#include "feature/moment.h"
#include "feature/spec.h"
#include "feature/value.h"

namespace batuta::feature {

// A trait holds a date ("1990-05-17") or a point in time (RFC 3339), whose local date counts;
// anything else counts as absent.
expr::Value OfDate(const FeatureSpec& spec, const Moment& moment, const TraitSource& traits);

}  // namespace batuta::feature
