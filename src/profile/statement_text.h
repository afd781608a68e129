// Names within statements (purposes, channels, topics) as people write them, brought to the form of
// resource names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/value.pb.h"

namespace batuta::profile {

inline constexpr std::string_view kNameRule =
    "a name of 1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit";

// Lower case, inner spaces become '-'; nullopt if it does not fit kNameRule then.
std::optional<std::string> NormaliseName(std::string_view text);

// The name in a field; empty if the field is absent, null or empty; nullopt if it is anything else
// than a name.
std::optional<std::string> NameIn(const base::Fields& fields, std::string_view field);

}  // namespace batuta::profile
