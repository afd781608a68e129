// Decisions: asking for one, reading one back with its reasons, making one again.
#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "api/answer.h"
#include "api/ask.h"
#include "api/decision_request.h"
#include "api/explain_decision.h"
#include "api/idempotency.h"
#include "api/object_reader.h"
#include "api/read_person.h"
#include "api/replay_run.h"
#include "api/routes.h"
#include "api/stored_decision.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/explain.h"
#include "decision/replay.h"

namespace batuta::api {
namespace {

constexpr int64_t kReplaysUsual = 10'000;
constexpr int64_t kReplaysMax = 100'000'000;

void CountDecision(const ExchangePtr& exchange, std::string_view placement,
                   std::string_view result) {
  Core& core = exchange->core();
  core.metrics.Count("batuta_decisions_total",
                     base::StrCat(Label("placement", placement), ",", Label("result", result)));
  const base::Duration took{core.hub.clock().Monotonic().micros -
                            exchange->request().received.micros};
  core.metrics.Observe("batuta_decision_duration_seconds", "", took);
}

void SendLife(const ExchangePtr& exchange, const decision::Decision& decision, const Lives& life) {
  const auto definitions = exchange->core().definitions.Of(decision.definitions_version());
  exchange->Json(base::ToJson(DecisionValue(
      decision, {.definitions = definitions.get(), .life = life.empty() ? nullptr : &life})));
}

void SendDecision(const ExchangePtr& exchange, const decision::Decision& decision,
                  Explanation explanation) {
  const auto definitions = exchange->core().definitions.Of(decision.definitions_version());
  exchange->Json(base::ToJson(DecisionValue(decision, {.explanation = explanation,
                                                       .language = LanguageOf(exchange->request()),
                                                       .definitions = definitions.get()})));
}

http::Problem StillDeciding() {
  return {.status = http::Status::kConflict,
          .code = "still_deciding",
          .detail = "The request with this Idempotency-Key has no answer yet.",
          .retry_after = base::Seconds(1)};
}

// The idempotency key was used before: the same answer again, if it was the same question.
void SendStored(const ExchangePtr& exchange, const DecisionWish& wish, const RequestName& name) {
  FindDecisionOfRequest(exchange, name.id, [exchange, wish](const auto& stored) {
    if (absl::IsNotFound(stored.status())) {
      return exchange->Fail(StillDeciding());
    }
    if (!stored.ok()) return FailFinding(exchange, stored.status());
    if (stored->decision.placement() != wish.placement) {
      return FailMismatch(exchange);
    }
    SendDecision(exchange, stored->decision, wish.explanation);
  });
}

void FailDecision(const ExchangePtr& exchange, const DecisionWish& wish,
                  const absl::Status& status) {
  const bool by_id = !wish.person.identifier.has_value();
  if (by_id && absl::IsNotFound(status)) return FailNobody(exchange);
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
      return FailMismatch(exchange);
    case absl::StatusCode::kNotFound:
      return FailNobody(exchange);
    case absl::StatusCode::kAborted:
      return exchange->Fail(http::Status::kConflict, "erased", base::StrCat(status.message()));
    default:
      return exchange->Fail(status);
  }
}

void AnswerDecision(const ExchangePtr& exchange, const DecisionWish& wish, const RequestName& name,
                    const absl::StatusOr<std::string>& made) {
  if (absl::IsAlreadyExists(made.status())) return SendStored(exchange, wish, name);
  decision::Decision decision;
  const bool without_trace = wish.explanation == Explanation::kNone;
  if (!made.ok() || !(without_trace ? decision::ParseWithoutTrace(*made, decision)
                                    : decision::Parse(*made, decision))) {
    CountDecision(exchange, wish.placement, "error");
    return FailDecision(exchange, wish, made.status());
  }
  const bool nothing = std::all_of(decision.chosen().begin(), decision.chosen().end(),
                                   [](const decision::Chosen& slot) { return slot.nothing(); });
  CountDecision(exchange, wish.placement,
                wish.dry_run ? "dry_run"
                : nothing    ? "nothing"
                             : "action");
  SendDecision(exchange, decision, wish.explanation);
}

void Decide(const ExchangePtr& exchange) {
  auto wish = ReadDecisionWish(exchange, /*why_not=*/false);
  if (!wish.has_value()) return;
  const auto name = NameRequest(exchange, *wish);
  if (!name.has_value()) return;
  AfterSettling(exchange, [exchange, wish = *std::move(wish), name = *name] {
    if (!name.idempotency_key.empty() && !exchange->core().under_way.Begin(name.id)) {
      return exchange->Fail(StillDeciding());
    }
    AskDecision(exchange, wish, name, [exchange, wish, name](const auto& made) {
      if (!name.idempotency_key.empty()) exchange->core().under_way.End(name.id);
      AnswerDecision(exchange, wish, name, made);
    });
  });
}

// The entries of an explanation's list that are about one action.
base::Value About(const base::Value& explanation, std::string_view list_name,
                  std::string_view action) {
  ListBuilder found;
  const base::Value* list = base::Find(explanation.object(), list_name);
  if (list == nullptr) return found.Take();
  for (const base::Value& entry : list->list().values()) {
    const base::Value* name = base::Find(entry.object(), "action");
    if (name != nullptr && name->text() == action) found.Add(entry);
  }
  return found.Take();
}

void AnswerWhyNot(const ExchangePtr& exchange, const DecisionWish& wish,
                  const absl::StatusOr<std::string>& made) {
  decision::Decision decision;
  if (!made.ok() || !decision::Parse(*made, decision))
    return FailDecision(exchange, wish, made.status());
  const base::Value full = decision::Explain(decision, LanguageOf(exchange->request()));
  const base::Value considered = About(full, "considered", wish.action);
  bool admissible = false;
  for (const decision::CandidateTrace& candidate : decision.trace().candidates()) {
    admissible |= candidate.action() == wish.action && candidate.reason() == decision::ADMISSIBLE;
  }
  const bool is_candidate = !considered.list().values().empty();
  ObjectBuilder out;
  out.Add("action", wish.action);
  out.Add("placement", wish.placement);
  out.Add("personId", base::PersonId::FromBytes(decision.person()).ToString());
  out.Add("verdict", !is_candidate ? "no_treatment" : admissible ? "admissible" : "excluded");
  out.Add("chosen", !About(full, "chosen", wish.action).list().values().empty());
  out.Add("considered", considered);
  out.Add("summary", decision::Summary(decision, LanguageOf(exchange->request())));
  exchange->Json(base::ToJson(out.Take()));
}

void WhyNot(const ExchangePtr& exchange) {
  auto wish = ReadDecisionWish(exchange, /*why_not=*/true);
  if (!wish.has_value()) return;
  AfterSettling(exchange, [exchange, wish = *std::move(wish)] {
    const RequestName name{exchange->core().hub.DrawId(), ""};
    AskDecision(exchange, wish, name,
                [exchange, wish](const auto& made) { AnswerWhyNot(exchange, wish, made); });
  });
}

using Answerer = void (*)(const ExchangePtr&, const StoredDecision&);

void WithStored(const ExchangePtr& exchange, Answerer answer) {
  const auto id = DecisionInPath(exchange);
  if (!id.has_value()) return;
  FindDecision(exchange, *id, [exchange, answer](const auto& stored) {
    if (!stored.ok()) return FailFinding(exchange, stored.status());
    answer(exchange, *stored);
  });
}

// With what has come of it, which its person's partition knows.
void AnswerStored(const ExchangePtr& exchange, const StoredDecision& stored) {
  const auto person = base::PersonId::FromBytes(stored.decision.person());
  VisitPerson(
      exchange->core(), person,
      [exchange, stored](engine::Fold&, const base::PersonId&, const engine::PersonRow* row) {
        Lives life = stored.life;
        if (row != nullptr) {
          for (const decision::OpenDecision& one : row->open().decisions()) {
            if (one.decision() == stored.decision.id()) life = one.slots();
          }
        }
        InBackground(exchange,
                     [exchange, made = stored.decision, life] { SendLife(exchange, made, life); });
      });
}

void AnswerReplay(const ExchangePtr& exchange, const StoredDecision& stored) {
  const decision::Decision& decision = stored.decision;
  const auto definitions = exchange->core().definitions.Of(decision.definitions_version());
  const auto again = definitions == nullptr ? decision::Replay(decision)
                                            : decision::Replay(decision, *definitions->catalogue);
  if (!again.ok()) {
    return exchange->Fail(http::Status::kConflict, "cannot_replay",
                          base::StrCat(again.status().message()));
  }
  const auto hash = [](std::string_view bytes) {
    return base::EncodeHex(base::Hash128(bytes).ToBytes());
  };
  ObjectBuilder out;
  out.Add("id", base::DecisionId::FromBytes(decision.id()).ToString());
  out.Add("equal", *again == stored.bytes);
  out.AddCount("bytes", stored.bytes.size());
  out.Add("hash", hash(stored.bytes));
  out.Add("replayedHash", hash(*again));
  out.Add("engineVersion", std::string_view(decision::kEngineVersion));
  out.AddCount("definitionsVersion", decision.definitions_version());
  out.Add("from", definitions == nullptr ? "trace" : "trace and definitions");
  exchange->Json(base::ToJson(out.Take()));
}

std::string AuditJson(const ReplayRun& run, double seconds) {
  const decision::ReplayAudit audit = run.Audit();
  ListBuilder differing;
  for (const base::DecisionId& id : audit.differing()) {
    differing.Add(base::TextValue(id.ToString()));
  }
  ObjectBuilder out;
  out.AddCount("found", run.Found());
  out.AddCount("replayed", audit.equal() + audit.different());
  out.AddCount("equal", audit.equal()).AddCount("different", audit.different());
  out.Add("differing", differing.Take());
  out.AddCount("fromTraceAlone", audit.from_trace_alone());
  out.AddCount("otherEngine", audit.other_engine()).AddCount("damaged", audit.damaged());
  out.Add("engineVersion", std::string_view(decision::kEngineVersion));
  out.Add("seconds", seconds);
  return base::ToJson(out.Take());
}

void ReplayOf(const ExchangePtr& exchange, uint64_t sample, uint64_t made) {
  const int64_t began = exchange->core().hub.clock().Monotonic().micros;
  std::make_shared<ReplayRun>(exchange, sample, made,
                              [exchange, began](const absl::Status& status, const ReplayRun& run) {
                                if (absl::IsCancelled(status)) return;
                                if (!status.ok()) return exchange->Fail(status);
                                const int64_t took =
                                    exchange->core().hub.clock().Monotonic().micros - began;
                                exchange->Json(AuditJson(run, static_cast<double>(took) / 1e6));
                              })
      ->Begin();
}

void ReplayMany(const ExchangePtr& exchange) {
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) return exchange->FailNotJson(root.status());
  std::vector<http::ProblemError> errors;
  ObjectReader body(*root, "", errors);
  const auto sample =
      static_cast<uint64_t>(body.Integer("sample", 1, kReplaysMax).value_or(kReplaysUsual));
  body.Finish();
  if (!errors.empty()) return exchange->Fail(std::move(errors));
  AfterSettling(exchange, [exchange, sample] {
    Gather<uint64_t>(
        exchange->core(),
        [](engine::Fold& fold) { return fold.state().self.tallies().decisions(); },
        [exchange, sample](const std::vector<uint64_t>& parts) {
          ReplayOf(exchange, sample, std::accumulate(parts.begin(), parts.end(), uint64_t{0}));
        });
  });
}

}  // namespace

void AddDecisionRoutes(Core& core) {
  constexpr Access kDecide = {.scope = "decisions", .browser = true};
  constexpr Access kRead = {.scope = "decisions"};
  AddRoute(core, http::Method::kPost, "/v1/decisions", kDecide, Decide);
  AddRoute(core, http::Method::kPost, "/v1/decisions:whyNot", kRead, WhyNot);
  AddRoute(core, http::Method::kPost, "/v1/decisions:replay", kRead, ReplayMany);
  AddRoute(core, http::Method::kGet, "/v1/decisions/{id}", kRead, [](const ExchangePtr& exchange) {
    AfterSettling(exchange, [exchange] { WithStored(exchange, AnswerStored); });
  });
  AddRoute(core, http::Method::kGet, "/v1/decisions/{id}/explanation", kRead,
           [](const ExchangePtr& exchange) { WithStored(exchange, ExplainDecision); });
  AddRoute(core, http::Method::kPost, "/v1/decisions/{id}:replay", kRead,
           [](const ExchangePtr& exchange) { WithStored(exchange, AnswerReplay); });
}

}  // namespace batuta::api
