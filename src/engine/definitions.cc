#include "engine/definitions.h"

#include <utility>

namespace batuta::engine {
namespace {

// One line of a library's own error list becomes one problem of the resource.
void AddProblem(const absl::Status& status, const resource::ResourceKey& key,
                std::vector<resource::Problem>& problems) {
  resource::Problem problem;
  problem.code = "invalid";
  problem.message = std::string(status.message());
  problem.resource = key;
  problems.push_back(std::move(problem));
}

}  // namespace

std::shared_ptr<const Definitions> Definitions::Compile(resource::ResourceSet resources,
                                                        std::vector<resource::Problem>& problems) {
  auto compiled = std::make_shared<Definitions>();
  compiled->resources = std::move(resources);
  const resource::ResourceSet& set = compiled->resources;
  if (const resource::Resource* settings = set.Find("identity", "default")) {
    auto identity = identity::Settings::Compile(settings->spec);
    if (identity.ok()) {
      compiled->identity = *std::move(identity);
    } else {
      AddProblem(identity.status(), settings->key, problems);
    }
  }
  std::vector<profile::TraitResource> traits;
  for (const resource::Resource* trait : set.OfKind("trait")) {
    traits.push_back({.name = trait->key.name, .spec = &trait->spec});
  }
  auto rules = profile::Rules::Compile(traits);
  if (rules.ok()) {
    compiled->rules = *std::move(rules);
  } else {
    AddProblem(rules.status(), {"trait", ""}, problems);
  }
  compiled->features = feature::Catalogue::Compile(set, {}, problems);
  compiled->vocabulary = rule::Vocabulary::Of(set, compiled->features);
  compiled->statements = rule::StatementRules::Compile(set, compiled->vocabulary, problems);
  compiled->catalogue = decision::Catalogue::Compile(set, compiled->vocabulary, problems);
  compiled->segments = segment::Segments::Compile(set, compiled->vocabulary, problems);
  rule::Tops tops = compiled->segments->Tops();
  tops.insert(compiled->catalogue->tops().begin(), compiled->catalogue->tops().end());
  compiled->populations = segment::Populations::Compile(set, compiled->vocabulary, tops, problems);
  std::vector<feature::FeatureSpec> aggregates = compiled->segments->Aggregates();
  const std::vector<feature::FeatureSpec>& of_actions = compiled->catalogue->aggregates();
  aggregates.insert(aggregates.end(), of_actions.begin(), of_actions.end());
  const std::vector<feature::FeatureSpec> of_populations = compiled->populations->Aggregates();
  aggregates.insert(aggregates.end(), of_populations.begin(), of_populations.end());
  compiled->features = compiled->features->With(aggregates, problems);
  compiled->plan = rule::ReadPlan(compiled->catalogue->attributes(), compiled->meaning());
  return compiled;
}

}  // namespace batuta::engine
