// The limits on the identifiers of one person: how many of a type, in a window, in all; and merges.
//
// Counted are the identifiers that a person holds or has claimed, and those of accepted persons
// that have yet to arrive. A window limit is broken when any span of that length, counted by the
// event times at which the identifiers were first listed, holds more values than the limit. Two of
// them exactly one window apart do not share a span. An identifier that two persons listed at
// different times counts at each of them until they are one, so that the limit holds whichever
// remains.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "identity/identity.pb.h"
#include "identity/settings.h"

namespace batuta::identity {

// The identifiers of a person as the guards see them.
class Tally {
 public:
  Tally() = default;
  // With the person's reservations, but for those made for `except`, where given.
  explicit Tally(const PersonIdentity& person, const PersonRef* except = nullptr);

  void Add(const Counted& identifier);
  void Add(const Tally& other);
  std::vector<Counted> List() const;  // ascending by hash

  bool IsCounted(const base::IdentifierHash& hash) const;
  // The most values of the type `name`, whose settings are `type`, that share a window.
  uint32_t Most(std::string_view name, const TypeSettings& type) const;
  // The same over the windows that hold this identifier. Requires: it is counted.
  uint32_t MostAround(const TypeSettings& type, const base::IdentifierHash& hash) const;
  uint32_t size() const;  // counted ones of all types
  std::vector<base::IdentifierHash> Unique(const Settings& settings) const;  // ascending
  std::vector<std::string> Types() const;                                    // ascending
  uint32_t merges = 0;  // persons already absorbed or accepted

 private:
  struct Entry {
    std::string type;
    std::vector<int64_t> added_at;  // ascending, distinct
    bool counted = false;
  };
  static uint32_t MostIn(const std::vector<const Entry*>& entries, base::Duration window,
                         const Entry* containing);
  const Entry* Find(const base::IdentifierHash& hash) const;
  std::vector<const Entry*> OfType(std::string_view type) const;  // the counted ones

  absl::btree_map<base::IdentifierHash, Entry> entries_;
};

// Why these new identifiers may not be added to what is there; nothing when they may. An asserted
// one may break uniqueness.
std::optional<Reason> JudgeAddition(const Tally& present, absl::Span<const Counted> added,
                                    bool asserted, const Settings& settings);

struct Bridge {
  bool weak = false;      // the identifier that brings the two together is of a weak type
  bool asserted = false;  // a source states that they are one
};

// Whether these two may be one person. A limit that one of them breaks already, by an assertion or
// by older settings, forbids only what would make it worse.
bool MayMerge(const Tally& stronger, const Tally& weaker, const Bridge& bridge,
              const Settings& settings);

}  // namespace batuta::identity
