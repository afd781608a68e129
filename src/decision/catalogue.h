// What the hub can decide between, compiled from resources: actions, treatments, placements,
// holdouts and contact policies of one version.
//
// Immutable once made; not copied, shared by pointer. Pointers inside it are to its own parts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "decision/decision.pb.h"
#include "expr/activation.h"
#include "feature/spec.h"
#include "policy/policies.h"
#include "resource/problem.h"
#include "resource/set.h"
#include "rule/aggregates.h"
#include "rule/compile.h"
#include "rule/population.h"
#include "rule/vocabulary.h"

namespace batuta::decision {

struct Action {
  std::string name = {};
  std::string title = {};
  std::string group = {};  // "" for none
  policy::ActionClass action_class = policy::MARKETING;
  base::Money value = {};                             // of an acceptance
  base::Money cost = {};                              // of choosing it
  double lever = 1;                                   // multiplies a positive gross value
  std::shared_ptr<const rule::Rule> eligible = {};    // the company may; null: always
  std::shared_ptr<const rule::Rule> applicable = {};  // it fits this person now
  std::shared_ptr<const rule::Rule> suitable = {};    // it is good for the person
  std::string purpose = {};                           // of the consent it needs; "" for none
  bool explore_never = false;                         // see choice.h
  bool mandatory = false;
  std::string accept_event = {};                        // "" for none
  std::shared_ptr<const rule::Rule> accept_where = {};  // which of them accept; null: all
  std::string reject_event = {};
  std::shared_ptr<const rule::Rule> reject_where = {};
  base::Duration window = {};  // of the outcome, from the exposure
  std::optional<base::Time> starts = {};
  std::optional<base::Time> ends = {};
};

struct Variant {
  std::string name = {};
  base::Fields content = {};
};

struct Treatment {
  std::string name = {};
  std::string action = {};
  std::string channel = {};
  std::vector<std::string> placements = {};
  std::vector<Variant> variants = {};
};

// One way to fill a slot. Ordered by `name` within a placement, which also names its draws.
struct Candidate {
  const Action* action = nullptr;
  const Treatment* treatment = nullptr;
  const Variant* variant = nullptr;
  std::string name = {};  // "action/treatment/variant"
};

struct ChoiceSettings {
  ChoiceMethod method = SQUARECB;
  double floor = 0.02;      // probability spread evenly over all that may be explored
  uint32_t draws = 1000;    // Thompson
  double gamma_scale = 10;  // SquareCB; the defaults of Vowpal Wabbit
  double gamma_exponent = 0.5;
};

enum class Exposure { kDecision, kImpression };

struct Placement {
  std::string name = {};
  std::string channel = {};
  uint32_t slots = 1;
  Exposure exposure = Exposure::kImpression;
  base::Duration expires_after = {};
  base::Duration ignored_after = {};
  ChoiceSettings choice = {};
  std::vector<Candidate> candidates = {};
};

struct Holdout {
  std::string name = {};
  double percent = 0;
  HoldoutArm arm = NOTHING_ARM;
};

class Catalogue {
 public:
  // Reads a set whose documents are valid and fit together (resource/check.h). What only the whole
  // meaning shows is appended to `problems`: what has an error is left out of the catalogue, so the
  // result can be used in any case.
  static std::shared_ptr<const Catalogue> Compile(const resource::ResourceSet& resources,
                                                  const rule::Vocabulary& vocabulary,
                                                  std::vector<resource::Problem>& problems);

  uint64_t version() const { return version_; }
  base::Currency currency() const { return currency_; }
  const policy::Policies& policies() const { return policies_; }
  // What the rules of its actions read, and the aggregates that have to be kept for them, with what
  // people write for these.
  const expr::AttributeTable& attributes() const { return attributes_; }
  const std::vector<feature::FeatureSpec>& aggregates() const { return aggregates_; }
  const rule::AggregateTexts& texts() const { return texts_; }
  // What its rules ask of populations for.
  const rule::Tops& tops() const { return tops_; }
  const std::vector<Holdout>& holdouts() const { return holdouts_; }  // by name

  // Null if there is none.
  const Placement* FindPlacement(std::string_view name) const;
  const Action* FindAction(std::string_view name) const;
  const Treatment* FindTreatment(std::string_view name) const;
  // Whether a placement chooses by Thompson sampling, so that its models need tables of quantiles;
  // for "" (see learn::Publish), whether any does.
  bool DrawsFromModels(std::string_view placement) const;

  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

 private:
  Catalogue() = default;
  // False if a rule of the action has errors.
  bool CompileRules(const resource::Resource& resource, const rule::Vocabulary& vocabulary,
                    Action& action, std::vector<resource::Problem>& problems);
  void AddCandidates(std::vector<resource::Problem>& problems);

  template <typename T>
  using ByName = std::map<std::string, T, std::less<>>;
  uint64_t version_ = 0;
  base::Currency currency_{};
  policy::Policies policies_;
  expr::AttributeTable attributes_;
  std::vector<feature::FeatureSpec> aggregates_;  // of all rules; those that they share more often
  rule::AggregateTexts texts_;
  rule::Tops tops_;
  ByName<Action> actions_;
  ByName<Treatment> treatments_;
  ByName<Placement> placements_;
  std::vector<Holdout> holdouts_;
};

}  // namespace batuta::decision
