#include "decision/sample_hub.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/imported.h"
#include "expr/operators.h"
#include "learn/adaptive_model.h"
#include "learn/adaptive_publish.h"
#include "learn/beta_model.h"
#include "learn/predictor_code.h"
#include "policy/contacts.h"
#include "resource/check.h"
#include "resource/yaml.h"
#include "rule/person.h"

namespace batuta::decision {

resource::ResourceSet ResourcesOf(std::string_view yaml) {
  resource::ParsedDocuments parsed =
      resource::ParseDocuments(yaml, "sample.yaml", resource::Format::kYaml);
  resource::Change change;
  change.documents = std::move(parsed.documents);
  const resource::ResourceSet empty;
  std::vector<resource::Problem> problems = resource::Check(empty, change);
  problems.insert(problems.end(), parsed.problems.begin(), parsed.problems.end());
  EXPECT_FALSE(resource::HasError(problems)) << resource::ToText(problems) << yaml;
  return empty.After(change, {.author = "test", .time = kNoon});
}

std::shared_ptr<const Catalogue> CatalogueOf(std::string_view yaml,
                                             std::vector<resource::Problem>* problems) {
  std::vector<resource::Problem> found;
  const resource::ResourceSet resources = ResourcesOf(yaml);
  auto catalogue = Catalogue::Compile(resources, rule::Vocabulary::Of(resources), found);
  if (problems != nullptr) {
    problems->insert(problems->end(), found.begin(), found.end());
  } else {
    EXPECT_FALSE(resource::HasError(found)) << resource::ToText(found);
  }
  return catalogue;
}

std::string ActionYaml(std::string_view name, std::string_view value, std::string_view more) {
  return base::StrCat("---\nkind: action\nname: ", name, "\nspec:\n  title: ", name,
                      "\n  value: {amount: \"", value, "\", currency: MXN}\n", more,
                      "---\nkind: treatment\nname: ", name, "-web\nspec: {action: ", name,
                      ", channel: web, placements: [home], variants: [{name: a, content: {}}]}\n");
}

std::string GroupYaml(std::string_view name, std::string_view more) {
  return base::StrCat("---\nkind: group\nname: ", name, "\nspec:\n  title: ", name, "\n", more);
}

SamplePerson& SamplePerson::With(std::string_view trait, base::Value value) {
  traits_[std::string(trait)] = std::move(value);
  return *this;
}

SamplePerson& SamplePerson::With(std::string_view purpose, ConsentState state) {
  consents_[std::string(purpose)] = state;
  return *this;
}

expr::Value SamplePerson::Read(const expr::Attribute& attribute, expr::Scratch& scratch) const {
  if (attribute.variable == "feature") {
    const std::string path = attribute.Name();
    const auto found = aggregates_.find(texts_ == nullptr ? path : rule::NameIn(*texts_, path));
    return found == aggregates_.end() ? rule::Absent(true) : expr::Value::OfJson(found->second);
  }
  EXPECT_EQ(attribute.variable, "person");
  if (attribute.fields.at(0) == "segments") return expr::Value::OfJson(segments_);
  EXPECT_EQ(attribute.fields.at(0), "traits");
  const auto found = traits_.find(attribute.fields.at(1));
  if (found == traits_.end()) return rule::Absent(attribute.fields.size() == 2);
  expr::Value value = expr::Value::OfJson(found->second);
  for (size_t i = 2; i < attribute.fields.size(); ++i) {
    value = expr::Select(value, attribute.fields[i], scratch);
  }
  return value;
}

ConsentState SamplePerson::Consent(std::string_view purpose, std::string_view) const {
  const auto found = consents_.find(purpose);
  return found == consents_.end() ? CONSENT_UNKNOWN : found->second;
}

StatedPreference SamplePerson::Preference(std::string_view kind, std::string_view name) const {
  const auto found = refusals_.find({std::string(kind), std::string(name)});
  if (found == refusals_.end()) return {};
  return {.refuses = true, .until = found->second};
}

base::Value EmptyList() {
  base::Value list;
  list.mutable_list();
  return list;
}

SamplePerson& SamplePerson::Did(std::string_view aggregate, base::Value value) {
  aggregates_[std::string(aggregate)] = std::move(value);
  return *this;
}

SamplePerson& SamplePerson::In(std::string_view segment) {
  *segments_.mutable_list()->add_values() = base::TextValue(segment);
  return *this;
}

SamplePerson& SamplePerson::NotIn(std::string_view segment) {
  auto& names = *segments_.mutable_list()->mutable_values();
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const base::Value& name) { return name.text() == segment; }),
              names.end());
  return *this;
}

