// Decisions that another system made, many at a time: each checked by itself, those that are right
// stored together, and taken once by their ids.
#include <string>
#include <utility>
#include <vector>

#include "api/ask.h"
#include "api/decision_request.h"
#include "api/object_reader.h"
#include "api/read_money.h"
#include "api/routes.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "engine/record.pb.h"

namespace batuta::api {
namespace {

constexpr size_t kDecisionsMax = 25'000;
constexpr size_t kIdMax = 255;
constexpr size_t kCandidatesMax = 1000;

const std::vector<std::string>& Outcomes() {
  static const auto& names =
      *new std::vector<std::string>{"accepted", "rejected", "ignored", "expired", "failed"};
  return names;
}

policy::ContactStage StageOf(std::string_view outcome) {
  if (outcome == "accepted") return policy::ACCEPTED;
  if (outcome == "rejected") return policy::REJECTED;
  if (outcome == "ignored") return policy::IGNORED;
  return outcome == "expired" ? policy::EXPIRED : policy::FAILED;
}

// One decision of a body.
class Reader {
 public:
  Reader(Core& core, const base::Value& value, std::string_view source,
         std::vector<http::ProblemError>& errors)
      : core_(core), source_(source), errors_(errors), body_(value, "", errors) {}

  // Of use if there are no errors.
  absl::StatusOr<log::Entry> Read() {
    const auto person = ReadPersonMember(core_, body_, errors_);
    decision::DecisionRequest& request = *ask_.mutable_request();
    request.set_placement(body_.Text("placement", Need::kRequired));
    CheckPlacement(core_, request.placement(), body_);
    decision::Imported& imported = *request.mutable_imported();
    imported.set_key(body_.Text("id", Need::kRequired));
    if (imported.key().size() > kIdMax) {
      body_.Error("id", "too_long", base::StrCat("an id has at most ", kIdMax, " bytes"));
    }
    imported.set_action(body_.Text("action"));
    imported.set_time(Time("time", Need::kRequired));
    imported.set_probability(Probability(body_, Need::kRequired));
    ReadCandidates(imported);
    ReadOutcome(imported);
    if (const base::Value* context = body_.Object("context")) {
      *request.mutable_context() = context->object();
    }
    body_.Finish();
    if (!errors_.empty() || !person.has_value()) {
      return absl::InvalidArgumentError("the decision is not right");
    }
    return EntryOf(*person);
  }

 private:
  int64_t Time(std::string_view name, Need need) {
    const std::string text = body_.Text(name, need);
    if (text.empty()) return 0;
    const auto time = base::ParseTime(text);
    if (time.ok()) return time->micros;
    body_.Error(name, "bad_time", "a time is written as 2026-03-01T12:30:00Z");
    return 0;
  }

  static double Probability(ObjectReader& body, Need need) {
    const base::Value* value = body.Any("probability");
    if (value == nullptr) {
      if (need == Need::kRequired) body.Error("probability", "missing", "it is required");
      return 0;
    }
    const bool is_number = value->kind_case() == base::Value::kNumber;
    if (is_number && value->number() > 0 && value->number() <= 1) return value->number();
    body.Error("probability", "out_of_range", "a probability is a number above 0 and at most 1");
    return 0;
  }

  void ReadCandidates(decision::Imported& imported) {
    const base::Value* list = body_.Any("candidates");
    if (list == nullptr) return;
    if (list->kind_case() != base::Value::kList ||
        static_cast<size_t>(list->list().values_size()) > kCandidatesMax) {
      return body_.Error("candidates", "wrong_type",
                         base::StrCat("candidates are a list of at most ", kCandidatesMax));
    }
    bool is_chosen_there = false;
    for (int i = 0; i < list->list().values_size(); ++i) {
      ObjectReader one(list->list().values(i), base::StrCat(body_.PointerTo("candidates"), "/", i),
                       errors_);
      decision::ImportedCandidate& candidate = *imported.add_candidates();
      candidate.set_action(one.Text("action"));
      candidate.set_probability(Probability(one, Need::kRequired));
      one.Finish();
      is_chosen_there |= candidate.action() == imported.action();
    }
    if (!is_chosen_there) {
      body_.Error("action", "no_candidate", "what was chosen is not among the candidates");
    }
  }

