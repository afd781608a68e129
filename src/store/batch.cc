#include "store/batch.h"

#include <algorithm>

#include "base/status.h"

namespace batuta::store {

void Batch::Add(Table table, Change change) {
  BATUTA_CHECK(!change.key.empty());
  ++size_;
  bytes_ += change.key.size() + (change.value ? change.value->size() : 0);
  tables_[static_cast<size_t>(table)].push_back(std::move(change));
}

void Batch::Clear() {
  for (std::vector<Change>& changes : tables_) changes.clear();
  size_ = 0;
  bytes_ = 0;
}

const std::vector<Change>& Batch::changes(Table table) const {
  return tables_[static_cast<size_t>(table)];
}

std::vector<const Change*> InKeyOrder(std::span<const Change> changes) {
  std::vector<const Change*> ordered;
  ordered.reserve(changes.size());
  for (const Change& change : changes) ordered.push_back(&change);
  const auto by_key = [](const Change* a, const Change* b) { return a->key < b->key; };
  if (!std::is_sorted(ordered.begin(), ordered.end(), by_key)) {
    std::stable_sort(ordered.begin(), ordered.end(), by_key);
  }
  size_t kept = 0;
  for (size_t i = 0; i < ordered.size(); ++i) {
    const bool is_last = i + 1 == ordered.size() || ordered[i + 1]->key != ordered[i]->key;
    if (is_last) ordered[kept++] = ordered[i];
  }
  ordered.resize(kept);
  return ordered;
}

}  // namespace batuta::store
