#include "server/demo_view.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"

namespace batuta::server {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string Fixed(double number, int decimals) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", decimals, number);
  return text;
}

std::string Percent(double share) { return Fixed(100 * share, 0) + " %"; }
std::string Signed(double share) {
  return base::StrCat(share < 0 ? "−" : "+", Fixed(100 * (share < 0 ? -share : share), 0), " %");
}

std::string ClockText(base::Duration span) {
  const int64_t seconds = span.micros / 1'000'000;
  char text[64];
  std::snprintf(text, sizeof(text), "%02lld:%02lld", static_cast<long long>(seconds / 60),
                static_cast<long long>(seconds % 60));
  return text;
}

double PerRequest(double sum, const Score& score) {
  return score.requests == 0 ? 0 : sum / static_cast<double>(score.requests);
}

std::string LiftText(const Figures& figures) {
  const auto interval = LiftInterval(figures.hub, figures.random);
  if (!interval.has_value()) return "too early to say";
  const double lift = figures.hub.Rate() / figures.random.Rate() - 1;
  return base::StrCat(Signed(lift), " (", Signed(interval->low), " to ", Signed(interval->high),
                      ")");
}

std::string ShareText(const Score& score) {
  const auto share = score.ShareOfPossible();
  return share.has_value() ? Percent(*share) : std::string("too early to say");
}

// The last minute or so: what has been learnt shows here first.
Score Lately(const Figures& figures) {
  Score sum;
  const size_t count = std::min<size_t>(figures.recent.size(), 6);
  for (size_t i = figures.recent.size() - count; i < figures.recent.size(); ++i) {
    sum.Add(figures.recent[i]);
  }
  return sum;
}

class PageText {
 public:
  explicit PageText(int width) : width_(static_cast<size_t>(std::max(width, 40))) {}

  void Title(std::string_view text) { Put(kBold, text); }
  void Note(std::string_view text) { Put(kDim, text); }
  void Good(std::string_view text) { Put(kGreen, text); }
  void Bad(std::string_view text) { Put(kRed, text); }
  void Row(std::string_view name, std::string_view text) {
    std::string row = base::StrCat("  ", name);
    row.append(name.size() < 20 ? 20 - name.size() : 1, ' ');
    Put("", base::StrCat(row, text));
  }
  // Goes on in a second line where it is too long for one.
  void LongRow(std::string_view name, std::string_view text) {
    const size_t room = width_ - 22;
    const std::string first = Clipped(text, room);
    const size_t space = first.size() == text.size() ? first.size() : first.rfind(' ');
    const size_t cut = space == std::string::npos ? first.size() : space;
    Row(name, text.substr(0, cut));
    if (cut < text.size()) Row("", base::TrimAscii(text.substr(cut)));
  }
  void Blank() { text_ += "\n"; }
  std::string Take() { return std::move(text_); }

 private:
  void Put(std::string_view colour, std::string_view text) {
    base::StrAppend(&text_, colour, Clipped(text, width_), colour.empty() ? "" : kPlain, "\n");
  }

  size_t width_;
  std::string text_;
};

void AddTraffic(const DemoScene& scene, PageText& page) {
  const Figures& figures = scene.figures;
  page.Row("events", base::StrCat(Fixed(scene.events_per_second, 0), "/s, ",
                                  Grouped(figures.events), " in all; ", Grouped(figures.twice),
                                  " sent twice, ", Grouped(figures.late), " late"));
  if (scene.hub.has_value()) {
    page.Row("people",
             base::StrCat(Grouped(scene.hub->people), ", ", Grouped(scene.hub->merges), " merges; ",
                          Grouped(scene.hub->duplicates), " events known already"));
  }
  page.Row("decisions",
           base::StrCat(Fixed(scene.decisions_per_second, 1), "/s, ", Grouped(figures.decisions),
                        " in all, ", Grouped(figures.decisions_with_offer), " with an offer"));
  page.Row("latency p50 / p99",
           base::StrCat("decision ", MillisText(figures.decision_p50), " / ",
                        MillisText(figures.decision_p99), ", batch ", MillisText(figures.batch_p50),
                        " / ", MillisText(figures.batch_p99)));
}

void AddLearning(const Figures& figures, PageText& page) {
  const Score lately = Lately(figures);
  page.Title("Are its offers accepted?");
  page.Row("chosen by the hub",
           base::StrCat(RateText(figures.hub), " of ", Grouped(figures.hub.seen), " offers seen"));
  page.Row("random holdout", base::StrCat(RateText(figures.random), " of ",
                                          Grouped(figures.random.seen), " offers seen"));
  page.Row("lift", LiftText(figures));
  page.Title("What is a request worth, in MXN, by the customers' hidden tastes?");
  page.Row("random / hub / best",
           base::StrCat(Fixed(PerRequest(lately.random, lately), 0), " / ",
                        Fixed(PerRequest(lately.chosen, lately), 0), " / ",
                        Fixed(PerRequest(lately.best, lately), 0), " lately, over the same ",
                        Grouped(lately.requests), " requests"));
  page.Row("of what is possible",
           base::StrCat(ShareText(lately), " lately, ", ShareText(figures.score),
                        " since the start  ", Bars(figures.recent)));
}

