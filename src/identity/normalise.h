// One spelling for each identifier, so that equal identifiers are equal bytes; and which are
// nobody's.
//
// Runs at ingest, over clear values, before they are hashed and sealed. Pure.
#pragma once

#include <string>
#include <string_view>

#include "identity/settings.h"

namespace batuta::identity {

struct Normalised {
  std::string value;
  // Why this value identifies nobody, for people: "blocked value", "not an e-mail address"; else
  // empty.
  std::string blocked;
};

// E-mail: white space around it removed, lower case unless the type is case-sensitive. Phone:
// E.164, a number without calling code taken as one of the default country. Other types: white
// space around removed, lower case unless case-sensitive. A value that is empty, longer than 512
// bytes or not UTF-8 is blocked.
Normalised Normalise(const Settings& settings, std::string_view type, std::string_view value);

// The bytes whose keyed hash is the identifier's: no two (type, normalised value) give the same.
std::string HashInput(std::string_view type, std::string_view normalised);

}  // namespace batuta::identity
