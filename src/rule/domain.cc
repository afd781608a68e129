#include "rule/domain.h"

#include <algorithm>

namespace batuta::rule {
namespace {

// Adds `found` to what is left: the first time as it is, then only what was left before.
template <typename T>
void Intersect(std::optional<std::set<T>>& left, std::set<T> found) {
  if (left.has_value()) {
    std::erase_if(found, [&](const T& one) { return !left->contains(one); });
  }
  left = std::move(found);
}

}  // namespace

void Domain::BeAbsent() {
  may_be_true_ = may_be_false_ = may_be_other_ = may_be_number_ = may_be_text_ = false;
}

void Domain::BeNumber() {
  BePresent();
  may_be_true_ = may_be_false_ = may_be_other_ = may_be_text_ = false;
}

void Domain::BeText() {
  BePresent();
  may_be_true_ = may_be_false_ = may_be_other_ = may_be_number_ = false;
}

void Domain::BeOneOf(const std::vector<const base::Value*>& constants) {
  BePresent();
  std::set<double> numbers;
  std::set<std::string> texts;
  bool has_true = false;
  bool has_false = false;
  bool has_other = false;
  for (const base::Value* constant : constants) {
    if (constant->has_number()) {
      numbers.insert(constant->number());
    } else if (constant->has_text()) {
      texts.insert(constant->text());
    } else if (constant->has_boolean()) {
      (constant->boolean() ? has_true : has_false) = true;
    } else {
      has_other = true;
    }
  }
  may_be_true_ = may_be_true_ && has_true;
  may_be_false_ = may_be_false_ && has_false;
  may_be_other_ = may_be_other_ && has_other;
  Intersect(numbers_, std::move(numbers));
  Intersect(texts_, std::move(texts));
}

void Domain::BeNoneOf(const std::vector<const base::Value*>& constants) {
  BePresent();
  for (const base::Value* constant : constants) {
    if (constant->has_number()) not_numbers_.insert(constant->number());
    if (constant->has_text()) not_texts_.insert(constant->text());
    if (constant->has_boolean()) (constant->boolean() ? may_be_true_ : may_be_false_) = false;
  }
}

void Domain::BeAtMost(double limit, bool open) {
  BeNumber();
  if (limit < high_ || (limit == high_ && open)) {
    high_ = limit;
    high_open_ = open;
  }
}

void Domain::BeAtLeast(double limit, bool open) {
  BeNumber();
  if (limit > low_ || (limit == low_ && open)) {
    low_ = limit;
    low_open_ = open;
  }
}

bool Domain::HasNumbers() const {
  if (!may_be_number_) return false;
  const auto fits = [&](double number) {
    return !not_numbers_.contains(number) && (low_open_ ? number > low_ : number >= low_) &&
           (high_open_ ? number < high_ : number <= high_);
  };
  if (numbers_.has_value()) return std::any_of(numbers_->begin(), numbers_->end(), fits);
  return low_ < high_ || (low_ == high_ && fits(low_));
}

bool Domain::HasTexts() const {
  if (!may_be_text_) return false;
  if (!texts_.has_value()) return true;
  return std::any_of(texts_->begin(), texts_->end(),
                     [&](const std::string& text) { return !not_texts_.contains(text); });
}

bool Domain::IsEmpty() const {
  return !may_be_absent_ && !may_be_true_ && !may_be_false_ && !may_be_other_ && !HasNumbers() &&
         !HasTexts();
}

}  // namespace batuta::rule
