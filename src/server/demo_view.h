// The demo's figures as text: a page for a terminal that is drawn again and again, a line for
// everything else, and a summary for the end.
//
// Pure: the same scene gives the same text. Knows no terminal beyond its colours and its width.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "server/demo_ledger.h"

namespace batuta::server {

// What the hub says of itself.
struct HubFigures {
  uint64_t people = 0;
  uint64_t merges = 0;
  uint64_t events = 0;
  uint64_t duplicates = 0;
};

struct DemoScene {
  std::string url;
  base::Duration elapsed;  // since the demo began
  double events_per_second = 0;
  double decisions_per_second = 0;
  std::optional<HubFigures> hub;
  Figures figures;
  int width = 100;
};

// Lines without any control but colours; each at most `width` wide.
std::string Page(const DemoScene& scene);
std::string Line(const DemoScene& scene);
std::string ClosingSummary(const DemoScene& scene);

// "12,345".
std::string Grouped(uint64_t number);
// "18.2 % (16.0 to 20.6)".
std::string RateText(const Tally& tally);
// "2.4 ms".
std::string MillisText(base::Duration span);
// One bar for each, from "▁" for 0 or less to "█" for 1.
std::string Bars(const std::vector<Score>& scores);
// The first `width` characters.
std::string Clipped(std::string_view text, size_t width);

}  // namespace batuta::server
