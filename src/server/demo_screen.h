// Where the demo's figures are shown: a page at one place of a terminal, or line after line.
#pragma once

#include <string_view>

namespace batuta::server {

class Screen {
 public:
  // Live on a terminal that is high enough, unless lines are wished for.
  explicit Screen(bool wants_lines);

  bool is_live() const { return is_live_; }
  int width() const { return width_; }

  // Over the page drawn before.
  void Draw(std::string_view page);
  void Print(std::string_view line);

 private:
  bool is_live_ = false;
  int width_ = 100;
  int drawn_ = 0;  // lines of the page before
};

}  // namespace batuta::server