SamplePerson& SamplePerson::Without(std::string_view trait) {
  traits_.erase(std::string(trait));
  return *this;
}

SamplePerson& SamplePerson::Accepts(std::string_view kind, std::string_view name) {
  refusals_.erase({std::string(kind), std::string(name)});
  return *this;
}

SamplePerson& SamplePerson::Refuses(std::string_view kind, std::string_view name,
                                    base::Time until) {
  refusals_[{std::string(kind), std::string(name)}] = until;
  return *this;
}

SamplePerson& SamplePerson::Knowing(const rule::AggregateTexts& texts) {
  texts_ = &texts;
  return *this;
}

Decision SampleHub::Decide(uint64_t request, std::string_view placement, uint32_t slots) const {
  DecisionRequest asked;
  asked.set_placement(std::string(placement));
  asked.set_slots(slots);
  return Answer(request, asked);
}

Decision SampleHub::Recount(uint64_t request, const Imported& imported) const {
  DecisionRequest asked;
  asked.set_placement("home");
  *asked.mutable_imported() = imported;
  return Answer(request, asked);
}

Decision SampleHub::Answer(uint64_t request, DecisionRequest asked) const {
  SamplePerson knowing = person;
  knowing.Knowing(catalogue->texts());
  *asked.mutable_context() = context;
  const Inputs inputs = {.catalogue = *catalogue,
                         .models = models,
                         .person = knowing,
                         .contacts = contacts,
                         .decision = DecisionNumber(request),
                         .person_id = PersonNumber(person_number),
                         .now = now,
                         .zone = zone,
                         .hub_seed = seed};
  Decision decision;
  const absl::Status decided = asked.has_imported()
                                   ? batuta::decision::Recount(asked, inputs, decision)
                                   : batuta::decision::Decide(asked, inputs, decision);
  EXPECT_TRUE(decided.ok()) << decided;
  return decision;
}

base::DecisionId DecisionNumber(uint64_t number) {
  return {.partition = base::PartitionId{1}, .record = {base::Id128{7, number}}};
}

base::PersonId PersonNumber(uint64_t number) {
  return {.partition = base::PartitionId{1}, .rank = 3, .record = {base::Id128{9, number}}};
}

learn::Models ModelsOf(const std::vector<std::pair<std::string, std::pair<int, int>>>& counts) {
  learn::PublishedModels update;
  update.set_version(1);
  for (const auto& [action, count] : counts) {
    learn::ModelState state;
    state.set_action(action);
    for (int i = 0; i < count.first + count.second; ++i) {
      learn::TrainingMessage message;
      message.set_action(action);
      message.set_placement("home");
      message.set_level(learn::ACCEPTED_LEVEL);
      message.set_positive(i < count.first);
      message.set_weight_micros(1'000'000);
      message.set_example_time(kNoon.micros);
      learn::Train(state, message, {});
    }
    update.add_actions(action);
    for (const auto& model : learn::Publish(state, {.now = kNoon})) *update.add_models() = model;
  }
  return learn::Models().With(update);
}

learn::Models WithAdaptive(const learn::Models& models, const std::vector<std::string>& actions,
                           int examples) {
  learn::PublishedModels update;
  update.set_version(models.version() + 1);
  const std::vector<std::string> names = {"plan", "age", "page"};
  for (const std::string& action : actions) {
    learn::AdaptiveState state;
    state.set_model("clicks");
    state.set_action(action);
    state.set_placement("home");
    for (int i = 0; i < examples; ++i) {
      learn::TrainingMessage message;
      message.set_action(action);
      message.set_placement("home");
      message.set_level(learn::ACCEPTED_LEVEL);
      const bool is_gold = i % 2 == 0;
      message.set_positive(i % 10 == 0 || (is_gold && i % 3 == 0));
      message.set_weight_micros(1'000'000);
      message.set_example_time(kNoon.micros);
      message.set_decision(DecisionNumber(static_cast<uint64_t>(i)).ToBytes());
      message.set_score(is_gold ? 0.9 : -0.9);
      learn::PredictorValues& values = *message.mutable_values();
      values.set_model("clicks");
      for (const std::string& name : names) values.add_keys(learn::PredictorKey(name));
      values.add_codes(learn::SymbolCode(is_gold ? "gold" : "free"));
      values.add_codes(learn::NumberCode(i / 40 % 80));
      values.add_codes(learn::kMissingCode);
      learn::SymbolText& text = *values.add_texts();
      text.set_code(values.codes(0));
      text.set_text(is_gold ? "gold" : "free");
      learn::TrainAdaptive(state, message);
    }
    learn::Settle(state, names, kNoon);
    *update.add_adaptive() = learn::PublishAdaptive(state, names, kNoon);
  }
  return models.With(update);
}

