#include "engine/segment_members.h"

#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/status.h"

namespace batuta::engine {
namespace {

std::string KeyOf(std::string_view prefix, uint64_t edition) {
  base::ByteWriter writer;
  writer.Raw(prefix);
  writer.U64(edition);
  return writer.Take();
}

std::string KeyOf(std::string_view prefix, uint64_t edition, uint16_t part) {
  base::ByteWriter writer;
  writer.Raw(KeyOf(prefix, edition));
  writer.U16(part);
  return writer.Take();
}

}  // namespace

SegmentMembers::SegmentMembers(LayeredRows& rows, std::string prefix)
    : rows_(rows), prefix_(std::move(prefix)) {
  std::string end = prefix_;
  ++end.back();
  rows_.Scan(prefix_, end, [&](std::string_view key, std::string_view bytes) {
    base::ByteReader reader(key.substr(prefix_.size()));
    const uint64_t edition = reader.U64();
    const uint16_t part = reader.U16();
    BATUTA_CHECK(reader.ok());
    BATUTA_CHECK_OK(sets_[edition].DecodePart(part, bytes));
    return true;
  });
}

void SegmentMembers::Add(uint64_t edition, uint32_t person) { sets_[edition].Add(person); }

void SegmentMembers::Remove(uint64_t edition, uint32_t person) { sets_[edition].Remove(person); }

void SegmentMembers::Drop(uint64_t edition) {
  sets_.erase(edition);
  const std::string from = KeyOf(prefix_, edition);
  std::vector<std::string> keys;
  rows_.Scan(from, "", [&](std::string_view key, std::string_view) {
    if (!key.starts_with(from)) return false;
    keys.emplace_back(key);
    return true;
  });
  for (const std::string& key : keys) rows_.Erase(key);
}

const segment::MemberSet& SegmentMembers::Of(uint64_t edition) const {
  static const segment::MemberSet& none = *new segment::MemberSet();
  const auto found = sets_.find(edition);
  return found == sets_.end() ? none : found->second;
}

void SegmentMembers::Store() {
  for (auto& [edition, set] : sets_) {
    for (const uint16_t part : set.TakeChangedParts()) {
      const std::string key = KeyOf(prefix_, edition, part);
      std::string bytes = set.EncodePart(part);
      if (bytes.empty()) {
        rows_.Erase(key);
      } else {
        rows_.Put(key, std::move(bytes));
      }
    }
  }
}

}  // namespace batuta::engine
