#include "api/stored_decision.h"

#include <optional>
#include <utility>
#include <vector>

#include "api/ask.h"
#include "base/text.h"
#include "engine/record.h"

namespace batuta::api {
namespace {

std::optional<base::Position> PlaceOf(engine::Fold& fold, const base::DecisionId& id) {
  const auto row =
      fold.state().GetRow<engine::DecisionRow>(engine::RowKind::kDecision, id.ToBytes());
  if (!row.has_value()) return std::nullopt;
  return base::Position{id.partition, base::Offset{row->offset()}};
}

absl::StatusOr<StoredDecision> ReadAt(engine::Hub& hub, const base::Position& place) {
  const auto record = hub.history().Read(place);
  if (!record.ok()) return record.status();
  engine::Message message;
  StoredDecision stored;
  if (record->type != static_cast<uint8_t>(engine::RecordType::kMessage) ||
      !message.ParseFromString(record->payload) ||
      !stored.decision.ParseFromString(message.made().decision())) {
    return absl::DataLossError("the record of the decision cannot be read");
  }
  stored.bytes = message.made().decision();
  return stored;
}

void ReadLater(const ExchangePtr& exchange, const std::optional<base::Position>& place,
               StoredDone done) {
  InBackground(exchange, [exchange, place, done = std::move(done)] {
    if (!place.has_value()) return done(absl::NotFoundError("there is no such decision"));
    done(ReadAt(exchange->core().hub, *place));
  });
}

}  // namespace

void FindDecision(const ExchangePtr& exchange, const base::DecisionId& id, StoredDone done) {
  exchange->core().hub.runtime().Run(id.partition,
                                     [exchange, id, done = std::move(done)](engine::Fold& fold) {
                                       ReadLater(exchange, PlaceOf(fold, id), done);
                                     });
}

void FindDecisionOfRequest(const ExchangePtr& exchange, const base::RecordId& request,
                           StoredDone done) {
  using Place = std::optional<base::Position>;
  Gather<Place>(
      exchange->core(),
      [request](engine::Fold& fold) { return PlaceOf(fold, {fold.settings().partition, request}); },
      [exchange, done = std::move(done)](const std::vector<Place>& places) {
        Place found;
        for (const Place& place : places) {
          if (place.has_value()) found = place;
        }
        ReadLater(exchange, found, done);
      });
}

std::optional<base::DecisionId> DecisionInPath(const ExchangePtr& exchange) {
  const auto id = base::DecisionId::Parse(exchange->parameter("id"));
  if (id.ok() && base::Index(id->partition) < exchange->core().hub.partitions()) return *id;
  exchange->Fail(http::Status::kNotFound, "no_such_decision",
                 "There is no such decision; ids look like dec_… and come with the answer.");
  return std::nullopt;
}

void FailFinding(const ExchangePtr& exchange, const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    return exchange->Fail(http::Status::kNotFound, "no_such_decision",
                          "There is no such decision. Dry runs are not kept.");
  }
  if (absl::IsOutOfRange(status)) {
    return exchange->Fail(http::Status::kGone, "no_longer_kept",
                          "The record of the decision is older than what the hub keeps.");
  }
  exchange->Fail(http::Status::kInternalServerError, "unreadable",
                 "The record of the decision could not be read.");
}

}  // namespace batuta::api
