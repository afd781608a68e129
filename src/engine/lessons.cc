#include "engine/lessons.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/status.h"
#include "engine/example_rows.h"

namespace batuta::engine {
namespace {

constexpr uint32_t kOfShared = 1U << 31;  // beside the slot, which is less

std::vector<std::string_view> EntriesOf(std::string_view lessons) {
  BATUTA_CHECK(lessons.size() % kLessonBytes == 0);
  std::vector<std::string_view> entries;
  for (size_t at = 0; at < lessons.size(); at += kLessonBytes) {
    entries.push_back(lessons.substr(at, kLessonBytes));
  }
  return entries;
}

}  // namespace

std::string LessonsFrom(base::Time time) { return FromTime("", time); }

std::string KeyOfLesson(const learn::TrainingMessage& training) {
  base::ByteWriter writer;
  writer.Raw(LessonsFrom(base::Time{training.example_time()}));
  writer.Raw(training.decision());
  writer.U32(training.slot() | (training.values().shared() ? kOfShared : 0));
  BATUTA_CHECK(writer.bytes().size() == kLessonKeyBytes, "a decision's id has 18 bytes");
  return writer.Take();
}

base::Time TimeOfLesson(std::string_view key) { return TimeOfExample(key); }

void AddLesson(std::string_view key, base::PartitionId owner, base::Time now,
               std::string& lessons) {
  base::ByteWriter writer;
  writer.Raw(key);
  writer.U16(static_cast<uint16_t>(base::Index(owner)));
  const std::string& added = writer.bytes();
  // Nearly always it is the latest.
  size_t at = lessons.size();
  while (at > 0 && std::string_view(lessons).substr(at - kLessonBytes, kLessonBytes) >= added) {
    at -= kLessonBytes;
  }
  if (std::string_view(lessons).substr(at).starts_with(added)) return;
  lessons.insert(at, added);
  const std::string oldest = LessonsFrom(now - kLessonsKept);
  size_t gone = lessons.size() / kLessonBytes > kLessonsMax ? kLessonBytes : 0;
  while (gone < lessons.size() && std::string_view(lessons).substr(gone, oldest.size()) < oldest) {
    gone += kLessonBytes;
  }
  lessons.erase(0, gone);
}

std::string MergeLessons(std::string_view a, std::string_view b) {
  std::vector<std::string_view> all;
  const std::vector<std::string_view> of_a = EntriesOf(a);
  const std::vector<std::string_view> of_b = EntriesOf(b);
  std::set_union(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), std::back_inserter(all));
  std::string merged;
  for (size_t i = all.size() > kLessonsMax ? all.size() - kLessonsMax : 0; i < all.size(); ++i) {
    merged.append(all[i]);
  }
  return merged;
}

std::map<base::PartitionId, std::vector<std::string>> LessonsByOwner(std::string_view lessons) {
  std::map<base::PartitionId, std::vector<std::string>> by_owner;
  for (const std::string_view entry : EntriesOf(lessons)) {
    base::ByteReader reader(entry.substr(kLessonKeyBytes));
    by_owner[base::PartitionId{reader.U16()}].emplace_back(entry.substr(0, kLessonKeyBytes));
  }
  return by_owner;
}

}  // namespace batuta::engine
