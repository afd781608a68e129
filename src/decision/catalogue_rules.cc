// The rules of the catalogue and the predictors of its models: from the texts of a resource to what
// the pipeline asks.
#include <string>
#include <utility>

#include "decision/catalogue.h"
#include "learn/predictor_code.h"
#include "resource/reader.h"
#include "rule/problems.h"

namespace batuta::decision {
namespace {

rule::Note NoSuchPart(const absl::Status& status, const std::string& text) {
  return {.code = "unknown_name",
          .span = {0, static_cast<uint32_t>(text.size())},
          .message = std::string(status.message()),
          .suggestion = ""};
}

}  // namespace

std::shared_ptr<const rule::Rule> Catalogue::CompileRule(const RuleSite& site,
                                                         const std::string& member,
                                                         const Workshop& workshop, bool& is_right) {
  const resource::Reader spec(site.resource.spec);
  const resource::Reader where = site.object.empty() ? spec : spec.Object(site.object);
  if (!where.Has(member)) return nullptr;
  const std::string pointer = site.object.empty() ? "/spec" : resource::Child("/spec", site.object);
  rule::CompileOptions options = site.options;
  if (options.site == rule::Site::kOutcome) options.event = where.Text("event");
  const std::string text = where.Text(member);
  rule::Compiled compiled = rule::Compile(text, workshop.vocabulary, options, attributes_);
  rule::AddProblems(compiled.notes, text, site.resource.key, resource::Child(pointer, member),
                    workshop.problems);
  is_right = is_right && compiled.rule != nullptr;
  return Keep(std::move(compiled));
}

std::shared_ptr<const rule::Rule> Catalogue::Keep(rule::Compiled compiled) {
  if (compiled.rule == nullptr) return nullptr;
  const std::vector<feature::FeatureSpec>& own = compiled.rule->aggregates();
  aggregates_.insert(aggregates_.end(), own.begin(), own.end());
  tops_.insert(compiled.rule->tops().begin(), compiled.rule->tops().end());
  texts_.insert(compiled.rule->texts().begin(), compiled.rule->texts().end());
  return std::move(compiled.rule);
}

bool Catalogue::CompileTerms(const resource::Resource& resource, const std::string& purpose,
                             const Workshop& workshop, Terms& terms) {
  const RuleSite site{.resource = resource,
                      .options = {.site = rule::Site::kDecision, .purpose = purpose}};
  bool is_right = true;
  terms.eligible = CompileRule(site, "eligible", workshop, is_right);
  terms.applicable = CompileRule(site, "applicable", workshop, is_right);
  terms.suitable = CompileRule(site, "suitable", workshop, is_right);
  return is_right;
}

bool Catalogue::CompileOutcomes(const resource::Resource& resource, const Workshop& workshop,
                                Action& action) {
  const rule::CompileOptions options{.site = rule::Site::kOutcome, .purpose = action.purpose};
  bool is_right = true;
  action.accept_where = CompileRule({.resource = resource, .options = options, .object = "accept"},
                                    "where", workshop, is_right);
  action.reject_where = CompileRule({.resource = resource, .options = options, .object = "reject"},
                                    "where", workshop, is_right);
  action.refund_where = CompileRule({.resource = resource, .options = options, .object = "refund"},
                                    "where", workshop, is_right);
  return is_right;
}

bool Catalogue::CompilePredictors(const resource::Resource& resource, const Workshop& workshop,
                                  Model& model) {
  bool is_right = true;
  int number = 0;
  for (const resource::Reader& predictor : resource::Reader(resource.spec).Objects("predictors")) {
    const std::string text = predictor.Text("value");
    const std::string place = resource::Child("/spec/predictors", number++);
    const std::string name = predictor.Text("name");
    Predictor added{.name = name, .key = learn::PredictorKey(name)};
    const auto offered = ParseOfferedField(text);
    if (!offered.ok()) {
      rule::AddProblems({NoSuchPart(offered.status(), text)}, text, resource.key,
                        resource::Child(place, "value"), workshop.problems);
      is_right = false;
      continue;
    }
    if (offered->has_value()) {
      added.offered = *offered;
      model.predictors.push_back(std::move(added));
      continue;
    }
    const rule::CompileOptions options = {.site = rule::Site::kDecision,
                                          .says = rule::Says::kValue};
    rule::Compiled compiled = rule::Compile(text, workshop.vocabulary, options, attributes_);
    rule::AddProblems(compiled.notes, text, resource.key, resource::Child(place, "value"),
                      workshop.problems);
    is_right = is_right && compiled.rule != nullptr;
    if (auto value = Keep(std::move(compiled))) {
      added.value = std::move(value);
      model.predictors.push_back(std::move(added));
    }
  }
  return is_right;
}

bool Catalogue::ReadTrees(const resource::Resource& resource, const Workshop& workshop,
                          Model& model) {
  if (model.type != ModelType::kTrees) return true;
  const std::vector<std::string> names = model.Names();
  auto forests = std::make_shared<learn::Forests>();
  bool is_right = true;
  int number = 0;
  for (const resource::Reader& trees : resource::Reader(resource.spec).Objects("trees")) {
    const std::string place = resource::Child("/spec/trees", number++);
    const absl::Status added = forests->Add(trees.Text("action"), trees.Text("xgboost"), names);
    if (added.ok()) continue;
    is_right = false;
    resource::Problem& problem = workshop.problems.emplace_back();
    problem.code = "not_a_model";
    problem.message = std::string(added.message());
    problem.pointer = resource::Child(place, "xgboost");
    problem.resource = resource.key;
  }
  model.forests = std::move(forests);
  return is_right;
}

}  // namespace batuta::decision
