#include "base/fields_writer.h"

#include <bit>
#include <cstring>
#include <utility>

#include "google/protobuf/io/coded_stream.h"

namespace batuta::base {
namespace {

// A tag is the field's number in value.proto and how its content is written.
constexpr char kVarint = 0;
constexpr char kFixed64 = 1;
constexpr char kLengthDelimited = 2;
constexpr char Tag(int number, char content) { return static_cast<char>(number << 3 | content); }

constexpr char kFieldsField = Tag(Fields::kFieldsFieldNumber, kLengthDelimited);
constexpr char kFieldName = Tag(Field::kNameFieldNumber, kLengthDelimited);
constexpr char kFieldValue = Tag(Field::kValueFieldNumber, kLengthDelimited);
constexpr char kListValue = Tag(ValueList::kValuesFieldNumber, kLengthDelimited);
constexpr char kNull = Tag(Value::kNullFieldNumber, kVarint);
constexpr char kBoolean = Tag(Value::kBooleanFieldNumber, kVarint);
constexpr char kNumber = Tag(Value::kNumberFieldNumber, kFixed64);
constexpr char kText = Tag(Value::kTextFieldNumber, kLengthDelimited);
constexpr char kList = Tag(Value::kListFieldNumber, kLengthDelimited);
constexpr char kObject = Tag(Value::kObjectFieldNumber, kLengthDelimited);
constexpr char kSealed = Tag(Value::kSealedFieldNumber, kLengthDelimited);

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

constexpr size_t kVarintBytesMax = 10;

// Returns how many bytes of `out` the number takes.
size_t EncodeVarint(uint64_t number, char (&out)[kVarintBytesMax]) {
  auto* const begin = reinterpret_cast<uint8_t*>(out);
  using google::protobuf::io::CodedOutputStream;
  return static_cast<size_t>(CodedOutputStream::WriteVarint64ToArray(number, begin) - begin);
}

}  // namespace

void FieldsWriter::Varint(uint64_t number) {
  char encoded[kVarintBytesMax];
  bytes_.append(encoded, EncodeVarint(number, encoded));
}

void FieldsWriter::Bytes(char tag, std::string_view bytes) {
  bytes_.push_back(tag);
  Varint(bytes.size());
  bytes_.append(bytes);
}

FieldsWriter::Mark FieldsWriter::Open(char tag) {
  bytes_.push_back(tag);
  bytes_.push_back(0);
  return Mark{bytes_.size()};
}

void FieldsWriter::Close(Mark mark) {
  const auto begin = static_cast<size_t>(mark);
  char encoded[kVarintBytesMax];
  const size_t size = EncodeVarint(bytes_.size() - begin, encoded);
  if (size > 1) bytes_.insert(begin, size - 1, 0);
  std::memcpy(bytes_.data() + begin - 1, encoded, size);
}

FieldsWriter::OpenField FieldsWriter::BeginField(std::string_view name) {
  const Mark field = Open(kFieldsField);
  Bytes(kFieldName, name);
  return {.field = field, .value = Open(kFieldValue)};
}

void FieldsWriter::EndField(const OpenField& open) {
  Close(open.value);
  Close(open.field);
}

void FieldsWriter::Text(std::string_view text) { Bytes(kText, text); }

void FieldsWriter::Number(double number) {
  char raw[sizeof number];
  std::memcpy(raw, &number, sizeof number);
  bytes_.push_back(kNumber);
  bytes_.append(raw, sizeof raw);
}

void FieldsWriter::Boolean(bool boolean) {
  bytes_.push_back(kBoolean);
  bytes_.push_back(boolean ? 1 : 0);
}

void FieldsWriter::Null() {
  bytes_.push_back(kNull);
  bytes_.push_back(1);
}

void FieldsWriter::Put(const Sealed& sealed) {
  const Mark mark = Open(kSealed);
  sealed.AppendToString(&bytes_);
  Close(mark);
}

FieldsWriter::Mark FieldsWriter::BeginObject() { return Open(kObject); }

FieldsWriter::Mark FieldsWriter::BeginList() { return Open(kList); }

FieldsWriter::Mark FieldsWriter::BeginItem() { return Open(kListValue); }

std::string FieldsWriter::Take() { return std::exchange(bytes_, {}); }

}  // namespace batuta::base
