#include "decision/packed_candidates.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A value of a few, so that candidates often have the same as the one before; for strings with
// common beginnings.
std::string RandomName(base::Random& random) {
  static constexpr std::string_view kNames[] = {"", "card", "card-web", "cards", "ñandú", "car-a"};
  return std::string(kNames[random.Below(std::size(kNames))]);
}

double RandomDouble(base::Random& random) {
  static constexpr double kNumbers[] = {0, 1, 0.1, -1e300, std::numeric_limits<double>::infinity()};
  return kNumbers[random.Below(std::size(kNumbers))];
}

int64_t RandomWhole(base::Random& random) {
  static constexpr int64_t kNumbers[] = {0,
                                         1,
                                         -1,
                                         12'000'000,
                                         std::numeric_limits<int64_t>::max(),
                                         std::numeric_limits<int64_t>::min()};
  return kNumbers[random.Below(std::size(kNumbers))];
}

void SetRandom(const FieldDescriptor* field, base::Random& random, Message& message);

// Sets about every second field, whatever it is.
void Fill(base::Random& random, Message& message) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (random.Below(2) == 0) SetRandom(type->field(i), random, message);
  }
}

void SetRandom(const FieldDescriptor* field, base::Random& random, Message& message) {
  const auto& as = *message.GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? as.AddString(&message, field, RandomName(random))
                  : as.SetString(&message, field, RandomName(random));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return many ? as.AddDouble(&message, field, RandomDouble(random))
                  : as.SetDouble(&message, field, RandomDouble(random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return many ? as.AddFloat(&message, field, 0.5F) : as.SetFloat(&message, field, 0.5F);
    case FieldDescriptor::CPPTYPE_BOOL:
      return as.SetBool(&message, field, true);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? as.AddInt64(&message, field, RandomWhole(random))
                  : as.SetInt64(&message, field, RandomWhole(random));
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto value = static_cast<int32_t>(RandomWhole(random));
      return many ? as.AddInt32(&message, field, value) : as.SetInt32(&message, field, value);
    }
    case FieldDescriptor::CPPTYPE_UINT64:
      return many ? as.AddUInt64(&message, field, random.Bits())
                  : as.SetUInt64(&message, field, random.Bits());
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? as.AddUInt32(&message, field, 7) : as.SetUInt32(&message, field, 7);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* values = field->enum_type();
      const auto pick =
          static_cast<int>(random.Below(static_cast<uint64_t>(values->value_count())));
      return as.SetEnum(&message, field, values->value(pick));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (random.Below(4) != 0) return;
      return Fill(random,
                  *(many ? as.AddMessage(&message, field) : as.MutableMessage(&message, field)));
    default:
      FAIL() << field->full_name() << " is of a type that the test does not fill";
  }
}

Candidates RandomCandidates(base::Random& random) {
  Candidates candidates;
  for (uint64_t i = random.Below(12); i > 0; --i) Fill(random, *candidates.Add());
  return candidates;
}

bool AreEqual(const Candidates& a, const Candidates& b) {
  if (a.size() != b.size()) return false;
  for (int i = 0; i < a.size(); ++i) {
    if (a[i].SerializeAsString() != b[i].SerializeAsString()) return false;
  }
  return true;
}

// Of whatever fields there are: one that is added and not packed is found here.
TEST(PackedCandidates, UnpackToWhatTheyWere) {
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "candidates");
    const Candidates candidates = RandomCandidates(random);
    const std::string packed = PackCandidates(candidates);
    Candidates found;
    ASSERT_TRUE(UnpackCandidates(packed, found)) << seed;
    ASSERT_TRUE(AreEqual(candidates, found)) << seed;
    EXPECT_EQ(PackCandidates(found), packed);
  }
}

TEST(PackedCandidates, DamagedBytesAreRefusedOrReadAsOthers) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "damage");
    const std::string packed = PackCandidates(RandomCandidates(random));
    for (size_t end = 0; end < packed.size(); ++end) {
      Candidates part;
      (void)UnpackCandidates(std::string_view(packed).substr(0, end), part);
      std::string changed = packed;
      changed[end] = static_cast<char>(random.Below(256));
      Candidates other;
      if (!UnpackCandidates(changed, other)) continue;
      Candidates again;
      EXPECT_TRUE(UnpackCandidates(PackCandidates(other), again));
    }
  }
}

TEST(PackedCandidates, ADecisionIsLoggedWithThemAndReadAsItWas) {
  size_t all = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "hub");
    Decision decision = RandomHub(random).Decide(seed);
    const std::string plain = decision.SerializeAsString();
    const std::string bytes = Serialize(decision);
    EXPECT_EQ(decision.SerializeAsString(), plain) << "it is as before";
    EXPECT_EQ(Serialize(std::as_const(decision)), bytes);
    Decision read;
    ASSERT_TRUE(Parse(bytes, read));
    EXPECT_EQ(read.SerializeAsString(), plain);
    if (decision.trace().candidates_size() < 3) continue;
    EXPECT_LT(bytes.size(), plain.size());
    ++all;
  }
  EXPECT_GT(all, 50U);
}

}  // namespace
}  // namespace batuta::decision
