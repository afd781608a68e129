// The definitions of the simulated company: what it may offer, within which limits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "resource/set.h"

namespace batuta::simulation {

// A contact cap that no change of definitions touches: this many reservations a person and window.
inline constexpr int kCapMax = 2;
inline constexpr int64_t kCapWindowMicros = int64_t{7} * 86'400'000'000;

// As long unchanged: of the actions loan and news, the pressure on a person stays within this much,
// and halves in this time.
inline constexpr double kPressureMax = 1.2;
inline constexpr int64_t kPressureHalfLifeMicros = int64_t{2} * 86'400'000'000;

// And the placement `list` is quiet from 21:00 to 08:00, on Sundays to 12:00, in the company's
// zone, which is this one unless rules are drawn, which bring another.
inline constexpr std::string_view kZone = "America/Mexico_City";

// Of the group cards nothing is offered for so long after Bought, nor so soon after another choice
// of it; nothing that was refused so often within so long; and loans never to members of a segment.
inline constexpr int64_t kCoolDownHours = 2;
inline constexpr int64_t kGapHours = 3;
inline constexpr int kSilencingRefusals = 1;
inline constexpr int64_t kSilenceHours = 20;
inline constexpr std::string_view kBlockingSegment = "cooling";

// Each channel has one placement. Nothing goes over the one on which the person's rate of
// acceptance is less than this part of that on the other, where outcomes of so much weight are
// known of both.
struct Channel {
  std::string_view name;
  std::string_view placement;
};
inline constexpr Channel kChannels[] = {{"web", "home"}, {"email", "list"}};
inline constexpr double kLeastOfTheBest = 0.95;
inline constexpr double kOutcomesKnown = 1;
inline constexpr int64_t kOutcomeHalfLifeMicros = int64_t{90} * 86'400'000'000;

// What all loans together may cost, ever; how many choices there may be in an hour, and how many of
// the group cards in a day; and the unit of what cards may cost in a day.
inline constexpr std::string_view kConstrainedAction = "loan";
struct Limits {
  int loans_ever = 12;  // each costs 1
  int choices_an_hour = 6;
  int cards_a_day = 6;
  int cards_unit = 1;
};
// Where up to twice so many ask at once.
inline constexpr Limits AmpleFor(int burst) {
  return {.loans_ever = 8 * burst,
          .choices_an_hour = burst,
          .cards_a_day = burst * 5 / 6,
          .cards_unit = burst / 3};
}

// A feature that is another in most versions: how often something happened within some days.
inline constexpr std::string_view kChangingFeature = "changing";

// The placement where what is chosen counts as shown.
inline constexpr std::string_view kExposedAtOnce = "list";

// The first definitions: with the default guards of identity, or without any.
resource::ResourceSet FirstDefinitions(bool guarded, const Limits& limits);

// Another version: the worth of an action and the rule of a trait nobody states differ by
// `variant`.
resource::ResourceSet ChangedDefinitions(const resource::ResourceSet& before, uint64_t variant,
                                         const Limits& limits);

// With these documents beside.
resource::ResourceSet WithDocuments(const resource::ResourceSet& before, const std::string& yaml);

}  // namespace batuta::simulation
