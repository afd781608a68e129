// The definitions, and the rows of tables, as the api's threads see them: the newest of the control
// partition, and the last few definitions before, for the content of decisions that were made with
// those.
//
// Thread-safe; what it hands out never changes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "engine/definitions.h"
#include "engine/runtime.h"
#include "resource/classification.h"
#include "table/content.h"

namespace batuta::api {

struct DefinitionsView {
  std::shared_ptr<const engine::Definitions> definitions;
  resource::Classification classification;
  std::shared_ptr<const table::Tables> tables;
};

class DefinitionsKeeper {
 public:
  explicit DefinitionsKeeper(engine::Runtime& runtime) : runtime_(runtime) {}

  // Reads the control partition's definitions, then calls `done` on that partition's thread.
  void Refresh(std::function<void()> done);

  // Requires: one Refresh has been done.
  std::shared_ptr<const DefinitionsView> Now() const;

  // Null if they are not kept any more.
  std::shared_ptr<const engine::Definitions> Of(uint64_t version) const;

 private:
  static constexpr size_t kKept = 8;

  void Take(const engine::Fold& control);

  engine::Runtime& runtime_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const DefinitionsView> now_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, std::shared_ptr<const engine::Definitions>> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::api
