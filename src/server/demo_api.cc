#include "server/demo_api.h"

#include <charconv>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/json.h"
#include "base/money.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/demo_event.h"

namespace batuta::server {
namespace {

std::string TextIn(const base::Fields& fields, std::string_view path) {
  const base::Value* value = base::FindPath(fields, path);
  return value == nullptr ? std::string() : value->text();
}

const base::ValueList& ListIn(const base::Fields& fields, std::string_view path) {
  const base::Value* value = base::FindPath(fields, path);
  return value == nullptr ? base::ValueList::default_instance() : value->list();
}

// "1850.00 MXN"
double AmountIn(const base::Fields& fields, std::string_view name) {
  const std::string text = TextIn(fields, name);
  const auto micros = base::ParseAmount(text.substr(0, text.find(' ')));
  return micros.ok() ? static_cast<double>(*micros) / 1e6 : 0;
}

std::vector<Offered> OffersIn(const base::Fields& decision) {
  std::vector<Offered> offers;
  for (const base::Value& entry : ListIn(decision, "actions").values()) {
    const std::string action = TextIn(entry.object(), "action");
    if (action.empty()) continue;
    const base::Value* slot = base::Find(entry.object(), "slot");
    const std::string title = TextIn(entry.object(), "title");
    offers.push_back({slot == nullptr ? 0 : static_cast<uint32_t>(slot->number()), action,
                      title.empty() ? action : title});
  }
  return offers;
}

void ReadExplanation(const base::Fields& decision, Answer& answer) {
  answer.reason = TextIn(decision, "explanation.summary");
  const base::Value* considered = base::FindPath(decision, "explanation.considered");
  answer.is_explained = considered != nullptr;
  for (const base::Value& entry : ListIn(decision, "explanation.considered").values()) {
    const base::Fields& fields = entry.object();
    if (TextIn(fields, "result") != "admissible") continue;
    answer.admissible.push_back({.action = TextIn(fields, "action"),
                                 .value = AmountIn(fields, "value"),
                                 .cost = AmountIn(fields, "cost"),
                                 .is_explorable = TextIn(fields, "explore") != "never"});
  }
  if (answer.offers.empty() || answer.offers[0].slot != 0) return;
  for (size_t i = 0; i < answer.admissible.size(); ++i) {
    if (answer.admissible[i].action == answer.offers[0].action) answer.chosen = i;
  }
}

std::string Problem(const http::Response& response, std::string_view target) {
  const auto body = base::ParseJson(response.body);
  const std::string detail = body.ok() ? TextIn(body->object(), "detail") : "";
  return base::StrCat(target, ": ", static_cast<int>(response.status), " ",
                      http::ReasonPhrase(response.status), detail.empty() ? "" : ", ", detail);
}

}  // namespace

absl::StatusOr<Answer> ReadAnswer(std::string_view body) {
  BATUTA_ASSIGN_OR_RETURN(const base::Value root, base::ParseJson(body));
  Answer answer;
  answer.id = TextIn(root.object(), "id");
  if (answer.id.empty()) return absl::InvalidArgumentError("the decision has no id");
  answer.offers = OffersIn(root.object());
  const std::string arm = TextIn(root.object(), "holdout.arm");
  answer.is_random_arm = arm == "random";
  answer.is_held_out = arm == "none";
  ReadExplanation(root.object(), answer);
  return answer;
}

absl::StatusOr<DemoApi> DemoApi::Create(const std::string& url, const DemoKeys& keys,
                                        Ledger& ledger, base::Clock& clock) {
  http::ClientOptions options;
  options.timeout = base::Seconds(15);
  BATUTA_ASSIGN_OR_RETURN(http::Client client, http::Client::Create(url, options));
  return DemoApi(std::move(client), keys, ledger, clock);
}

absl::StatusOr<std::string> DemoApi::Post(const std::string& target,
                                          const std::string& authorization,
                                          const std::string& body) {
  http::ClientRequest request;
  request.method = http::Method::kPost;
  request.target = target;
  request.headers.Add("Content-Type", "application/json");
  request.headers.Add("Authorization", authorization);
  request.body = body;
  auto response = client_.Send(request);
  if (!response.ok()) {
    ledger_->AddError(base::StrCat(target, ": ", std::string(response.status().message())));
    return response.status();
  }
  if (static_cast<int>(response->status) >= 300) {
    const std::string problem = Problem(*response, target);
    ledger_->AddError(problem);
    return absl::InternalError(problem);
  }
  return std::move(response->body);
}

absl::Status DemoApi::SendBatch(std::string_view source, const std::vector<std::string>& calls) {
  if (calls.empty()) return absl::OkStatus();
  auto key = keys_->write.find(source);
  if (key == keys_->write.end()) key = keys_->write.find("");
  BATUTA_CHECK(key != keys_->write.end(), "there is always a key for all sources");
  const base::Duration begin = clock_->Monotonic();
  const std::string basic = "Basic " + absl::Base64Escape(key->second + ":");
  BATUTA_ASSIGN_OR_RETURN(const std::string body, Post("/v1/batch", basic, BatchJson(calls)));
  const base::Duration took{clock_->Monotonic().micros - begin.micros};
  const auto answer = base::ParseJson(body);
  const auto& rejected = ListIn(answer.ok() ? answer->object() : base::Fields(), "rejected");
  ledger_->AddBatch(calls.size(), static_cast<uint64_t>(rejected.values_size()), took);
  return absl::OkStatus();
}

absl::StatusOr<Answer> DemoApi::Decide(const std::string& body) {
  const base::Duration begin = clock_->Monotonic();
  BATUTA_ASSIGN_OR_RETURN(const std::string text,
                          Post("/v1/decisions", "Bearer " + keys_->secret, body));
  const base::Duration took{clock_->Monotonic().micros - begin.micros};
  auto answer = ReadAnswer(text);
  if (!answer.ok()) {
    ledger_->AddError(std::string(answer.status().message()));
    return answer.status();
  }
  ledger_->AddDecision(!answer->offers.empty(), took);
  return answer;
}

absl::Status DemoApi::Report(const std::string& decision, std::string_view type, uint32_t slot) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("type");
  json.String(type);
  json.Key("slot");
  json.Uint(slot);
  json.EndObject();
  return Post(base::StrCat("/v1/decisions/", decision, "/outcomes"), "Bearer " + keys_->secret,
              json.Take())
      .status();
}

}  // namespace batuta::server
