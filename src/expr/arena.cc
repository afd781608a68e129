#include "expr/arena.h"

#include <algorithm>
#include <cstring>

namespace batuta::expr {

std::string_view Arena::Copy(std::string_view text) {
  if (text.empty()) return {};
  char* copy = Allocate<char>(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void Arena::Reset() {
  size_t kept = 0;
  size_t count = 0;
  if (used_ > kKeptBytes) {
    while (count < blocks_.size() && kept + blocks_[count].size <= kKeptBytes) {
      kept += blocks_[count++].size;
    }
    blocks_.resize(count);
  }
  block_ = 0;
  offset_ = 0;
  used_ = 0;
}

void* Arena::AllocateBytes(size_t size) {
  size = (size + kAlignment - 1) / kAlignment * kAlignment;
  used_ += size;
  while (block_ < blocks_.size() && blocks_[block_].size - offset_ < size) {
    ++block_;
    offset_ = 0;
  }
  if (block_ == blocks_.size()) {
    const size_t block_size = std::max(kBlockBytes, size);
    blocks_.push_back({std::make_unique<std::byte[]>(block_size), block_size});
    offset_ = 0;
  }
  void* place = blocks_[block_].bytes.get() + offset_;
  offset_ += size;
  return place;
}

}  // namespace batuta::expr
