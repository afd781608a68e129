#include "base/fields_writer.h"

#include <cstddef>
#include <initializer_list>
#include <string>

#include "base/json.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "gtest/gtest.h"

namespace batuta::base {
namespace {

void Write(const Fields& fields, FieldsWriter& writer);

void Write(const Value& value, FieldsWriter& writer) {
  switch (value.kind_case()) {
    case Value::kNull:
      return writer.Null();
    case Value::kBoolean:
      return writer.Boolean(value.boolean());
    case Value::kNumber:
      return writer.Number(value.number());
    case Value::kText:
      return writer.Text(value.text());
    case Value::kSealed:
      return writer.Put(value.sealed());
    case Value::kObject: {
      const auto mark = writer.BeginObject();
      Write(value.object(), writer);
      return writer.EndObject(mark);
    }
    case Value::kList: {
      const auto mark = writer.BeginList();
      for (const Value& item : value.list().values()) {
        const auto at = writer.BeginItem();
        Write(item, writer);
        writer.EndItem(at);
      }
      return writer.EndList(mark);
    }
    case Value::KIND_NOT_SET:
      break;
  }
  FAIL() << "a value without a kind";
}

void Write(const Fields& fields, FieldsWriter& writer) {
  for (const Field& field : fields.fields()) {
    const auto open = writer.BeginField(field.name());
    Write(field.value(), writer);
    writer.EndField(open);
  }
}

void ExpectSameBytes(const Fields& fields) {
  FieldsWriter writer;
  Write(fields, writer);
  EXPECT_EQ(writer.bytes(), fields.SerializeAsString()) << ToJson(fields);
}

Value RandomValue(Random& random, int depth) {
  switch (random.Below(depth > 3 ? 5 : 7)) {
    case 0:
      return NullValue();
    case 1:
      return BooleanValue(random.Below(2) == 0);
    case 2:
      return NumberValue(random.Uniform() * 1e6);
    case 3:
      return TextValue(
          std::string(random.Below(3) == 0 ? random.Below(40'000) : random.Below(9), 'x'));
    case 4: {
      Value value;
      value.mutable_sealed()->set_key(std::string(16, 'k'));
      value.mutable_sealed()->set_epoch(static_cast<uint32_t>(random.Below(300)));
      value.mutable_sealed()->set_box(std::string(random.Below(200), 'b'));
      return value;
    }
    case 5: {
      Value value;
      value.mutable_list();
      for (uint64_t left = random.Below(5); left > 0; --left) {
        *value.mutable_list()->add_values() = RandomValue(random, depth + 1);
      }
      return value;
    }
    default: {
      Value value;
      value.mutable_object();
      for (uint64_t left = random.Below(6); left > 0; --left) {
        Field& field = *value.mutable_object()->add_fields();
        field.set_name(StrCat("field", random.Below(1000)));
        *field.mutable_value() = RandomValue(random, depth + 1);
      }
      return value;
    }
  }
}

TEST(FieldsWriter, WritesWhatTheMessageWouldBe) {
  Random random(7, {1, 2}, "fields", "");
  for (int i = 0; i < 2000; ++i) {
    Fields fields;
    for (uint64_t left = random.Below(8); left > 0; --left) {
      Field& field = *fields.add_fields();
      field.set_name(StrCat("f", left));
      *field.mutable_value() = RandomValue(random, 0);
    }
    ExpectSameBytes(fields);
  }
}

TEST(FieldsWriter, LengthsOfEverySizeAreRight) {
  for (const size_t size : std::initializer_list<size_t>{0, 1, 126, 127, 128, 129, 16'383, 16'384,
                                                         2'097'151, 2'097'152}) {
    Fields fields;
    Field& field = *fields.add_fields();
    field.set_name("a");
    *field.mutable_value()->mutable_object()->add_fields()->mutable_value() =
        TextValue(std::string(size, 'x'));
    field.mutable_value()->mutable_object()->mutable_fields(0)->set_name("b");
    ExpectSameBytes(fields);
  }
}

TEST(FieldsWriter, TakingLeavesItEmpty) {
  FieldsWriter writer;
  writer.EndField([&] {
    const auto open = writer.BeginField("a");
    writer.Null();
    return open;
  }());
  EXPECT_FALSE(writer.Take().empty());
  EXPECT_TRUE(writer.bytes().empty());
}

}  // namespace
}  // namespace batuta::base