  void ReadOutcome(decision::Imported& imported) {
    const bool is_nothing = imported.action().empty();
    const std::string outcome = body_.Choice("outcome", Outcomes());
    if (is_nothing && !outcome.empty()) {
      body_.Error("outcome", "of_nothing", "where nothing was chosen there is no outcome");
    } else if (!is_nothing && outcome.empty() && body_.Any("outcome") == nullptr) {
      body_.Error("outcome", "missing",
                  "it is required: accepted, rejected, ignored, expired or failed");
    }
    if (!is_nothing) imported.set_outcome(StageOf(outcome));
    imported.set_ended_at(Time("outcomeAt", Need::kOptional));
    if (const auto value = ReadMoneyMember(body_, "value", errors_)) {
      imported.set_value_micros(value->micros);
      imported.set_currency(base::FormatCurrency(value->currency));
    }
  }

  absl::StatusOr<log::Entry> EntryOf(const PersonName& person) {
    const auto home = NamePerson(core_, person, *ask_.mutable_person());
    if (!home.ok()) return home.status();
    ask_.mutable_person()->set_source(std::string(source_));
    // The same id from the same source is the same decision, whoever sends it.
    base::ByteWriter name;
    name.Bytes("imported decision");
    name.Bytes(source_);
    name.Bytes(ask_.request().imported().key());
    decision::DecisionRequest& request = *ask_.mutable_request();
    request.set_request_id(base::Hash128(name.bytes()).ToBytes());
    request.set_event_time(request.imported().time());
    return NewEntry(core_, *home, engine::RecordType::kDecisionAsk, ask_.SerializeAsString());
  }

  Core& core_;
  const std::string_view source_;
  std::vector<http::ProblemError>& errors_;
  ObjectReader body_;
  engine::DecisionAsk ask_;
};

struct Batch {
  std::vector<log::Entry> entries;
  ListBuilder rejected;
  size_t rejections = 0;
};

void Reject(size_t index, const http::ProblemError& error, Batch& batch) {
  ++batch.rejections;
  ObjectBuilder out;
  out.AddCount("index", index);
  out.Add("code", error.code);
  out.Add("pointer", error.pointer);
  out.Add("detail", error.detail);
  batch.rejected.Add(out.Take());
}

void Import(const ExchangePtr& exchange) {
  InBackground(exchange, [exchange] {
    const auto root = base::ParseJson(exchange->request().body);
    if (!root.ok()) return exchange->FailNotJson(root.status());
    const base::Value* list = root->has_object() ? base::Find(root->object(), "batch") : nullptr;
    if (list == nullptr || list->kind_case() != base::Value::kList ||
        static_cast<size_t>(list->list().values_size()) > kDecisionsMax) {
      return exchange->Fail(http::Status::kBadRequest, "invalid_body",
                            base::StrCat("The body is {\"batch\": [decision, …]}, of at most ",
                                         kDecisionsMax, ". Nothing was stored."));
    }
    Core& core = exchange->core();
    Batch batch;
    for (int i = 0; i < list->list().values_size(); ++i) {
      std::vector<http::ProblemError> errors;
      auto entry = Reader(core, list->list().values(i), exchange->key()->source(), errors).Read();
      if (!errors.empty()) {
        Reject(static_cast<size_t>(i), errors[0], batch);
      } else if (!entry.ok()) {
        return exchange->Fail(entry.status());
      } else {
        batch.entries.push_back(*std::move(entry));
      }
    }
    ObjectBuilder out;
    out.AddCount("accepted", batch.entries.size());
    if (batch.rejections > 0) out.Add("rejected", batch.rejected.Take());
    std::string answer = base::ToJson(out.Take());
    if (batch.entries.empty()) return exchange->Json(std::move(answer));
    const absl::Status queued = core.hub.runtime().Append(
        std::move(batch.entries), [exchange, answer](const auto& positions) {
          if (!positions.ok()) return exchange->Fail(positions.status());
          http::Response response = http::Response::Json(http::Status::kOk, answer);
          response.headers.Set("X-Log-Position", FormatPositions(*positions));
          exchange->Send(std::move(response));
        });
    if (!queued.ok()) exchange->Fail(queued);
  });
}

}  // namespace

void AddImportRoutes(Core& core) {
  AddRoute(core, http::Method::kPost, "/v1/decisions:import", {.scope = "decisions"}, Import);
}

}  // namespace batuta::api
