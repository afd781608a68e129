#include "whatif/world.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace batuta::whatif {

absl::StatusOr<std::unique_ptr<World>> World::Make(WorldOptions options) {
  std::unique_ptr<World> world(new World(std::move(options), std::make_shared<engine::Shared>()));
  BATUTA_RETURN_IF_ERROR(world->OpenParts());
  return world;
}

absl::StatusOr<std::unique_ptr<World>> World::Fork(WorldOptions options) {
  WorldOptions merged = options_;
  merged.folder = std::move(options.folder);
  merged.observer = options.observer;
  merged.learns = options.learns;
  std::unique_ptr<World> other(new World(std::move(merged), shared_));
  for (size_t i = 0; i < parts_.size(); ++i) {
    BATUTA_RETURN_IF_ERROR(Write(parts_[i]));
    BATUTA_RETURN_IF_ERROR(parts_[i].database->Checkpoint(other->PathOf(i)));
  }
  BATUTA_RETURN_IF_ERROR(other->OpenParts());
  return other;
}

std::string World::PathOf(size_t partition) const {
  return absl::StrCat(options_.folder, "/p", partition);
}

absl::Status World::OpenParts() {
  for (uint16_t i = 0; i <= options_.partitions; ++i) {
    Part& part = parts_.emplace_back();
    BATUTA_ASSIGN_OR_RETURN(part.database, store::Database::Open(*options_.resources,
                                                                 {.path = PathOf(i),
                                                                  .hub = options_.hub,
                                                                  .partition = base::PartitionId{i},
                                                                  .disk = options_.disk}));
    part.fold =
        std::make_unique<engine::Fold>(engine::FoldSettings{.hub_seed = options_.hub_seed,
                                                            .partition = base::PartitionId{i},
                                                            .partitions = options_.partitions,
                                                            .shared = shared_,
                                                            .observer = options_.observer,
                                                            .learns = options_.learns},
                                       *part.database);
  }
  return absl::OkStatus();
}

// A half for what is changed, a half for what was read.
absl::Status World::Settle(base::PartitionId partition) {
  Part& part = parts_[base::Index(partition)];
  const size_t share = options_.memory_bytes / 2 / parts_.size();
  if (part.fold->dirty_bytes() > share) BATUTA_RETURN_IF_ERROR(Write(part));
  part.fold->Trim(share);
  return absl::OkStatus();
}

absl::Status World::Write(Part& part) {
  constexpr size_t kRowsAtOnce = 4096;
  part.fold->Freeze();
  while (!part.fold->EncodeSome(kRowsAtOnce)) {
  }
  engine::FrozenState frozen = part.fold->TakeFrozen();
  BATUTA_RETURN_IF_ERROR(part.database->Write(frozen.TakeBatch(), part.fold->applied()));
  part.fold->FrozenWritten();
  return absl::OkStatus();
}

}  // namespace batuta::whatif
