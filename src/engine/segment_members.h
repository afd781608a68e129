// The members of every segment of a partition, by edition.
//
// Derived from the people's rows and kept beside them, so that counting and listing read no person:
// in memory as a whole, stored in parts at checkpoints. Used by the partition's thread alone.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "engine/layered_rows.h"
#include "segment/member_set.h"

namespace batuta::engine {

class SegmentMembers {
 public:
  // Takes up what is stored in `rows` under keys that begin with `prefix`.
  SegmentMembers(LayeredRows& rows, std::string prefix);

  void Add(uint64_t edition, uint32_t person);
  void Remove(uint64_t edition, uint32_t person);
  // The edition is gone, and its members with it.
  void Drop(uint64_t edition);

  // Empty for an edition that nobody fits or nobody knows.
  const segment::MemberSet& Of(uint64_t edition) const;

  // Writes what has changed since the last call into the rows.
  void Store();

 private:
  LayeredRows& rows_;
  const std::string prefix_;
  absl::btree_map<uint64_t, segment::MemberSet> sets_;
};

}  // namespace batuta::engine
