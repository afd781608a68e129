// The target of a request: percent-coding (RFC 3986), path and query.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace batuta::http {

// Nothing if a '%' is not followed by two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text);

// Leaves letters, digits and "-._~" as they are: right for one path segment or one query value.
std::string PercentEncode(std::string_view text);

// Sets path and query from head->target, which is in origin form ("/a?b=c"), absolute form
// ("http://host/a?b=c") or "*". In the query '+' is a space. False if it is none of these, has a
// broken percent-code, or the path holds a NUL.
bool ParseTarget(RequestHead* head);

}  // namespace batuta::http
