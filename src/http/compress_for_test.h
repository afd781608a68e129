// Makes gzip and deflate bodies for the tests.
#pragma once

#include <string>
#include <string_view>

namespace batuta::http {

std::string GzipOf(std::string_view text);
std::string ZlibOf(std::string_view text);
std::string RawDeflateOf(std::string_view text);

}  // namespace batuta::http
