// One document of each kind in which every field of its schema is set, to something else than its
// default where it has one. For tests: `kind_test.cc` holds it against the schemas, and the folders
// that turn specs into settings show that each field arrives.
#pragma once

#include <string_view>

namespace batuta::resource {

inline constexpr std::string_view kEveryField = R"(
kind: hub
name: default
spec: {description: The company., currency: EUR, timeZone: Europe/Madrid}
---
kind: source
name: crm
spec: {description: Customers., title: Customer file}
---
kind: identity
name: default
spec:
  description: Who is who.
  identifiers:
    - type: email
      priority: 7
      limit: 3
      window: weekly
      unique: true
      weak: false
      caseSensitive: true
      blocked: [Nobody@example.com]
      blockedPatterns: ["@example[.]org$"]
    - {type: device_id, priority: 8, weak: true}
  maxIdentifiers: 77
  maxMerges: 66
  defaultCountry: DE
---
kind: classification
name: default
spec:
  description: What is personal.
  sealed: [traits.shoe]
  clear: [traits.email]
  restricted: [{field: traits.health, purposes: [care]}]
  derived: [country, language]
---
kind: event
name: order-completed
spec:
  description: An order was paid.
  event: Order Completed
  properties:
    - {name: total, type: number, description: With taxes.}
    - {name: products, type: list}
  open: true
---
kind: trait
name: first-name
spec:
  description: As the customer file has it.
  trait: firstName
  type: text
  survivorship: mostTrusted
  where: statement.value != ""
  trust: [crm]
---
kind: issue
name: grow
spec:
  description: What earns.
  title: Growth
  eligible: person.traits.country == "ES"
  applicable: person.traits.plan != "none"
  suitable: person.traits.plan != "debt"
  starts: 2025-01-01T00:00:00Z
  ends: 2029-01-01T00:00:00Z
  levers: [{factor: 2, starts: 2026-01-01T00:00:00Z, ends: 2027-01-01T00:00:00Z}]
  tags: [sales]
  perSlate: 3
---
kind: group
name: cards
spec:
  description: Of plastic.
  title: Cards
  issue: grow
  eligible: person.traits.country != "PT"
  applicable: person.traits.plan != "old"
  suitable: person.traits.plan != "bad"
  starts: 2025-02-01T00:00:00Z
  ends: 2029-02-01T00:00:00Z
  levers: [{factor: 3, starts: 2026-02-01T00:00:00Z, ends: 2027-02-01T00:00:00Z}]
  tags: [plastic]
  perSlate: 2
---
kind: action
name: gold
spec:
  description: The card.
  title: Gold card
  group: cards
  class: service
  value: {amount: "12.50", currency: EUR}
  cost: {amount: "0.25", currency: EUR}
  lever: 1.5
  eligible: person.traits.plan != "basic"
  applicable: person.traits.city in ["Madrid", "Toledo"]
  suitable: context.page == "cart"
  purpose: offers
  explore: never
  quietHours: defer
  mandatory: true
  accept: {event: Card Requested, where: event.properties.limit > 0, after: clicked}
  reject: {event: Card Declined, where: event.source == "crm"}
  window: 3d
  starts: 2026-01-01T00:00:00Z
  ends: 2027-01-01T00:00:00Z
  levers: [{factor: 4, starts: 2026-03-01T00:00:00Z, ends: 2027-03-01T00:00:00Z}]
  tags: [premium]
  label: clicked
---
kind: action
name: silver
spec:
  title: Silver card
  value: {amount: "2.00", currency: EUR}
  learnValue: true
  refund: {event: Card Returned, where: event.source == "crm", window: 9d}
---
kind: placement
name: shelf
spec:
  description: At the top.
  channel: web
  direction: outbound
  slots: 4
  exposure: decision
  expiresAfter: 5m
  ignoredAfter: 2h
  model: clicks
  incremental: true
  choice: {method: thompson, floor: 0.07, draws: 123}
---
kind: model
name: clicks
spec:
  description: Who clicks.
  title: Clicks
  type: ftrl
  predictors: [{name: plan, value: person.traits.plan}, {name: page, value: context.page}, {name: variant, value: action.variant}]
  shared: true
  crosses: [{predictor: plan, with: page}]
  learningRate: 0.1
  l1: 0.5
  l2: 2
  trees: [{action: gold, xgboost: "{}"}]
  examples: 5000
  halfLife: 90d
---
kind: treatment
name: gold-web
spec:
  description: Its picture.
  action: gold
  channel: web
  placements: [shelf]
  variants: [{name: a, content: {headline: Gold}}]
---
kind: policy
name: calm
spec:
  description: Not too much.
  cap: {scope: channel, max: 9, window: 6d}
  gap: {scope: placement, least: 5h}
  suppress: {scope: group, refusals: 2, for: 10d, countIgnored: true}
  classes: [service]
---
kind: policy
name: daily
spec: {cap: {scope: person, max: 2, per: week}}
---
kind: policy
name: peace
spec:
  quiet: {windows: [{days: [fri, sat], from: "21:15", to: "08:00"}]}
  block: {segment: vip}
  coolDown: {event: Order Completed, where: event.properties.total > 100.0, for: 4d}
  pressure: {scope: issue, halfLife: 3d, max: 2.5, weights: [{channel: web, weight: 0.5}]}
  only: {actions: [gold], groups: [cards], issues: [grow], channels: [web]}
---
kind: policy
name: their-way
spec: {preferChannel: {among: [email, web], atLeast: 0.4, after: 8, halfLife: 60d}}
---
kind: budget
name: christmas
spec:
  description: For gifts.
  title: Gifts
  limit: {amount: "40000.00", currency: EUR}
  per: campaign
  pace: even
  starts: 2026-12-01T00:00:00Z
  ends: 2026-12-25T00:00:00Z
  only: {actions: [gold], groups: [cards], issues: [grow], channels: [web]}
---
kind: capacity
name: desk
spec:
  description: As many as sit there.
  title: Desk
  max: 40
  per: hour
  pace: even
  starts: 2026-12-01T00:00:00Z
  ends: 2026-12-25T00:00:00Z
  only: {actions: [gold], groups: [cards], issues: [grow], channels: [web]}
---
kind: agreement
name: partner
spec:
  description: For a year.
  title: The partner
  only: {actions: [gold], groups: [cards], issues: [grow], channels: [web]}
  per: month
  starts: 2026-12-01T00:00:00Z
  ends: 2027-12-01T00:00:00Z
  atMost: 500
  atLeast: 100
  boost: {amount: "2.50", currency: EUR}
  exclusive: {over: {actions: [gold], groups: [cards], issues: [grow]}, placements: [shelf]}
---
kind: feature
name: orders_90d
spec:
  description: Loyalty.
  title: Orders in 90 days
  type: integer
  unit: orders
  expression: events("Order Completed").within("90d").count()
---
kind: holdout
name: control
spec:
  description: For comparison.
  percent: 12.5
  arm: noLevers
  only: {actions: [gold], groups: [cards], issues: [grow]}
---
kind: segment
name: gold
spec: {description: The best., title: Gold, rule: 'person.traits.plan == "gold"', purpose: care}
---
kind: segment
name: vip
spec: {list: true}
---
kind: population
name: loyalty
spec:
  description: Who buys most.
  title: Loyalty
  feature: orders_90d
  where: person.traits.plan == "gold"
  reversed: true
  every: 24h
---
kind: population
name: age
spec: {trait: age, at: "03:30", zone: Europe/Madrid}
---
kind: table
name: products
spec:
  description: What we sell.
  title: Products
  key: sku
  columns: [{name: sku, type: integer}, {name: margin, type: number}]
)";

}  // namespace batuta::resource