namespace {

learn::TrainingMessage OfferedExample(const std::string& action, int number, Sharing sharing,
                                      base::Random& random) {
  const bool is_gold = random.Below(2) == 0;
  const bool is_b = random.Below(2) == 0;
  const uint64_t slot = 1 + random.Below(3);
  const uint64_t percent = 5U + (is_gold ? 10U : 0U) + (is_b ? 20U : 0U) + (slot == 1 ? 25U : 0U);
  learn::TrainingMessage message;
  message.set_action(action);
  message.set_placement("home");
  message.set_level(learn::ACCEPTED_LEVEL);
  message.set_positive(random.Below(100) < percent);
  message.set_weight_micros(1'000'000);
  message.set_example_time(kNoon.micros);
  message.set_decision(DecisionNumber(static_cast<uint64_t>(number)).ToBytes());
  message.set_score((static_cast<double>(percent) - 28) / 14);
  learn::PredictorValues& values = *message.mutable_values();
  values.set_model("clicks");
  values.set_shared(sharing == Sharing::kAll);
  const auto add = [&](std::string_view name, uint64_t code) {
    values.add_keys(learn::PredictorKey(name));
    values.add_codes(code);
  };
  add("plan", learn::SymbolCode(is_gold ? "gold" : "free"));
  add("variant", learn::SymbolCode(is_b ? "b" : "a"));
  add("slot", learn::NumberCode(static_cast<double>(slot)));
  add("worth", learn::NumberCode(static_cast<double>(random.Below(100))));
  return message;
}

}  // namespace

learn::Models WithOffered(const learn::Models& models, const std::vector<std::string>& actions,
                          int examples, Sharing sharing) {
  learn::PublishedModels update;
  update.set_version(models.version() + 1);
  const std::vector<std::string> names = {"plan", "variant", "slot", "worth"};
  base::Random random(77, base::Id128{1, 1}, "examples", "");
  std::map<std::string, learn::AdaptiveState> states;
  int number = 0;
  for (const std::string& action : actions) {
    learn::AdaptiveState& state = states[sharing == Sharing::kAll ? "" : action];
    state.set_model("clicks");
    state.set_action(sharing == Sharing::kAll ? "" : action);
    state.set_placement("home");
    for (int i = 0; i < examples; ++i) {
      learn::TrainAdaptive(state, OfferedExample(action, number++, sharing, random));
    }
  }
  for (auto& [action, state] : states) {
    learn::Settle(state, names, kNoon);
    *update.add_adaptive() = learn::PublishAdaptive(state, names, kNoon);
  }
  return models.With(update);
}

std::string OfferedYaml(Sharing sharing) {
  return base::StrCat("---\nkind: model\nname: clicks\nspec:\n  shared: ",
                      sharing == Sharing::kAll ? "true" : "false",
                      "\n  predictors:\n"
                      "    - {name: plan, value: person.traits.plan}\n"
                      "    - {name: variant, value: action.variant}\n"
                      "    - {name: slot, value: slot}\n"
                      "    - {name: worth, value: action.value}\n");
}

