#include "server/demo_event.h"

#include "base/json.h"

namespace batuta::server {
namespace {

void Member(base::JsonWriter& json, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  json.Key(name);
  json.String(text);
}

void WriteProperties(const Call& call, base::JsonWriter& json) {
  if (call.properties.empty() && !call.amount.has_value()) return;
  json.Key("properties");
  json.BeginObject();
  for (const auto& [name, text] : call.properties) Member(json, name, text);
  if (call.amount.has_value()) {
    json.Key("revenue");
    json.Number(*call.amount);
    Member(json, "currency", "MXN");
  }
  json.EndObject();
}

}  // namespace

std::string CallJson(const Call& call) {
  base::JsonWriter json;
  json.BeginObject();
  Member(json, "type", call.type);
  Member(json, call.type == "track" ? "event" : "name", call.name);
  Member(json, "messageId", call.message_id);
  Member(json, "timestamp", base::FormatRfc3339(call.at));
  Member(json, "userId", call.user_id);
  Member(json, "anonymousId", call.anonymous_id);
  if (!call.device_id.empty()) {
    json.Key("context");
    json.BeginObject();
    json.Key("device");
    json.BeginObject();
    Member(json, "id", call.device_id);
    json.EndObject();
    json.EndObject();
  }
  if (!call.traits.empty()) {
    json.Key("traits");
    json.Raw(call.traits);
  }
  WriteProperties(call, json);
  json.EndObject();
  return json.Take();
}

std::string TraitsJson(const Customer& customer) {
  base::JsonWriter json;
  json.BeginObject();
  Member(json, "firstName", customer.first_name);
  Member(json, "lastName", customer.last_name);
  Member(json, "email", customer.email);
  Member(json, "phone", customer.phone);
  Member(json, "city", customer.city);
  Member(json, "country", customer.country);
  Member(json, "income_band", customer.income_band);
  Member(json, "age_band", customer.age_band);
  Member(json, "segment", customer.segment);
  json.Key("has_credit_card");
  json.Bool(customer.has_credit_card);
  json.Key("has_payroll");
  json.Bool(customer.has_payroll);
  json.Key("tenure_months");
  json.Int(customer.tenure_months);
  json.Key("churn_risk");
  json.Number(customer.churn_risk);
  Member(json, "preferred_language", "es-MX");
  json.Key("consents");
  json.BeginArray();
  json.BeginObject();
  Member(json, "purpose", "marketing");
  Member(json, "status", customer.consents ? "granted" : "denied");
  json.EndObject();
  json.EndArray();
  json.EndObject();
  return json.Take();
}

std::string BatchJson(const std::vector<std::string>& calls) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("batch");
  json.BeginArray();
  for (const std::string& call : calls) json.Raw(call);
  json.EndArray();
  json.EndObject();
  return json.Take();
}

std::string DecisionJson(std::string_view member, std::string_view identifier,
                         std::string_view placement, std::string_view explain) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("person");
  json.BeginObject();
  Member(json, member, identifier);
  json.EndObject();
  Member(json, "placement", placement);
  Member(json, "explain", explain);
  json.EndObject();
  return json.Take();
}

}  // namespace batuta::server
