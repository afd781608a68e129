#include "profile/preference.h"

#include <array>
#include <compare>
#include <optional>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "profile/sorted.h"
#include "profile/statement_text.h"

namespace batuta::profile {
namespace {

using Preferences = google::protobuf::RepeatedPtrField<Preference>;

constexpr int kMaxStatementsPerEvent = 100;
constexpr std::array<std::pair<std::string_view, PreferenceKind>, 5> kKindNames = {{
    {"channel", PREFERENCE_CHANNEL},
    {"topic", PREFERENCE_TOPIC},
    {"pace", PREFERENCE_PACE},
    {"pause", PREFERENCE_PAUSE},
    {"path", PREFERENCE_PATH},
}};

struct Key {
  int kind;
  std::string_view name;
  friend auto operator<=>(const Key&, const Key&) = default;
};

Key KeyOf(const Preference& preference) {
  return {static_cast<int>(preference.kind()), preference.name()};
}

// By stamp; the rest is for broken input only. A command outlives a wish.
bool IsNewer(const Preference& a, const Preference& b) {
  if (const auto order = StampOf(a) <=> StampOf(b); order != 0) return order > 0;
  if (a.soft() != b.soft()) return b.soft();
  if (const int order = a.source().compare(b.source()); order != 0) return order < 0;
  return base::Compare(a.value(), b.value()) < 0;
}

int PlaceOf(const Preferences& preferences, const Key& key) {
  return FirstNotBefore(preferences,
                        [&](const Preference& preference) { return KeyOf(preference) < key; });
}

PreferenceKind ReadKind(const base::Fields& fields) {
  const base::Value* stated = base::Find(fields, "kind");
  if (stated == nullptr) return PREFERENCE_UNKNOWN;
  for (const auto& [name, kind] : kKindNames) {
    if (stated->text() == name) return kind;
  }
  return PREFERENCE_UNKNOWN;
}

bool IsUsableValue(PreferenceKind kind, const base::Value& value) {
  if (base::IsNull(value)) return true;
  if (kind == PREFERENCE_PAUSE) return base::ParseTime(value.text()).ok();
  const bool scalar = value.kind_case() == base::Value::kBoolean ||
                      value.kind_case() == base::Value::kNumber ||
                      value.kind_case() == base::Value::kText;
  return scalar && value.ByteSizeLong() <= kMaxPreferenceValueBytes;
}

void ReadOne(const base::Fields& fields, std::string_view place, ParsedPreferences& parsed) {
  PreferenceStatement statement;
  statement.kind = ReadKind(fields);
  if (statement.kind == PREFERENCE_UNKNOWN) {
    parsed.problems.push_back(base::StrCat(place, "/kind: channel, topic, pace, pause or path"));
    return;
  }
  std::optional<std::string> name = NameIn(fields, "name");
  if (!name.has_value()) {
    parsed.problems.push_back(base::StrCat(place, "/name: ", kNameRule));
    return;
  }
  statement.name = *std::move(name);
  const base::Value* value = base::Find(fields, "value");
  statement.value = value == nullptr ? base::NullValue() : *value;
  if (value == nullptr || !IsUsableValue(statement.kind, *value)) {
    parsed.problems.push_back(base::StrCat(place, "/value: ",
                                           statement.kind == PREFERENCE_PAUSE
                                               ? "an RFC 3339 time"
                                               : "a short text, a number, true or false",
                                           ", or null to take it back"));
    return;
  }
  const base::Value* soft = base::Find(fields, "soft");
  statement.soft = soft != nullptr && soft->boolean();
  parsed.statements.push_back(std::move(statement));
}

void ReadTrait(const base::Fields& traits, ParsedPreferences& parsed) {
  const base::Value* stated = base::Find(traits, kPreferencesTrait);
  if (stated == nullptr || base::IsNull(*stated)) return;
  if (!stated->has_list() || stated->list().values_size() > kMaxStatementsPerEvent) {
    parsed.problems.push_back(base::StrCat("/traits/preferences: a list of at most ",
                                           kMaxStatementsPerEvent, " {kind, name, value}"));
    return;
  }
  for (int i = 0; i < stated->list().values_size(); ++i) {
    const std::string place = base::StrCat("/traits/preferences/", i);
    if (!stated->list().values(i).has_object()) {
      parsed.problems.push_back(base::StrCat(place, ": an object {kind, name, value}"));
      continue;
    }
    ReadOne(stated->list().values(i).object(), place, parsed);
  }
}

}  // namespace

ParsedPreferences ParsePreferences(const PreferenceEvent& event) {
  ParsedPreferences parsed;
  if (event.traits != nullptr) ReadTrait(*event.traits, parsed);
  if (event.properties != nullptr && event.event_name == kPreferenceChanged) {
    ReadOne(*event.properties, "/properties", parsed);
  }
  return parsed;
}

Preference MakePreference(const PreferenceStatement& statement, std::string_view source,
                          const Stamp& stamp) {
  Preference preference;
  preference.set_kind(statement.kind);
  preference.set_name(statement.name);
  *preference.mutable_value() = statement.value;
  preference.set_soft(statement.soft);
  preference.set_source(source.data(), source.size());
  SetStamp(stamp, preference);
  return preference;
}

bool StatePreference(const Preference& preference, Profile& profile) {
  BATUTA_CHECK(preference.kind() != PREFERENCE_UNKNOWN);
  Preferences& preferences = *profile.mutable_preferences();
  const Key key = KeyOf(preference);
  const int place = PlaceOf(preferences, key);
  if (place < preferences.size() && KeyOf(preferences.Get(place)) == key) {
    Preference& known = *preferences.Mutable(place);
    if (!IsNewer(preference, known)) return false;
    known = preference;
    return true;
  }
  InsertAt(preferences, place) = preference;
  // The greatest keys fall: a fixed order, so the laws hold.
  if (preferences.size() <= kMaxPreferences) return true;
  preferences.RemoveLast();
  return place < kMaxPreferences;
}

void MergePreferences(const Profile& from, Profile& into) {
  for (const Preference& preference : from.preferences()) StatePreference(preference, into);
}

const Preference* FindPreference(const Profile& profile, PreferenceKind kind,
                                 std::string_view name) {
  const Key key{static_cast<int>(kind), name};
  const int place = PlaceOf(profile.preferences(), key);
  if (place == profile.preferences_size()) return nullptr;
  const Preference& found = profile.preferences(place);
  return KeyOf(found) == key && !base::IsNull(found.value()) ? &found : nullptr;
}

std::string_view PreferenceName(PreferenceKind kind) {
  for (const auto& [name, known] : kKindNames) {
    if (known == kind) return name;
  }
  return "unknown";
}

}  // namespace batuta::profile
