// The names of time zones. What browsers send is not looked up in the system's database: that reads
// a file for each name, and remembers names that there are not.
#pragma once

#include <string_view>

namespace batuta::connect {

// Of the IANA database, as it is written there: "America/Mexico_City".
bool IsZoneName(std::string_view name);

}  // namespace batuta::connect
