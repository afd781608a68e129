// The contents that are in use, so that partitions of one process share them.
//
// An upload has one content for ever, so whoever makes it makes the same. Keeps nothing alive
// itself. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "table/content.h"

namespace batuta::table {

class Pool {
 public:
  // The content of that upload: one that is in use, else the one that `make` gives.
  std::shared_ptr<const Content> Get(std::string_view upload,
                                     const std::function<std::shared_ptr<const Content>()>& make);

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::weak_ptr<const Content>, std::less<>> contents_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::table
