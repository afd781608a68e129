// All members of a segment as CSV: personId, since, cause. Internal to this folder.
//
// Read some people at a time between everything else, so the list is of nobody's one moment: each
// row was true when it was read. No cell can be taken for a formula by a spreadsheet: none holds
// what a stranger wrote.
#pragma once

#include <string>

#include "api/exchange.h"

namespace batuta::api {

// Whether the request asks for CSV.
bool WantsCsv(const ExchangePtr& exchange);

// A CSV answer that a browser saves under that name.
http::Response CsvResponse(const std::string& file_name, http::BodyStream stream);

// Requires: there is a segment of this name.
void StreamMembers(const ExchangePtr& exchange, const std::string& segment);

}  // namespace batuta::api
