// What must hold of a whole hub: at any time, and when everything has come to rest.
//
// Reads the state of all partitions at once, which only a test may do. Throws Failure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/fold.h"
#include "simulation/model.h"

namespace batuta::simulation {

class Invariants {
 public:
  using Folds = std::function<engine::Fold&(base::PartitionId)>;
  Invariants(uint16_t partitions, Folds folds, bool guarded)
      : partitions_(partitions), folds_(std::move(folds)), guarded_(guarded) {}

  // Limits of identity, an erased person's emptiness, an end to every waiting.
  void CheckAlways() const;
  // The same, of one person for whom a decision was just made.
  void CheckDecided(const base::PersonId& id) const;
  // One holder per identifier, nothing unsettled, no decision waiting, groups and members agree,
  // whoever holds an address knows its consents, everybody is in the segments whose rules they fit,
  // leases and ledgers agree, with each other and with the open choices; holdouts sum up the people
  // there are, and models what these have taught.
  void CheckAtRest() const;
  // The population was measured just now: its cut points are those of everybody, sorted.
  void CheckMeasured(const std::string& population) const;
  // The persons are those of the model, with its traits, counters, consents and groups.
  void CheckAgainst(const Model& model) const;
  // Duplicates, requests for decisions, definitions and keys are as the model says; all who live
  // were counted.
  void CheckRecords(const Model& model, bool erasures) const;
  // Each event that counted was given to one person. Holds without erasures.
  void CheckCounts(const Model& model) const;

 private:
  using Visit = std::function<void(const base::PersonId&, const engine::PersonRow&)>;
  void ForEachPerson(const Visit& visit) const;
  base::Time LatestLogTime() const;  // of the partitions that have people
  void CheckPerson(const base::PersonId& id, const engine::PersonRow& row) const;
  void CheckLimits(const base::PersonId& id, const identity::PersonIdentity& person) const;
  void CheckWaiting(const base::PersonId& id, const engine::PersonRow& row) const;
  void CheckIdentifiers() const;
  void CheckGroups() const;
  void CheckAddresses() const;
  void CheckSegments() const;
  void CheckPopulations() const;
  void CheckLeases() const;
  void CheckHoldouts() const;
  void CheckLessons() const;
  // Follows those merged away; nullptr if nobody.
  const engine::PersonRow* Root(const identity::PersonRef& person) const;
  const engine::PersonRow* HolderOf(const std::string& hash) const;
  void CheckFeatures(const Model::Person& expected, const engine::PersonRow& found) const;
  void Compare(const Model::Person& expected, const engine::PersonRow& found,
               const Model& model) const;

  const uint16_t partitions_;
  const Folds folds_;
  const bool guarded_;
};

}  // namespace batuta::simulation
