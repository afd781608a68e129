#include "api/explain_decision.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/answer.h"
#include "api/ask.h"
#include "api/read_person.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/changes.h"
#include "decision/explain.h"
#include "decision/why_not.h"
#include "engine/decision_person.h"

namespace batuta::api {
namespace {

// The person and the models as they are now; without the person if they are not there any more.
struct Now {
  std::unique_ptr<const engine::PersonCopy> person;
  learn::Models models;
};

base::Value Unavailable(std::string_view why) {
  ObjectBuilder out;
  out.Add("unavailable", why);
  return out.Take();
}

base::Value ChangesValue(const decision::Decision& made, const decision::Catalogue* catalogue,
                         const Now& now, const std::string& wanted, decision::Language language) {
  if (catalogue == nullptr) {
    return Unavailable(base::StrCat("The definitions of then, version ", made.definitions_version(),
                                    ", are not at hand any more."));
  }
  decision::Present present{.models = &now.models};
  if (now.person != nullptr) {
    present.person = &now.person->view();
    present.contacts = &now.person->contacts();
    present.zone = now.person->zone();
  }
  const auto changes = decision::FindChanges(made, *catalogue, present, wanted);
  if (!changes.ok()) return Unavailable(base::StdView(changes.status().message()));
  return decision::ToValue(*changes, made, language);
}

void Answer(const ExchangePtr& exchange, const decision::Decision& made, const Now& now) {
  const Core& core = exchange->core();
  const decision::Language language = LanguageOf(exchange->request());
  const auto then = core.definitions.Of(made.definitions_version());
  const auto view = core.definitions.Now();
  const decision::Catalogue* catalogue = then == nullptr ? nullptr : then->catalogue.get();
  const std::string wanted(exchange->request().Query("action").value_or(""));
  base::Value out = decision::Explain(made, language);
  base::Fields& fields = *out.mutable_object();
  if (decision::HoldsNothing(made)) {
    base::SetField(fields, "nothingChosen", decision::WhyNothing(made, language));
  }
  if (!wanted.empty()) {
    const decision::KnownActions known{.then = catalogue,
                                       .now = view->definitions->catalogue.get()};
    base::SetField(fields, "whyNot", decision::WhyNot(made, wanted, known, language));
  }
  base::SetField(fields, "changes", ChangesValue(made, catalogue, now, wanted, language));
  exchange->Json(base::ToJson(out));
}

}  // namespace

void ExplainDecision(const ExchangePtr& exchange, const StoredDecision& stored) {
  const auto person = base::PersonId::FromBytes(stored.decision.person());
  VisitPerson(exchange->core(), person,
              [exchange, made = stored.decision](engine::Fold& fold, const base::PersonId&,
                                                 const engine::PersonRow* row) {
                auto now = std::make_shared<Now>();
                now->models = fold.models();
                if (row != nullptr) {
                  now->person = std::make_unique<const engine::PersonCopy>(fold, *row);
                }
                InBackground(exchange, [exchange, made, now] { Answer(exchange, made, *now); });
              });
}

}  // namespace batuta::api
