// People and what is declared of them, side by side: what cohorts.h tells them apart by.
//
// Bounded: where there are more people than it may hold, it keeps those of the smallest hashes. The
// limit on hashes is halved as often as it takes, so which are kept does not depend on the order in
// which they come, and they are a random sample of all. Values; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "decision/value_tally.h"

namespace batuta::decision {

// What one field is of one person.
struct Cell {
  enum class Kind : uint8_t { kMissing, kNumber, kText };
  Kind kind = Kind::kMissing;
  double number = 0;
  uint32_t text = 0;  // CohortTexts has it
};

// Texts by numbers, each once; before them stand what is no text but true or false. Longer ones
// than kBytesMax are all kLong: not told apart.
class CohortTexts {
 public:
  static constexpr size_t kBytesMax = 64;
  static constexpr uint32_t kLong = 0;
  static constexpr uint32_t kTrue = 1;
  static constexpr uint32_t kFalse = 2;
  uint32_t Number(std::string_view text);
  std::string_view Text(uint32_t number) const { return texts_[number]; }

 private:
  std::vector<std::string> texts_ = {"", "true", "false"};
  std::map<std::string, uint32_t, std::less<>> numbers_;
};

class CohortPeople {
 public:
  CohortPeople() = default;
  CohortPeople(size_t fields, size_t people_max) : fields_(fields), people_max_(people_max) {}

  size_t fields() const { return fields_; }
  size_t size() const { return people_.size(); }
  bool has_all() const { return limit_ == std::numeric_limits<uint64_t>::max(); }

  CohortTexts& texts() { return texts_; }
  const CohortTexts& texts() const { return texts_; }
  // Requires: a cell of each field, their texts numbered by texts().
  void Add(uint64_t hash, const PersonValue& value, absl::Span<const Cell> cells);
  // Takes the others too; `falls` are the indices here of the falls there. Requires: the same
  // fields.
  void Merge(const CohortPeople& other, const std::vector<uint32_t>& falls);
  const PersonValue& ValueOf(size_t person) const { return people_[person].value; }
  const Cell& At(size_t person, size_t field) const { return cells_[person * fields_ + field]; }

 private:
  struct Person {
    uint64_t hash = 0;
    PersonValue value;
  };
  void Narrow(uint64_t limit);

  size_t fields_ = 0;
  size_t people_max_ = 0;
  uint64_t limit_ = std::numeric_limits<uint64_t>::max();  // of hashes
  CohortTexts texts_;
  std::vector<Person> people_;
  std::vector<Cell> cells_;  // people by fields
};

}  // namespace batuta::decision
