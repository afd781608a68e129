// The file of a batch of decisions: a row for each choice, as CSV or as a JSON object. No cell
// holds what a stranger wrote but for identifiers, which stand as they are. Internal to this
// folder.
#pragma once

#include <string>
#include <string_view>

#include "api/batch_side.h"

namespace batuta::api {

// Whether a column that is always there is called so.
bool IsBatchColumn(std::string_view name);
// The first line of a CSV file; empty for NDJSON.
std::string BatchHead(const BatchWish& wish);
// A line for each of the person's choices that is not nothing. Gives their number.
size_t AppendBatchRows(const BatchQuestion& question, const BatchItem& item, std::string& out);

}  // namespace batuta::api
