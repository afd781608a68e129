#include "simulation/coverage.h"

#include "base/text.h"

namespace batuta::simulation {
namespace {

// The happenings that every fault must meet.
constexpr std::string_view kHappenings[] = {"event",
                                            "duplicate event",
                                            "merge",
                                            "decision",
                                            "outcome",
                                            "acceptance",
                                            "timer: choice",
                                            "timer: models",
                                            "timer: features",
                                            "erasure",
                                            "group joined",
                                            "consent of address",
                                            "definitions changed",
                                            "features found",
                                            "timer: measuring",
                                            "population measured",
                                            "checkpoint",
                                            "message between partitions"};
constexpr std::string_view kFaults[] = {"crash",     "crash in recovery", "failed sync",
                                        "full disk", "clock set forward", "clock set back",
                                        "queue full"};
// And what else must have happened at all.
constexpr std::string_view kOthers[] = {"another payload under a message id",
                                        "message id again after its window",
                                        "rejection",
                                        "blocked identifier",
                                        "alias",
                                        "decision of nothing",
                                        "decision while links settle",
                                        "dry run",
                                        "request repeated",
                                        "request repeated with another body",
                                        "outcome too late",
                                        "timer: links settle",
                                        "key destroyed",
                                        "decision of the erased",
                                        "group left",
                                        "definitions changed by two at once",
                                        "API key changed",
                                        "batch sent again",
                                        "message owed after a crash",
                                        "timer: populations",
                                        "timer: new cut points",
                                        "timer: leases",
                                        "population asked for",
                                        "segment dropped",
                                        "table uploaded",
                                        "list uploaded",
                                        "upload overtaken",
                                        "decision imported",
                                        "decision imported again",
                                        "choice put off",
                                        "quiet hours",
                                        "under pressure",
                                        "budget exhausted",
                                        "ahead of the pace",
                                        "cooling down",
                                        "too soon",
                                        "blocked"};

}  // namespace

void Coverage::Count(std::string_view what, uint64_t times) {
  if (times == 0) return;
  counts_[std::string(what)] += times;
}

uint64_t Coverage::Of(std::string_view what) const {
  const auto found = counts_.find(what);
  return found == counts_.end() ? 0 : found->second;
}

void Coverage::CountMeetings() {
  for (const std::string_view happening : kHappenings) {
    for (const std::string_view fault : kFaults) {
      if (Of(happening) == 0 || Of(fault) == 0) continue;
      ++meetings_[base::StrCat(happening, " × ", fault)];
    }
  }
}

void Coverage::Add(const Coverage& other) {
  for (const auto& [what, times] : other.counts_) counts_[what] += times;
  for (const auto& [pair, worlds] : other.meetings_) meetings_[pair] += worlds;
}

std::vector<std::string> Coverage::Missing() const {
  std::vector<std::string> missing;
  for (const std::string_view what : kOthers) {
    if (Of(what) == 0) missing.emplace_back(what);
  }
  for (const std::string_view happening : kHappenings) {
    for (const std::string_view fault : kFaults) {
      std::string pair = base::StrCat(happening, " × ", fault);
      if (!meetings_.contains(pair)) missing.push_back(std::move(pair));
    }
  }
  return missing;
}

std::string Coverage::ToString() const {
  std::string text;
  for (const auto& [what, times] : counts_) base::StrAppend(&text, "  ", times, " ", what, "\n");
  return text;
}

}  // namespace batuta::simulation
