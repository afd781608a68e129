// Memory of one evaluation: handed out piece by piece, taken back all at once.
//
// What is placed here is never destroyed, so only plain values may be. Blocks up to 1 MiB are kept
// over Reset, so that evaluating the same rule again allocates nothing. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace batuta::expr {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  // Room for `count` elements, not initialised.
  template <typename T>
  T* Allocate(size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
    return static_cast<T*>(AllocateBytes(count * sizeof(T)));
  }

  template <typename T>
  T* New(const T& value) {
    return new (Allocate<T>(1)) T(value);
  }

  template <typename T>
  std::span<const T> Copy(std::span<const T> values) {
    T* copy = Allocate<T>(values.size());
    for (size_t i = 0; i < values.size(); ++i) new (copy + i) T(values[i]);
    return {copy, values.size()};
  }

  std::string_view Copy(std::string_view text);

  // Forgets everything that was handed out.
  void Reset();

  // Bytes handed out since the last Reset.
  size_t used() const { return used_; }

 private:
  static constexpr size_t kAlignment = 8;
  static constexpr size_t kBlockBytes = 4096;
  static constexpr size_t kKeptBytes = 1 << 20;

  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    size_t size = 0;
  };

  void* AllocateBytes(size_t size);

  std::vector<Block> blocks_;
  size_t block_ = 0;   // of blocks_, the one being filled
  size_t offset_ = 0;  // in it
  size_t used_ = 0;
};

}  // namespace batuta::expr
