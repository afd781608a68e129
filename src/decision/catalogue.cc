#include "decision/catalogue.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "decision/catalogue_reader.h"

namespace batuta::decision {
namespace {

// More than this in one placement is taken for a mistake: each costs time in every decision.
constexpr size_t kCandidatesMax = 1000;

template <typename Map>
auto FindIn(const Map& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

// Whether it is stated but has an error: then what is beneath must not be offered. One that nobody
// states is a name for policies alone, as in resources that are older than its kind.
template <typename Map>
bool IsMissing(const resource::ResourceSet& resources, std::string_view kind,
               const std::string& name, const Map& found) {
  return !found.contains(name) && resources.Find(kind, name) != nullptr;
}

}  // namespace

std::shared_ptr<const Catalogue> Catalogue::Compile(const resource::ResourceSet& resources,
                                                    const rule::Vocabulary& vocabulary,
                                                    std::vector<resource::Problem>& problems) {
  std::shared_ptr<Catalogue> catalogue(new Catalogue);
  catalogue->version_ = resources.version();
  catalogue->currency_ = ReadCurrency(resources);
  const Workshop workshop{.vocabulary = vocabulary, .problems = problems};
  catalogue->AddPolicies(resources, workshop);
  catalogue->constraints_ = policy::Constraints::Compile(resources);
  catalogue->exclusivities_ = policy::CompileExclusivities(resources);
  catalogue->AddFamilies(resources, workshop);
  catalogue->AddActions(resources, workshop);
  for (const resource::Resource* resource : resources.OfKind("treatment")) {
    catalogue->treatments_.emplace(resource->key.name, ReadTreatment(*resource));
  }
  for (const resource::Resource* resource : resources.OfKind("placement")) {
    catalogue->placements_.emplace(resource->key.name, ReadPlacement(*resource));
  }
  catalogue->AddModels(resources, workshop);
  for (const resource::Resource* resource : resources.OfKind("holdout")) {
    catalogue->holdouts_.push_back(ReadHoldout(*resource));
  }
  catalogue->AddCandidates(problems);
  for (const auto& [name, action] : catalogue->actions_) {
    if (!action.accept_event.empty())
      catalogue->accepted_by_[action.accept_event].push_back(&action);
    if (!action.refund_event.empty())
      catalogue->refunded_by_[action.refund_event].push_back(&action);
  }
  return catalogue;
}

void Catalogue::AddFamilies(const resource::ResourceSet& resources, const Workshop& workshop) {
  for (const resource::Resource* resource : resources.OfKind("issue")) {
    Family issue = ReadFamily(*resource, ISSUE_LEVEL);
    if (!CompileTerms(*resource, "", workshop, issue.terms)) continue;
    issues_.emplace(issue.name, std::move(issue));
  }
  for (const resource::Resource* resource : resources.OfKind("group")) {
    Family group = ReadFamily(*resource, GROUP_LEVEL);
    const bool is_right = CompileTerms(*resource, "", workshop, group.terms);
    if (!is_right || IsMissing(resources, "issue", group.issue, issues_)) continue;
    groups_.emplace(group.name, std::move(group));
  }
}

void Catalogue::AddActions(const resource::ResourceSet& resources, const Workshop& workshop) {
  for (const resource::Resource* resource : resources.OfKind("action")) {
    Action action = ReadAction(*resource);
    const bool terms = CompileTerms(*resource, action.purpose, workshop, action.terms);
    const bool outcomes = CompileOutcomes(*resource, workshop, action);
    if (!terms || !outcomes || IsMissing(resources, "group", action.group, groups_)) continue;
    if (const Family* group = FindGroup(action.group)) {
      action.issue = group->issue;
      if (const Family* issue = FindIssue(group->issue)) action.families.push_back(issue);
      action.families.push_back(group);
    }
    actions_.emplace(action.name, std::move(action));
  }
}

void Catalogue::AddModels(const resource::ResourceSet& resources, const Workshop& workshop) {
  for (const resource::Resource* resource : resources.OfKind("model")) {
    Model model = ReadModel(*resource);
    if (!CompilePredictors(*resource, workshop, model)) continue;
    if (!ReadTrees(*resource, workshop, model)) continue;
    models_.emplace(resource->key.name, std::move(model));
  }
}

void Catalogue::AddCandidates(std::vector<resource::Problem>& problems) {
  for (const auto& [name, treatment] : treatments_) {
    const Action* action = FindAction(treatment.action);
    if (action == nullptr) continue;
    for (const std::string& where : treatment.placements) {
      const auto placement = placements_.find(where);
      if (placement == placements_.end()) continue;
      for (const Variant& variant : treatment.variants) {
        placement->second.candidates.push_back(
            {.action = action,
             .treatment = &treatment,
             .variant = &variant,
             .name = base::StrCat(action->name, "/", name, "/", variant.name)});
      }
    }
  }
  for (auto& [name, placement] : placements_) {
    auto& candidates = placement.candidates;
    std::sort(candidates.begin(), candidates.end(),
              [](const Candidate& a, const Candidate& b) { return a.name < b.name; });
    candidates.erase(
        std::unique(candidates.begin(), candidates.end(),
                    [](const Candidate& a, const Candidate& b) { return a.name == b.name; }),
        candidates.end());
    if (candidates.size() <= kCandidatesMax) continue;
    resource::Problem& problem = problems.emplace_back();
    problem.code = "too_many";
    problem.message = base::StrCat(
        "The placement has ", candidates.size(), " candidates; at most ", kCandidatesMax,
        " are considered in one decision. Give its treatments fewer ", "placements or variants.");
    problem.resource = {"placement", name};
    candidates.clear();
  }
}

const Placement* Catalogue::FindPlacement(std::string_view name) const {
  return FindIn(placements_, name);
}

std::vector<std::string> Catalogue::PlacementsOn(std::string_view channel) const {
  std::vector<std::string> names;
  for (const auto& [name, placement] : placements_) {
    if (placement.channel == channel) names.push_back(name);
  }
  return names;
}

const Action* Catalogue::FindAction(std::string_view name) const { return FindIn(actions_, name); }

absl::Span<const Action* const> Catalogue::AcceptedBy(std::string_view event) const {
  const auto found = accepted_by_.find(event);
  if (found == accepted_by_.end()) return {};
  return found->second;
}

absl::Span<const Action* const> Catalogue::RefundedBy(std::string_view event) const {
  const auto found = refunded_by_.find(event);
  if (found == refunded_by_.end()) return {};
  return found->second;
}

const Family* Catalogue::FindGroup(std::string_view name) const { return FindIn(groups_, name); }

const Family* Catalogue::FindIssue(std::string_view name) const { return FindIn(issues_, name); }

const Treatment* Catalogue::FindTreatment(std::string_view name) const {
  return FindIn(treatments_, name);
}

const Model* Catalogue::FindModel(std::string_view name) const { return FindIn(models_, name); }

std::vector<std::string> Model::Names() const {
  std::vector<std::string> names;
  names.reserve(predictors.size());
  for (const Predictor& predictor : predictors) names.push_back(predictor.name);
  return names;
}

}  // namespace batuta::decision
