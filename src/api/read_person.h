// Finds a person's row: from an identifier to its home, from there to the person's, and on to whom
// they have merged into; and accounts for what is read of them. Internal to this folder.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/exchange.h"
#include "api/opener.h"
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

// Sealed values as the key of the request may see them.
Opener OpenerFor(const ExchangePtr& exchange);

// The entry of the audit trail for something that is done to a person.
engine::Audit AuditOfPerson(const ExchangePtr& exchange, std::string_view action,
                            const PersonName& name, const base::PersonId& id);

// Answers with what was opened for it. If any value was, the entry that accounts for it is queued
// first; when it cannot be, the answer is 503.
void AnswerOpened(const ExchangePtr& exchange, const Opener& opener, std::string_view action,
                  const PersonName& name, const base::PersonId& id, const std::string& json);

// Says who is not there, without saying again who was asked for.
void FailNobody(const ExchangePtr& exchange);

}  // namespace batuta::api
