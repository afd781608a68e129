// What the demo's customers truly want: the probability that one accepts an offer at a spot if they
// see it there. The hub never learns it; the demo keeps it to know the best that could be done.
//
// A logistic function of the offer, the spot, the customer's circumstances and a whim that only
// this customer has for this offer. Pure: the same seed gives the same tastes.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/demo_customer.h"

namespace batuta::server {

// In (0, 1). Actions that are not the sample company's get a taste by their name.
double AcceptProbability(uint64_t seed, const Customer& customer, std::string_view action,
                         std::string_view placement);

// 1 / (1 + e^-x).
double Logistic(double x);

}  // namespace batuta::server
