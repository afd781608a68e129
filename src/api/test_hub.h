// For tests: a hub in a temporary folder behind the api, called without sockets.
//
// Every answer is held against docs/openapi.yaml.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "api/openapi_check.h"
#include "base/value.pb.h"
#include "engine/runtime_hub.h"
#include "http/message.h"
#include "log/posix_disk.h"
#include "log/system_clock.h"

namespace batuta::api {

struct TestCall {
  http::Method method = http::Method::kGet;
  std::string target = "/";
  std::string body = "";
  std::string key = "";  // "": none
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct TestAnswer {
  int status = 0;
  http::Headers headers;
  std::string body;
  base::Value json;  // empty if the body is none

  // The value at a path such as "actions.0.nothing" as text: texts as they are, others as JSON; ""
  // if there is none.
  std::string At(std::string_view path) const;
  std::string code() const { return At("code"); }
};

class TestHub {
 public:
  explicit TestHub(ApiOptions options = {});
  ~TestHub();

  TestAnswer Call(const TestCall& call);
  // The answer as the server gets it: a stream is not pulled yet.
  http::Response Open(const TestCall& call);
  TestAnswer Get(std::string_view target) { return Send(http::Method::kGet, target, ""); }
  TestAnswer Post(std::string_view target, std::string_view body) {
    return Send(http::Method::kPost, target, body);
  }
  // Applies resources written as YAML.
  TestAnswer Apply(std::string_view yaml) {
    return Call({.method = http::Method::kPost,
                 .target = "/v1/resources:apply",
                 .body = std::string(yaml),
                 .key = keys().secret_key,
                 .headers = {{"Content-Type", "application/yaml"}}});
  }
  TestAnswer Send(http::Method method, std::string_view target, std::string_view body);
  // Sends an event or a batch with the write key, and waits until later reads see it.
  TestAnswer Ingest(std::string_view path, std::string_view body);
  // A secret key with these scopes.
  std::string KeyWith(std::string_view scopes_json);

  Api& api() { return *api_; }
  engine::Hub& hub() { return *hub_; }
  const FirstKeys& keys() const { return keys_; }
  const OpenApi& openapi() const { return openapi_; }
  const std::string& folder() const { return folder_; }

 private:
  OpenApi openapi_ = OpenApi::Load();
  std::string folder_;
  std::string position_;  // sent with every call
  log::PosixDisk disk_;
  log::SystemClock clock_;
  std::unique_ptr<engine::Hub> hub_;
  std::unique_ptr<Api> api_;
  http::ServerHooks hooks_;
  FirstKeys keys_;
};

// A placement with two actions, and a second one with a Thompson choice and two slots.
inline constexpr std::string_view kSampleDocuments = R"(
kind: hub
spec: {currency: MXN, timeZone: America/Mexico_City}
---
kind: identity
spec:
  identifiers:
    - {type: user_id, priority: 1, limit: 1, window: ever, unique: true, blocked: [nobody]}
    - {type: email, priority: 2, limit: 5, window: yearly}
    - {type: anonymous_id, priority: 3, limit: 5, window: weekly, weak: true}
---
kind: source
name: default
spec: {title: Default}
---
kind: action
name: gold-card
spec:
  title: Tarjeta Oro
  value: {amount: "120.00", currency: MXN}
  eligible: person.traits.country == "MX"
  accept: {event: Card Requested}
  window: 7d
---
kind: action
name: plain-card
spec: {title: Tarjeta, value: {amount: "50.00", currency: MXN}, window: 7d}
---
kind: treatment
name: gold-card-web
spec: {action: gold-card, channel: web, placements: [web.home.hero, web.list], variants: [{name: a, content: {headline: Oro}}]}
---
kind: treatment
name: plain-card-web
spec: {action: plain-card, channel: web, placements: [web.home.hero, web.list], variants: [{name: a, content: {headline: Sola}}]}
---
kind: placement
name: web.home.hero
spec: {channel: web, slots: 1, exposure: impression, expiresAfter: 30m, ignoredAfter: 24h, choice: {method: squarecb, floor: 0.02}}
---
kind: placement
name: web.list
spec: {channel: web, slots: 2, exposure: impression, expiresAfter: 30m, ignoredAfter: 24h, choice: {method: thompson, draws: 100}}
)";

}  // namespace batuta::api
