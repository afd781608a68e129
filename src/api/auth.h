// Who asks: the key of a request, from its Authorization header or, for ingest, from its body.
//
// Basic (the key is the user name, the password empty, as Segment's SDKs send it) or Bearer. Keys
// in the query are refused whatever they are, because addresses end up in logs. Internal to this
// folder.
#pragma once

#include <string>

#include "api/exchange.h"
#include "http/problem.h"

namespace batuta::api {

// The key's text in the header; "" if there is none.
std::string SecretOf(const http::RequestHead& head);

http::Problem BadKeyProblem();

// Sets the exchange's key. If there is no valid one, answers 401 and returns false.
bool Authenticate(const ExchangePtr& exchange, bool key_may_be_in_body);

}  // namespace batuta::api
