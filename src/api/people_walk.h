// Goes through the people of a partition, or the members of a segment there, in the order of their
// numbers, some at a time. Internal to this folder.
//
// Used by the partition's thread. Who comes meanwhile comes last, or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/ids.h"
#include "engine/fold.h"
#include "engine/row.pb.h"

namespace batuta::api {

// Reads these people, who are sorted, and calls `found` with the index and the row of each but
// those who have merged into others or were erased.
void ReadLiving(engine::Fold& fold, const std::vector<base::PersonId>& people,
                engine::PersonRow& scratch,
                absl::FunctionRef<void(size_t index, const engine::PersonRow& row)> found);

class PeopleWalk {
 public:
  using Numbered = std::pair<uint32_t, base::PersonId>;

  // "": everybody.
  explicit PeopleWalk(std::string segment) : segment_(std::move(segment)) {}

  bool is_done() const { return is_done_; }

  // The next, at most as many; fewer only at the end.
  std::vector<Numbered> Next(engine::Fold& fold, size_t count);
  // How many there are in all, about.
  uint64_t Count(engine::Fold& fold) const;

 private:
  const std::string segment_;
  uint32_t next_ = 0;  // the number of who is next
  bool is_done_ = false;
};

}  // namespace batuta::api
