// What the hub can decide between, compiled from resources: issues, groups, actions, treatments,
// placements, holdouts and contact policies of one version.
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

#include "absl/types/span.h"
#include "base/money.h"
#include "base/time.h"
#include "decision/decision.pb.h"
#include "decision/offered_field.h"
#include "expr/activation.h"
#include "feature/spec.h"
#include "learn/forest_models.h"
#include "learn/ftrl.h"
#include "policy/agreements.h"
#include "policy/constraints.h"
#include "policy/policies.h"
#include "resource/problem.h"
#include "resource/set.h"
#include "rule/aggregates.h"
#include "rule/compile.h"
#include "rule/population.h"
#include "rule/vocabulary.h"

namespace batuta::decision {

// A factor on a positive gross value.
struct Lever {
  double factor = 1;
  std::optional<base::Time> starts = {};
  std::optional<base::Time> ends = {};
};

// What a level of the catalogue states for all that is beneath it.
struct Terms {
  std::shared_ptr<const rule::Rule> eligible = {};    // the company may; null: always
  std::shared_ptr<const rule::Rule> applicable = {};  // it fits this person now
  std::shared_ptr<const rule::Rule> suitable = {};    // it is good for the person
  std::optional<base::Time> starts = {};
  std::optional<base::Time> ends = {};
  std::vector<Lever> levers = {};
  std::vector<std::string> tags = {};
};

// An issue or a group: what stands above actions.
struct Family {
  Level level = GROUP_LEVEL;
  std::string name = {};
  std::string title = {};
  std::string issue = {};  // of a group; "" for none
  Terms terms = {};
  uint32_t per_slate = 0;  // choices of one decision from it; 0: as many as there are slots
};

struct Action {
  std::string name = {};
  std::string title = {};
  std::string group = {};                    // "" for none
  std::string issue = {};                    // of the group
  std::vector<const Family*> families = {};  // those it belongs to, the issue first
  Terms terms = {};
  policy::ActionClass action_class = policy::MARKETING;
  base::Money value = {};  // of an acceptance
  bool learns_value =
      false;              // from what acceptances say; `value` is what they are taken to be before
  base::Money cost = {};  // of choosing it
  double lever = 1;       // beside those of the terms, at all times
  std::string purpose = {};    // of the consent it needs; "" for none
  bool explore_never = false;  // see choice.h
  bool mandatory = false;
  QuietHours quiet_hours = DROP;
  std::string accept_event = {};                        // "" for none
  std::shared_ptr<const rule::Rule> accept_where = {};  // which of them accept; null: all
  std::string reject_event = {};
  std::shared_ptr<const rule::Rule> reject_where = {};
  base::Duration window = {};     // of the outcome, from the exposure
  bool learns_clicks = false;     // a click is what its models predict, not an acceptance
  bool needs_click = false;       // an event accepts only what was clicked on
  std::string refund_event = {};  // takes back what an acceptance was worth; "" for none
  std::shared_ptr<const rule::Rule> refund_where = {};
  base::Duration refund_window = {};  // from the acceptance
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

// What a model reads of a person, or of what is offered.
struct Predictor {
  std::string name = {};
  uint32_t key = 0;                              // of the name
  std::shared_ptr<const rule::Rule> value = {};  // null of what is offered
  std::optional<OfferedField> offered = {};
};

// One rate for all (learn/beta_model.h), or people told apart: by counts (learn/adaptive_model.h),
// by a logistic regression (learn/ftrl.h), or by trees that were trained on all examples at once
// (learn/forest.h).
enum class ModelType { kBeta, kAdaptive, kFtrl, kTrees };

// How likely people accept what a placement shows.
struct Model {
  std::string name = {};
  std::string title = {};
  ModelType type = ModelType::kAdaptive;
  base::Duration half_life = {};
  learn::FtrlSettings ftrl = {};
  std::shared_ptr<const learn::Forests> forests = {};  // of trees; null for other types
  bool shared = false;    // one instance at a placement learns of all actions
  uint64_t examples = 0;  // how many are kept to train trees on, of each action at each placement
  bool ReadsPeople() const { return type != ModelType::kBeta; }
  std::vector<Predictor> predictors = {};
  std::vector<std::string> Names() const;  // of the predictors
};

enum class Exposure { kDecision, kImpression };

// Who speaks first: the person, who looks or calls, or the company.
enum class Direction { kInbound, kOutbound };

struct Placement {
  std::string name = {};
  std::string channel = {};
  Direction direction = Direction::kInbound;
  uint32_t slots = 1;
  Exposure exposure = Exposure::kImpression;
  base::Duration expires_after = {};
  base::Duration ignored_after = {};
  std::string model = {};    // "" for none
  bool incremental = false;  // what people would accept by themselves does not count
  ChoiceSettings choice = {};
  std::vector<Candidate> candidates = {};
};

struct Holdout {
  std::string name = {};
  uint64_t version = 0;  // of the resource: another with each change of its definition
  double percent = 0;
  HoldoutArm arm = NOTHING_ARM;
  policy::Selection only = {};  // what it is about; see holdouts.h
};

// Of a policy that is a block or a cool-down: whether it holds of the person.
struct HoldRule {
  std::shared_ptr<const rule::Rule> holds = {};
  // Of a cool-down: reads, in its only attribute of `feature`, when the event happened last.
  std::shared_ptr<const rule::Rule> last = {};
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
  const policy::Constraints& constraints() const { return constraints_; }
  const std::vector<policy::Exclusivity>& exclusivities() const { return exclusivities_; }
  // Parallel to the policies; empty for those that go by no rule.
  const std::vector<HoldRule>& hold_rules() const { return hold_rules_; }
  // What the rules of its actions read, and the aggregates that have to be kept for them, with what
  // people write for these.
  const expr::AttributeTable& attributes() const { return attributes_; }
  const std::vector<feature::FeatureSpec>& aggregates() const { return aggregates_; }
  const rule::AggregateTexts& texts() const { return texts_; }
  // What its rules ask of populations for.
  const rule::Tops& tops() const { return tops_; }
  const std::vector<Holdout>& holdouts() const { return holdouts_; }  // by name

