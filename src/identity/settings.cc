#include "identity/settings.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "base/text.h"
#include "base/value.h"
#include "re2/re2.h"

namespace batuta::identity {
namespace {

constexpr base::Duration kYear = base::Days(365);
constexpr uint32_t kMostPriority = 255;
constexpr uint32_t kMostLimit = 1'000'000;
// After every priority that a resource can give.
constexpr uint32_t kOtherPriority = 100'000;

// Values that programs write for "nobody"; they identify no one under any type.
constexpr const char* kNobody[] = {
    "^[0-]*$", "^-1$", "(?i)^\\(?(null|nil|none|undefined|anonymous|nan|n/a|unknown)\\)?$"};

constexpr const char* kWellKnown[] = {"anonymous_id", "device_id", "email", "phone", "user_id"};

using Pattern = std::shared_ptr<const re2::RE2>;

Pattern CompilePattern(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return std::make_shared<const re2::RE2>(pattern, options);
}

TypeSettings DefaultsOf(std::string_view type) {
  TypeSettings settings;
  settings.type = std::string(type);
  settings.priority = kOtherPriority;
  settings.case_sensitive = type != "email";
  if (type == "user_id") {
    settings.priority = 1;
    settings.unique = true;
  } else if (type == "email") {
    settings.priority = 2;
    settings.window = kYear;
  } else if (type == "anonymous_id") {
    settings.window = base::Days(7);
    settings.weak = true;
  } else if (type == "device_id") {
    settings.window = kYear;
    settings.weak = true;
  }
  return settings;
}

// Reads one object of the spec and keeps every problem with its place.
class SpecReader {
 public:
  SpecReader(const base::Fields& fields, std::string place, std::vector<std::string>& problems)
      : fields_(fields), place_(std::move(place)), problems_(problems) {}

  std::string Place(std::string_view name) const { return base::StrCat(place_, name); }
  void Problem(std::string_view name, std::string_view what) {
    problems_.push_back(base::StrCat(place_, name, ": ", what));
  }

  const base::Value* Find(std::string_view name) const {
    const base::Value* value = base::Find(fields_, name);
    return value == nullptr || base::IsNull(*value) ? nullptr : value;
  }
  uint32_t Whole(std::string_view name, uint32_t fallback, uint32_t most) {
    const base::Value* value = Find(name);
    if (value == nullptr) return fallback;
    const double number = value->number();
    if (value->has_number() && number >= 1 && number <= most) {
      const auto whole = static_cast<uint32_t>(number);
      if (static_cast<double>(whole) == number) return whole;
    }
    Problem(name, base::StrCat("must be a whole number from 1 to ", most));
    return fallback;
  }
  bool Flag(std::string_view name, bool fallback) {
    const base::Value* value = Find(name);
    if (value == nullptr) return fallback;
    if (!value->has_boolean()) Problem(name, "must be true or false");
    return value->boolean();
  }
  std::string Text(std::string_view name, std::string_view fallback) {
    const base::Value* value = Find(name);
    if (value == nullptr) return std::string(fallback);
    if (!value->has_text()) Problem(name, "must be a text");
    return value->text();
  }
  std::vector<std::string> Texts(std::string_view name) {
    std::vector<std::string> texts;
    const base::Value* value = Find(name);
    if (value == nullptr) return texts;
    for (const base::Value& each : value->list().values()) texts.push_back(each.text());
    const bool all_texts = std::all_of(value->list().values().begin(), value->list().values().end(),
                                       [](const base::Value& each) { return each.has_text(); });
    if (!value->has_list() || !all_texts) Problem(name, "must be a list of texts");
    return texts;
  }

