// The words that a rule may use: what there is to read where it stands, with its types, and what it
// must not read.
//
//     person.traits.plan               a trait; typed where a resource declares it, or where it is
//                                      a fact that is derived at ingest
//     person.identifiers               the types of identifiers that the person has: ["email", …]
//     person.consents.offers.email     "granted", "denied" or "withdrawn"; `all`: for every channel
//     person.preferences.topic.shoes   what the person stated; `all`: in general
//     person.groups                    [{id, role, traits}], those that they are in
//     person.firstSeen, .lastSeen      times of events
//     "vip" in person.segments         whether the person is in that segment
//     on_list("vip")                   whether an identifier of theirs is on that list
//     context.…                        what came with the request for a decision
//     event.name .type .source .time .properties.… .context.…
//     statement.trait .value .source .time
//     now                              the time of the log, not of a clock
//     feature.basket_90d               a named feature
//     events("Order Completed").count()   an aggregate over the person's events, of `feature`
//     lookup("products", key).margin   a row of a table, its columns typed as declared
//     percentile("spend")              where the person stands in a population; quintile, topN
//
// Made from the resources of one version; immutable. `segment` and `journey` are words of the
// language too, and refused as long as nothing stands behind them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/environment.h"
#include "expr/type.h"
#include "feature/catalogue.h"
#include "feature/recognise.h"
#include "population/declaration.h"
#include "resource/classification.h"
#include "resource/set.h"
#include "table/declaration.h"

namespace batuta::rule {

// Where a rule stands, which says what there is to read.
enum class Site : uint8_t {
  kDecision,   // person, context, now: conditions of actions
  kSegment,    // person, now: kept true by timers while time passes
  kOutcome,    // person, event, now: whether an event counts as an outcome
  kStatement,  // statement: whether what a source says about a trait is heard
};

class Vocabulary {
 public:
  // Knows no traits, and what is personal by the built-in list.
  Vocabulary() { Build({}, {}); }
  // `features` has the named features of these resources.
  static Vocabulary Of(const resource::ResourceSet& resources,
                       std::shared_ptr<const feature::Catalogue> features);
  // With those that are right.
  static Vocabulary Of(const resource::ResourceSet& resources);

  // What a rule at that site may mention; `feature` has no fields there.
  const expr::Environment& EnvironmentOf(Site site) const;
  // The type of `feature`, with the named features and these.
  expr::Type FeatureType(std::vector<feature::NamedType> aggregates) const;

  // The names of the declared traits and of the facts that are derived, sorted.
  const std::vector<std::string>& traits() const { return traits_; }
  // The events that the tracking plan declares, with the types of their properties.
  const feature::RecogniseOptions& plan() const { return plan_; }
  // The type of `event` where it is known to have that name; "" where it is not.
  expr::Type EventType(const std::string& name) const;

  // The segments' names, sorted.
  const std::vector<std::string>& segments() const { return segments_; }
  // Null if there is no such feature.
  const feature::NamedFeature* FindFeature(std::string_view name) const;
  // Requires: a named feature reads it.
  const feature::FeatureSpec& AggregateOf(uint64_t number) const;
  // By name.
  const std::vector<population::Declaration>& populations() const { return populations_; }
  const resource::Classification& classification() const { return classification_; }

 private:
  void Build(std::vector<expr::ObjectField> traits, std::vector<table::Declaration> tables);
  void AddFacts(std::vector<expr::ObjectField>& traits) const;

  std::vector<std::string> traits_;
  std::vector<std::string> segments_;
  feature::RecogniseOptions plan_;
  std::vector<population::Declaration> populations_;
  std::shared_ptr<const feature::Catalogue> features_;  // null: there are none
  resource::Classification classification_;
  std::map<Site, expr::Environment> environments_;
};

// "person.traits.plan" as its owner knows it: "plan".
std::string_view ShortName(std::string_view path);

}  // namespace batuta::rule