  const std::map<std::string, Model, std::less<>>& models() const { return models_; }

  // Null if there is none.
  const Placement* FindPlacement(std::string_view name) const;
  // Names of the placements on the channel, sorted.
  std::vector<std::string> PlacementsOn(std::string_view channel) const;
  const Action* FindAction(std::string_view name) const;
  // The actions that name the event as their acceptance, by name.
  absl::Span<const Action* const> AcceptedBy(std::string_view event) const;
  // Those that name it as taking back what an acceptance was worth.
  absl::Span<const Action* const> RefundedBy(std::string_view event) const;
  const Treatment* FindTreatment(std::string_view name) const;
  const Family* FindGroup(std::string_view name) const;
  const Family* FindIssue(std::string_view name) const;
  const Model* FindModel(std::string_view name) const;

  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

 private:
  Catalogue() = default;
  // What the rules of resources are compiled with, and where problems go.
  struct Workshop {
    const rule::Vocabulary& vocabulary;
    std::vector<resource::Problem>& problems;
  };
  // Where a resource states rules: in its spec, or in an object of it.
  struct RuleSite {
    const resource::Resource& resource;
    rule::CompileOptions options;
    std::string object = {};
  };
  // Null if no rule stands there, or if it has errors, which makes `is_right` false.
  std::shared_ptr<const rule::Rule> CompileRule(const RuleSite& site, const std::string& member,
                                                const Workshop& workshop, bool& is_right);
  // False if a rule has errors.
  bool CompileTerms(const resource::Resource& resource, const std::string& purpose,
                    const Workshop& workshop, Terms& terms);
  bool CompileOutcomes(const resource::Resource& resource, const Workshop& workshop,
                       Action& action);
  // What a compiled rule asks to be kept.
  std::shared_ptr<const rule::Rule> Keep(rule::Compiled compiled);
  // False if the trees cannot be served, or read what is no predictor.
  static bool ReadTrees(const resource::Resource& resource, const Workshop& workshop, Model& model);
  // False if a predictor has errors.
  bool CompilePredictors(const resource::Resource& resource, const Workshop& workshop,
                         Model& model);
  void AddPolicies(const resource::ResourceSet& resources, const Workshop& workshop);
  // Null if it has errors.
  std::shared_ptr<const rule::Rule> CompileBlock(const resource::Resource& resource,
                                                 const Workshop& workshop);
  HoldRule CompileCoolDown(const resource::Resource& resource, const Workshop& workshop);
  void AddFamilies(const resource::ResourceSet& resources, const Workshop& workshop);
  void AddActions(const resource::ResourceSet& resources, const Workshop& workshop);
  void AddModels(const resource::ResourceSet& resources, const Workshop& workshop);
  void AddCandidates(std::vector<resource::Problem>& problems);

  template <typename T>
  using ByName = std::map<std::string, T, std::less<>>;
  uint64_t version_ = 0;
  base::Currency currency_{};
  policy::Policies policies_;
  policy::Constraints constraints_;
  std::vector<policy::Exclusivity> exclusivities_;
  std::vector<HoldRule> hold_rules_;
  expr::AttributeTable attributes_;
  std::vector<feature::FeatureSpec> aggregates_;  // of all rules; those that they share more often
  rule::AggregateTexts texts_;
  rule::Tops tops_;
  // Those with an error are left out of these, and so is what is beneath them.
  ByName<Family> issues_;
  ByName<Family> groups_;
  ByName<Action> actions_;
  ByName<Treatment> treatments_;
  ByName<Placement> placements_;
  ByName<Model> models_;
  std::vector<Holdout> holdouts_;
  ByName<std::vector<const Action*>> accepted_by_;  // by event
  ByName<std::vector<const Action*>> refunded_by_;
};

}  // namespace batuta::decision
