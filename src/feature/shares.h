// What a person does most, when they do it, and how far that has moved lately.
#pragma once

#include "expr/value.h"
#include "feature/feature.pb.h"
#include "feature/moment.h"
#include "feature/spec.h"

namespace batuta::feature {

// top, top_share, drift, preferred_hour or hour_drift of the entries from index `begin` on, by
// their word or the local hour of their time. Requires: there is an entry.
//
// The drift is the Jensen-Shannon distance between the shares in the recent part of the window and
// in the whole of it: the square root of the divergence with base 2, from 0 (the same) to 1. Lin,
// "Divergence measures based on the Shannon entropy" (IEEE Transactions on Information Theory,
// 1991); Endres and Schindelin, "A new metric for probability distributions" (2003).
expr::Value OfShares(const FeatureSpec& spec, const FeatureState& state, int begin,
                     const Moment& moment);

}  // namespace batuta::feature
