#include "decision/packed_readings.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "decision/packing.h"

namespace batuta::decision {
namespace {

using Slots = google::protobuf::RepeatedPtrField<SlotTrace>;
using Probabilities = google::protobuf::RepeatedField<double>;

// What of a reading follows its ages, beside their number.
constexpr uint64_t kHasWeights = 1;
constexpr uint64_t kHasUsual = 2;
constexpr int kReadingFlags = 2;

// ---- Readings of policies

// All ages that are read, each once, the smallest first.
std::vector<int64_t> AgesOf(const Trace& trace) {
  std::vector<int64_t> ages;
  for (const PolicyTrace& policy : trace.policies()) {
    for (const PolicyReading& reading : policy.readings()) {
      ages.insert(ages.end(), reading.ages().begin(), reading.ages().end());
    }
  }
  std::sort(ages.begin(), ages.end());
  ages.erase(std::unique(ages.begin(), ages.end()), ages.end());
  return ages;
}

// As the first and the steps from each to the next, which unsigned numbers hold however far.
void WriteAges(const std::vector<int64_t>& ages, base::ByteWriter& out) {
  out.Varint(ages.size());
  for (size_t i = 0; i < ages.size(); ++i) {
    if (i == 0) {
      out.Signed(ages[0]);
    } else {
      out.Varint(static_cast<uint64_t>(ages[i]) - static_cast<uint64_t>(ages[i - 1]));
    }
  }
}

bool ReadAges(base::ByteReader& in, std::vector<int64_t>& ages) {
  const uint64_t count = in.Varint();
  if (count > in.rest().size()) return false;
  ages.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    ages.push_back(i == 0 ? in.Signed()
                          : static_cast<int64_t>(static_cast<uint64_t>(ages.back()) + in.Varint()));
    if (i > 0 && ages[i] <= ages[i - 1]) return false;
  }
  return in.ok();
}

// Writes and reads one reading after the other: names and ages by those before.
struct ReadingsBefore {
  std::string_view name;
  int64_t place = 0;  // of the last age, among all
};

void WriteReading(const PolicyReading& reading, const std::vector<int64_t>& ages,
                  ReadingsBefore& before, base::ByteWriter& out) {
  WriteBeside(reading.scope_value(), before.name, out);
  before.name = reading.scope_value();
  const uint64_t flags =
      (reading.weights().empty() ? 0 : kHasWeights) | (reading.usual() == 0 ? 0 : kHasUsual);
  out.Varint(static_cast<uint64_t>(reading.ages_size()) << kReadingFlags | flags);
  for (const int64_t age : reading.ages()) {
    const int64_t place = std::lower_bound(ages.begin(), ages.end(), age) - ages.begin();
    out.Signed(place - before.place);
    before.place = place;
  }
  if ((flags & kHasWeights) != 0) {
    out.Varint(static_cast<uint64_t>(reading.weights_size()));
    for (const int64_t weight : reading.weights()) out.Signed(weight);
  }
  if ((flags & kHasUsual) != 0) out.Signed(reading.usual());
}

bool ReadReading(base::ByteReader& in, const std::vector<int64_t>& ages, ReadingsBefore& before,
                 PolicyReading& reading) {
  reading.set_scope_value(ReadBeside(before.name, in));
  if (!base::IsValidUtf8(reading.scope_value())) return false;
  before.name = reading.scope_value();
  const uint64_t head = in.Varint();
  const uint64_t count = head >> kReadingFlags;
  if (count > in.rest().size()) return false;
  for (uint64_t i = 0; i < count; ++i) {
    const auto place = static_cast<uint64_t>(before.place) + static_cast<uint64_t>(in.Signed());
    if (place >= ages.size()) return false;
    before.place = static_cast<int64_t>(place);
    reading.add_ages(ages[place]);
  }
  if ((head & kHasWeights) != 0) {
    const uint64_t weights = in.Varint();
    if (weights == 0 || weights > in.rest().size()) return false;
    for (uint64_t i = 0; i < weights; ++i) reading.add_weights(in.Signed());
  }
  if ((head & kHasUsual) != 0) reading.set_usual(in.Signed());
  return in.ok();
}

// ---- Probabilities of slots

// How many from `from` on are the same.
int RunAt(const Probabilities& all, int from) {
  int end = from + 1;
  while (end < all.size() && AreSame(all[from], all[end])) ++end;
  return end - from;
}

// Parts of two kinds: a number that stands several times, and numbers that stand once each. The
// lowest bit of a part's length says which.
void WriteProbabilities(const Probabilities& all, base::ByteWriter& out) {
  out.Varint(static_cast<uint64_t>(all.size()));
  for (int i = 0; i < all.size();) {
    const int run = RunAt(all, i);
    if (run > 1) {
      out.Varint(static_cast<uint64_t>(run) << 1 | 1);
      out.Double(all[i]);
      i += run;
      continue;
    }
    int end = i + 1;
    while (end < all.size() && RunAt(all, end) == 1) ++end;
    out.Varint(static_cast<uint64_t>(end - i) << 1);
    for (; i < end; ++i) out.Double(all[i]);
  }
}

bool ReadProbabilities(base::ByteReader& in, Probabilities& all) {
  // More candidates than this no decision has; it keeps damaged bytes from asking for much memory.
  constexpr uint64_t kMost = 1'000'000;
  const uint64_t count = in.Varint();
  if (count > kMost) return false;
  while (in.ok() && static_cast<uint64_t>(all.size()) < count) {
    const uint64_t head = in.Varint();
    const uint64_t length = head >> 1;
    if (length == 0 || length > count - static_cast<uint64_t>(all.size())) return false;
    const bool repeats = (head & 1) != 0;
    const double first = in.Double();
    for (uint64_t i = 0; i < length && in.ok(); ++i) {
      all.Add(i == 0 || repeats ? first : in.Double());
    }
  }
  return in.ok();
}

void SwapProbabilities(Slots& from, Slots& to) {
  for (int i = 0; i < from.size(); ++i) {
    SlotTrace& other = to.size() > i ? to[i] : *to.Add();
    other.mutable_probabilities()->Swap(from[i].mutable_probabilities());
  }
}

}  // namespace

