#include "decision/cohort_people.h"

#include <algorithm>

#include "base/status.h"

namespace batuta::decision {

uint32_t CohortTexts::Number(std::string_view text) {
  if (text.size() > kBytesMax) return kLong;
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  const auto number = static_cast<uint32_t>(texts_.size());
  texts_.emplace_back(text);
  numbers_.emplace(text, number);
  return number;
}

void CohortPeople::Add(uint64_t hash, const PersonValue& value, absl::Span<const Cell> cells) {
  BATUTA_CHECK(cells.size() == fields_);
  if (hash > limit_) return;
  people_.push_back({hash, value});
  cells_.insert(cells_.end(), cells.begin(), cells.end());
  while (people_.size() > people_max_ && limit_ > 0) Narrow(limit_ / 2);
}

void CohortPeople::Narrow(uint64_t limit) {
  limit_ = limit;
  size_t kept = 0;
  for (size_t i = 0; i < people_.size(); ++i) {
    if (people_[i].hash > limit) continue;
    people_[kept] = people_[i];
    std::copy_n(cells_.begin() + static_cast<std::ptrdiff_t>(i * fields_), fields_,
                cells_.begin() + static_cast<std::ptrdiff_t>(kept * fields_));
    ++kept;
  }
  people_.resize(kept);
  cells_.resize(kept * fields_);
}

void CohortPeople::Merge(const CohortPeople& other, const std::vector<uint32_t>& falls) {
  BATUTA_CHECK(fields_ == other.fields_);
  if (other.limit_ < limit_) Narrow(other.limit_);
  std::vector<Cell> cells(fields_);
  for (size_t i = 0; i < other.size(); ++i) {
    if (other.people_[i].hash > limit_) continue;
    PersonValue value = other.people_[i].value;
    if (value.emptied != STAGE_UNSPECIFIED) value.fall = falls.at(value.fall);
    for (size_t field = 0; field < fields_; ++field) {
      cells[field] = other.At(i, field);
      uint32_t& text = cells[field].text;
      if (text > CohortTexts::kFalse) text = texts_.Number(other.texts_.Text(text));
    }
    Add(other.people_[i].hash, value, cells);
  }
}

}  // namespace batuta::decision
