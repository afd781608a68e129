// The rules of actions: from the texts of a resource to what the pipeline asks.
#include <string>
#include <utility>

#include "decision/catalogue.h"
#include "resource/reader.h"
#include "rule/problems.h"

namespace batuta::decision {

bool Catalogue::CompileRules(const resource::Resource& resource, const rule::Vocabulary& vocabulary,
                             Action& action, std::vector<resource::Problem>& problems) {
  const resource::Reader spec(resource.spec);
  bool is_right = true;
  const auto compile = [&](const resource::Reader& where, const std::string& member,
                           std::string_view pointer, rule::Site site) {
    if (!where.Has(member)) return std::shared_ptr<const rule::Rule>();
    const rule::CompileOptions options = {
        .site = site,
        .purpose = action.purpose,
        .event = site == rule::Site::kOutcome ? where.Text("event") : ""};
    rule::Compiled compiled = rule::Compile(where.Text(member), vocabulary, options, attributes_);
    rule::AddProblems(compiled.notes, where.Text(member), resource.key,
                      resource::Child(pointer, member), problems);
    is_right = is_right && compiled.rule != nullptr;
    if (compiled.rule != nullptr) {
      const std::vector<feature::FeatureSpec>& own = compiled.rule->aggregates();
      aggregates_.insert(aggregates_.end(), own.begin(), own.end());
      tops_.insert(compiled.rule->tops().begin(), compiled.rule->tops().end());
      texts_.insert(compiled.rule->texts().begin(), compiled.rule->texts().end());
    }
    return std::move(compiled.rule);
  };
  action.eligible = compile(spec, "eligible", "/spec", rule::Site::kDecision);
  action.applicable = compile(spec, "applicable", "/spec", rule::Site::kDecision);
  action.suitable = compile(spec, "suitable", "/spec", rule::Site::kDecision);
  action.accept_where =
      compile(spec.Object("accept"), "where", "/spec/accept", rule::Site::kOutcome);
  action.reject_where =
      compile(spec.Object("reject"), "where", "/spec/reject", rule::Site::kOutcome);
  return is_right;
}

}  // namespace batuta::decision
