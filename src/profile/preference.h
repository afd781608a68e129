// Preferences: what the person stated they want (channel, topic, pace, pause, path); commands
// unless marked soft. Per (kind, name) the newest statement holds; a null takes it back.
//
// Pure. What a preference forbids is decided by `policy`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profile/order.h"
#include "profile/profile.pb.h"

namespace batuta::profile {

inline constexpr int kMaxPreferences = 256;
inline constexpr size_t kMaxPreferenceValueBytes = 256;

struct PreferenceStatement {
  PreferenceKind kind = PREFERENCE_UNKNOWN;
  std::string name;
  base::Value value;
  bool soft = false;
};

struct ParsedPreferences {
  std::vector<PreferenceStatement> statements;
  std::vector<std::string> problems;
};

// The track event that states one: {kind: channel|topic|pace|pause|path, name?, value, soft?}; and
// the trait of an identify that states a list of them. A pause has an RFC 3339 time or null as its
// value.
inline constexpr std::string_view kPreferenceChanged = "Preference Changed";
inline constexpr std::string_view kPreferencesTrait = "preferences";

struct PreferenceEvent {
  std::string_view event_name = {};
  const base::Fields* properties = nullptr;
  const base::Fields* traits = nullptr;
};
ParsedPreferences ParsePreferences(const PreferenceEvent& event);

Preference MakePreference(const PreferenceStatement& statement, std::string_view source,
                          const Stamp& stamp);
bool StatePreference(const Preference& preference, Profile& profile);
void MergePreferences(const Profile& from, Profile& into);
// nullptr if none is stated.
const Preference* FindPreference(const Profile& profile, PreferenceKind kind,
                                 std::string_view name = {});
std::string_view PreferenceName(PreferenceKind kind);  // "channel", ...

}  // namespace batuta::profile
