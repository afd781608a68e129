// What an attribute may still be, given what a rule demanded of it; used by possible.cc alone.
//
// Over-approximates: whatever fits all that was demanded is in it, perhaps more.
#pragma once

#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/value.pb.h"

namespace batuta::rule {

class Domain {
 public:
  void BeAbsent();
  void BePresent() { may_be_absent_ = false; }
  // One of these constants, or none of them but present. Requires: JSON values without seals.
  void BeOneOf(const std::vector<const base::Value*>& constants);
  void BeNoneOf(const std::vector<const base::Value*>& constants);
  // A number on that side of the limit.
  void BeAtMost(double limit, bool open);
  void BeAtLeast(double limit, bool open);
  void BeText();  // some text

  bool IsEmpty() const;

 private:
  void BeNumber();
  bool HasNumbers() const;
  bool HasTexts() const;

  bool may_be_absent_ = true;
  bool may_be_true_ = true;
  bool may_be_false_ = true;
  bool may_be_other_ = true;  // null, lists, objects, times, sealed values
  bool may_be_number_ = true;
  double low_ = -std::numeric_limits<double>::infinity();
  double high_ = std::numeric_limits<double>::infinity();
  bool low_open_ = false;
  bool high_open_ = false;
  std::optional<std::set<double>> numbers_;  // if only these are left
  std::set<double> not_numbers_;
  bool may_be_text_ = true;
  std::optional<std::set<std::string>> texts_;
  std::set<std::string> not_texts_;
};

}  // namespace batuta::rule
