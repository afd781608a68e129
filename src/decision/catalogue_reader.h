// How single resources become parts of the catalogue. Used by catalogue.cc alone.
//
// Requires: specs fit their schemas and their kinds' checks.
#pragma once

#include "base/money.h"
#include "decision/catalogue.h"
#include "resource/set.h"

namespace batuta::decision {

// The hub's currency; none if the hub states none.
base::Currency ReadCurrency(const resource::ResourceSet& resources);

// Without rules.
Family ReadFamily(const resource::Resource& resource, Level level);
Action ReadAction(const resource::Resource& resource);
Treatment ReadTreatment(const resource::Resource& resource);
Placement ReadPlacement(const resource::Resource& resource);
Model ReadModel(const resource::Resource& resource);  // without its predictors
Holdout ReadHoldout(const resource::Resource& resource);

}  // namespace batuta::decision
