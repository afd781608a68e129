#include "api/stored_decision.h"

#include <optional>
#include <utility>
#include <vector>

#include "api/ask.h"
#include "base/text.h"
#include "decision/decide.h"
#include "engine/record.h"

namespace batuta::api {
namespace {

struct Place {
  base::Position position;
  Lives life;
};

std::optional<Place> PlaceOf(engine::Fold& fold, const base::DecisionId& id) {
  const auto row =
      fold.state().GetRow<engine::DecisionRow>(engine::RowKind::kDecision, id.ToBytes());
  if (!row.has_value()) return std::nullopt;
  auto over = fold.state().GetRow<engine::LifeOver>(engine::RowKind::kLife, id.ToBytes());
  return Place{{id.partition, base::Offset{row->offset()}},
               over.has_value() ? std::move(*over->mutable_slots()) : Lives()};
}

absl::StatusOr<StoredDecision> ReadAt(engine::Hub& hub, const Place& place) {
  const auto record = hub.history().Read(place.position);
  if (!record.ok()) return record.status();
  engine::Message message;
  StoredDecision stored;
  if (record->type != static_cast<uint8_t>(engine::RecordType::kMessage) ||
      !message.ParseFromString(record->payload) ||
      !decision::Parse(message.made().decision(), stored.decision)) {
    return absl::DataLossError("the record of the decision cannot be read");
  }
  stored.bytes = message.made().decision();
  stored.life = place.life;
  return stored;
}

void ReadLater(const ExchangePtr& exchange, const std::optional<Place>& place, StoredDone done) {
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
  using Found = std::optional<Place>;
  Gather<Found>(
      exchange->core(),
      [request](engine::Fold& fold) { return PlaceOf(fold, {fold.settings().partition, request}); },
      [exchange, done = std::move(done)](const std::vector<Found>& places) {
        Found found;
        for (const Found& place : places) {
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
