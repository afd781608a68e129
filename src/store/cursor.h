// A walk over a range of a table in the order of its keys, over the state at the time of its
// opening.
//
// Keeps the files of that state on disk: hold it briefly. Used by one thread at a time; must not
// outlive its database.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/status.h"

namespace batuta::store {

class Cursor {
 public:
  struct Impl;
  explicit Cursor(std::unique_ptr<Impl> impl);
  ~Cursor();
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // False at the end of the range and after an error, which status() then tells.
  bool Valid() const;
  absl::Status status() const;

  // Valid until the next move. Requires: Valid().
  std::string_view key() const;
  std::string_view value() const;

  // Requires: Valid().
  void Next();
  // To the first key >= `key` within the range: resumes an earlier walk.
  void Seek(std::string_view key);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace batuta::store
