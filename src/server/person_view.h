// Shows a person, or what happened to them, as tables that fit on a terminal.
#pragma once

#include <vector>

#include "base/value.pb.h"
#include "server/output.h"

namespace batuta::server {

// A table for identifiers, traits, counters and whatever else there is. Other formats than a table
// get the person whole, as the hub gave it.
void PrintPerson(const Output& output, const base::Value& person);

// A row for each entry, the newest first. In tables and CSV `name` and `details` also say what is
// particular to entries that are no events; other formats get the entries as the hub gave them.
void PrintTimeline(const Output& output, std::vector<base::Value> entries);

}  // namespace batuta::server
