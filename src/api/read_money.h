// Amounts of money in bodies of requests. Internal to this folder.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "api/object_reader.h"
#include "base/money.h"

namespace batuta::api {

// The member {amount: "12.30", currency: "MXN"}. Nothing if it is absent, or not right: then the
// errors say why.
std::optional<base::Money> ReadMoneyMember(ObjectReader& body, std::string_view name,
                                           std::vector<http::ProblemError>& errors);

}  // namespace batuta::api
