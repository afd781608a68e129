// Writes the tracking calls of the demo's customers as JSON, as an SDK would.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "server/demo_customer.h"

namespace batuta::server {

// One call. Empty texts are left out.
struct Call {
  std::string_view type;  // identify, track, page, screen
  std::string_view name;  // of the event, page or screen
  std::string message_id;
  base::Time at;
  std::string user_id;
  std::string anonymous_id;
  std::string device_id;                                             // in the context
  std::vector<std::pair<std::string, std::string>> properties = {};  // texts
  std::optional<double> amount = {};                                 // a property, in MXN
  std::string traits = {};                                           // a JSON object
};

std::string CallJson(const Call& call);

// What the bank's files say of a customer.
std::string TraitsJson(const Customer& customer);

// {"batch": […]}
std::string BatchJson(const std::vector<std::string>& calls);

// Curl can take this in single quotes: a request for a decision about the customer.
std::string DecisionJson(std::string_view member, std::string_view identifier,
                         std::string_view placement, std::string_view explain);

}  // namespace batuta::server
