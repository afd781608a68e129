#include "table/pool.h"

#include <utility>

namespace batuta::table {

std::shared_ptr<const Content> Pool::Get(
    std::string_view upload, const std::function<std::shared_ptr<const Content>()>& make) {
  const absl::MutexLock lock(&mutex_);
  const auto found = contents_.find(upload);
  if (found != contents_.end()) {
    if (auto content = found->second.lock()) return content;
  }
  std::erase_if(contents_, [](const auto& one) { return one.second.expired(); });
  auto content = make();
  contents_[std::string(upload)] = content;
  return content;
}

}  // namespace batuta::table
