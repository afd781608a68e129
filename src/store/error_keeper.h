// Keeps the first error of RocksDB's background work. Private to `store`.
#pragma once

#include <mutex>

#include "rocksdb/listener.h"
#include "store/rocks_tables.h"

namespace batuta::store {

class RocksTables::ErrorKeeper final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    std::lock_guard lock(mutex_);
    if (first_.ok()) first_ = *status;
  }
  rocksdb::Status first() const {
    std::lock_guard lock(mutex_);
    return first_;
  }

 private:
  mutable std::mutex mutex_;
  rocksdb::Status first_;
};

}  // namespace batuta::store
