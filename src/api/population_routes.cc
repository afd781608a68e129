// Populations: the cut points that are in force, when they are measured next, and measuring now.
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/audit.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "population/cut_points.h"

namespace batuta::api {
namespace {

base::Value NumbersValue(std::span<const double> numbers) {
  ListBuilder list;
  for (const double number : numbers) list.Add(base::NumberValue(number));
  return list.Take();
}

void AddVersion(const population::Version& version, ObjectBuilder& out) {
  out.AddCount("version", version.number());
  out.AddTime("time", version.time());
  out.AddCount("people", version.people());
  if (version.cuts().empty()) return;
  const std::vector<double> cuts(version.cuts().begin(), version.cuts().end());
  out.Add("quintiles", NumbersValue(std::vector{cuts[19], cuts[39], cuts[59], cuts[79]}));
  out.Add("percentiles", NumbersValue(cuts));
  ListBuilder tops;
  for (const population::Top& top : version.tops()) {
    ObjectBuilder one;
    one.AddCount("n", top.n());
    if (top.people() >= top.n()) one.Add("value", base::NumberValue(top.value()));
    one.AddCount("people", top.people());
    tops.Add(one.Take());
  }
  out.Add("tops", tops.Take());
}

void FailMissing(const ExchangePtr& exchange, const segment::Populations& populations) {
  std::vector<std::string> names;
  for (const segment::Population& one : populations.all()) names.push_back(one.name);
  const std::string near = base::Suggest(exchange->parameter("name"), names);
  exchange->Fail(http::Status::kNotFound, "no_such_population",
                 base::StrCat("There is no population of this name",
                              near.empty() ? "." : "; did you mean " + near + "?"));
}

// Of the control partition, which says when populations are measured.
void StateIn(const ExchangePtr& exchange, engine::Fold& fold) {
  const std::string& name = exchange->parameter("name");
  const segment::Populations& populations = *fold.definitions().populations;
  const segment::Population* population = populations.Find(name);
  if (population == nullptr) return FailMissing(exchange, populations);
  const bool is_measured = fold.tables()->populations.contains(name);
  const bool is_under_way =
      fold.state()
          .GetRow<engine::PopulationRunRow>(engine::RowKind::kPopulationRun, name)
          .has_value();
  const base::Time now = std::max(fold.log_time(), exchange->core().hub.clock().Wall());
  ObjectBuilder out;
  out.Add("population", name);
  out.Add("of", populations.table().at(population->slot).Name());
  out.Add("reversed", population->reversed);
  out.Add("state", is_under_way ? "measuring" : is_measured ? "ready" : "waiting");
  out.AddTime("next", population->schedule.Next(now).micros);
  if (is_measured) AddVersion(*fold.tables()->populations.at(name), out);
  exchange->Json(base::ToJson(out.Take()));
}

void State(const ExchangePtr& exchange) {
  engine::Runtime& runtime = exchange->core().hub.runtime();
  runtime.Run(runtime.control(), [exchange](engine::Fold& fold) { StateIn(exchange, fold); });
}

void Compute(const ExchangePtr& exchange) {
  Core& core = exchange->core();
  const base::RecordId request = core.hub.DrawId();
  engine::PopulationAsk ask;
  ask.set_request_id(request.ToBytes());
  ask.set_population(exchange->parameter("name"));
  log::Entry entry = NewEntry(core, core.hub.runtime().control(),
                              engine::RecordType::kPopulationAsk, ask.SerializeAsString());
  const engine::Audit audit =
      AuditOf(kComputePopulation, exchange->key()->id(), exchange->parameter("name"));
  const auto answer = [exchange](const absl::StatusOr<std::string>& done) {
    if (absl::IsNotFound(done.status())) {
      return FailMissing(exchange, *exchange->core().definitions.Now()->definitions->populations);
    }
    if (!done.ok()) return exchange->Fail(done.status());
    ObjectBuilder out;
    out.Add("population", exchange->parameter("name"));
    out.Add("state", "measuring");
    exchange->Json(base::ToJson(out.Take()), http::Status::kAccepted);
  };
  Ask(core, std::move(entry), request, answer, &audit);
}

}  // namespace

void AddPopulationRoutes(Core& core) {
  AddRoute(core, http::Method::kGet, "/v1/populations/{name}:state", {.scope = "resources:read"},
           [](const ExchangePtr& exchange) {
             AfterSettling(exchange, [exchange] { State(exchange); });
           });
  AddRoute(core, http::Method::kPost, "/v1/populations/{name}:compute",
           {.scope = "resources:write"}, Compute);
}

}  // namespace batuta::api
