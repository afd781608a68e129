// Names in requests that may not be known, and what may have been meant. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "decision/catalogue.h"
#include "engine/definitions.h"
#include "http/problem.h"
#include "resource/set.h"

namespace batuta::api {

// `; did you mean "X"?`, or nothing.
std::string Suggestion(std::string_view name, const std::vector<std::string>& known);

std::vector<std::string> NamesOf(const resource::ResourceSet& resources, std::string_view kind);

// The placement that the path names as {name}. Null, with the request answered, if there is none.
const decision::Placement* PlacementInPath(const ExchangePtr& exchange,
                                           const engine::Definitions& definitions);

// What is wrong with the segment's name at that pointer; nothing of a known one, or of "".
std::optional<http::ProblemError> UnknownSegment(const resource::ResourceSet& resources,
                                                 std::string_view name, std::string_view pointer);

}  // namespace batuta::api
