#include "api/read_person.h"

#include <utility>

#include "api/audit.h"
#include "base/text.h"
#include "identity/refs.h"

namespace batuta::api {

void VisitPerson(Core& core, const base::IdentifierHash& identifier, PersonVisit visit) {
  const base::PartitionId home = identity::HomeOf(identifier, core.hub.partitions());
  core.hub.runtime().Run(home, [&core, identifier, visit = std::move(visit)](engine::Fold& fold) {
    const identity::IdentifierRow* row = fold.state().identifiers.Find(identifier);
    if (row == nullptr || !row->has_person()) return visit(fold, {}, nullptr);
    VisitPerson(core, identity::FromRef(row->person()), visit);
  });
}

void VisitPerson(Core& core, const base::PersonId& person, PersonVisit visit) {
  core.hub.runtime().Run(
      person.partition, [&core, person, visit = std::move(visit)](engine::Fold& fold) {
        const engine::PersonRow* row = fold.state().people.Find(person);
        if (row == nullptr || !row->has_identity() || row->identity().erased()) {
          return visit(fold, person, nullptr);
        }
        if (!row->identity().has_merged_into()) return visit(fold, person, row);
        VisitPerson(core, identity::FromRef(row->identity().merged_into()), visit);
      });
}

void VisitPerson(Core& core, const PersonName& name, PersonVisit visit) {
  if (name.identifier.has_value()) {
    return VisitPerson(core, name.identifier->hash, std::move(visit));
  }
  VisitPerson(core, name.id, std::move(visit));
}

std::optional<PersonName> PersonInPath(const ExchangePtr& exchange, bool by_id) {
  Core& core = exchange->core();
  PersonName name;
  if (by_id) {
    const auto id = ParsePersonId(core, exchange->parameter("id"));
    if (!id.has_value()) {
      exchange->Fail(http::Status::kBadRequest, "bad_person",
                     "A person is named by an identifier, such as user_id:17850 or "
                     "email:ana%40example.com, or by an id such as per_…");
      return std::nullopt;
    }
    name.id = *id;
    return name;
  }
  auto ref = MakePersonRef(core, exchange->parameter("type"), exchange->parameter("value"));
  if (!ref.ok()) {
    exchange->Fail(http::Status::kBadRequest, "bad_identifier",
                   base::StrCat(ref.status().message()));
    return std::nullopt;
  }
  name.identifier = *std::move(ref);
  return name;
}

Opener OpenerFor(const ExchangePtr& exchange) {
  return Opener(exchange->core().hub.vault(), HasScope(*exchange->key(), "pii:read"));
}

engine::Audit AuditOfPerson(const ExchangePtr& exchange, std::string_view action,
                            const PersonName& name, const base::PersonId& id) {
  engine::Audit audit = AuditOf(action, exchange->key()->id());
  if (name.identifier.has_value()) audit.set_identifier(name.identifier->hash.ToBytes());
  *audit.mutable_person() = identity::ToRef(id);
  return audit;
}

void AnswerOpened(const ExchangePtr& exchange, const Opener& opener, std::string_view action,
                  const PersonName& name, const base::PersonId& id, const std::string& json) {
  if (opener.has_opened()) {
    const absl::Status audited =
        QueueAudit(exchange->core(), AuditOfPerson(exchange, action, name, id));
    if (!audited.ok()) return exchange->Fail(audited);
  }
  exchange->Json(json);
}

void FailNobody(const ExchangePtr& exchange) {
  exchange->Fail(http::Status::kNotFound, "no_such_person",
                 "Nobody has this identifier, or the person was erased.");
}

}  // namespace batuta::api
