// What the hub would decide for somebody just now, without a record of it and without changing
// anything: for whoever asks it of many people, beside the records that their partition applies.
//
// The request is answered as Fold::Decide answers a dry run, but at `now`, which may be after the
// log time: what a record that asked now would find. Identity counts as settled. On the partition's
// thread; keeps nothing.
#pragma once

#include "absl/status/status.h"
#include "base/ids.h"
#include "decision/decision.pb.h"
#include "engine/fold.h"
#include "engine/row.pb.h"
#include "learn/models.h"
#include "rule/person.h"

namespace batuta::engine {

// All is borrowed.
struct DryRunAsk {
  const decision::DecisionRequest& request;  // a dry run, with the id that its draws are named by
  const learn::Models& models;
  base::PersonId person;
  const PersonRow& row;
  const rule::PersonState& state;  // of the row, at the time that it is asked for
};

// Into `made`, which must be empty; it may be in an arena. Fails as decision::Decide does.
absl::Status DryRun(Fold& fold, const DryRunAsk& ask, decision::Decision& made);

}  // namespace batuta::engine
