// Counts the allocations of a test program, of all its threads. For the one source of a program
// that asks: it replaces the operators new and delete. Under a sanitizer, which has an allocator of
// its own that must not be mixed with another, it counts nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BATUTA_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BATUTA_SANITIZED
#endif
#endif

namespace batuta::base {

inline std::atomic<size_t> allocation_count = 0;

// So far.
inline size_t Allocations() { return allocation_count.load(std::memory_order_relaxed); }

}  // namespace batuta::base

#ifndef BATUTA_SANITIZED
// Not inlined, or gcc takes free() in one place for a mismatch with new in another.
[[gnu::noinline]] void* operator new(size_t size) {
  batuta::base::allocation_count.fetch_add(1, std::memory_order_relaxed);
  if (void* place = std::malloc(size)) return place;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* place) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete(void* place, size_t) noexcept { std::free(place); }
#endif
