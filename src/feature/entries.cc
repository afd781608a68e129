#include "feature/entries.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "base/status.h"
#include "base/value.h"

namespace batuta::feature {
namespace {

template <typename T>
void InsertInto(google::protobuf::RepeatedField<T>& column, int index, T value) {
  column.Add(value);
  std::rotate(column.begin() + index, column.end() - 1, column.end());
}

template <typename T>
void EraseFrom(google::protobuf::RepeatedField<T>& column, int begin, int end) {
  column.erase(column.begin() + begin, column.begin() + end);
}

}  // namespace

Place Entries::PlaceAt(int index) const {
  return {.time = state_.time(index),
          .id = state_.id(index),
          .line = plan_.has_line ? state_.line(index) : 0};
}

base::Id128 Entries::KeyAt(int index, int key) const {
  const int at = 2 * (index * plan_.keys + key);
  return {state_.key(at), state_.key(at + 1)};
}

int Entries::LowerBound(const Place& place) const {
  // Most events are newer than all before them.
  int low = 0;
  int high = size();
  if (high > 0 && PlaceAt(high - 1) < place) return high;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (PlaceAt(middle) < place) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void Entries::Insert(int index, const Entry& entry) {
  BATUTA_CHECK(static_cast<int>(entry.keys.size()) == plan_.keys);
  InsertInto(*state_.mutable_time(), index, entry.place.time);
  InsertInto(*state_.mutable_id(), index, entry.place.id);
  if (plan_.has_line) InsertInto(*state_.mutable_line(), index, entry.place.line);
  if (plan_.has_number) InsertInto(*state_.mutable_number(), index, entry.number);
  if (plan_.has_steps) InsertInto(*state_.mutable_steps(), index, entry.steps);
  int at = 2 * index * plan_.keys;
  for (const base::Id128& key : entry.keys) {
    InsertInto(*state_.mutable_key(), at++, key.high);
    InsertInto(*state_.mutable_key(), at++, key.low);
  }
  if (plan_.has_word) {
    BATUTA_CHECK(entry.word != nullptr);
    InsertWord(index, *entry.word);
  }
}

void Entries::Replace(int index, const Entry& entry) {
  if (plan_.has_word || plan_.keys > 0) {
    Erase(index, index + 1);
    return Insert(index, entry);
  }
  state_.set_time(index, entry.place.time);
  state_.set_id(index, entry.place.id);
  if (plan_.has_line) state_.set_line(index, entry.place.line);
  if (plan_.has_number) state_.set_number(index, entry.number);
  if (plan_.has_steps) state_.set_steps(index, entry.steps);
}

void Entries::InsertWord(int index, const base::Value& word) {
  auto& words = *state_.mutable_words();
  const auto found = std::lower_bound(
      words.begin(), words.end(), word,
      [](const base::Value& a, const base::Value& b) { return base::Compare(a, b) < 0; });
  const auto number = static_cast<uint32_t>(found - words.begin());
  if (found == words.end() || !base::Equal(*found, word)) {
    *words.Add() = word;
    for (int i = words.size() - 1; i > static_cast<int>(number); --i) words.SwapElements(i, i - 1);
    for (uint32_t& used : *state_.mutable_word()) used += used >= number ? 1 : 0;
  }
  InsertInto(*state_.mutable_word(), index, number);
}

void Entries::Erase(int begin, int end) {
  if (begin == end) return;
  EraseFrom(*state_.mutable_time(), begin, end);
  EraseFrom(*state_.mutable_id(), begin, end);
  if (plan_.has_line) EraseFrom(*state_.mutable_line(), begin, end);
  if (plan_.has_number) EraseFrom(*state_.mutable_number(), begin, end);
  if (plan_.has_steps) EraseFrom(*state_.mutable_steps(), begin, end);
  if (plan_.keys > 0)
    EraseFrom(*state_.mutable_key(), 2 * begin * plan_.keys, 2 * end * plan_.keys);
  if (plan_.has_word) {
    EraseFrom(*state_.mutable_word(), begin, end);
    DropUnusedWords();
  }
}

void Entries::DropUnusedWords() {
  absl::InlinedVector<bool, 64> is_used(static_cast<size_t>(state_.words_size()), false);
  for (const uint32_t word : state_.word()) is_used[word] = true;
  if (std::find(is_used.begin(), is_used.end(), false) == is_used.end()) return;
  absl::InlinedVector<uint32_t, 64> renumbered(is_used.size(), 0);
  int kept = 0;
  for (size_t i = 0; i < is_used.size(); ++i) {
    if (!is_used[i]) continue;
    renumbered[i] = static_cast<uint32_t>(kept);
    state_.mutable_words()->SwapElements(kept++, static_cast<int>(i));
  }
  state_.mutable_words()->DeleteSubrange(kept, state_.words_size() - kept);
  for (uint32_t& word : *state_.mutable_word()) word = renumbered[word];
}

}  // namespace batuta::feature
