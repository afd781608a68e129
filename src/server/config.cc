#include "server/config.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/status.h"
#include "base/text.h"

namespace batuta::server {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kTiB = uint64_t{1} << 40;

// NOLINTNEXTLINE(cert-err58-cpp): constants of literals.
constexpr Setting kSettings[] = {
    {"data", SettingKind::kText, "batuta-data", "The folder that the hub lives in."},
    {"listen", SettingKind::kText, "127.0.0.1:8480", "Address and port of the HTTP server."},
    {"partitions", SettingKind::kCount, "8", "Of a new hub; an old one keeps its own.", 1, 1024},
    {"workers", SettingKind::kCount, "2", "Threads that apply what is logged.", 1, 256},
    {"master_key_file", SettingKind::kText, "", "The master key, if not in the data folder."},
    {"resources", SettingKind::kText, "", "A folder of resources, applied at each start."},
    {"http.threads", SettingKind::kCount, "2", "Threads that serve HTTP.", 1, 256},
    {"http.connections", SettingKind::kCount, "1024", "Connections at once.", 1, 1'000'000},
    {"http.header_timeout", SettingKind::kDuration, "10s", "For the head of a request."},
    {"http.body_timeout", SettingKind::kDuration, "30s", "For the body of a request."},
    {"http.idle_timeout", SettingKind::kDuration, "75s", "Between two requests."},
    {"limits.body", SettingKind::kBytes, "8MiB", "Of a request, as sent and decompressed.", 1024,
     1024 * kMiB},
    {"limits.buffered", SettingKind::kBytes, "256MiB", "Bodies on their way in, together.", kMiB,
     kTiB},
    {"limits.events_per_key", SettingKind::kCount, "0",
     "A second; 0 is any. A key can have its own.", 0, 1'000'000},
    {"limits.queue_entries", SettingKind::kCount, "10000", "Records waiting to be durable.", 100,
     10'000'000},
    {"limits.queue_bytes", SettingKind::kBytes, "64MiB", "The same, in bytes.", kMiB, kTiB},
    {"limits.backlog", SettingKind::kCount, "200000", "Durable records not applied yet.", 1000,
     100'000'000},
    {"memory.cache", SettingKind::kBytes, "384MiB", "People and identifiers kept decoded.", kMiB,
     kTiB},
    {"memory.block_cache", SettingKind::kBytes, "128MiB", "Blocks of the databases.", kMiB, kTiB},
    {"memory.write_buffers", SettingKind::kBytes, "128MiB", "Writes of the databases.", kMiB, kTiB},
    {"checkpoint.bytes", SettingKind::kBytes, "128MiB", "Changes that make a checkpoint.", kMiB,
     kTiB},
    {"checkpoint.records", SettingKind::kCount, "1000000", "Records that make one.", 1},
    {"checkpoint.every", SettingKind::kDuration, "60s", "Age that makes one."},
    {"log.segment", SettingKind::kBytes, "64MiB", "Size of a file of the log.", 64 * 1024, kTiB},
    {"log.reserve", SettingKind::kBytes, "64MiB", "Kept free for when the disk is full.", 0, kTiB},
    {"log.archive_every", SettingKind::kDuration, "10s", "How often old records are archived."},
    {"archive.keep", SettingKind::kDuration, "0s", "Older records of people go; 0s: all stay."},
};

const Setting* FindSetting(std::string_view name) {
  for (const Setting& setting : kSettings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

std::string VariableOf(std::string_view name) {
  std::string variable = "BATUTA_";
  for (const char c : name) {
    variable += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return variable;
}

absl::StatusOr<uint64_t> ParseCount(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return absl::InvalidArgumentError("a whole number is needed");
  }
  return number;
}

absl::StatusOr<uint64_t> ParseNumber(const Setting& setting, std::string_view text) {
  if (setting.kind == SettingKind::kText) return 0;
  if (setting.kind == SettingKind::kDuration) {
    BATUTA_ASSIGN_OR_RETURN(const base::Duration span, base::ParseDuration(text));
    return static_cast<uint64_t>(span.micros);
  }
  BATUTA_ASSIGN_OR_RETURN(const uint64_t number, setting.kind == SettingKind::kBytes
                                                     ? ParseBytes(text)
                                                     : ParseCount(text));
  if (number < setting.min || number > setting.max) {
    return absl::OutOfRangeError(
        base::StrCat("it must be from ", setting.min, " to ", setting.max));
  }
  return number;
}

absl::Status UnknownSetting(const StatedSetting& stated) {
  std::vector<std::string> names;
  for (const Setting& setting : kSettings) names.emplace_back(setting.name);
  const std::string near = base::Suggest(stated.name, names);
  return absl::InvalidArgumentError(
      base::StrCat(stated.origin, ": there is no setting \"", stated.name, "\"",
                   near.empty() ? std::string("; see `batuta config print --defaults`")
                                : "; did you mean " + near + "?"));
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

absl::Span<const Setting> Settings() { return kSettings; }

absl::StatusOr<uint64_t> ParseBytes(std::string_view text) {
  struct Unit {
    std::string_view name;
    uint64_t bytes;
  };
  static constexpr Unit kUnits[] = {
      {"kib", 1ULL << 10}, {"mib", 1ULL << 20}, {"gib", 1ULL << 30},  {"tib", 1ULL << 40},
      {"kb", 1000},        {"mb", 1000'000},    {"gb", 1000'000'000}, {"b", 1}};
  const std::string lower = base::LowerAscii(base::TrimAscii(text));
  std::string_view digits = lower;
  uint64_t factor = 1;
  for (const Unit& unit : kUnits) {
    if (!digits.ends_with(unit.name)) continue;
    factor = unit.bytes;
    digits = base::TrimAscii(digits.substr(0, digits.size() - unit.name.size()));
    break;
  }
  const auto number = ParseCount(digits);
  if (!number.ok() || *number > UINT64_MAX / factor) {
    return absl::InvalidArgumentError("a size such as 64MiB is needed");
  }
  return *number * factor;
}

absl::StatusOr<Config> Config::Create(absl::Span<const StatedSetting> stated) {
  Config config;
  std::vector<StatedSetting> all;
  for (const Setting& setting : kSettings) {
    all.push_back({std::string(setting.name), std::string(setting.standard), ""});
  }
  all.insert(all.end(), stated.begin(), stated.end());
  for (StatedSetting& one : all) {
    const Setting* setting = FindSetting(one.name);
    if (setting == nullptr) return UnknownSetting(one);
    const auto number = ParseNumber(*setting, one.value);
    if (!number.ok()) {
      return absl::InvalidArgumentError(
          base::StrCat(one.origin, ": ", one.name, " is \"", one.value,
                       "\": ", std::string(number.status().message())));
    }
    config.values_[one.name] = {std::move(one.value), std::move(one.origin), *number};
  }
  return config;
}

const std::string& Config::Text(std::string_view name) const {
  const auto found = values_.find(name);
  BATUTA_CHECK(found != values_.end(), std::string(name));
  return found->second.text;
}

uint64_t Config::Number(std::string_view name) const {
  const auto found = values_.find(name);
  BATUTA_CHECK(found != values_.end(), std::string(name));
  return found->second.number;
}

base::Duration Config::Duration(std::string_view name) const {
  return base::Micros(static_cast<int64_t>(Number(name)));
}

std::string Config::ToToml() const {
  std::string text;
  std::string table;
  for (const Setting& setting : kSettings) {
    const size_t dot = setting.name.find('.');
    const bool in_table = dot != std::string_view::npos;
    if (in_table && setting.name.substr(0, dot) != table) {
      table = std::string(setting.name.substr(0, dot));
      base::StrAppend(&text, "[", table, "]\n");
    }
    const Value& value = values_.find(setting.name)->second;
    const bool bare = setting.kind == SettingKind::kCount;
    base::StrAppend(&text, "# ", setting.help);
    if (!value.origin.empty()) base::StrAppend(&text, " (from ", value.origin, ")");
    base::StrAppend(&text, "\n", in_table ? setting.name.substr(dot + 1) : setting.name, " = ",
                    bare ? value.text : Quoted(value.text), "\n");
  }
  return text;
}

std::vector<StatedSetting> ReadEnvironment() {
  std::vector<StatedSetting> stated;
  for (const Setting& setting : kSettings) {
    const std::string variable = VariableOf(setting.name);
    const char* value = std::getenv(variable.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || *value == '\0') continue;
    stated.push_back({std::string(setting.name), value, variable});
  }
  return stated;
}

absl::StatusOr<Config> LoadConfig(const std::string& file,
                                  const std::vector<StatedSetting>& options) {
  std::vector<StatedSetting> stated;
  const std::string path = file.empty() ? "batuta.toml" : file;
  if (!file.empty() || std::filesystem::exists(path)) {
    BATUTA_ASSIGN_OR_RETURN(stated, ReadConfigFile(path));
  }
  for (StatedSetting& one : ReadEnvironment()) stated.push_back(std::move(one));
  stated.insert(stated.end(), options.begin(), options.end());
  return Config::Create(stated);
}

}  // namespace batuta::server
