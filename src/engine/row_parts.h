// A person's row as far as somebody wants to read it: taken from a whole one, or from its stored
// bytes without decoding the rest, which is most of it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/row.pb.h"

namespace batuta::engine {

// Number, first and last event and what is still being found are always there.
struct RowParts {
  std::set<std::string, std::less<>> traits = {};  // by name
  bool identity = false;
  bool consents = false;
  bool preferences = false;
  bool groups = false;
  bool segments = false;
  std::vector<uint64_t> features = {};  // by number, ascending
};

// `left_out` (ascending): of the features not these.
PersonRow TakeParts(const RowParts& parts, const PersonRow& row,
                    const std::vector<uint64_t>& left_out);

// Not thread-safe.
class RowPartsReader {
 public:
  explicit RowPartsReader(RowParts parts) : parts_(std::move(parts)) {}

  // Requires: the bytes of a row. Valid until the next call.
  const PersonRow& Read(std::string_view stored);

 private:
  void TakeProfile(std::string_view profile);
  void TakeFeatures(std::string_view features);

  const RowParts parts_;
  std::string wanted_;  // scratch: the bytes of the row with nothing else; of a part of it
  std::string part_;
  PersonRow row_;
};

}  // namespace batuta::engine
