// The entries of a feature's state: rows in the order (time, id, line), kept as parallel columns.
#pragma once

#include <compare>
#include <cstdint>
#include <span>

#include "base/ids.h"
#include "base/value.pb.h"
#include "feature/feature.pb.h"
#include "feature/plan.h"

namespace batuta::feature {

// Longer texts are no values of events to be remembered.
inline constexpr size_t kWordBytesMax = 1024;

struct Place {
  int64_t time = 0;
  uint64_t id = 0;
  uint32_t line = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// What one event, or one line of it, has to say to one feature. Borrowed.
struct Entry {
  Place place;
  double number = 0;  // finite
  uint32_t steps = 0;
  const base::Value* word = nullptr;  // a boolean, number or text
  std::span<const base::Id128> keys = {};
};

// A view of the entries of one state.
class Entries {
 public:
  Entries(const Plan& plan, FeatureState& state) : plan_(plan), state_(state) {}

  int size() const { return state_.time_size(); }
  Place PlaceAt(int index) const;
  base::Id128 KeyAt(int index, int key) const;
  // The first that is not before.
  int LowerBound(const Place& place) const;
  bool IsAt(int index, const Place& place) const {
    return index < size() && PlaceAt(index) == place;
  }
  // Requires: `index` is the entry's LowerBound, and none is there with its place.
  void Insert(int index, const Entry& entry);
  // Puts the entry where that one is. Requires: its place is the right one.
  void Replace(int index, const Entry& entry);
  // Those of [begin, end). Requires: there are.
  void Erase(int begin, int end);

 private:
  void InsertWord(int index, const base::Value& word);
  void DropUnusedWords();

  const Plan& plan_;
  FeatureState& state_;
};

}  // namespace batuta::feature
