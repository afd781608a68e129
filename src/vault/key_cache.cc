#include "vault/key_cache.h"

#include "base/status.h"

namespace batuta::vault {

KeyCache::KeyCache(size_t capacity) : capacity_(capacity), nodes_(1) {
  BATUTA_CHECK(capacity > 0 && capacity < UINT32_MAX);
}

KeyCache::~KeyCache() {
  for (Node& node : nodes_) Wipe(node.key);
}

void KeyCache::Unlink(uint32_t index) {
  nodes_[nodes_[index].newer].older = nodes_[index].older;
  nodes_[nodes_[index].older].newer = nodes_[index].newer;
}

void KeyCache::LinkNewest(uint32_t index) {
  nodes_[index].newer = 0;
  nodes_[index].older = nodes_[0].older;
  nodes_[nodes_[0].older].newer = index;
  nodes_[0].older = index;
}

const KeyBytes* KeyCache::Find(const base::IdentifierHash& owner) {
  const auto place = places_.find(owner);
  if (place == places_.end()) return nullptr;
  Unlink(place->second);
  LinkNewest(place->second);
  return &nodes_[place->second].key;
}

void KeyCache::Put(const base::IdentifierHash& owner, const KeyBytes& key) {
  Remove(owner);
  if (places_.size() == capacity_) Remove(nodes_[nodes_[0].newer].owner);  // the oldest
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(nodes_.size()));
    nodes_.emplace_back();
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  nodes_[index].owner = owner;
  nodes_[index].key = key;
  LinkNewest(index);
  places_.emplace(owner, index);
}

void KeyCache::Remove(const base::IdentifierHash& owner) {
  const auto place = places_.find(owner);
  if (place == places_.end()) return;
  Unlink(place->second);
  Wipe(nodes_[place->second].key);
  free_.push_back(place->second);
  places_.erase(place);
}

}  // namespace batuta::vault
