// Outcomes of decisions, as channels report them.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/object_reader.h"
#include "api/read_money.h"
#include "api/routes.h"
#include "api/stored_decision.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "decision/lifecycle.h"

namespace batuta::api {
namespace {

const std::vector<std::string>& OutcomeTypes() {
  static const auto& types =
      *new std::vector<std::string>{"impression", "click", "accept", "reject", "failure"};
  return types;
}

decision::OutcomeKind KindOf(std::string_view type) {
  if (type == "click") return decision::OutcomeKind::kClicked;
  if (type == "accept") return decision::OutcomeKind::kAccepted;
  if (type == "reject") return decision::OutcomeKind::kRejected;
  if (type == "failure") return decision::OutcomeKind::kFailed;
  return decision::OutcomeKind::kExposed;
}

std::optional<engine::OutcomeAsk> ReadOutcome(const ExchangePtr& exchange, std::string& type) {
  std::vector<http::ProblemError> errors;
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) {
    exchange->FailNotJson(root.status());
    return std::nullopt;
  }
  ObjectReader body(*root, "", errors);
  engine::OutcomeAsk ask;
  type = body.Choice("type", OutcomeTypes(), Need::kRequired);
  ask.set_kind(static_cast<uint32_t>(KindOf(type)));
  ask.set_slot(static_cast<uint32_t>(body.Integer("slot", 0, 99).value_or(0)));
  const std::string at = body.Text("at");
  if (!at.empty()) {
    const auto time = base::ParseTime(at);
    if (!time.ok()) body.Error("at", "bad_time", "a time is written as 2026-03-01T12:30:00Z");
    if (time.ok()) ask.set_at(time->micros);
  }
  if (const auto value = ReadMoneyMember(body, "value", errors)) {
    ask.set_value_micros(value->micros);
    ask.set_currency(static_cast<uint32_t>(value->currency));
  }
  body.Finish();
  if (errors.empty()) return ask;
  exchange->Fail(std::move(errors));
  return std::nullopt;
}

void AnswerOutcome(const ExchangePtr& exchange, std::string_view type,
                   const absl::StatusOr<std::string>& note) {
  const bool recorded = note.ok() && *note == decision::NoChangeText(decision::NoChange::kNone);
  const std::string_view result = !note.ok() ? "refused" : recorded ? "recorded" : "unchanged";
  exchange->core().metrics.Count("batuta_outcomes_total",
                                 base::StrCat(Label("type", type), ",", Label("result", result)));
  if (absl::IsNotFound(note.status())) return FailFinding(exchange, note.status());
  if (absl::IsFailedPrecondition(note.status())) {
    return exchange->Fail(http::Status::kConflict, "decision_closed",
                          base::StrCat(note.status().message()));
  }
  if (!note.ok()) return exchange->Fail(note.status());
  ObjectBuilder out;
  out.Add("recorded", recorded);
  if (!recorded) out.Add("reason", *note);
  exchange->Json(base::ToJson(out.Take()));
}

void Report(const ExchangePtr& exchange) {
  const auto id = DecisionInPath(exchange);
  if (!id.has_value()) return;
  std::string type;
  auto ask = ReadOutcome(exchange, type);
  if (!ask.has_value()) return;
  Core& core = exchange->core();
  const base::RecordId request = core.hub.DrawId();
  ask->set_request_id(request.ToBytes());
  ask->set_decision(id->ToBytes());
  Ask(core,
      NewEntry(core, id->partition, engine::RecordType::kOutcomeAsk, ask->SerializeAsString()),
      request, [exchange, type](const auto& note) { AnswerOutcome(exchange, type, note); });
}

}  // namespace

void AddOutcomeRoutes(Core& core) {
  // A decision's id is known to nobody but who asked for it, so browsers may report.
  AddRoute(core, http::Method::kPost, "/v1/decisions/{id}/outcomes",
           {.scope = "decisions", .browser = true}, Report);
}

}  // namespace batuta::api
