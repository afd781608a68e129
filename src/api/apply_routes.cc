// Many resources at once: what a set of documents would change, and changing it.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/publish.h"
#include "api/resource_change.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/diff.h"
#include "resource/yaml.h"

namespace batuta::api {
namespace {

using resource::Format;

// Nothing, and answered, if the body cannot be read.
std::optional<resource::Change> ReadChange(const ExchangePtr& exchange) {
  const http::Request& request = exchange->request();
  resource::Change change;
  std::vector<resource::Problem> problems;
  std::vector<http::ProblemError> errors;
  if (request.Header("Content-Type").find("yaml") != std::string_view::npos) {
    JoinDocuments(resource::ParseDocuments(request.body, "", Format::kYaml), change, problems);
  } else {
    const auto root = base::ParseJson(request.body);
    if (!root.ok()) {
      exchange->FailNotJson(absl::InvalidArgumentError(
          base::StrCat(base::StdView(root.status().message()),
                       "; if it is YAML, say so: Content-Type: application/yaml")));
      return std::nullopt;
    }
    const base::Value* kind = base::Find(root->object(), "kind");
    if (root->kind_case() == base::Value::kObject && kind == nullptr) {
      ReadResourceChange(*root, "", errors, change, problems);
    } else {
      JoinDocuments(resource::ParseDocuments(request.body, "", Format::kJson), change, problems);
    }
  }
  if (request.Query("removeUnstated") == "true") change.remove_unstated = true;
  if (!errors.empty()) {
    exchange->Fail(std::move(errors));
    return std::nullopt;
  }
  if (!problems.empty()) {
    // What else is wrong with those that could be read is said along.
    const Proposal proposal = Propose(exchange->core(), change, "");
    problems.insert(problems.end(), proposal.problems.begin(), proposal.problems.end());
    resource::SortProblems(problems);
    FailProblems(exchange, problems);
    return std::nullopt;
  }
  return change;
}

base::Value ChangeValue(const Proposal& proposal) {
  const resource::ResourceDiff diff =
      resource::Diff(proposal.current->resources, proposal.proposed);
  ObjectBuilder out;
  const base::Value value = resource::ToValue(diff);
  for (const base::Field& field : value.object().fields()) out.Add(field.name(), field.value());
  out.Add("text", resource::ToText(diff));
  out.Add("warnings", resource::ToValue(proposal.problems));
  out.AddCount("fromVersion", proposal.current->version());
  out.AddCount("version", proposal.proposed.version());
  return out.Take();
}

void Diff(const ExchangePtr& exchange) {
  InBackground(exchange, [exchange] {
    const auto change = ReadChange(exchange);
    if (!change.has_value()) return;
    const Proposal proposal = Propose(exchange->core(), *change, exchange->key()->id());
    if (resource::HasError(proposal.problems)) return FailProblems(exchange, proposal.problems);
    exchange->Json(base::ToJson(ChangeValue(proposal)));
  });
}

void Apply(const ExchangePtr& exchange) {
  InBackground(exchange, [exchange] {
    const auto change = ReadChange(exchange);
    if (!change.has_value()) return;
    const Proposal proposal = Propose(exchange->core(), *change, exchange->key()->id());
    if (resource::HasError(proposal.problems)) return FailProblems(exchange, proposal.problems);
    Publish(exchange->core(), proposal,
            [exchange, value = ChangeValue(proposal)](const auto& published) {
              if (!published.ok()) return FailPublish(exchange, published.status());
              const bool in_force = *published == Published::kInForce;
              base::Value answer = value;
              base::SetField(*answer.mutable_object(), "inForce", base::BooleanValue(in_force));
              exchange->Json(base::ToJson(answer),
                             in_force ? http::Status::kOk : http::Status::kAccepted);
            });
  });
}

}  // namespace

void AddApplyRoutes(Core& core) {
  AddRoute(core, http::Method::kPost, "/v1/resources:diff", {.scope = "resources:read"}, Diff);
  AddRoute(core, http::Method::kPost, "/v1/resources:apply", {.scope = "resources:write"}, Apply);
}

}  // namespace batuta::api
