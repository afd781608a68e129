// The keys used last, unwrapped, up to a fixed number; what falls out is wiped. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "vault/aead.h"

namespace batuta::vault {

class KeyCache {
 public:
  // Requires: capacity > 0.
  explicit KeyCache(size_t capacity);
  ~KeyCache();
  KeyCache(const KeyCache&) = delete;
  KeyCache& operator=(const KeyCache&) = delete;

  // Null if it is not here; valid until the next change.
  const KeyBytes* Find(const base::IdentifierHash& owner);
  void Put(const base::IdentifierHash& owner, const KeyBytes& key);
  void Remove(const base::IdentifierHash& owner);
  size_t size() const { return places_.size(); }

 private:
  // A ring of the keys in the order of their last use, through the nodes' indexes.
  struct Node {
    base::IdentifierHash owner;
    KeyBytes key{};
    uint32_t newer = 0, older = 0;
  };
  void Unlink(uint32_t index);
  void LinkNewest(uint32_t index);

  const size_t capacity_;
  std::vector<Node> nodes_;  // the first is the ring's head, and holds no key
  std::vector<uint32_t> free_;
  absl::flat_hash_map<base::IdentifierHash, uint32_t> places_;
};

}  // namespace batuta::vault
