// The members of a segment within one partition: the numbers that the partition gave its people.
//
// A compressed bitmap (Roaring, Lemire et al. 2016), in memory as a whole and stored in parts of
// 65,536 numbers, so that a change costs a part and not the set. Counting is done as members come
// and go. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

class Roaring;

namespace batuta::segment {

class MemberSet {
 public:
  MemberSet();
  MemberSet(MemberSet&&) noexcept;
  MemberSet& operator=(MemberSet&&) noexcept;
  ~MemberSet();

  bool Add(uint32_t person);     // false if it was there
  bool Remove(uint32_t person);  // false if it was not there
  bool Contains(uint32_t person) const;
  uint64_t count() const { return count_; }

  // The members from that number on, ascending, at most `limit` of them.
  std::vector<uint32_t> From(uint32_t first, size_t limit) const;
  uint64_t CountCommon(const MemberSet& other) const;

  // The parts that have changed since the last call, ascending.
  std::vector<uint16_t> TakeChangedParts();
  // "" for a part without members.
  std::string EncodePart(uint16_t part) const;
  // Takes a stored part up. DataLoss if the bytes are no such part.
  absl::Status DecodePart(uint16_t part, std::string_view bytes);

 private:
  std::unique_ptr<Roaring> members_;
  uint64_t count_ = 0;
  std::set<uint16_t> changed_;
};

}  // namespace batuta::segment
