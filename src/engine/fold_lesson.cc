// Lessons: what a person has taught models is kept at the models' owner, and taken away again when
// the person is erased. Counts are then what they would be had the person never been there.
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/fold.h"
#include "engine/lessons.h"
#include "learn/beta_model.h"

namespace batuta::engine {
namespace {

constexpr int kKeysPerMessage = 1024;
// Lessons that have become too old are let go so many at a time.
constexpr size_t kLetGo = 1024;

}  // namespace

// At the person. The message goes to the owner of the action's models. A model that actions share
// has an owner of its own, which is told beside it.
void Fold::Teach(learn::TrainingMessage training, PersonRow& row) {
  if (training.values().shared()) {
    const uint64_t owner_of_shared = learn::OwnerHash(training.values().model());
    learn::TrainingMessage of_shared = training;
    TeachAt(owner_of_shared, std::move(of_shared), row);
    training.clear_values();
  }
  const uint64_t owner = learn::OwnerHash(training.action());
  TeachAt(owner, std::move(training), row);
}

void Fold::TeachAt(uint64_t owner_hash, learn::TrainingMessage training, PersonRow& row) {
  const base::PartitionId owner{static_cast<uint16_t>(owner_hash % settings_.partitions)};
  AddLesson(KeyOfLesson(training), owner, log_time(), *row.mutable_lessons());
  Message message;
  *message.mutable_training() = std::move(training);
  Send(owner, std::move(message));
}

void Fold::ForgetLessons(std::string_view lessons) {
  for (const auto& [owner, keys] : LessonsByOwner(lessons)) {
    Message message;
    for (size_t i = 0; i < keys.size(); ++i) {
      message.mutable_forget_lessons()->add_keys(keys[i]);
      const bool is_full = message.forget_lessons().keys_size() == kKeysPerMessage;
      if (!is_full && i + 1 < keys.size()) continue;
      Send(owner, std::exchange(message, Message()));
    }
  }
}

// At the owner. Whether the example is to be learned: messages about one choice come from two
// partitions when its person has merged, and the person may be gone before the first has come.
bool Fold::KeepLesson(const learn::TrainingMessage& training) {
  const std::string key = KeyOfLesson(training);
  const auto before = state_.GetRow<learn::Lesson>(RowKind::kLesson, key);
  if (before && !before->has_message()) return false;
  const base::Time shown{training.example_time()};
  if (shown < log_time() - kLessonsKept) return true;  // nobody can take it away any more
  if (before && before->message().replaces() && !training.replaces()) return true;
  learn::Lesson lesson;
  *lesson.mutable_message() = training;
  lesson.mutable_message()->mutable_values()->clear_texts();
  if (!training.has_values()) lesson.mutable_message()->clear_values();
  PutLesson(key, lesson);
  return true;
}

void Fold::PutLesson(const std::string& key, const learn::Lesson& lesson) {
  state_.PutRow(RowKind::kLesson, key, lesson);
  const int64_t shown = TimeOfLesson(key).micros;
  if (!state_.self.has_lessons_from() || shown < state_.self.lessons_from()) {
    state_.self.set_lessons_from(shown);
  }
}

void Fold::OnForgetLessons(const engine::ForgetLessons& forget) {
  for (const std::string& key : forget.keys()) {
    if (TimeOfLesson(key) < log_time() - kLessonsKept) continue;  // it was let go
    auto lesson = state_.GetRow<learn::Lesson>(RowKind::kLesson, key);
    if (!lesson) {
      PutLesson(key, learn::Lesson());
      continue;
    }
    if (!lesson->has_message()) continue;
    learn::TrainingMessage& training = *lesson->mutable_message();
    training.set_forget(true);
    training.set_replaces(false);
    Learn(training);
    state_.EraseRow(RowKind::kLesson, key);
  }
}

// Looks from the oldest on: before it there are many erased rows.
void Fold::LetLessonsGo() {
  const base::Time oldest = log_time() - kLessonsKept;
  if (!state_.self.has_lessons_from() || base::Time{state_.self.lessons_from()} >= oldest) return;
  const std::string kind = PartitionState::KeyOf(RowKind::kLesson, "");
  std::vector<std::string> gone;
  const std::string first = LessonsFrom(base::Time{state_.self.lessons_from()});
  state_.self.clear_lessons_from();
  state_.rows.Scan(kind + first, "", [&](std::string_view key, std::string_view) {
    if (!key.starts_with(kind)) return false;
    const base::Time shown = TimeOfLesson(key.substr(kind.size()));
    if (shown >= oldest || gone.size() == kLetGo) {
      state_.self.set_lessons_from(shown.micros);
      return false;
    }
    gone.emplace_back(key);
    return true;
  });
  for (const std::string& key : gone) state_.rows.Erase(key);
}

}  // namespace batuta::engine
