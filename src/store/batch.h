// Changes to the tables of a partition, to be written as one.
//
// Collects and sorts; writes nothing. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace batuta::store {

// The tables of a partition's state. The numbers are stored nowhere; the names are.
enum class Table {
  people,       // one packed record per person
  identifiers,  // identifier hash -> person
  models,       // model, action, placement -> what an adaptive model was taught
  dedup,        // message hash -> when it was seen; many writes, few hits
  timers,       // in order of being due
  timeline,     // full blocks of positions, spilled from the person's record
  rows          // everything small: budgets, watermarks, outbox rows
};
inline constexpr size_t kTableCount = 7;

// A key and its new value; no value removes the key.
struct Change {
  std::string key;
  std::optional<std::string> value;
};

class Batch {
 public:
  void Put(Table table, std::string key, std::string value) {
    Add(table, {std::move(key), std::move(value)});
  }
  void Delete(Table table, std::string key) { Add(table, {std::move(key), std::nullopt}); }

  // Of several changes of one key the last one counts.
  void Add(Table table, Change change);
  void Clear();

  const std::vector<Change>& changes(Table table) const;
  size_t size() const { return size_; }    // changes, repeated keys counted each time
  size_t bytes() const { return bytes_; }  // of keys and values

 private:
  std::array<std::vector<Change>, kTableCount> tables_;
  size_t size_ = 0;
  size_t bytes_ = 0;
};

// Sorts by key, as byte strings, and keeps the last change of each key; copies nothing.
std::vector<const Change*> InKeyOrder(std::span<const Change> changes);

}  // namespace batuta::store
