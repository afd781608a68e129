#include "rule/vocabulary.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/status.h"
#include "feature/tracking_types.h"
#include "resource/derived_fact.h"
#include "resource/kind.h"
#include "resource/reader.h"
#include "rule/constant.h"
#include "rule/list.h"
#include "rule/lookup.h"
#include "rule/population.h"

namespace batuta::rule {
namespace {

using expr::ObjectField;
using expr::ObjectSchema;
using expr::Type;
using Tag = expr::Type::Tag;

Type ObjectOf(std::string name, std::vector<ObjectField> fields, bool is_open = false) {
  auto schema = std::make_shared<ObjectSchema>();
  schema->name = std::move(name);
  schema->fields = std::move(fields);
  schema->is_open = is_open;
  return Type::Object(std::move(schema));
}

// The type of a trait as its resource declares it. Under `list` all values are kept.
Type TraitType(const resource::Reader& spec) {
  const std::string type = spec.Text("type", "any");
  if (spec.Text("survivorship") == "list" || type == "list") return Type::List(Type());
  if (type == "text") return Tag::kString;
  if (type == "number") return Tag::kDouble;
  if (type == "boolean") return Tag::kBool;
  if (type == "time") return Tag::kTimestamp;
  if (type == "object") return Type::Map(Tag::kString, Type());
  return {};
}

Type PersonType(const std::vector<ObjectField>& traits) {
  const Type group = ObjectOf("group", {{"id", Tag::kString, ""},
                                        {"role", Tag::kString, ""},
                                        {"traits", ObjectOf("group.traits", {}, true), ""}});
  const Type texts = Type::Map(Tag::kString, Tag::kString);
  const Type anything = Type::Map(Tag::kString, Type());
  return ObjectOf("person", {{"traits", ObjectOf("person.traits", traits, true), ""},
                             {"identifiers", Type::List(Tag::kString), ""},
                             {"consents", Type::Map(Tag::kString, texts), ""},
                             {"preferences", Type::Map(Tag::kString, anything), ""},
                             {"groups", Type::List(group), ""},
                             {"segments", Type::List(Tag::kString), ""},
                             {"features", Type(), ""},
                             {"firstSeen", Tag::kTimestamp, ""},
                             {"lastSeen", Tag::kTimestamp, ""}});
}

Type TypeOfEvent(Type properties) {
  return ObjectOf("event", {{"name", Tag::kString, ""},
                            {"type", Tag::kString, ""},
                            {"source", Tag::kString, ""},
                            {"time", Tag::kTimestamp, ""},
                            {"properties", std::move(properties), ""},
                            {"context", ObjectOf("event.context", {}, true), ""}});
}

Type StatementType() {
  return ObjectOf("statement", {{"trait", Tag::kString, ""},
                                {"value", Type(), ""},
                                {"source", Tag::kString, ""},
                                {"time", Tag::kTimestamp, ""}});
}

}  // namespace

Vocabulary Vocabulary::Of(const resource::ResourceSet& resources) {
  std::vector<resource::Problem> told_elsewhere;
  return Of(resources, feature::Catalogue::Compile(resources, {}, told_elsewhere));
}

Vocabulary Vocabulary::Of(const resource::ResourceSet& resources,
                          std::shared_ptr<const feature::Catalogue> features) {
  Vocabulary vocabulary;
  vocabulary.features_ = std::move(features);
  for (const resource::Resource* segment : resources.OfKind("segment")) {
    vocabulary.segments_.push_back(segment->key.name);
  }
  std::sort(vocabulary.segments_.begin(), vocabulary.segments_.end());
  std::vector<ObjectField> traits;
  for (const resource::Resource* trait : resources.OfKind("trait")) {
    const resource::Reader spec(trait->spec);
    traits.push_back({spec.Text("trait", trait->key.name), TraitType(spec), ""});
  }
  if (const resource::Resource* found =
          resources.Find("classification", resource::kSingletonName)) {
    vocabulary.classification_ = resource::Classification::Compile(found->spec);
  }
  vocabulary.populations_ = population::Declaration::AllOf(resources);
  std::vector<table::Declaration> tables = table::Declaration::AllOf(resources);
  for (const std::string& list : ListsOf(resources)) {
    tables.push_back({.name = ListTable(list), .columns = {}});
  }
  vocabulary.plan_ = feature::TypesOf(resource::TrackingPlan::Of(resources));
  vocabulary.Build(std::move(traits), std::move(tables));
  return vocabulary;
}

void Vocabulary::Build(std::vector<ObjectField> traits, std::vector<table::Declaration> tables) {
  AddFacts(traits);
  for (const ObjectField& trait : traits) traits_.push_back(trait.name);
  std::sort(traits_.begin(), traits_.end());
  std::vector<std::string> lists;
  std::erase_if(tables, [&](const table::Declaration& one) {
    const auto list = ListOf(one.name);
    if (list.has_value()) lists.emplace_back(*list);
    return list.has_value();
  });
  auto with_tables = std::make_shared<expr::FunctionTable>(*Functions());
  AddLookup(std::move(tables), *with_tables);
  AddPopulationFunctions(*with_tables);
  auto with_lists = std::make_shared<expr::FunctionTable>(*with_tables);
  AddOnList(std::move(lists), *with_lists);
  auto without_tables = std::make_shared<expr::FunctionTable>(*Functions());
  RefuseLookup(
      "what is heard of a trait must not depend on when rows were uploaded, so that nothing can be "
      "looked up here",
      *without_tables);
  environments_.clear();
  for (const Site site : {Site::kDecision, Site::kSegment, Site::kOutcome, Site::kStatement}) {
    expr::Environment environment(site == Site::kStatement ? without_tables
                                  : site == Site::kSegment ? with_lists
                                                           : with_tables);
    if (site == Site::kStatement) {
      environment.Declare("statement", StatementType());
    } else {
      environment.Declare("person", PersonType(traits));
      environment.Declare("now", Tag::kTimestamp);
      environment.Declare("feature", FeatureType({}));
      for (const char* reserved : {"segment", "journey", "action", "slot"}) {
        environment.Declare(reserved);
      }
    }
    if (site == Site::kDecision) environment.Declare("context", ObjectOf("context", {}, true));
    if (site == Site::kOutcome) environment.Declare("event", EventType(""));
    environments_.emplace(site, std::move(environment));
  }
}

// Facts that are derived have types of their own, unless a resource declares the trait.
void Vocabulary::AddFacts(std::vector<ObjectField>& traits) const {
  const size_t declared = traits.size();
  for (const resource::DerivedFact& fact : resource::DerivedFacts()) {
    const auto end = traits.begin() + static_cast<std::ptrdiff_t>(declared);
    const bool is_declared = std::any_of(
        traits.begin(), end, [&](const ObjectField& trait) { return trait.name == fact.name; });
    if (is_declared || !classification_.Derives(fact.fact, "traits")) continue;
    traits.push_back({std::string(fact.name), fact.is_number ? Tag::kDouble : Tag::kString, ""});
  }
}

const expr::Environment& Vocabulary::EnvironmentOf(Site site) const {
  const auto found = environments_.find(site);
  BATUTA_CHECK(found != environments_.end());
  return found->second;
}

expr::Type Vocabulary::FeatureType(std::vector<feature::NamedType> aggregates) const {
  if (features_ != nullptr) {
    for (const feature::NamedFeature& named : features_->named()) {
      aggregates.push_back({named.name, named.type.type});
    }
  }
  return feature::FeatureVariable(std::move(aggregates));
}

const feature::NamedFeature* Vocabulary::FindFeature(std::string_view name) const {
  return features_ == nullptr ? nullptr : features_->Find(name);
}

const feature::FeatureSpec& Vocabulary::AggregateOf(uint64_t number) const {
  const feature::Feature* found = features_->set()->Find(number);
  BATUTA_CHECK(found != nullptr);
  return found->spec;
}

expr::Type Vocabulary::EventType(const std::string& name) const {
  const auto declared = plan_.properties.find(name);
  return TypeOfEvent(declared == plan_.properties.end() ? ObjectOf("event.properties", {}, true)
                                                        : declared->second);
}

std::string_view ShortName(std::string_view path) {
  for (const std::string_view prefix :
       {"person.traits.", "person.", "event.properties.", "event.", "statement.", "feature."}) {
    if (path.starts_with(prefix)) return path.substr(prefix.size());
  }
  return path;
}

}  // namespace batuta::rule
