#include "engine/lessons.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace batuta::engine {
namespace {

constexpr base::PartitionId kOwner{3};

std::string KeyAt(base::Time shown, char decision, uint32_t slot = 0) {
  learn::TrainingMessage training;
  training.set_example_time(shown.micros);
  training.set_decision(std::string(18, decision));
  training.set_slot(slot);
  return KeyOfLesson(training);
}

TEST(Lessons, KeysStandInTheOrderOfTime) {
  EXPECT_LT(KeyAt(base::Time{-5}, 'z'), KeyAt(base::Time{5}, 'a'));
  EXPECT_EQ(TimeOfLesson(KeyAt(base::Time{-5}, 'z')).micros, -5);
  EXPECT_EQ(KeyAt(base::Time{7}, 'a').size(), kLessonKeyBytes);
}

TEST(Lessons, AreKeptOnceWithTheirOwners) {
  const base::Time now{1'000'000};
  std::string lessons;
  AddLesson(KeyAt(base::Time{20}, 'b'), kOwner, now, lessons);
  AddLesson(KeyAt(base::Time{10}, 'a'), base::PartitionId{1}, now, lessons);
  AddLesson(KeyAt(base::Time{20}, 'b'), kOwner, now, lessons);
  EXPECT_EQ(lessons.size(), 2 * kLessonBytes);
  const auto by_owner = LessonsByOwner(lessons);
  EXPECT_THAT(by_owner.at(kOwner), testing::ElementsAre(KeyAt(base::Time{20}, 'b')));
  EXPECT_THAT(by_owner.at(base::PartitionId{1}), testing::ElementsAre(KeyAt(base::Time{10}, 'a')));
}

TEST(Lessons, ThoseTooOldOrTooManyAreLetGo) {
  const base::Time now{kLessonsKept.micros * 2};
  std::string lessons;
  AddLesson(KeyAt(now - kLessonsKept - base::Seconds(1), 'a'), kOwner, now, lessons);
  AddLesson(KeyAt(now - kLessonsKept + base::Seconds(1), 'b'), kOwner, now, lessons);
  EXPECT_EQ(lessons.size(), kLessonBytes);
  for (uint32_t slot = 0; slot < kLessonsMax; ++slot) {
    AddLesson(KeyAt(now, 'c', slot), kOwner, now, lessons);
  }
  EXPECT_EQ(lessons.size(), kLessonsMax * kLessonBytes);
  EXPECT_EQ(LessonsByOwner(lessons).at(kOwner).front(), KeyAt(now, 'c', 0));
}

TEST(Lessons, OfTwoWhoAreOneAreTheUnion) {
  const base::Time now{1'000'000};
  std::string a;
  std::string b;
  AddLesson(KeyAt(base::Time{1}, 'a'), kOwner, now, a);
  AddLesson(KeyAt(base::Time{2}, 'b'), kOwner, now, a);
  AddLesson(KeyAt(base::Time{2}, 'b'), kOwner, now, b);
  AddLesson(KeyAt(base::Time{3}, 'c'), kOwner, now, b);
  EXPECT_EQ(MergeLessons(a, b), MergeLessons(b, a));
  EXPECT_EQ(MergeLessons(a, b).size(), 3 * kLessonBytes);
  EXPECT_EQ(MergeLessons(a, a), a);
}

}  // namespace
}  // namespace batuta::engine