namespace {

std::string RandomRule(base::Random& random, std::string_view member) {
  static constexpr std::string_view kConditions[] = {"person.traits.country == 'MX'",
                                                     "person.traits.country != 'MX'",
                                                     "person.traits.age >= 18",
                                                     "person.traits.age < 40",
                                                     "person.traits.plan in ['gold', 'silver']",
                                                     "has(person.traits.plan)",
                                                     "(!has(person.traits.phone) || false)",
                                                     "context.page == 'cart'",
                                                     "now > timestamp('2020-01-01T00:00:00Z')"};
  std::string all;
  for (const std::string_view condition : kConditions) {
    if (random.Below(8) != 0) continue;
    base::StrAppend(&all, all.empty() ? "" : random.Below(3) == 0 ? " || " : " && ", condition);
  }
  return all.empty() ? all : base::StrCat("  ", member, ": \"", all, "\"\n");
}

std::string RandomLevers(base::Random& random) {
  if (random.Below(3) != 0) return "";
  return base::StrCat("  levers: [{factor: 1.25}, {factor: 2, ",
                      random.Below(2) == 0 ? "starts" : "ends", ": 2023-01-01T00:00:00Z}]\n");
}

// Three groups; g0 and g1 are of the issue `grow`.
std::string RandomFamilies(base::Random& random) {
  const auto terms = [&] {
    std::string more = RandomLevers(random);
    for (const std::string_view member : {"eligible", "suitable"}) {
      if (random.Below(3) == 0) base::StrAppend(&more, RandomRule(random, member));
    }
    if (random.Below(2) == 0) base::StrAppend(&more, "  perSlate: ", 1 + random.Below(2), "\n");
    if (random.Below(12) == 0) base::StrAppend(&more, "  ends: 2021-01-01T00:00:00Z\n");
    return more;
  };
  return base::StrCat("---\nkind: issue\nname: grow\nspec:\n  title: Grow\n", terms(),
                      GroupYaml("g0", base::StrCat("  issue: grow\n", terms())),
                      GroupYaml("g1", base::StrCat("  issue: grow\n", terms())),
                      GroupYaml("g2", terms()));
}

std::string RandomAction(base::Random& random, uint64_t number) {
  static constexpr std::string_view kClasses[] = {"marketing", "marketing", "marketing", "service",
                                                  "transactional"};
  std::string more = base::StrCat("  class: ", kClasses[random.Below(5)], "\n");
  if (random.Below(2) == 0) base::StrAppend(&more, "  group: g", random.Below(3), "\n");
  if (random.Below(3) == 0) base::StrAppend(&more, "  purpose: marketing\n");
  if (random.Below(6) == 0) base::StrAppend(&more, "  explore: never\n");
  static constexpr std::string_view kQuietHours[] = {"drop", "defer", "redecide"};
  base::StrAppend(&more, "  quietHours: ", kQuietHours[random.Below(3)], "\n");
  if (random.Below(15) == 0) base::StrAppend(&more, "  mandatory: true\n");
  if (random.Below(3) == 0) base::StrAppend(&more, "  lever: 1.5\n");
  base::StrAppend(&more, RandomLevers(random));
  if (random.Below(10) == 0) base::StrAppend(&more, "  ends: 2020-01-01T00:00:00Z\n");
  if (random.Below(2) == 0) base::StrAppend(&more, "  cost: {amount: \"0.50\", currency: MXN}\n");
  for (const std::string_view member : {"eligible", "applicable", "suitable"}) {
    base::StrAppend(&more, RandomRule(random, member));
  }
  return ActionYaml(base::StrCat("a", number), base::StrCat(random.Below(100), ".00"), more);
}

std::string RandomHoldouts(base::Random& random) {
  static constexpr std::string_view kArms[] = {"none", "random", "propensity", "noLevers"};
  static constexpr std::string_view kOnly[] = {"groups: [g0, g1]", "issues: [grow]"};
  const uint64_t drawn = random.Bits();
  std::string all = base::StrCat(
      "---\nkind: holdout\nname: held\nspec: {percent: 50, arm: ", kArms[drawn % 4], "}\n");
  if (drawn % 7 < 3) {
    base::StrAppend(&all, "---\nkind: agreement\nname: partner\nspec: {only: {groups: [g0]}, ",
                    drawn % 7 == 0 ? "ends: 2024-12-01T00:00:00Z, " : "",
                    "exclusive: {over: {groups: [g1, g2]}",
                    drawn % 11 < 4 ? ", placements: [home]" : "", "}}\n");
  }
  if (drawn % 3 == 0) return all;
  base::StrAppend(&all, "---\nkind: holdout\nname: apart\nspec: {percent: 50, arm: ",
                  drawn % 5 == 0 ? "noLevers" : "none", ", only: {", kOnly[drawn / 4 % 2], "}}\n");
  return all;
}

std::string RandomPolicies(base::Random& random) {
  static constexpr std::string_view kScopes[] = {"person",  "action",    "group",
                                                 "channel", "placement", "issue"};
  std::string all;
  for (uint64_t i = 0, count = random.Below(4); i < count; ++i) {
    base::StrAppend(&all, "---\nkind: policy\nname: cap", i,
                    "\nspec: {cap: {scope: ", kScopes[random.Below(5)],
                    ", max: ", random.Below(4) + 1, ", window: ", random.Below(10) + 1, "d}}\n");
  }
  static constexpr std::string_view kPeriods[] = {"day", "week", "month"};
  for (uint64_t i = 0, count = random.Below(2); i < count; ++i) {
    base::StrAppend(&all, "---\nkind: policy\nname: calm", i,
                    "\nspec: {cap: {scope: ", kScopes[random.Below(5)],
                    ", max: ", random.Below(4) + 1, ", per: ", kPeriods[random.Below(3)],
                    "}, gap: {scope: ", kScopes[random.Below(5)], ", least: ", random.Below(48) + 1,
                    "h}}\n");
  }
  if (random.Below(2) == 0) {
    base::StrAppend(&all,
                    "---\nkind: policy\nname: pause\nspec: {suppress: {scope: action, refusals: 2, "
                    "for: 30d}, classes: [marketing, service, transactional]}\n");
  }
  if (random.Below(4) == 0) base::StrAppend(&all, RandomHoldouts(random));
  return all;
}

// Quiet hours, a blocking list, cool-downs, pressure and a preferred channel; kNoon is a Friday in
// UTC.
std::string RandomPeace(base::Random& random) {
  static constexpr std::string_view kOnly[] = {
      "", ", only: {groups: [g0, g1]}", ", only: {issues: [grow]}", ", only: {channels: [web]}"};
  static constexpr std::string_view kAll = ", classes: [marketing, service, transactional]";
  std::string all = "---\nkind: segment\nname: vip\nspec: {rule: 'person.traits.age > 30'}\n";
  const auto add = [&](std::string_view name, auto... spec) {
    if (random.Below(2) == 0) return;
    base::StrAppend(&all, "---\nkind: policy\nname: ", name, "\nspec: {", spec...,
                    kOnly[random.Below(4)], "}\n");
  };
  for (const std::string_view name : {"night", "siesta"}) {
    add(name, "quiet: {windows: [{from: \"", 10 + random.Below(10), ":30\", to: \"0",
        random.Below(10), ":00\"}, {days: [fri], from: \"00:00\", to: \"2", random.Below(5),
        ":00\"}]}");
  }
  add("list", "block: {segment: vip}", random.Below(2) == 0 ? kAll : "");
  add("rest", "coolDown: {event: Complaint, where: event.properties.level > 1.0, for: ",
      1 + random.Below(9), "d}", random.Below(2) == 0 ? kAll : "");
  add("load", "pressure: {scope: ", random.Below(2) == 0 ? "person" : "group",
      ", halfLife: ", 1 + random.Below(6), "d, max: ", 1 + random.Below(4),
      ", weights: [{channel: web, weight: 0.", 5 + random.Below(5), "}]}");
  base::StrAppend(&all,
                  "---\nkind: policy\nname: way\nspec: {preferChannel: {among: [email, web], ",
                  "atLeast: 0.", 1 + random.Below(9), ", after: ", 1 + random.Below(2), "}}\n");
  return all;
}

policy::ContactState RandomContacts(base::Random& random) {
  policy::ContactState contacts;
  for (uint64_t i = 0, count = random.Below(12); i < count; ++i) {
    policy::Contact contact;
    contact.set_decision(DecisionNumber(1'000'000 + i).ToBytes());
    contact.set_action(base::StrCat("a", random.Below(8)));
    contact.set_group(base::StrCat("g", random.Below(3)));
    if (contact.group() != "g2") contact.set_issue("grow");
    contact.set_channel(random.Below(4) == 0 ? "email" : "web");
    contact.set_placement("home");
    contact.set_action_class(static_cast<policy::ActionClass>(1 + random.Below(3)));
    contact.set_stage(static_cast<policy::ContactStage>(1 + random.Below(7)));
    const base::Time at = kNoon - base::Hours(static_cast<int64_t>(random.Below(24 * 20)));
    contact.set_reserved_at(at.micros);
    if (random.Below(8) == 0) contact.set_not_before((at + base::Hours(9)).micros);
    contact.set_ended_at(at.micros);
    policy::AddContact(contacts, contact);
  }
  return contacts;
}

}  // namespace

