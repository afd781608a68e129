#include "simulation/company.h"

#include <string_view>

#include "base/text.h"
#include "resource/yaml.h"
#include "simulation/failure.h"

namespace batuta::simulation {
namespace {

constexpr std::string_view kCompany = R"(
kind: hub
name: default
spec: {currency: MXN, timeZone: America/Mexico_City}
---
kind: issue
name: grow
spec: {title: Grow, levers: [{factor: 1.5}]}
---
kind: group
name: cards
spec: {title: Cards, issue: grow, eligible: 'person.traits.size != 13.0 || !has(person.traits.size)', perSlate: 1}
---
kind: action
name: loan
spec:
  title: Loan
  value: {amount: "80.00", currency: MXN}
  cost: {amount: "1.00", currency: MXN}
  quietHours: defer
  accept: {event: Bought}
  refund: {event: Viewed, window: 1d}
  learnValue: true
  window: 10d
---
kind: action
name: news
spec:
  title: News
  value: {amount: "5.00", currency: MXN}
  suitable: '!("regulars" in person.segments) || feature.bought_2d < 5'
  purpose: marketing
  quietHours: redecide
  window: 1d
---
kind: treatment
name: card-web
spec: {action: card, channel: web, placements: [home], variants: [{name: a, content: {}}]}
---
kind: treatment
name: card-mail
spec: {action: card, channel: email, placements: [list], variants: [{name: a, content: {}}]}
---
kind: treatment
name: loan-web
spec: {action: loan, channel: web, placements: [home], variants: [{name: a, content: {}}, {name: b, content: {}}]}
---
kind: treatment
name: loan-mail
spec: {action: loan, channel: email, placements: [list], variants: [{name: a, content: {}}, {name: b, content: {}}]}
---
kind: treatment
name: news-web
spec: {action: news, channel: web, placements: [home], variants: [{name: a, content: {}}]}
---
kind: treatment
name: news-mail
spec: {action: news, channel: email, placements: [list], variants: [{name: a, content: {}}]}
---
kind: placement
name: home
spec: {channel: web, slots: 1, exposure: impression, expiresAfter: 30m, ignoredAfter: 4h, model: sizes, incremental: true, choice: {method: squarecb, floor: 0.02}}
---
kind: placement
name: list
spec: {channel: email, direction: outbound, slots: 2, exposure: decision, expiresAfter: 10m, ignoredAfter: 2h, model: together, choice: {method: thompson, draws: 50, floor: 0.02}}
---
kind: policy
name: two-a-week
spec: {cap: {scope: person, max: 2, window: 7d}}
---
kind: policy
name: nights
spec: {quiet: {windows: [{from: "21:00", to: "08:00"}, {days: [sun], from: "06:00", to: "12:00"}]}}
---
kind: policy
name: load
spec: {pressure: {scope: person, halfLife: 2d, max: 1.2}, only: {actions: [loan, news]}}
---
kind: policy
name: rest
spec: {coolDown: {event: Bought, for: 2h}, only: {groups: [cards]}}
---
kind: policy
name: spread
spec: {gap: {scope: group, least: 3h}, suppress: {scope: action, refusals: 1, for: 20h}}
---
kind: policy
name: their-channel
spec: {preferChannel: {among: [web, email], atLeast: 0.95, after: 1, halfLife: 90d}}
---
kind: policy
name: not-now
spec: {block: {segment: cooling}, only: {actions: [loan]}}
---
kind: feature
name: bought
spec: {expression: events("Bought").count()}
---
kind: feature
name: bought_2d
spec: {expression: events("Bought").within("2d").count()}
---
kind: feature
name: active_3h
spec: {expression: 'events("Viewed", "Bought").within("3h").exists()'}
---
kind: feature
name: last_viewed
spec: {expression: events("Viewed").last()}
---
kind: population
name: activity
spec: {feature: bought, every: 6h}
---
kind: segment
name: ahead
spec: {rule: 'quintile("activity") >= 4'}
---
kind: holdout
name: random-arm
spec: {percent: 10, arm: random}
---
kind: holdout
name: without-cards
spec: {percent: 20, only: {groups: [cards]}}
---
kind: model
name: sizes
spec: {predictors: [{name: size, value: person.traits.size}, {name: bought, value: feature.bought}, {name: variant, value: action.variant}]}
---
kind: model
name: together
spec:
  shared: true
  predictors:
    - {name: action, value: action.name}
    - {name: group, value: action.group}
    - {name: variant, value: action.variant}
    - {name: slot, value: slot}
    - {name: size, value: person.traits.size}
---
kind: segment
name: reachable
spec: {rule: '"email" in person.identifiers'}
---
kind: segment
name: quiet
spec: {rule: 'now - person.lastSeen > duration("20h")'}
---
kind: segment
name: regulars
spec: {rule: 'events("Bought").within("2d").count() >= 2'}
---
kind: segment
name: looking
spec: {rule: 'events("Viewed").within("6h").count() > events("Bought").within("6h").count()'}
---
kind: segment
name: cooling
spec: {rule: '!feature.active_3h && feature.bought >= 1'}
---
kind: segment
name: away
spec: {rule: 'now - feature.last_viewed > duration("5h")'}
---
kind: segment
name: winback
spec: {rule: '"quiet" in person.segments && "reachable" in person.segments'}
)";

constexpr std::string_view kWithoutGuards = R"(---
kind: identity
name: default
spec:
  identifiers:
    - {type: user_id, priority: 1, limit: 1000000, window: ever}
    - {type: email, priority: 2, limit: 1000000, window: ever}
    - {type: anonymous_id, priority: 3, limit: 1000000, window: ever}
  maxIdentifiers: 1000000
  maxMerges: 1000000
)";

