// Decisions that another system made: what it chose, with which probability, and what came of it.
// They stand in the log and in the person's timeline as the hub's own do, count as contacts at the
// time when they were made, and teach the models, each once.
//
// What the models are taught with is what the person is like when the decision comes in, as nobody
// knows what they were like when it was made: histories are imported in the order of time, before
// what follows them. What the hub would have predicted is noted before it learns from the outcome,
// as with its own, so that reports of models judge them by these, too.
//
// Pure functions over values, as all of this folder.
#pragma once

#include "absl/status/status.h"
#include "base/time.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "decision/lifecycle.h"
#include "policy/contact.pb.h"

namespace batuta::decision {

// The record of what `request.imported()` says. Its time is that of the import if that is earlier.
// NotFound if there is no such placement.
absl::Status Recount(const DecisionRequest& request, const Inputs& inputs, Decision& decision);

// What follows from a recounted decision, once it is durable: the contact, and the example.
Effects TakeImported(const Decision& decision, policy::ContactState& contacts);

}  // namespace batuta::decision
