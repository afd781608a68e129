#include "api/answer.h"

#include <utility>

#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "decision/explain_words.h"

namespace batuta::api {

ObjectBuilder& ObjectBuilder::Add(std::string_view name, base::Value value) {
  base::Field& field = *value_.mutable_object()->add_fields();
  field.set_name(std::string(name));
  *field.mutable_value() = std::move(value);
  return *this;
}
ObjectBuilder& ObjectBuilder::Add(std::string_view name, std::string_view text) {
  return Add(name, base::TextValue(text));
}
ObjectBuilder& ObjectBuilder::Add(std::string_view name, double number) {
  return Add(name, base::NumberValue(number));
}
ObjectBuilder& ObjectBuilder::Add(std::string_view name, bool value) {
  return Add(name, base::BooleanValue(value));
}
ObjectBuilder& ObjectBuilder::AddCount(std::string_view name, uint64_t number) {
  return Add(name, base::NumberValue(static_cast<double>(number)));
}
ObjectBuilder& ObjectBuilder::AddTime(std::string_view name, int64_t micros) {
  return Add(name, base::TextValue(base::FormatRfc3339(base::Time{micros})));
}
ObjectBuilder& ObjectBuilder::AddObject(std::string_view name, base::Fields fields) {
  base::Value object;
  *object.mutable_object() = std::move(fields);
  return Add(name, std::move(object));
}
base::Value ObjectBuilder::Take() {
  value_.mutable_object();
  return std::move(value_);
}

namespace {

base::Value ActionValue(const decision::Chosen& chosen, size_t slot,
                        const engine::Definitions* definitions) {
  ObjectBuilder entry;
  entry.AddCount("slot", slot);
  entry.Add("nothing", chosen.nothing());
  entry.Add("probability", chosen.probability());
  if (chosen.nothing()) return entry.Take();
  entry.Add("action", chosen.action());
  entry.Add("treatment", chosen.treatment());
  entry.Add("variant", chosen.variant());
  if (chosen.not_before() != 0) entry.AddTime("notBefore", chosen.not_before());
  if (definitions == nullptr) return entry.Take();
  if (const decision::Action* action = definitions->catalogue->FindAction(chosen.action())) {
    if (!action->title.empty()) entry.Add("title", action->title);
  }
  const decision::Treatment* treatment = definitions->catalogue->FindTreatment(chosen.treatment());
  if (treatment == nullptr) return entry.Take();
  for (const decision::Variant& variant : treatment->variants) {
    if (variant.name == chosen.variant()) entry.AddObject("content", variant.content);
  }
  return entry.Take();
}

base::Value StatedValue(const decision::OpenSlot& slot) {
  return ObjectBuilder()
      .Add("amount", base::FormatAmount(slot.value_micros()))
      .Add("currency", std::string_view(slot.currency()))
      .Take();
}

}  // namespace

base::Value LifeValue(const Lives& lives) {
  ListBuilder slots;
  for (const decision::OpenSlot& slot : lives) {
    if (slot.natural()) continue;
    ObjectBuilder entry;
    entry.AddCount("slot", slot.slot());
    entry.Add("action", slot.action());
    entry.Add("stage", policy::StageName(slot.stage()));
    entry.Add("probability", slot.probability());
    if (slot.exposed_at() != 0) entry.AddTime("exposedAt", slot.exposed_at());
    if (slot.clicked_at() != 0) entry.AddTime("clickedAt", slot.clicked_at());
    if (slot.ended_at() != 0) entry.AddTime("endedAt", slot.ended_at());
    if (slot.refunded_at() != 0) entry.AddTime("refundedAt", slot.refunded_at());
    if (!slot.currency().empty()) entry.Add("value", StatedValue(slot));
    entry.Add("closed", slot.closed());
    slots.Add(entry.Take());
  }
  return slots.Take();
}

base::Value DecisionValue(const decision::Decision& decision, const DecisionAnswer& options) {
  ObjectBuilder out;
  out.Add("id", base::DecisionId::FromBytes(decision.id()).ToString());
  out.Add("personId", base::PersonId::FromBytes(decision.person()).ToString());
  out.Add("placement", decision.placement());
  out.Add("channel", decision.channel());
  out.AddTime("time", decision.log_time());
  out.Add("identity", decision.identity() == decision::SETTLED ? "settled" : "settling");
  if (decision.dry_run()) out.Add("dryRun", true);
  ListBuilder actions;
  for (int slot = 0; slot < decision.chosen_size(); ++slot) {
    actions.Add(ActionValue(decision.chosen(slot), static_cast<size_t>(slot), options.definitions));
  }
  out.Add("actions", actions.Take());
  if (decision.ask_again_at() != 0) out.AddTime("askAgainAt", decision.ask_again_at());
  if (decision.arm() != decision::NO_HOLDOUT) {
    out.Add("holdout", ObjectBuilder()
                           .Add("name", decision.holdout())
                           .Add("arm", decision::ArmCode(decision.arm()))
                           .Take());
  }
  if (decision.has_imported()) out.Add("imported", decision::ImportedValue(decision));
  if (options.life != nullptr) out.Add("life", LifeValue(*options.life));
  if (options.explanation == Explanation::kFull) {
    out.Add("explanation", decision::Explain(decision, options.language));
  } else if (options.explanation == Explanation::kSummary) {
    out.Add("explanation",
            ObjectBuilder().Add("summary", decision::Summary(decision, options.language)).Take());
  }
  return out.Take();
}

decision::Language LanguageOf(const http::RequestHead& head) {
  if (const auto asked = head.Query("lang")) {
    return *asked == "es" ? decision::Language::kSpanish : decision::Language::kEnglish;
  }
  const std::string accepted = base::LowerAscii(head.Header("Accept-Language"));
  const size_t spanish = accepted.find("es");
  const size_t english = accepted.find("en");
  return spanish < english ? decision::Language::kSpanish : decision::Language::kEnglish;
}

}  // namespace batuta::api
