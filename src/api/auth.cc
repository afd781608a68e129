#include "api/auth.h"

#include "absl/strings/escaping.h"
#include "base/text.h"
#include "connect/ingest.h"

namespace batuta::api {
namespace {

bool HasKeyInQuery(const http::RequestHead& head) {
  for (const http::QueryParameter& parameter : head.query) {
    const std::string name = base::LowerAscii(parameter.name);
    if (name == "writekey" || name == "apikey" || name == "api_key" || name == "access_token" ||
        parameter.value.starts_with("bat_")) {
      return true;
    }
  }
  return false;
}

std::string SecretInBody(Exchange& exchange) {
  auto parser = exchange.core().parsers.Take();
  std::string secret = connect::WriteKeyOf(*parser, exchange.request().body);
  exchange.core().parsers.Return(std::move(parser));
  return secret;
}

}  // namespace

std::string SecretOf(const http::RequestHead& head) {
  const std::string_view header = head.Header("Authorization");
  const size_t space = header.find(' ');
  if (space == std::string_view::npos) return "";
  const std::string_view rest = base::TrimAscii(header.substr(space + 1));
  if (http::SameToken(header.substr(0, space), "Bearer")) return std::string(rest);
  if (!http::SameToken(header.substr(0, space), "Basic")) return "";
  std::string decoded;
  if (!absl::Base64Unescape(base::AbslView(rest), &decoded)) return "?";
  return decoded.substr(0, decoded.find(':'));
}

http::Problem BadKeyProblem() {
  return {.status = http::Status::kUnauthorized,
          .code = "bad_key",
          .detail = "The key is unknown, misspelt, revoked or expired."};
}

bool Authenticate(const ExchangePtr& exchange, bool key_may_be_in_body) {
  const http::Request& request = exchange->request();
  if (HasKeyInQuery(request)) {
    exchange->Fail(http::Status::kBadRequest, "key_in_query",
                   "Keys do not belong into the address, which ends up in logs: send the "
                   "Authorization header. Treat this key as leaked.");
    return false;
  }
  std::string secret = SecretOf(request);
  if (secret.empty() && key_may_be_in_body) secret = SecretInBody(*exchange);
  if (secret.empty()) {
    exchange->Fail(
        http::Status::kUnauthorized, "missing_key",
        key_may_be_in_body
            ? "Send a write key as the user name of Basic authorization, as a Bearer "
              "token, or as \"writeKey\" in the body."
            : "Send a key as a Bearer token, or as the user name of Basic authorization.");
    return false;
  }
  Core& core = exchange->core();
  auto key = core.keys.Check(secret, core.hub.clock().Wall());
  if (key == nullptr) {
    exchange->Fail(BadKeyProblem());
    return false;
  }
  exchange->set_key(std::move(key));
  return true;
}

}  // namespace batuta::api
