// A running hash of everything that happens in a world: two runs of a seed must end with the same.
#pragma once

#include <string_view>

#include "base/encoding.h"
#include "base/hash.h"

namespace batuta::simulation {

class Trace {
 public:
  void Add(std::string_view what, std::string_view bytes = "") {
    base::ByteWriter writer;
    writer.U64(hash_.high);
    writer.U64(hash_.low);
    writer.Bytes(what);
    writer.Bytes(bytes);
    hash_ = base::Hash128(writer.bytes());
  }
  void Add(std::string_view what, uint64_t number) {
    base::ByteWriter writer;
    writer.U64(number);
    Add(what, writer.bytes());
  }
  base::Id128 hash() const { return hash_; }

 private:
  base::Id128 hash_;
};

}  // namespace batuta::simulation
