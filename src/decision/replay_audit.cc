#include "decision/replay_audit.h"

#include "decision/decision.pb.h"
#include "decision/replay.h"

namespace batuta::decision {

void ReplayAudit::Add(std::string_view logged, CatalogueOf catalogue_of) {
  Decision decision;
  if (!decision.ParseFromArray(logged.data(), static_cast<int>(logged.size()))) {
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

}  // namespace batuta::decision
