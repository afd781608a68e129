// The model that a path names. Internal to this folder.
#pragma once

#include "api/exchange.h"
#include "decision/catalogue.h"

namespace batuta::api {

// Null if there is none of this name; the request has been answered then.
const decision::Model* FindModelInPath(const ExchangePtr& exchange,
                                       const decision::Catalogue& catalogue);

}  // namespace batuta::api
