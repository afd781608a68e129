#include "api/definitions_keeper.h"

#include <utility>

namespace batuta::api {

void DefinitionsKeeper::Refresh(std::function<void()> done) {
  runtime_.Run(runtime_.control(), [this, done = std::move(done)](engine::Fold& fold) {
    Take(fold);
    done();
  });
}

void DefinitionsKeeper::Take(const engine::Fold& control) {
  std::shared_ptr<const engine::Definitions> definitions = control.shared_definitions();
  auto view = std::make_shared<DefinitionsView>();
  view->tables = control.tables();
  if (const resource::Resource* found = definitions->resources.Find("classification", "default")) {
    view->classification = resource::Classification::Compile(found->spec);
  }
  view->definitions = std::move(definitions);
  absl::MutexLock lock(&mutex_);
  now_ = std::move(view);
  kept_[now_->definitions->version()] = now_->definitions;
  while (kept_.size() > kKept) kept_.erase(kept_.begin());
}

std::shared_ptr<const DefinitionsView> DefinitionsKeeper::Now() const {
  absl::MutexLock lock(&mutex_);
  return now_;
}

std::shared_ptr<const engine::Definitions> DefinitionsKeeper::Of(uint64_t version) const {
  absl::MutexLock lock(&mutex_);
  const auto found = kept_.find(version);
  return found == kept_.end() ? nullptr : found->second;
}

}  // namespace batuta::api
