// All resources of one version, compiled to what the fold and the ingest run on.
//
// Immutable; shared by pointer between the fold of a partition and readers outside.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "decision/catalogue.h"
#include "feature/catalogue.h"
#include "identity/settings.h"
#include "profile/survivorship.h"
#include "resource/problem.h"
#include "resource/set.h"
#include "rule/person.h"
#include "rule/statement.h"
#include "rule/vocabulary.h"
#include "segment/populations.h"
#include "segment/segments.h"

namespace batuta::engine {

struct Definitions {
  resource::ResourceSet resources;
  identity::Settings identity;
  profile::Rules rules;
  rule::Vocabulary vocabulary;
  rule::StatementRules statements;
  std::shared_ptr<const decision::Catalogue> catalogue;
  std::shared_ptr<const feature::Catalogue> features;  // with the aggregates of all rules
  rule::ReadPlan plan;                                 // of what the catalogue's rules read
  std::shared_ptr<const segment::Segments> segments;
  std::shared_ptr<const segment::Populations> populations;

  uint64_t version() const { return resources.version(); }
  rule::Meaning meaning() const { return {.rules = rules, .features = features.get()}; }

  // Compiles what is valid and appends to `problems` what is not; total, so that the fold can go on
  // with any set that the control log holds.
  static std::shared_ptr<const Definitions> Compile(resource::ResourceSet resources,
                                                    std::vector<resource::Problem>& problems);
};

}  // namespace batuta::engine
