// The bytes received on a connection and not used yet: filled at the back, consumed at the front.
//
// Only Reserve moves bytes, so a read into the room it gave stays valid while data is consumed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace batuta::http {

class InputBuffer {
 public:
  std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }

  void Consume(size_t count) { begin_ += count; }

  // Room of at least `count` bytes behind the data; moves or grows if it must.
  char* Reserve(size_t count) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ - end_ < count) MakeRoom(count);
    return bytes_.get() + end_;
  }
  size_t room() const { return capacity_ - end_; }
  void Commit(size_t count) { end_ += count; }

 private:
  void MakeRoom(size_t count) {
    const size_t used = size();
    std::unique_ptr<char[]> grown;
    if (capacity_ < used + count) {
      capacity_ = std::max(used + count, capacity_ * 2);
      grown.reset(new char[capacity_]);
    }
    char* target = grown != nullptr ? grown.get() : bytes_.get();
    if (used > 0) std::memmove(target, bytes_.get() + begin_, used);
    if (grown != nullptr) bytes_ = std::move(grown);
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace batuta::http