 private:
  const base::Fields& fields_;
  std::string place_;
  std::vector<std::string>& problems_;
};

std::optional<base::Duration> WindowOf(std::string_view name) {
  if (name == "ever") return base::Duration{};
  if (name == "yearly") return kYear;
  if (name == "monthly") return base::Days(30);
  if (name == "weekly") return base::Days(7);
  if (name == "daily") return base::Days(1);
  return std::nullopt;
}

void ReadPatterns(SpecReader& spec, TypeSettings& type) {
  for (const std::string& text : spec.Texts("blockedPatterns")) {
    Pattern pattern = CompilePattern(text);
    if (pattern->ok()) {
      type.blocked_patterns.push_back(std::move(pattern));
    } else {
      spec.Problem("blockedPatterns",
                   base::StrCat("\"", text, "\" is not a regular expression: ", pattern->error()));
    }
  }
}

TypeSettings ReadType(SpecReader& spec) {
  const std::string name = spec.Text("type", "");
  if (name.empty()) spec.Problem("type", "is missing");
  TypeSettings type;
  type.type = name;
  type.priority = spec.Whole("priority", kOtherPriority, kMostPriority);
  type.unique = spec.Flag("unique", false);
  type.limit = spec.Whole("limit", type.limit, kMostLimit);
  type.weak = spec.Flag("weak", false);
  type.case_sensitive = spec.Flag("caseSensitive", DefaultsOf(name).case_sensitive);
  for (const std::string& value : spec.Texts("blocked")) {
    type.blocked.push_back(type.case_sensitive ? value : base::LowerAscii(value));
  }
  ReadPatterns(spec, type);
  if (const std::string window = spec.Text("window", ""); !window.empty()) {
    const std::optional<base::Duration> span = WindowOf(window);
    if (!span) spec.Problem("window", "must be one of ever, yearly, monthly, weekly, daily");
    type.window = span.value_or(base::Duration{});
  }
  if (type.unique && type.weak) {
    spec.Problem("weak", "a unique type cannot be weak: set one of the two to false");
  }
  return type;
}

bool ByName(const TypeSettings& a, const TypeSettings& b) { return a.type < b.type; }

}  // namespace

Settings::Settings() {
  for (const char* type : kWellKnown) types_.push_back(DefaultsOf(type));
  Complete();
}

Settings Settings::Make(std::vector<TypeSettings> types, uint32_t max_identifiers,
                        uint32_t max_merges) {
  Settings settings;
  settings.types_ = std::move(types);
  settings.max_identifiers_ = max_identifiers;
  settings.max_merges_ = max_merges;
  settings.Complete();
  return settings;
}

void Settings::Complete() {
  std::sort(types_.begin(), types_.end(), ByName);
  other_ = DefaultsOf("");
  for (const char* pattern : kNobody) nobody_.push_back(CompilePattern(pattern));
}

absl::StatusOr<Settings> Settings::Compile(const base::Fields& fields) {
  Settings settings;
  std::vector<std::string> problems;
  SpecReader spec(fields, "", problems);
  settings.max_identifiers_ = spec.Whole("maxIdentifiers", settings.max_identifiers_, kMostLimit);
  settings.max_merges_ = spec.Whole("maxMerges", settings.max_merges_, kMostLimit);
  settings.default_country_ = spec.Text("defaultCountry", settings.default_country_);
  const base::Value* list = spec.Find("identifiers");
  std::vector<std::string> named;
  for (int i = 0; list != nullptr && i < list->list().values_size(); ++i) {
    SpecReader one(list->list().values(i).object(), base::StrCat("identifiers[", i, "]."),
                   problems);
    TypeSettings type = ReadType(one);
    if (std::find(named.begin(), named.end(), type.type) != named.end()) {
      one.Problem("type", base::StrCat(type.type, " is listed twice"));
    }
    named.push_back(type.type);
    settings.Put(std::move(type));
  }
  if (problems.empty()) return settings;
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

void Settings::Put(TypeSettings type) {
  const auto place = std::lower_bound(types_.begin(), types_.end(), type, ByName);
  if (place != types_.end() && place->type == type.type) {
    *place = std::move(type);
  } else {
    types_.insert(place, std::move(type));
  }
}

const TypeSettings& Settings::Of(std::string_view type) const {
  for (const TypeSettings& settings : types_) {  // a handful
    if (settings.type == type) return settings;
  }
  return other_;
}

bool Settings::IsStrongerType(std::string_view a, std::string_view b) const {
  const uint32_t priority_a = Of(a).priority;
  const uint32_t priority_b = Of(b).priority;
  return priority_a != priority_b ? priority_a < priority_b : a < b;
}

uint8_t Settings::RankOf(std::string_view type) const {
  const TypeSettings& settings = Of(type);
  if (settings.weak) return 0;
  constexpr uint32_t kLowest = 10;
  const uint32_t steps = std::min(settings.priority, 255 - kLowest);
  return static_cast<uint8_t>(255 - steps);
}

bool Settings::IsNobody(std::string_view value) const {
  return std::any_of(nobody_.begin(), nobody_.end(), [value](const Pattern& pattern) {
    return re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), *pattern);
  });
}

}  // namespace batuta::identity
