// The identity settings of a hub, compiled from its `identity` resource.
//
// Says for each type of identifier how strong it is, how many values a person may have of it, and
// which values identify nobody. A type that the resource does not name has defaults of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "base/value.pb.h"

namespace re2 {
class RE2;
}

namespace batuta::identity {

struct TypeSettings {
  std::string type{};
  uint32_t priority = 0;    // 1 is the strongest
  uint32_t limit = 5;       // values per person within `window`
  base::Duration window{};  // zero: ever. A year is 365 days, a month 30.
  bool unique = false;      // limit 1, ever; two values never meet unless a source asserts it
  bool weak = false;        // never joins two persons with unique identifiers; the newest holds it
  bool case_sensitive = true;
  std::vector<std::string> blocked{};  // normalised values
  std::vector<std::shared_ptr<const re2::RE2>>
      blocked_patterns{};  // searched in the normalised value
};

class Settings {
 public:
  // The defaults: user_id unique, email first among the others, 5 values of every other type;
  // anonymous_id (weekly) and device_id (yearly) weak.
  Settings();

  // The spec of the resource. A well-known type that it does not list keeps its defaults; one that
  // it lists is what it says there, and otherwise 5 values, ever, neither unique nor weak. On error
  // every problem is named, with its place ("identifiers[1].limit: …"), one a line.
  static absl::StatusOr<Settings> Compile(const base::Fields& spec);

  // For any type whatever. The reference lives as long as the settings.
  const TypeSettings& Of(std::string_view type) const;

  // Strongest first: by priority, then by name. Total on distinct types.
  bool IsStrongerType(std::string_view a, std::string_view b) const;

  // The rank of a person created by an identifier of this type; higher is stronger. Frozen in the
  // id.
  uint8_t RankOf(std::string_view type) const;

  uint32_t max_identifiers() const { return max_identifiers_; }
  uint32_t max_merges() const { return max_merges_; }
  // ISO 3166 code of the country whose telephone numbers are written without their calling code.
  const std::string& default_country() const { return default_country_; }

  // A value that programs write for "nobody" ("null", "-1", "000", "anonymous"), under any type.
  bool IsNobody(std::string_view value) const;

  // These types and no well-known ones: what a test wants to say in full.
  static Settings Make(std::vector<TypeSettings> types, uint32_t max_identifiers,
                       uint32_t max_merges);

 private:
  void Complete();
  void Put(TypeSettings type);

  std::vector<TypeSettings> types_;  // ascending by name
  TypeSettings other_;               // for the types not listed
  std::vector<std::shared_ptr<const re2::RE2>> nobody_;
  uint32_t max_identifiers_ = 1000;
  uint32_t max_merges_ = 100;
  std::string default_country_ = "MX";
};

}  // namespace batuta::identity
