// Finds a person's row: from an identifier to its home, from there to the person's, and on to whom
// they have merged into. Internal to this folder.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "api/exchange.h"
#include "api/person_ref.h"
#include "base/ids.h"
#include "engine/fold.h"
#include "engine/row.pb.h"

namespace batuta::api {

// Called once on the thread of the person's partition; without a row when there is nobody, or
// nobody any more.
using PersonVisit =
    std::function<void(engine::Fold&, const base::PersonId&, const engine::PersonRow*)>;

void VisitPerson(Core& core, const base::IdentifierHash& identifier, PersonVisit visit);
void VisitPerson(Core& core, const base::PersonId& person, PersonVisit visit);

// "{type}:{value}", or an id "per_…". Answers itself, and gives nothing, when the path is not
// right.
std::optional<PersonName> PersonInPath(const ExchangePtr& exchange, bool by_id);
void VisitPerson(Core& core, const PersonName& name, PersonVisit visit);

// Says who is not there, without saying again who was asked for.
void FailNobody(const ExchangePtr& exchange);

}  // namespace batuta::api
