// For tests: segments written as resources, people written as JSON. Not part of the library.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "feature/catalogue.h"
#include "profile/apply.h"
#include "resource/check.h"
#include "resource/yaml.h"
#include "rule/person.h"
#include "segment/populations.h"
#include "segment/segments.h"

namespace batuta::segment {

// Resources, and what is compiled of them.
struct Company {
  explicit Company(std::string_view yaml) {
    resource::ParsedDocuments parsed =
        resource::ParseDocuments(yaml, "company.yaml", resource::Format::kYaml);
    resource::Change change;
    change.documents = std::move(parsed.documents);
    const auto found = resource::Check(resources, change);
    EXPECT_FALSE(resource::HasError(found)) << resource::ToText(found);
    resources = resources.After(change, {.author = "test", .time = {}});
    std::vector<profile::TraitResource> traits;
    for (const resource::Resource* trait : resources.OfKind("trait")) {
      traits.push_back({.name = trait->key.name, .spec = &trait->spec});
    }
    rules = *profile::Rules::Compile(traits);
    features = feature::Catalogue::Compile(resources, {}, problems);
    segments = Segments::Compile(resources, rule::Vocabulary::Of(resources, features), problems);
    populations = Populations::Compile(resources, rule::Vocabulary::Of(resources, features),
                                       segments->Tops(), problems);
    std::vector<feature::FeatureSpec> aggregates = segments->Aggregates();
    for (feature::FeatureSpec& spec : populations->Aggregates()) {
      aggregates.push_back(std::move(spec));
    }
    features = features->With(aggregates, problems);
  }
  rule::Meaning Meaning() const { return {.rules = rules, .features = features.get()}; }
  std::string Problems() const { return resource::ToText(problems); }

  resource::ResourceSet resources;
  profile::Rules rules;
  std::vector<resource::Problem> problems;
  std::shared_ptr<const feature::Catalogue> features;
  std::shared_ptr<const Segments> segments;
  std::shared_ptr<const Populations> populations;
};

// A person of whom these traits were stated.
inline profile::Profile PersonWith(const profile::Rules& rules, std::string_view traits) {
  const base::Value stated = *base::ParseJson(traits);
  profile::Profile person;
  profile::ApplyEvent(rules,
                      {.type = profile::EventType::kIdentify,
                       .name = "",
                       .event_time = {1'000'000},
                       .log_time = {1'000'000},
                       .position = {},
                       .source = "web",
                       .traits = &stated.object(),
                       .consents = {},
                       .preferences = {}},
                      person);
  return person;
}

}  // namespace batuta::segment