SampleHub RandomHub(base::Random& random) {
  static constexpr std::string_view kMethods[] = {"squarecb", "squarecb", "greedy", "thompson"};
  const std::string_view method = kMethods[random.Below(4)];
  const bool is_adaptive = random.Below(2) == 0;
  std::string yaml = "kind: hub\nspec: {currency: MXN, timeZone: America/Mexico_City}\n";
  base::StrAppend(&yaml, "---\nkind: placement\nname: home\nspec: {channel: web, direction: ",
                  random.Below(2) == 0 ? "inbound" : "outbound", ", slots: ", 1 + random.Below(3),
                  ", choice: {method: ", method, ", floor: 0.0", random.Below(10),
                  method == "thompson" ? ", draws: 50" : "", "}",
                  is_adaptive ? ", model: clicks" : "", "}\n");
  // What else a model reads: nothing, or what is offered, each action for itself or all together.
  const uint64_t offers = is_adaptive ? base::Hash64(yaml) % 3 : 0;
  const Sharing sharing = offers == 1 ? Sharing::kEach : Sharing::kAll;
  if (is_adaptive) base::StrAppend(&yaml, offers == 0 ? kClicksYaml : OfferedYaml(sharing));
  base::StrAppend(&yaml, RandomFamilies(random));
  std::vector<std::pair<std::string, std::pair<int, int>>> counts;
  for (uint64_t i = 0, count = random.Below(9); i < count; ++i) {
    base::StrAppend(&yaml, RandomAction(random, i));
    if (offers > 0 && i % 2 == 0) {
      base::StrAppend(&yaml, "---\nkind: treatment\nname: a", i, "-more\nspec: {action: a", i,
                      ", channel: web, placements: [home], variants: [{name: a, content: {}}, ",
                      "{name: b, content: {}}]}\n");
    }
    counts.push_back({base::StrCat("a", i),
                      {static_cast<int>(random.Below(5)), static_cast<int>(random.Below(40))}});
  }
  base::StrAppend(&yaml, RandomPolicies(random), RandomPeace(random));
  SampleHub hub{.catalogue = CatalogueOf(yaml), .yaml = yaml};
  hub.models = ModelsOf(counts);
  if (is_adaptive) {
    std::vector<std::string> actions;
    for (const auto& [action, count] : counts) {
      if (random.Below(3) != 0) actions.push_back(action);
    }
    const auto examples = static_cast<int>(100 + random.Below(4) * 500);
    hub.models = offers == 0 ? WithAdaptive(hub.models, actions, examples)
                             : WithOffered(hub.models, actions, examples, sharing);
  }
  if (random.Below(4) != 0) hub.person.With("country", base::TextValue("MX"));
  if (random.Below(3) != 0) {
    hub.person.With("age", base::NumberValue(static_cast<double>(random.Below(80))));
  }
  if (random.Below(2) == 0) hub.person.With("plan", base::TextValue("gold"));
  if (random.Below(2) == 0) base::SetField(hub.context, "page", base::TextValue("cart"));
  if (random.Below(2) == 0) {
    base::Value sealed;
    sealed.mutable_sealed()->set_key("0123456789abcdef");
    hub.person.With("phone", sealed);
  }
  hub.person.With("marketing", static_cast<ConsentState>(random.Below(3)));
  hub.contacts = RandomContacts(random);
  hub.person_number = random.Bits();
  if (random.Below(2) == 0) hub.person.In("vip");
  const base::Time last = kNoon - base::Hours(30);
  for (const auto& [path, text] : hub.catalogue->texts()) {
    if (hub.person_number % 3 == 0) continue;  // not known yet
    if (text.ends_with(".exists()")) hub.person.Did(text, base::BooleanValue(random.Below(2) == 0));
    if (text.ends_with(".last()")) hub.person.Did(text, base::TextValue(base::FormatRfc3339(last)));
  }
  if (random.Below(4) == 0) hub.person.Refuses("topic", "g0");
  if (random.Below(9) == 0) hub.person.Refuses("pause", "", kNoon + base::Days(3));
  return hub;
}

}  // namespace batuta::decision
