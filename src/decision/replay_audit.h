// Logged decisions made again, one after the other, and what came of it.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/ids.h"
#include "decision/catalogue.h"

namespace batuta::decision {

class ReplayAudit {
 public:
  static constexpr size_t kNamed = 100;  // of those that differ

  // The catalogue of a version of the definitions; null if it is not known any more.
  using CatalogueOf = absl::FunctionRef<const Catalogue*(uint64_t version)>;
  // Makes the decision of these bytes again, as Replay does. What was imported does not count.
  void Add(std::string_view logged, CatalogueOf catalogue_of);
  // Adds what another one has found.
  void Add(const ReplayAudit& other);

  uint64_t equal() const { return equal_; }
  uint64_t different() const { return different_; }
  uint64_t from_trace_alone() const { return from_trace_alone_; }  // of both
  // Not made again: another version of the engine made it; the bytes cannot be read.
  uint64_t other_engine() const { return other_engine_; }
  uint64_t damaged() const { return damaged_; }
  uint64_t all() const { return equal_ + different_ + other_engine_ + damaged_; }
  // The first that differ, in the order in which they were added.
  const std::vector<base::DecisionId>& differing() const { return differing_; }

 private:
  uint64_t equal_ = 0;
  uint64_t different_ = 0;
  uint64_t from_trace_alone_ = 0;
  uint64_t other_engine_ = 0;
  uint64_t damaged_ = 0;
  std::vector<base::DecisionId> differing_;
};

}  // namespace batuta::decision