std::string PackReadings(const Trace& trace) {
  base::ByteWriter out;
  const std::vector<int64_t> ages = AgesOf(trace);
  WriteAges(ages, out);
  ReadingsBefore before;
  for (const PolicyTrace& policy : trace.policies()) {
    out.Varint(static_cast<uint64_t>(policy.readings_size()));
    for (const PolicyReading& reading : policy.readings()) {
      WriteReading(reading, ages, before, out);
    }
  }
  for (const Slots* slots : {&trace.slots(), &trace.without_holdout()}) {
    for (const SlotTrace& slot : *slots) WriteProbabilities(slot.probabilities(), out);
  }
  return out.Take();
}

void MoveReadings(Trace& trace, Trace& aside) {
  for (PolicyTrace& policy : *trace.mutable_policies()) {
    aside.add_policies()->mutable_readings()->Swap(policy.mutable_readings());
  }
  SwapProbabilities(*trace.mutable_slots(), *aside.mutable_slots());
  SwapProbabilities(*trace.mutable_without_holdout(), *aside.mutable_without_holdout());
}

void MoveReadingsBack(Trace& aside, Trace& trace) {
  for (int i = 0; i < trace.policies_size(); ++i) {
    trace.mutable_policies(i)->mutable_readings()->Swap(
        aside.mutable_policies(i)->mutable_readings());
  }
  SwapProbabilities(*aside.mutable_slots(), *trace.mutable_slots());
  SwapProbabilities(*aside.mutable_without_holdout(), *trace.mutable_without_holdout());
}

bool UnpackReadings(std::string_view bytes, Trace& trace) {
  base::ByteReader in(bytes);
  std::vector<int64_t> ages;
  if (!ReadAges(in, ages)) return false;
  ReadingsBefore before;
  for (PolicyTrace& policy : *trace.mutable_policies()) {
    const uint64_t count = in.Varint();
    if (!policy.readings().empty() || count > in.rest().size()) return false;
    for (uint64_t i = 0; i < count; ++i) {
      if (!ReadReading(in, ages, before, *policy.add_readings())) return false;
    }
  }
  for (Slots* slots : {trace.mutable_slots(), trace.mutable_without_holdout()}) {
    for (SlotTrace& slot : *slots) {
      if (!slot.probabilities().empty()) return false;
      if (!ReadProbabilities(in, *slot.mutable_probabilities())) return false;
    }
  }
  return in.ok() && in.AtEnd();
}

}  // namespace batuta::decision
