#include "policy/agreements.h"

#include <algorithm>

#include "base/status.h"
#include "resource/reader.h"

namespace batuta::policy {
namespace {

// From being behind by so great a part of the minimum on, the boost is at its most.
constexpr int64_t kParts = 10;
// In so many steps it rises.
constexpr int64_t kSteps = 1'000'000;

}  // namespace

int64_t ShareOf(int64_t at_least, uint32_t partition, uint32_t partitions) {
  BATUTA_CHECK(partition < partitions);
  const auto up_to = [&](uint32_t count) {
    return static_cast<int64_t>(static_cast<__int128>(at_least) * count / partitions);
  };
  return up_to(partition + 1) - up_to(partition);
}

Pace PaceOf(const Constraint& agreement, const Period& period, const Progress& progress,
            base::Time now) {
  const base::Time start = std::max(period.start, agreement.starts);
  const base::Time end = std::min(period.end, agreement.ends);
  const bool is_endless = start == base::kDistantPast || end == base::kDistantFuture;
  if (progress.share <= 0 || is_endless || end <= start) return {};
  const __int128 length = static_cast<__int128>(end.micros) - start.micros;
  const __int128 age =
      std::clamp<__int128>(static_cast<__int128>(now.micros) - start.micros, 0, length);
  // In choices, times the length.
  const __int128 behind = progress.share * age - progress.taken * length;
  Pace pace{.due = static_cast<int64_t>(progress.share * age / length)};
  if (behind <= 0) return pace;
  pace.behind = std::max<int64_t>(pace.due - progress.taken, 0);
  // Of what is still to come no more can be lacking.
  const __int128 most = progress.share * std::min<__int128>(length / kParts, length - age);
  const __int128 steps = behind >= most ? kSteps : behind * kSteps / most;
  pace.boost = static_cast<int64_t>(agreement.boost * steps / kSteps);
  pace.at_risk = steps == kSteps;
  return pace;
}

std::vector<Exclusivity> CompileExclusivities(const resource::ResourceSet& resources) {
  std::vector<Exclusivity> all;
  for (const resource::Resource* resource : resources.OfKind("agreement")) {
    const resource::Reader spec(resource->spec);
    if (!spec.Has("exclusive")) continue;
    const resource::Reader only = spec.Object("only");
    const resource::Reader exclusive = spec.Object("exclusive");
    const resource::Reader over = exclusive.Object("over");
    all.push_back({.agreement = resource->key.name,
                   .of = {.actions = only.Texts("actions"),
                          .groups = only.Texts("groups"),
                          .issues = only.Texts("issues"),
                          .channels = only.Texts("channels")},
                   .rivals = {.actions = over.Texts("actions"),
                              .groups = over.Texts("groups"),
                              .issues = over.Texts("issues")},
                   .placements = exclusive.Texts("placements"),
                   .starts = spec.TimeField("starts", base::kDistantPast),
                   .ends = spec.TimeField("ends", base::kDistantFuture)});
  }
  return all;
}

}  // namespace batuta::policy
