// From the micro-bins of one predictor to the bins that scoring uses.
//
// Adjacent micro-bins of numbers are joined while two of them do not differ (chi square at 20 %),
// or one holds neither 5 % of the responses nor 5 % of the positives. Symbols are lined up by their
// rates, drawn towards that of all, and joined in the same way; those with too few responses to be
// told apart are among the remaining ones. Missing values have a bin of their own. A bin of fewer
// than 20 responses contributes nothing.
#pragma once

#include "base/time.h"
#include "learn/adaptive.pb.h"
#include "learn/era_counts.h"

namespace batuta::learn {

// The bins of the predictor, their contributions and its AUC; activity and group are left as they
// are.
void MakeBins(const PredictorCounts& counts, const EraClock& clock, base::Time now,
              PublishedPredictor& out);

// The bin that a code falls into; null where a predictor has no bin for it.
const PublishedBin* BinOf(const PublishedPredictor& predictor, uint64_t code);

}  // namespace batuta::learn
