#include "server/demo_screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace batuta::server {
namespace {

constexpr int kRowsMin = 24;  // the page at its longest, and a line to spare
constexpr int kWidthMax = 140;

}  // namespace

Screen::Screen(bool wants_lines) {
  winsize size = {};
  const bool is_terminal =
      isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  is_live_ = is_terminal && !wants_lines && size.ws_row >= kRowsMin;
  if (is_live_) width_ = std::clamp(static_cast<int>(size.ws_col) - 1, 40, kWidthMax);
}

void Screen::Draw(std::string_view page) {
  std::string text;
  if (drawn_ > 0) text = "\x1b[" + std::to_string(drawn_) + "A\r";
  drawn_ = 0;
  for (const char c : page) {
    if (c == '\n') {
      text += "\x1b[K";  // what the line before left over
      ++drawn_;
    }
    text += c;
  }
  text += "\x1b[J";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void Screen::Print(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

}  // namespace batuta::server
