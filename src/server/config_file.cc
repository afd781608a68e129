// Reads batuta.toml. The only file that sees the TOML library.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <filesystem>

#include "base/text.h"
#include "server/config.h"

namespace batuta::server {
namespace {

absl::Status Collect(const toml::table& table, const std::string& prefix, const std::string& path,
                     std::vector<StatedSetting>& stated) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      if (const auto done = Collect(*inner, name + ".", path, stated); !done.ok()) return done;
      continue;
    }
    const std::string origin = base::StrCat(path, ":", node.source().begin.line);
    if (const auto text = node.value_exact<std::string>()) {
      stated.push_back({name, *text, origin});
    } else if (const auto number = node.value_exact<int64_t>()) {
      stated.push_back({name, std::to_string(*number), origin});
    } else {
      return absl::InvalidArgumentError(
          base::StrCat(origin, ": ", name, " must be a text or a whole number"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<StatedSetting>> ReadConfigFile(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    return absl::NotFoundError(base::StrCat("there is no configuration file ", path));
  }
  const toml::parse_result parsed = toml::parse_file(path);
  if (!parsed) {
    const auto& error = parsed.error();
    return absl::InvalidArgumentError(base::StrCat(path, ":", error.source().begin.line, ":",
                                                   error.source().begin.column, ": ",
                                                   std::string(error.description())));
  }
  std::vector<StatedSetting> stated;
  if (const auto done = Collect(parsed.table(), "", path, stated); !done.ok()) return done;
  return stated;
}

}  // namespace batuta::server
