// Lessons: what models have counted is what the people who are there have taught.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/text.h"
#include "engine/lessons.h"
#include "learn/beta_model.h"
#include "simulation/failure.h"
#include "simulation/invariants.h"

namespace batuta::simulation {

using engine::RowKind;

namespace {

// Whether the model has counts of before.
bool IsOlder(const learn::ModelState& model, base::Time time) {
  for (const learn::PlacementCounts& placement : model.placements()) {
    for (const learn::Counts& counts : placement.counts()) {
      if (counts.period() * base::Days(7).micros < time.micros) return true;
    }
  }
  return false;
}

// Of what is kept and what is expected.
std::string DifferenceOf(const std::set<std::string>& kept, const std::set<std::string>& expected) {
  std::string text = base::StrCat(kept.size(), " are kept, ", expected.size(), " expected");
  const auto say = [&text](const auto& these, const auto& others, std::string_view what) {
    for (const std::string& key : these) {
      if (others.contains(key)) continue;
      base::StrAppend(&text, what, engine::TimeOfLesson(key).micros);
      return;
    }
  };
  say(kept, expected, "; nobody has taught that of ");
  say(expected, kept, "; gone is that of ");
  return text;
}

}  // namespace

// Where the clock has jumped by years, some have let go already what others have not.
void Invariants::CheckLessons() const {
  const base::Time kept_from = LatestLogTime() - engine::kLessonsKept;
  bool all_are_known = true;  // nobody has taught more than a person keeps
  std::map<base::PartitionId, std::set<std::string>> expected;
  ForEachPerson([&](const base::PersonId& id, const engine::PersonRow& row) {
    const bool is_gone = row.identity().has_merged_into() || row.identity().erased();
    Require(!is_gone || row.lessons().empty(),
            base::StrCat(id.ToString(), " is gone, and has taught something"));
    const size_t lessons = row.lessons().size() / engine::kLessonBytes;
    all_are_known = all_are_known && lessons < engine::kLessonsMax;
    for (const auto& [owner, keys] : engine::LessonsByOwner(row.lessons())) {
      for (const std::string& key : keys) {
        if (engine::TimeOfLesson(key) >= kept_from) expected[owner].insert(key);
      }
    }
  });
  for (uint16_t p = 0; p < partitions_; ++p) {
    const base::PartitionId partition{p};
    engine::PartitionState& state = folds_(partition).state();
    std::map<std::string, learn::ModelState> counted;
    std::set<std::string> kept;
    for (const auto& [key, lesson] : state.RowsOf<learn::Lesson>(RowKind::kLesson)) {
      if (!lesson.has_message() || engine::TimeOfLesson(key) < kept_from) continue;
      kept.insert(key);
      // What actions share is taught beside their own rates.
      if (lesson.message().values().shared()) continue;
      learn::TrainingMessage once = lesson.message();
      once.set_replaces(false);
      learn::ModelState& model = counted[once.action()];
      model.set_action(once.action());
      learn::Train(model, once, learn::ModelSettings{});
    }
    const std::set<std::string>& known = expected[partition];
    Require(all_are_known ? kept == known
                          : std::includes(kept.begin(), kept.end(), known.begin(), known.end()),
            base::StrCat("partition ", p, " keeps other lessons than its people have taught: ",
                         DifferenceOf(kept, known)));
    for (const auto& [action, model] : state.RowsOf<learn::ModelState>(RowKind::kModel)) {
      if (IsOlder(model, kept_from)) continue;
      learn::ModelState& again = counted[action];
      again.set_action(action);
      Require(
          again.SerializeAsString() == model.SerializeAsString(),
          base::StrCat("the model of ", action, " has counted something else than its lessons"));
    }
  }
}

}  // namespace batuta::simulation