void AddLast(const LastDecision& last, PageText& page) {
  page.Title("The last decision");
  if (last.id.empty()) {
    page.Note("  none yet");
    return;
  }
  page.Row("who, where", base::StrCat(last.who, " at ", last.where));
  page.Row("offered", last.offers);
  page.LongRow("because", last.reason);
  page.Row("outcome", last.outcome);
}

}  // namespace

std::string Grouped(uint64_t number) {
  std::string text = base::StrCat(number);
  for (size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, ",");
  return text;
}

std::string RateText(const Tally& tally) {
  if (tally.seen == 0) return "–";
  const Interval interval = RateInterval(tally);
  return base::StrCat(Fixed(100 * tally.Rate(), 1), " % (", Fixed(100 * interval.low, 1), " to ",
                      Fixed(100 * interval.high, 1), ")");
}

std::string MillisText(base::Duration span) {
  const double millis = static_cast<double>(span.micros) / 1000;
  return Fixed(millis, millis < 10 ? 1 : 0) + " ms";
}

std::string Bars(const std::vector<Score>& scores) {
  constexpr std::string_view kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string text;
  for (const Score& score : scores) {
    const double share = std::clamp(score.ShareOfPossible().value_or(0), 0.0, 1.0);
    text += kBars[std::min<size_t>(static_cast<size_t>(share * 8), 7)];
  }
  return text;
}

std::string Clipped(std::string_view text, size_t width) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && ++characters > width) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

std::string Page(const DemoScene& scene) {
  PageText page(scene.width);
  page.Title(
      base::StrCat("Batuta demo  ", scene.url, "  ", ClockText(scene.elapsed), "  Ctrl-C ends it"));
  page.Blank();
  AddTraffic(scene, page);
  page.Blank();
  AddLearning(scene.figures, page);
  page.Blank();
  AddLast(scene.figures.last, page);
  if (scene.figures.errors > 0) {
    page.Bad(base::StrCat("  ", Grouped(scene.figures.errors),
                          " requests failed; the last: ", scene.figures.last_error));
  }
  if (scene.figures.refused > 0) {
    page.Bad(base::StrCat("  ", Grouped(scene.figures.refused),
                          " events were rejected; see them with `batuta rejections list`"));
  }
  return page.Take();
}

std::string Line(const DemoScene& scene) {
  const Figures& figures = scene.figures;
  std::string text = base::StrCat(ClockText(scene.elapsed), "  events ", Grouped(figures.events),
                                  " (", Fixed(scene.events_per_second, 0), "/s)");
  if (scene.hub.has_value()) {
    base::StrAppend(&text, "  people ", Grouped(scene.hub->people), "  merges ",
                    Grouped(scene.hub->merges));
  }
  base::StrAppend(
      &text, "  decisions ", Grouped(figures.decisions), " (", Fixed(scene.decisions_per_second, 1),
      "/s, p99 ", MillisText(figures.decision_p99), ")  accepted: hub ", RateText(figures.hub),
      ", random ", RateText(figures.random), "  of what is possible ", ShareText(Lately(figures)));
  if (figures.errors > 0)
    base::StrAppend(&text, "  FAILED ", Grouped(figures.errors), ": ", figures.last_error);
  return text + "\n";
}

std::string ClosingSummary(const DemoScene& scene) {
  const Figures& figures = scene.figures;
  const Score& score = figures.score;
  std::string text = base::StrCat(
      "In ", ClockText(scene.elapsed), " minutes: ", Grouped(figures.visits), " visits, ",
      Grouped(figures.events), " events, ", Grouped(figures.decisions), " decisions.\n");
  if (scene.hub.has_value()) {
    base::StrAppend(&text, "The hub knows ", Grouped(scene.hub->people), " people after ",
                    Grouped(scene.hub->merges), " merges, and took ",
                    Grouped(scene.hub->duplicates), " repeated events once only.\n");
  }
  base::StrAppend(&text, "Accepted: ", RateText(figures.hub), " of the hub's ",
                  Grouped(figures.hub.seen), " offers seen, ", RateText(figures.random), " of ",
                  Grouped(figures.random.seen), " random ones; lift ", LiftText(figures), ".\n");
  base::StrAppend(&text, "A request was worth ", Fixed(PerRequest(score.chosen, score), 0),
                  " MXN: ", Fixed(PerRequest(score.random, score), 0), " would be had at random, ",
                  Fixed(PerRequest(score.best, score), 0),
                  " by knowing every taste. Share of the possible lift: ", ShareText(score),
                  ", lately ", ShareText(Lately(figures)), ".\n");
  if (scene.figures.errors > 0) {
    base::StrAppend(&text, Grouped(figures.errors),
                    " requests failed; the last: ", figures.last_error, "\n");
  }
  return text;
}

}  // namespace batuta::server
