#include "api/people_walk.h"

#include <string_view>

#include "base/status.h"

namespace batuta::api {

void ReadLiving(engine::Fold& fold, const std::vector<base::PersonId>& people,
                engine::PersonRow& scratch,
                absl::FunctionRef<void(size_t index, const engine::PersonRow& row)> found) {
  fold.state().people.PeekMany(
      people, [&](size_t i, const engine::PersonRow* cached, std::string_view stored) {
        if (cached == nullptr) {
          const int size = static_cast<int>(stored.size());
          BATUTA_CHECK(scratch.ParseFromArray(stored.data(), size), "a stored row does not parse");
        }
        const engine::PersonRow& row = cached != nullptr ? *cached : scratch;
        if (!row.identity().has_merged_into() && !row.identity().erased()) found(i, row);
      });
}

std::vector<PeopleWalk::Numbered> PeopleWalk::Next(engine::Fold& fold, size_t count) {
  std::vector<Numbered> people;
  engine::PartitionState& state = fold.state();
  if (segment_.empty()) {
    state.ScanNumbers(next_, [&](uint32_t number, const base::PersonId& person) {
      people.emplace_back(number, person);
      return people.size() < count;
    });
    if (!people.empty()) next_ = people.back().first + 1;
    is_done_ = people.size() < count;
    return people;
  }
  const std::vector<uint32_t> numbers =
      state.members.Of(fold.ActiveEdition(segment_)).From(next_, count);
  for (const uint32_t number : numbers) {
    if (const auto person = state.PersonOf(number)) people.emplace_back(number, *person);
  }
  if (!numbers.empty()) next_ = numbers.back() + 1;
  is_done_ = numbers.size() < count;
  return people;
}

uint64_t PeopleWalk::Count(engine::Fold& fold) const {
  return segment_.empty() ? fold.state().self.last_number()
                          : fold.state().members.Of(fold.ActiveEdition(segment_)).count();
}

}  // namespace batuta::api
