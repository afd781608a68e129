// Features of the date in a trait: days until it, days since it, days to its next anniversary,
// counted in local days; and the age of who was born then.
//
// Of whoever is known by the year of birth alone, the age is the one that they have for certain:
// that on the first day of the year, before a birthday in it. So nobody is taken for an adult
// before they are one. Bands of ages are those of kBands in date.cc.
#pragma once

#include "expr/value.h"
#include "feature/moment.h"
#include "feature/spec.h"
#include "feature/value.h"

namespace batuta::feature {

// A trait holds a date ("1990-05-17") or a point in time (RFC 3339), whose local date counts; of
// age and age_band also a year, as a number. Anything else counts as absent, and so does who is not
// born yet. Texts live for ever.
expr::Value OfDate(const FeatureSpec& spec, const Moment& moment, const TraitSource& traits);

// The first time after `moment` at which that is another, or may be; kDistantFuture if it is
// absent.
base::Time NextOfDate(const FeatureSpec& spec, const Moment& moment, const TraitSource& traits);

}  // namespace batuta::feature
