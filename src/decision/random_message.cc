#include "decision/random_message.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

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

}  // namespace

void FillRandomly(base::Random& random, Message& message) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (random.Below(2) == 0) SetRandom(type->field(i), random, message);
  }
}

namespace {

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
      return FillRandomly(
          random, *(many ? as.AddMessage(&message, field) : as.MutableMessage(&message, field)));
    default:
      FAIL() << field->full_name() << " is of a type that the test does not fill";
  }
}

}  // namespace
}  // namespace batuta::decision
