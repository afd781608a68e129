// API keys: making one (its secret is shown once), listing, revoking.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/key_maker.h"
#include "api/object_reader.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/validate.h"

namespace batuta::api {
namespace {

constexpr size_t kMaxTitle = 200;
constexpr int64_t kMaxRate = 1'000'000;

base::Value KeyValue(const engine::ApiKey& key) {
  ObjectBuilder out;
  out.Add("id", key.id());
  out.Add("kind", key.kind());
  out.Add("title", key.title());
  if (!key.source().empty()) out.Add("source", key.source());
  ListBuilder scopes;
  for (const std::string& scope : key.scopes()) scopes.Add(base::TextValue(scope));
  out.Add("scopes", scopes.Take());
  out.AddTime("createdAt", key.created_at());
  if (key.expires_at() != 0) out.AddTime("expiresAt", key.expires_at());
  if (key.events_per_second() != 0) out.AddCount("eventsPerSecond", key.events_per_second());
  out.Add("revoked", key.revoked());
  return out.Take();
}

void CheckScopes(const KeyWish& wish, ObjectReader& body) {
  for (const std::string& scope : wish.scopes) {
    if (std::find(Scopes().begin(), Scopes().end(), scope) != Scopes().end()) continue;
    const std::string near = base::Suggest(scope, Scopes());
    body.Error("scopes", "unknown_scope",
               near.empty() ? std::string("there is no such scope")
                            : base::StrCat("there is no such scope; did you mean \"", near, "\"?"));
  }
  if (wish.kind == kSecretKind && wish.scopes.empty()) {
    body.Error("scopes", "missing", "a secret key without scopes may do nothing");
  }
  if (wish.kind != kSecretKind && !wish.kind.empty() && !wish.scopes.empty()) {
    body.Error("scopes", "not_allowed", "only secret keys have scopes");
  }
}

// A key cannot make one that may do more than itself.
void CheckGrant(const engine::ApiKey& own, const KeyWish& wish, ObjectReader& body) {
  for (const std::string& scope : wish.scopes) {
    const bool known = std::find(Scopes().begin(), Scopes().end(), scope) != Scopes().end();
    if (!known || HasScope(own, scope)) continue;
    body.Error("scopes", "not_yours",
               "a key can only give the scopes that it has itself; this one lacks some");
    return;
  }
}

KeyWish ReadWish(const ExchangePtr& exchange, const base::Value& root,
                 std::vector<http::ProblemError>& errors) {
  ObjectReader body(root, "", errors);
  KeyWish wish;
  wish.by = exchange->key()->id();
  wish.kind = body.Choice("kind", {"write", "secret", "browser"}, Need::kRequired);
  wish.title = body.Text("title");
  if (wish.title.size() > kMaxTitle) body.Error("title", "too_long", "at most 200 bytes");
  wish.source = body.Text("source");
  wish.scopes = body.Texts("scopes");
  CheckScopes(wish, body);
  CheckGrant(*exchange->key(), wish, body);
  if (!wish.source.empty() && !resource::IsResourceName(wish.source)) {
    body.Error("source", "not_a_name", "a source is a name such as web or crm.stores");
  }
  if (!wish.kind.empty() && wish.kind != kSecretKind && wish.source.empty()) {
    body.Error("source", "missing", "the events that come in by this key need a source");
  }
  const std::string expires = body.Text("expiresAt");
  if (!expires.empty()) {
    const auto time = base::ParseTime(expires);
    const bool later = time.ok() && *time > exchange->core().hub.clock().Wall();
    if (later) wish.expires_at = *time;
    if (!later) body.Error("expiresAt", "bad_time", "a time to come, such as 2030-01-01T00:00:00Z");
  }
  const auto rate = body.Integer("eventsPerSecond", 1, kMaxRate);
  wish.events_per_second = static_cast<uint64_t>(rate.value_or(0));
  if (rate.has_value() && wish.kind == kSecretKind) {
    body.Error("eventsPerSecond", "not_allowed", "secret keys send no events");
  }
  body.Finish();
  return wish;
}

void Make(const ExchangePtr& exchange) {
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) return exchange->FailNotJson(root.status());
  std::vector<http::ProblemError> errors;
  const KeyWish wish = ReadWish(exchange, *root, errors);
  if (!errors.empty()) return exchange->Fail(std::move(errors));
  MakeKey(exchange->core(), wish, [exchange](const absl::StatusOr<MadeKey>& made) {
    if (!made.ok()) return exchange->Fail(made.status());
    base::Value value = KeyValue(made->key);
    base::SetField(*value.mutable_object(), "secret", base::TextValue(made->secret));
    exchange->Json(base::ToJson(value), http::Status::kCreated);
  });
}

void List(const ExchangePtr& exchange) {
  ListBuilder list;
  for (const auto& key : exchange->core().keys.All()) list.Add(KeyValue(*key));
  exchange->Json(base::ToJson(ObjectBuilder().Add("data", list.Take()).Take()));
}

void Revoke(const ExchangePtr& exchange) {
  const auto key = exchange->core().keys.Find(exchange->parameter("id"));
  if (key == nullptr) {
    return exchange->Fail(http::Status::kNotFound, "no_such_key", "There is no key of this id.");
  }
  RevokeKey(exchange->core(), *key, exchange->key()->id(),
            [exchange](const absl::StatusOr<engine::ApiKey>& revoked) {
              if (!revoked.ok()) return exchange->Fail(revoked.status());
              exchange->Json(base::ToJson(KeyValue(*revoked)));
            });
}

}  // namespace

void AddKeyRoutes(Core& core) {
  constexpr Access kKeys = {.scope = "keys"};
  AddRoute(core, http::Method::kPost, "/v1/keys", kKeys, Make);
  AddRoute(core, http::Method::kGet, "/v1/keys", kKeys, List);
  AddRoute(core, http::Method::kDelete, "/v1/keys/{id}", kKeys, Revoke);
}

}  // namespace batuta::api
