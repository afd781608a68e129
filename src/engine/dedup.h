// Exact deduplication of events per (source, message id, routing identifier) for a window of log
// time.
//
// Expiry is logical: an entry older than the window is as good as absent, whether or not its row is
// still there. The first payload wins; another payload under the same id is told apart by its hash.
// Most ids are new, and a filter in memory says so without reading the store. It is filled from the
// store bit by bit after opening; until then the store is asked. Used by one thread, the
// partition's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "base/ids.h"
#include "base/time.h"
#include "engine/seen_filter.h"
#include "store/database.h"

namespace batuta::engine {

inline constexpr base::Duration kDedupWindow = base::Days(7);

class Dedup {
 public:
  struct Entry {
    base::Time log_time;
    uint64_t payload_hash = 0;
  };
  using Layer = absl::flat_hash_map<base::Id128, Entry>;
  enum class Verdict { kNew, kDuplicate, kMismatch };  // kMismatch: same id, another payload

  explicit Dedup(store::Database& database) : database_(database) {}

  // Looks the id up and, if it is new within the window that ends at `log_time`, remembers it.
  Verdict Check(const base::Id128& id, uint64_t payload_hash, base::Time log_time);

  // The id is new again.
  void Forget(const base::Id128& id);

  // The entries since the last freeze; their order in the layer carries no meaning.
  std::shared_ptr<const Layer> Freeze();
  void Written();

  // Every entry of the window that ends at `log_time`, in the order of the ids.
  void ForEach(base::Time log_time,
               absl::FunctionRef<void(const base::Id128&, const Entry&)> visit) const;

  // Takes some stored ids into the filter; true when all are in it. To be called when there is
  // time; Check also does it now and then.
  bool FillFilter();

  size_t dirty_bytes() const { return active_.size() * 48; }

  static std::string EncodeEntry(const Entry& entry);

 private:
  std::optional<Entry> Find(const base::Id128& id) const;

  store::Database& database_;
  Layer active_;
  std::shared_ptr<const Layer> frozen_;
  SeenFilter seen_;
  std::string fill_from_;  // stored ids before this one are in the filter
  bool filled_ = false;
  size_t unfilled_checks_ = 0;
  base::Time newest_ = base::kDistantPast;  // log time of the newest entry
};

}  // namespace batuta::engine
