#include "decision/replay_audit.h"

#include <algorithm>

#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "decision/replay.h"
#include "google/protobuf/arena.h"

namespace batuta::decision {

void ReplayAudit::Add(std::string_view logged, CatalogueOf catalogue_of) {
  google::protobuf::Arena arena;
  Decision& decision = *google::protobuf::Arena::CreateMessage<Decision>(&arena);
  if (!Parse(logged, decision)) {
    ++damaged_;
    return;
  }
  if (decision.has_imported()) return;
  const Catalogue* catalogue = catalogue_of(decision.definitions_version());
  const auto again = catalogue == nullptr ? Replay(decision) : Replay(decision, *catalogue);
  if (!again.ok()) {
    ++(absl::IsFailedPrecondition(again.status()) ? other_engine_ : damaged_);
    return;
  }
  if (catalogue == nullptr) ++from_trace_alone_;
  if (*again == logged) {
    ++equal_;
    return;
  }
  ++different_;
  if (differing_.size() < kNamed) {
    differing_.push_back(base::DecisionId::FromBytes(decision.id()));
  }
}

void ReplayAudit::Add(const ReplayAudit& other) {
  equal_ += other.equal_;
  different_ += other.different_;
  from_trace_alone_ += other.from_trace_alone_;
  other_engine_ += other.other_engine_;
  damaged_ += other.damaged_;
  const size_t room = kNamed - differing_.size();
  const auto end = other.differing_.begin() +
                   static_cast<std::ptrdiff_t>(std::min(room, other.differing_.size()));
  differing_.insert(differing_.end(), other.differing_.begin(), end);
}

}  // namespace batuta::decision
