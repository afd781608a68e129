// Consents as events state them.
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/value.h"
#include "profile/consent.h"
#include "profile/statement_text.h"

namespace batuta::profile {
namespace {

// More per event are a mistake of the sender, and reported as such.
constexpr int kMaxStatementsPerEvent = 100;

std::optional<ConsentStatus> ReadStatus(const base::Value& value) {
  if (value.kind_case() == base::Value::kBoolean) {
    return value.boolean() ? CONSENT_GRANTED : CONSENT_DENIED;
  }
  for (const ConsentStatus status : {CONSENT_GRANTED, CONSENT_DENIED, CONSENT_WITHDRAWN}) {
    if (value.text() == ConsentName(status)) return status;
  }
  return std::nullopt;
}

std::string TextOf(const base::Fields& fields, std::string_view name) {
  const base::Value* value = base::Find(fields, name);
  return value == nullptr ? std::string() : value->text();
}

const base::Value* AddressIn(const base::Fields& fields) {
  const base::Value* address = base::Find(fields, "address");
  const bool stated = address != nullptr && !base::IsNull(*address) &&
                      (address->has_sealed() || !address->text().empty());
  return stated ? address : nullptr;
}

// One {purpose, channel?, status, address?, textVersion?}; `place` is where it stands.
void ReadOne(const base::Fields& fields, std::string_view place, ParsedConsents& parsed) {
  ConsentStatement statement;
  const std::optional<std::string> purpose = NameIn(fields, "purpose");
  const std::optional<std::string> channel = NameIn(fields, "channel");
  const base::Value* status_value = base::Find(fields, "status");
  const std::optional<ConsentStatus> status =
      status_value == nullptr ? std::nullopt : ReadStatus(*status_value);
  if (!purpose.has_value() || purpose->empty()) {
    parsed.problems.push_back(base::StrCat(place, "/purpose: ", kNameRule));
    return;
  }
  if (!channel.has_value()) {
    parsed.problems.push_back(base::StrCat(place, "/channel: ", kNameRule));
    return;
  }
  if (!status.has_value()) {
    parsed.problems.push_back(base::StrCat(place, "/status: granted, denied or withdrawn"));
    return;
  }
  statement.purpose = *purpose;
  statement.channel = *channel;
  statement.status = *status;
  statement.text_version = TextOf(fields, "textVersion").substr(0, kMaxTextVersionBytes);
  statement.address = AddressIn(fields);
  parsed.statements.push_back(std::move(statement));
}

void ReadTrait(const base::Fields& traits, ParsedConsents& parsed) {
  const base::Value* stated = base::Find(traits, kConsentsTrait);
  if (stated == nullptr || base::IsNull(*stated)) return;
  if (!stated->has_list() || stated->list().values_size() > kMaxStatementsPerEvent) {
    parsed.problems.push_back(base::StrCat("/traits/consents: a list of at most ",
                                           kMaxStatementsPerEvent, " {purpose, channel, status}"));
    return;
  }
  for (int i = 0; i < stated->list().values_size(); ++i) {
    const std::string place = base::StrCat("/traits/consents/", i);
    if (!stated->list().values(i).has_object()) {
      parsed.problems.push_back(base::StrCat(place, ": an object {purpose, channel, status}"));
      continue;
    }
    ReadOne(stated->list().values(i).object(), place, parsed);
  }
}

void ReadCategories(const base::Fields& context, ParsedConsents& parsed) {
  constexpr std::string_view kPlace = "/context/consent/categoryPreferences";
  const base::Value* stated = base::FindPath(context, "consent.categoryPreferences");
  if (stated == nullptr || base::IsNull(*stated)) return;
  if (!stated->has_object() || stated->object().fields_size() > kMaxStatementsPerEvent) {
    parsed.problems.push_back(
        base::StrCat(kPlace, ": an object of at most ", kMaxStatementsPerEvent, " booleans"));
    return;
  }
  for (const base::Field& category : stated->object().fields()) {
    const std::optional<std::string> purpose = NormaliseName(category.name());
    if (!purpose.has_value() || category.value().kind_case() != base::Value::kBoolean) {
      parsed.problems.push_back(
          base::StrCat(kPlace, "/", category.name(), ": true or false, and ", kNameRule));
      continue;
    }
    ConsentStatement statement;
    statement.purpose = *purpose;
    statement.status = category.value().boolean() ? CONSENT_GRANTED : CONSENT_DENIED;
    parsed.statements.push_back(std::move(statement));
  }
}

}  // namespace

ParsedConsents ParseConsents(const ConsentEvent& event) {
  ParsedConsents parsed;
  if (event.context != nullptr) ReadCategories(*event.context, parsed);
  if (event.traits != nullptr) ReadTrait(*event.traits, parsed);
  if (event.properties != nullptr && event.event_name == kConsentChanged) {
    ReadOne(*event.properties, "/properties", parsed);
  }
  return parsed;
}

}  // namespace batuta::profile
