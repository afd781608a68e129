// Where the examples that a person has taught models are kept, so that they can be taken away with
// their person.
//
// An example is kept at the owner of the action's models as a learn.Lesson, as it was taught last;
// its key says when the choice was shown, and which choice it was; what it teaches a model that
// actions share is kept beside it, at that one's owner, under a key of its own. The person keeps
// the keys with their owners: kLessonBytes each, ascending, each once. Pure functions.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "learn/model.pb.h"

namespace batuta::engine {

// Examples are kept so long. By then they weigh less than a sixteenth of a new one.
inline constexpr base::Duration kLessonsKept = base::Days(730);
// A person keeps the keys of so many of the latest ones.
inline constexpr size_t kLessonsMax = 4096;

inline constexpr size_t kLessonKeyBytes = 8 + 18 + 4;  // time, decision, slot
inline constexpr size_t kLessonBytes = kLessonKeyBytes + 2;

std::string KeyOfLesson(const learn::TrainingMessage& training);
base::Time TimeOfLesson(std::string_view key);
// What the keys of those that were shown at `time` or later do not stand before.
std::string LessonsFrom(base::Time time);

// Adds one, and lets those go that are too old at `now` or too many.
void AddLesson(std::string_view key, base::PartitionId owner, base::Time now, std::string& lessons);
// Invariant: commutative, associative and idempotent, but for what is too much.
std::string MergeLessons(std::string_view a, std::string_view b);
// The keys by their owners.
std::map<base::PartitionId, std::vector<std::string>> LessonsByOwner(std::string_view lessons);

}  // namespace batuta::engine
