// A request for a decision, from its body to the record that asks the fold. Internal to this
// folder.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "api/answer.h"
#include "api/ask.h"
#include "api/exchange.h"
#include "api/object_reader.h"
#include "api/person_ref.h"
#include "base/value.pb.h"
#include "engine/record.pb.h"
#include "log/record.h"

namespace batuta::api {

// Asked of the definitions first, so that a spelling mistake costs nothing and says what was meant.
void CheckPlacement(Core& core, std::string_view name, ObjectReader& body);

// Who is asked about; and the home that their request goes to.
absl::StatusOr<base::PartitionId> NamePerson(Core& core, const PersonName& person,
                                             engine::PersonAsk& ask);

struct DecisionWish {
  PersonName person;
  std::string placement;
  uint32_t slots = 0;
  base::Fields context;
  bool dry_run = false;
  Explanation explanation = Explanation::kNone;
  std::string action;  // whyNot only
};

// Answers itself, and gives nothing, if the body is not right. `why_not`: with "action", without
// what only a decision has.
std::optional<DecisionWish> ReadDecisionWish(const ExchangePtr& exchange, bool why_not);

// The id that the request has in the log: drawn, or made from its idempotency key, which is good
// for one key and one person. Nothing, and answered, if the header is not right.
struct RequestName {
  base::RecordId id;
  std::string idempotency_key;  // "" for none
};
std::optional<RequestName> NameRequest(const ExchangePtr& exchange, const DecisionWish& wish);

// Asks; `done` has the serialized decision, or what the fold or the log said against it.
void AskDecision(const ExchangePtr& exchange, const DecisionWish& wish, const RequestName& name,
                 AskDone done);

}  // namespace batuta::api
