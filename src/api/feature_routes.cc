// Features: whether one is complete, or how far it has been found from the history.
#include <algorithm>
#include <string>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "feature/catalogue.h"

namespace batuta::api {
namespace {

// How far a partition is.
struct Found {
  bool is_complete = false;
  uint64_t found = 0;  // people
  uint64_t people = 0;
};

Found FoundIn(const engine::Fold& fold, const std::string& name) {
  const feature::NamedFeature* feature = fold.definitions().features->Find(name);
  if (feature == nullptr) return {};  // not published here yet
  const auto is_complete = [&](uint64_t number) { return fold.IsFeatureComplete(number); };
  const engine::ReachRow& reach = fold.reach();
  return {.is_complete =
              std::all_of(feature->aggregates.begin(), feature->aggregates.end(), is_complete),
          .found = std::min(reach.next(), reach.last() + 1) - 1,
          .people = reach.last()};
}

void State(const ExchangePtr& exchange) {
  const std::string name = exchange->parameter("name");
  const auto definitions = exchange->core().definitions.Now()->definitions;
  const feature::NamedFeature* feature = definitions->features->Find(name);
  if (feature == nullptr) {
    std::vector<std::string> names;
    for (const feature::NamedFeature& one : definitions->features->named()) {
      names.push_back(one.name);
    }
    const std::string near = base::Suggest(name, names);
    return exchange->Fail(http::Status::kNotFound, "no_such_feature",
                          base::StrCat("There is no feature of this name",
                                       near.empty() ? "." : "; did you mean " + near + "?"));
  }
  Gather<Found>(
      exchange->core(), [name](engine::Fold& fold) { return FoundIn(fold, name); },
      [exchange, definitions, feature](const std::vector<Found>& parts) {
        Found sum = {.is_complete = true};
        for (const Found& part : parts) {
          sum.is_complete = sum.is_complete && part.is_complete;
          sum.found += part.found;
          sum.people += part.people;
        }
        ObjectBuilder out;
        out.Add("feature", feature->name);
        out.Add("type", feature->type.Name());
        if (!feature->unit.empty()) out.Add("unit", feature->unit);
        out.Add("expression", feature->expression);
        out.Add("state", sum.is_complete ? "ready" : "finding");
        const double share =
            static_cast<double>(sum.found) / static_cast<double>(std::max<uint64_t>(sum.people, 1));
        out.Add("progress", sum.is_complete ? 1.0 : share);
        exchange->Json(base::ToJson(out.Take()));
      });
}

}  // namespace

void AddFeatureRoutes(Core& core) {
  AddRoute(core, http::Method::kGet, "/v1/features/{name}:state", {.scope = "resources:read"},
           [](const ExchangePtr& exchange) {
             AfterSettling(exchange, [exchange] { State(exchange); });
           });
}

}  // namespace batuta::api
