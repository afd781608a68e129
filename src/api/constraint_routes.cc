// Budgets, capacities and agreements: what is spent or delivered, reserved and left of them, by
// period.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/constraint_account.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/money.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "policy/agreements.h"
#include "policy/constraints.h"
#include "policy/lease.h"

namespace batuta::api {
namespace {

using policy::Constraint;
using policy::ConstraintKind;

// Amounts of a budget are decimal texts, of others numbers.
void AddAmount(std::string_view name, int64_t amount, ConstraintKind kind, ObjectBuilder& out) {
  if (kind == ConstraintKind::kBudget) {
    out.Add(name, base::FormatAmount(amount));
  } else {
    out.Add(name, static_cast<double>(amount));
  }
}

base::Value PeriodValue(const Constraint& constraint, base::Time start,
                        const ConstraintAccount& account, base::Time now) {
  const bool is_campaign = constraint.per == policy::Per::kCampaign;
  const base::Time from = is_campaign ? constraint.starts : start;
  const base::Time until = is_campaign ? constraint.ends : account.ends;
  ObjectBuilder out;
  if (from != base::kDistantPast) out.AddTime("from", from.micros);
  if (until != base::kDistantFuture) out.AddTime("until", until.micros);
  out.Add("state", until <= now ? "over" : from > now ? "ahead" : "open");
  const bool is_agreement = constraint.kind == ConstraintKind::kAgreement;
  AddAmount(is_agreement ? "delivered" : "spent", account.spent, constraint.kind, out);
  AddAmount("reserved", account.reserved, constraint.kind, out);
  const int64_t left = constraint.limit - account.spent - account.reserved - account.overdrawn;
  if (constraint.HasLimit()) AddAmount("left", std::max<int64_t>(left, 0), constraint.kind, out);
  if (account.overdrawn != 0) AddAmount("overdrawn", account.overdrawn, constraint.kind, out);
  if (constraint.at_least > 0) {
    const policy::Progress progress{.share = constraint.at_least,
                                    .taken = account.spent + account.overdrawn};
    const policy::Pace pace =
        policy::PaceOf(constraint, {.start = start, .end = account.ends}, progress, now);
    out.Add("due", static_cast<double>(pace.due));
    out.Add("behind", static_cast<double>(pace.behind));
    out.Add("atRisk", pace.at_risk);
  }
  return out.Take();
}

// What an agreement promises.
void AddPromises(const engine::Definitions& definitions, const Constraint& agreement,
                 ObjectBuilder& out) {
  const resource::Resource* resource = definitions.resources.Find("agreement", agreement.name);
  BATUTA_CHECK(resource != nullptr);
  for (const char* member : {"title", "only", "atMost", "atLeast"}) {
    if (const base::Value* stated = base::Find(resource->spec, member)) out.Add(member, *stated);
  }
  if (agreement.at_least > 0) {
    out.Add("boost", base::FormatAmount(agreement.boost));
    out.Add("currency", base::FormatCurrency(definitions.catalogue->currency()));
  }
  if (const base::Value* stated = base::Find(resource->spec, "exclusive")) {
    out.Add("exclusive", *stated);
  }
}

void Answer(const ExchangePtr& exchange, const engine::Definitions& definitions,
            const Constraint& constraint, const std::vector<ConstraintAccounts>& parts) {
  const base::Time now = exchange->core().hub.clock().Wall();
  const policy::Period period = policy::PeriodOf(constraint, now, definitions.features->zone());
  ConstraintAccounts all = SumOf(parts);
  const base::Time current{policy::KeyOf(constraint, period).start()};
  all[current].ends = period.end;
  ObjectBuilder out;
  out.Add(policy::ConstraintKindName(constraint.kind), constraint.name);
  out.Add("per", policy::PerName(constraint.per));
  if (constraint.kind == ConstraintKind::kAgreement) {
    AddPromises(definitions, constraint, out);
  } else {
    out.Add("pace", constraint.even ? "even" : "free");
    AddAmount("limit", constraint.limit, constraint.kind, out);
  }
  if (constraint.kind == ConstraintKind::kBudget) {
    out.Add("currency", base::FormatCurrency(definitions.catalogue->currency()));
  }
  ListBuilder periods;
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    periods.Add(PeriodValue(constraint, one->first, one->second, now));
  }
  out.Add("periods", periods.Take());
  exchange->Json(base::ToJson(out.Take()));
}

void Report(const ExchangePtr& exchange, ConstraintKind kind) {
  const std::string& name = exchange->parameter("name");
  const auto definitions = exchange->core().definitions.Now()->definitions;
  const policy::Constraints& constraints = definitions->catalogue->constraints();
  const Constraint* constraint = constraints.Find(kind, name);
  if (constraint == nullptr) {
    std::vector<std::string> names;
    for (const Constraint& one : constraints.all()) {
      if (one.kind == kind) names.push_back(one.name);
    }
    const std::string near = base::Suggest(name, names);
    const std::string what(policy::ConstraintKindName(kind));
    return exchange->Fail(http::Status::kNotFound, "no_such_" + what,
                          base::StrCat("There is no ", what, " of this name",
                                       near.empty() ? "." : "; did you mean " + near + "?"));
  }
  Gather<ConstraintAccounts>(
      exchange->core(), [kind, name](engine::Fold& fold) { return AccountsIn(fold, kind, name); },
      [exchange, definitions, constraint](const std::vector<ConstraintAccounts>& parts) {
        Answer(exchange, *definitions, *constraint, parts);
      });
}

}  // namespace

void AddConstraintRoutes(Core& core) {
  const auto add = [&](std::string_view path, ConstraintKind kind) {
    AddRoute(core, http::Method::kGet, path, {.scope = "resources:read"},
             [kind](const ExchangePtr& exchange) {
               AfterSettling(exchange, [exchange, kind] { Report(exchange, kind); });
             });
  };
  add("/v1/budgets/{name}:report", ConstraintKind::kBudget);
  add("/v1/capacities/{name}:report", ConstraintKind::kCapacity);
  add("/v1/agreements/{name}:report", ConstraintKind::kAgreement);
}

}  // namespace batuta::api
