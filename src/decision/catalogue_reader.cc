#include "decision/catalogue_reader.h"

#include <optional>
#include <string>

#include "learn/predictor_code.h"
#include "resource/reader.h"

namespace batuta::decision {
namespace {

using resource::Reader;

policy::ActionClass ParseClass(std::string_view name) {
  if (name == "transactional") return policy::TRANSACTIONAL;
  return name == "service" ? policy::SERVICE : policy::MARKETING;
}

QuietHours ParseQuietHours(std::string_view name) {
  if (name == "defer") return DEFER;
  return name == "redecide" ? REDECIDE : DROP;
}

ChoiceMethod ParseMethod(std::string_view name) {
  if (name == "thompson") return THOMPSON;
  return name == "greedy" ? GREEDY : SQUARECB;
}

HoldoutArm ParseArm(std::string_view name) {
  if (name == "random") return RANDOM_ARM;
  if (name == "propensity") return PROPENSITY_ARM;
  return name == "noLevers" ? NO_LEVERS_ARM : NOTHING_ARM;
}

std::optional<base::Time> ReadTime(const Reader& spec, const std::string& name) {
  if (!spec.Has(name)) return std::nullopt;
  return spec.TimeField(name);
}

Terms ReadTerms(const Reader& spec) {
  Terms terms{.starts = ReadTime(spec, "starts"),
              .ends = ReadTime(spec, "ends"),
              .tags = spec.Texts("tags")};
  for (const Reader& lever : spec.Objects("levers")) {
    terms.levers.push_back({.factor = lever.Number("factor"),
                            .starts = ReadTime(lever, "starts"),
                            .ends = ReadTime(lever, "ends")});
  }
  return terms;
}

ModelType ParseModelType(const std::string& type) {
  if (type == "ftrl") return ModelType::kFtrl;
  if (type == "trees") return ModelType::kTrees;
  return type == "beta" ? ModelType::kBeta : ModelType::kAdaptive;
}

learn::FtrlSettings ReadFtrl(const Reader& spec) {
  learn::FtrlSettings settings = {.alpha = spec.Number("learningRate", 0.05),
                                  .l1 = spec.Number("l1", 0),
                                  .l2 = spec.Number("l2", 1)};
  for (const Reader& cross : spec.Objects("crosses")) {
    settings.crosses.push_back({.key = learn::PredictorKey(cross.Text("predictor")),
                                .cross_key = learn::PredictorKey(cross.Text("with"))});
  }
  return settings;
}

}  // namespace

base::Currency ReadCurrency(const resource::ResourceSet& resources) {
  const resource::Resource* hub = resources.Find("hub", "default");
  if (hub == nullptr) return {};
  const auto currency = base::ParseCurrency(Reader(hub->spec).Text("currency"));
  return currency.ok() ? *currency : base::Currency{};
}

Action ReadAction(const resource::Resource& resource) {
  const Reader spec(resource.spec);
  Action action{.name = resource.key.name,
                .title = spec.Text("title", resource.key.name),
                .group = spec.Text("group"),
                .action_class = ParseClass(spec.Text("class", "marketing")),
                .value = spec.MoneyField("value"),
                .learns_value = spec.Bool("learnValue"),
                .cost = spec.MoneyField("cost"),
                .lever = spec.Number("lever", 1),
                .purpose = spec.Text("purpose"),
                .explore_never = spec.Text("explore", "always") == "never",
                .mandatory = spec.Bool("mandatory"),
                .quiet_hours = ParseQuietHours(spec.Text("quietHours", "drop")),
                .accept_event = spec.Object("accept").Text("event"),
                .reject_event = spec.Object("reject").Text("event"),
                .window = spec.DurationField("window", base::Days(7)),
                .learns_clicks = spec.Text("label", "accepted") == "clicked",
                .needs_click = spec.Object("accept").Text("after", "shown") == "clicked",
                .refund_event = spec.Object("refund").Text("event"),
                .refund_window = spec.Object("refund").DurationField("window", base::Days(30))};
  action.terms = ReadTerms(spec);
  return action;
}

Family ReadFamily(const resource::Resource& resource, Level level) {
  const Reader spec(resource.spec);
  return {.level = level,
          .name = resource.key.name,
          .title = spec.Text("title", resource.key.name),
          .issue = spec.Text("issue"),
          .terms = ReadTerms(spec),
          .per_slate = static_cast<uint32_t>(spec.Integer("perSlate"))};
}

Treatment ReadTreatment(const resource::Resource& resource) {
  const Reader spec(resource.spec);
  Treatment treatment{.name = resource.key.name,
                      .action = spec.Text("action"),
                      .channel = spec.Text("channel"),
                      .placements = spec.Texts("placements")};
  for (const Reader& variant : spec.Objects("variants")) {
    treatment.variants.push_back(
        {.name = variant.Text("name"), .content = variant.Object("content").fields()});
  }
  // A treatment without variants is one way to present the action.
  if (treatment.variants.empty()) treatment.variants.push_back({.name = "default"});
  return treatment;
}

Placement ReadPlacement(const resource::Resource& resource) {
  const Reader spec(resource.spec);
  const Reader choice = spec.Object("choice");
  const bool outbound = spec.Text("direction", "inbound") == "outbound";
  const bool at_decision = spec.Text("exposure", "impression") == "decision";
  return {.name = resource.key.name,
          .channel = spec.Text("channel"),
          .direction = outbound ? Direction::kOutbound : Direction::kInbound,
          .slots = static_cast<uint32_t>(spec.Integer("slots", 1)),
          .exposure = at_decision ? Exposure::kDecision : Exposure::kImpression,
          .expires_after = spec.DurationField("expiresAfter", base::Minutes(30)),
          .ignored_after = spec.DurationField("ignoredAfter", base::Hours(24)),
          .model = spec.Text("model"),
          .incremental = spec.Bool("incremental"),
          .choice = {.method = ParseMethod(choice.Text("method", "squarecb")),
                     .floor = choice.Number("floor", 0.02),
                     .draws = static_cast<uint32_t>(choice.Integer("draws", 1000))}};
}

Model ReadModel(const resource::Resource& resource) {
  const Reader spec(resource.spec);
  const ModelType type = ParseModelType(spec.Text("type", "adaptive"));
  const bool can_share = type == ModelType::kAdaptive || type == ModelType::kFtrl;
  return {.name = resource.key.name,
          .title = spec.Text("title", resource.key.name),
          .type = type,
          .half_life = spec.DurationField("halfLife", base::Days(180)),
          .ftrl = ReadFtrl(spec),
          .shared = can_share && spec.Bool("shared"),
          .examples = static_cast<uint64_t>(spec.Integer("examples", 100'000))};
}

Holdout ReadHoldout(const resource::Resource& resource) {
  const Reader spec(resource.spec);
  const Reader only = spec.Object("only");
  return {.name = resource.key.name,
          .version = resource.version,
          .percent = spec.Number("percent"),
          .arm = ParseArm(spec.Text("arm", "none")),
          .only = {.actions = only.Texts("actions"),
                   .groups = only.Texts("groups"),
                   .issues = only.Texts("issues")}};
}

}  // namespace batuta::decision
