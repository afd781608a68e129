// All resources of a hub at one moment: what the control log publishes and partitions switch to.
//
// A value: copied, compared, encoded. Ordered by kind and name. Knows nothing of drafts, and does
// not check what it holds (check.h does, before a change is applied).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/time.h"
#include "base/value.pb.h"
#include "resource/document.h"

namespace batuta::resource {

struct Resource {
  ResourceKey key;
  uint64_t version = 1;  // 1 when first made, then one more with each change; never used again
  std::string author;
  base::Time time;    // of this version
  std::string etag;   // of the canonical spec
  base::Fields spec;  // canonical
};

// What a user wants to be so. Nothing here is checked yet.
struct Change {
  std::vector<Document> documents;    // made or changed to what they say
  std::vector<ResourceKey> removals;  // to be removed
  bool remove_unstated = false;       // also remove whatever `documents` does not name
};

struct Authorship {
  std::string author;
  base::Time time;
};

class ResourceSet {
 public:
  using Map = std::map<ResourceKey, Resource>;

  // Of the set as a whole: 0 when empty, one more with each change that changes anything.
  uint64_t version() const { return version_; }
  const Map& all() const { return resources_; }
  // Null if there is none. Valid until the set changes.
  const Resource* Find(std::string_view kind, std::string_view name) const;
  // The last version that the name had, also if it is removed now; 0 if there never was one.
  uint64_t LastVersion(std::string_view kind, std::string_view name) const;
  // Of one kind, by name.
  std::vector<const Resource*> OfKind(std::string_view kind) const;

  // The set after the change. What stays equal keeps version, author and time. If the change names
  // a resource twice, the last document counts. Total: also for documents that are not valid.
  ResourceSet After(const Change& change, const Authorship& by) const;

  // The same resources as another version: for simulations, whose versions are not the hub's.
  void Renumber(uint64_t version) { version_ = version; }

  // Equal sets give equal bytes.
  std::string Encode() const;
  static absl::StatusOr<ResourceSet> Decode(std::string_view bytes);

 private:
  void Put(const Document& document, const Authorship& by);
  void Remove(const ResourceKey& key);

  uint64_t version_ = 0;
  Map resources_;
  // Last versions of what was removed, so that a name used again goes on counting.
  std::map<ResourceKey, uint64_t> removed_;
};

}  // namespace batuta::resource
