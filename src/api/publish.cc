#include "api/publish.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <utility>

#include "api/answer.h"
#include "api/ask.h"
#include "api/audit.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/check.h"

namespace batuta::api {

namespace {

// What compiling found is told with its place in the documents of the change. Of resources that the
// change does not state only errors are told: their warnings were told when they were stated.
void PlaceProblems(const resource::Change& change, std::vector<resource::Problem>& problems) {
  std::map<resource::ResourceKey, const resource::Document*> stated;
  for (const resource::Document& document : change.documents) {
    stated.emplace(resource::KeyOf(document), &document);
  }
  std::erase_if(problems, [&](const resource::Problem& problem) {
    return problem.severity == resource::Severity::kWarning && !stated.contains(problem.resource);
  });
  for (resource::Problem& problem : problems) {
    const auto found = stated.find(problem.resource);
    if (found != stated.end() && problem.place.line == 0) {
      const resource::SourceMap& source = found->second->source;
      problem.place = problem.inside.line > 0 ? source.Inside(problem.pointer, problem.inside.line,
                                                              problem.inside.column)
                                              : source.Of(problem.pointer);
    }
    if (problem.inside.line > 0 && problem.place.line == 0) {
      base::StrAppend(&problem.message, " (line ", problem.inside.line, ", column ",
                      problem.inside.column, " of the rule)");
    }
  }
}

}  // namespace

Proposal Propose(Core& core, const resource::Change& change, std::string_view author) {
  Proposal proposal;
  proposal.author = author;
  proposal.current = core.definitions.Now()->definitions;
  const resource::ResourceSet& current = proposal.current->resources;
  proposal.problems = resource::Check(current, change);
  if (!resource::HasError(proposal.problems)) {
    proposal.proposed = current.After(change, {std::string(author), core.hub.clock().Wall()});
    std::vector<resource::Problem> compiling;
    engine::Definitions::Compile(proposal.proposed, compiling);
    PlaceProblems(change, compiling);
    std::move(compiling.begin(), compiling.end(), std::back_inserter(proposal.problems));
  }
  resource::SortProblems(proposal.problems);
  return proposal;
}

void Publish(Core& core, const Proposal& proposal, PublishDone done) {
  if (proposal.proposed.version() == proposal.current->version()) {
    return done(Published::kInForce);
  }
  const base::RecordId request = core.hub.DrawId();
  engine::DefinitionsAsk ask;
  ask.set_request_id(request.ToBytes());
  ask.set_resources(proposal.proposed.Encode());
  ask.set_replaces(proposal.current->version());
  // Whichever is first: all have switched, or the patience ends. The definitions are read again in
  // both cases.
  auto answered = std::make_shared<std::atomic<bool>>(false);
  const auto answer = [&core, answered, done](const absl::StatusOr<Published>& result) {
    core.definitions.Refresh([answered, done, result] {
      if (!answered->exchange(true)) done(result);
    });
  };
  const engine::Audit audit = AuditOf(kApplyResources, proposal.author,
                                      base::StrCat("version ", proposal.proposed.version()));
  Ask(
      core,
      NewEntry(core, core.hub.runtime().control(), engine::RecordType::kDefinitionsAsk,
               ask.SerializeAsString()),
      request,
      [answer](const auto& version) {
        if (version.ok()) return answer(Published::kInForce);
        if (absl::IsDeadlineExceeded(version.status())) return answer(Published::kUnderWay);
        answer(version.status());
      },
      &audit);
  core.background.After(core.options.publish_timeout, [answered, answer] {
    if (!*answered) answer(Published::kUnderWay);
  });
}

void FailProblems(const ExchangePtr& exchange, std::vector<resource::Problem> problems) {
  std::stable_partition(problems.begin(), problems.end(), [](const resource::Problem& problem) {
    return problem.severity == resource::Severity::kError;
  });
  ObjectBuilder out;
  out.Add("type", "about:blank");
  out.Add("title", http::ReasonPhrase(http::Status::kUnprocessableContent));
  out.AddCount("status", 422);
  out.Add("detail", "The resources are not right; see errors for where. Nothing was changed.");
  out.Add("code", "invalid_resources");
  out.Add("traceId", exchange->trace_id());
  out.Add("errors", resource::ToValue(problems));
  http::Response response =
      http::Response::Json(http::Status::kUnprocessableContent, base::ToJson(out.Take()));
  response.headers.Set("Content-Type", "application/problem+json");
  exchange->Send(std::move(response));
}

void FailPublish(const ExchangePtr& exchange, const absl::Status& status) {
  if (absl::IsAborted(status)) {
    return exchange->Fail(http::Status::kConflict, "changed_meanwhile",
                          base::StrCat(status.message()));
  }
  exchange->Fail(status);
}

}  // namespace batuta::api
