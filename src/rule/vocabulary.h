// The words that a rule may use: what there is to read where it stands, with its types, and what it
// must not read.
//
//     person.traits.plan               a trait; typed where a resource declares it
//     person.identifiers               the types of identifiers that the person has: ["email", …]
//     person.consents.offers.email     "granted", "denied" or "withdrawn"; `all`: for every channel
//     person.preferences.topic.shoes   what the person stated; `all`: in general
//     person.groups                    [{id, role, traits}], those that they are in
//     person.firstSeen, .lastSeen      times of events
//     context.…                        what came with the request for a decision
//     event.name .type .source .time .properties.… .context.…
//     statement.trait .value .source .time
//     now                              the time of the log, not of a clock
//
// Made from the resources of one version; immutable. `segment`, `feature` and `journey` are words
// of the language too, and refused as long as nothing stands behind them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "expr/environment.h"
#include "resource/classification.h"
#include "resource/set.h"

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
  Vocabulary() { Build({}); }
  static Vocabulary Of(const resource::ResourceSet& resources);

  // What a rule at that site may mention.
  const expr::Environment& EnvironmentOf(Site site) const;

  // The declared traits' names, sorted.
  const std::vector<std::string>& traits() const { return traits_; }
  const resource::Classification& classification() const { return classification_; }

 private:
  void Build(const std::vector<expr::ObjectField>& traits);

  std::vector<std::string> traits_;
  resource::Classification classification_;
  std::map<Site, expr::Environment> environments_;
};

// "person.traits.plan" as its owner knows it: "plan".
std::string_view ShortName(std::string_view path);

}  // namespace batuta::rule
