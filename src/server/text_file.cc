#include "server/text_file.h"

#include <fstream>
#include <iterator>

#include "base/text.h"

namespace batuta::server {

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // A folder opens, and fails only when it is read.
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(base::AbslView(base::StrCat("cannot read ", path)));
  }
  return text;
}

}  // namespace batuta::server