std::string Limiting(const Limits& limits) {
  return base::StrCat(
      "---\nkind: budget\nname: loans\nspec: {limit: {amount: \"", limits.loans_ever,
      ".00\", currency: MXN}, per: campaign, only: {actions: [loan]}}\n",
      "---\nkind: capacity\nname: web\nspec: {max: ", limits.choices_an_hour,
      ", per: hour, only: {channels: [web, email]}}\n",
      "---\nkind: agreement\nname: partner\nspec: {only: {groups: [cards]}, per: day, atMost: ",
      limits.cards_a_day, ", atLeast: ", limits.cards_a_day * 2 / 3,
      ", boost: {amount: \"3.00\", currency: MXN}, exclusive: {over: {actions: [news]}}}\n");
}

std::string Changing(uint64_t variant, const Limits& limits) {
  return base::StrCat(
      "---\nkind: action\nname: card\nspec:\n  title: Card\n  group: cards\n",
      "  value: {amount: \"", 10 + variant % 90, ".00\", currency: MXN}\n",
      "  cost: {amount: \"0.50\", currency: MXN}\n", "  accept: {event: Bought}\n  window: 1d\n",
      "---\nkind: budget\nname: cards\nspec: {limit: {amount: \"",
      variant % 5 * static_cast<uint64_t>(limits.cards_unit),
      ".00\", currency: MXN}, per: day, pace: ", variant % 3 == 0 ? "even" : "free",
      ", only: {groups: [cards]}}\n",
      "---\nkind: trait\nname: unused\nspec: {survivorship: ", variant % 2 == 0 ? "first" : "list",
      "}\n", "---\nkind: segment\nname: large\nspec: {rule: 'person.traits.size > ",
      variant % 5 * 10, ".0 || has(person.traits.t", variant % 3, ")'}\n",
      "---\nkind: feature\nname: ", kChangingFeature, "\nspec: {expression: 'events(\"",
      variant % 2 == 0 ? "Bought" : "Viewed", "\").within(\"", variant % 9 + 1, "d\").count()'}\n",
      "---\nkind: segment\nname: leaders\nspec: {rule: 'topN(\"activity\", ", variant % 4 + 1,
      ") && percentile(\"activity\") > 50'}\n",
      "---\nkind: population\nname: late\nspec: {feature: ", kChangingFeature,
      ", every: 9h, reversed: ", variant % 3 == 0 ? "true" : "false", "}\n");
}

}  // namespace

resource::ResourceSet WithDocuments(const resource::ResourceSet& before, const std::string& yaml) {
  resource::ParsedDocuments parsed =
      resource::ParseDocuments(yaml, "company.yaml", resource::Format::kYaml);
  for (const resource::Problem& problem : parsed.problems) throw Failure(problem.message);
  resource::Change change;
  change.documents = std::move(parsed.documents);
  return before.After(change, {.author = "simulation", .time = base::Time{}});
}

resource::ResourceSet FirstDefinitions(bool guarded, const Limits& limits) {
  return WithDocuments({}, base::StrCat(kCompany, guarded ? "" : kWithoutGuards, Limiting(limits),
                                        Changing(0, limits)));
}

resource::ResourceSet ChangedDefinitions(const resource::ResourceSet& before, uint64_t variant,
                                         const Limits& limits) {
  return WithDocuments(before, Changing(variant, limits));
}

}  // namespace batuta::simulation
