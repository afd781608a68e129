// The settings of a hub: options of the command line over BATUTA_… variables over batuta.toml over
// defaults.
//
// Every setting stands in one table, with its kind and what it is for. A value that is out of its
// kind, or a name that is unknown, is an error that says where it was written and what would be
// right.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/time.h"

namespace batuta::server {

enum class SettingKind : uint8_t { kText, kCount, kBytes, kDuration };

struct Setting {
  std::string_view name;  // "memory.cache"; in the environment BATUTA_MEMORY_CACHE
  SettingKind kind;
  std::string_view standard;  // the default
  std::string_view help;
  uint64_t min = 0;  // of counts and bytes
  uint64_t max = UINT64_MAX;
};

absl::Span<const Setting> Settings();

// A value as it was written, and where.
struct StatedSetting {
  std::string name;
  std::string value;
  std::string origin;  // "batuta.toml:3", "BATUTA_LISTEN", "--listen"
};

class Config {
 public:
  // Later statements win over earlier ones.
  static absl::StatusOr<Config> Create(absl::Span<const StatedSetting> stated);

  // Requires: there is a setting of that name and kind.
  const std::string& Text(std::string_view name) const;
  uint64_t Number(std::string_view name) const;  // counts and bytes
  base::Duration Duration(std::string_view name) const;

  // As a file that gives the same settings; each with its help and origin.
  std::string ToToml() const;

 private:
  struct Value {
    std::string text;
    std::string origin;
    uint64_t number = 0;
  };
  std::map<std::string, Value, std::less<>> values_;
};

// Reads a file; the origins name it. NotFound if there is none.
absl::StatusOr<std::vector<StatedSetting>> ReadConfigFile(const std::string& path);

// What the environment states.
std::vector<StatedSetting> ReadEnvironment();

// All of it. `file` empty: ./batuta.toml if there is one.
absl::StatusOr<Config> LoadConfig(const std::string& file,
                                  const std::vector<StatedSetting>& options);

// "384MiB", "1 GB", "4096" in bytes.
absl::StatusOr<uint64_t> ParseBytes(std::string_view text);

}  // namespace batuta::server
