#include "expr/value_json.h"

#include <cmath>
#include <string>

#include "absl/strings/escaping.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/calendar.h"
#include "expr/number_text.h"

namespace batuta::expr {
namespace {

constexpr int64_t kExactMax = (int64_t{1} << 53) - 1;

base::Value OfInteger(bool is_exact, double number, const std::string& text) {
  return is_exact ? base::NumberValue(number) : base::TextValue(text);
}

bool Write(const Value& value, Scratch& scratch, int depth, base::Value& json);

bool WriteList(const Value& list, Scratch& scratch, int depth, base::Value& json) {
  if (depth >= base::kJsonDepthMax) return false;
  base::ValueList& values = *json.mutable_list();
  for (uint32_t i = 0; i < list.size(); ++i) {
    if (!Write(list.Element(i), scratch, depth + 1, *values.add_values())) return false;
  }
  return true;
}

bool WriteMap(const Value& map, Scratch& scratch, int depth, base::Value& json) {
  if (depth >= base::kJsonDepthMax) return false;
  base::Fields& object = *json.mutable_object();
  for (uint32_t i = 0; i < map.size(); ++i) {
    const Value key = map.Key(i);
    if (!key.Is(Kind::kString)) return false;
    base::Field& field = *object.add_fields();
    field.set_name(std::string(key.AsText()));
    if (!Write(map.Held(i), scratch, depth + 1, *field.mutable_value())) return false;
  }
  return true;
}

bool Write(const Value& value, Scratch& scratch, int depth, base::Value& json) {
  const size_t bytes =
      value.Is(Kind::kString) || value.Is(Kind::kBytes) ? value.AsText().size() : 0;
  if (!scratch.ChargeBytes(bytes)) return false;
  switch (value.kind()) {
    case Kind::kNull:
      json = base::NullValue();
      return true;
    case Kind::kBool:
      json = base::BooleanValue(value.AsBool());
      return true;
    case Kind::kInt: {
      const int64_t number = value.AsInt();
      const bool is_exact = number >= -kExactMax && number <= kExactMax;
      json = OfInteger(is_exact, static_cast<double>(number), std::to_string(number));
      return true;
    }
    case Kind::kUint: {
      const uint64_t number = value.AsUint();
      const bool is_exact = number <= static_cast<uint64_t>(kExactMax);
      json = OfInteger(is_exact, static_cast<double>(number), std::to_string(number));
      return true;
    }
    case Kind::kDouble:
      json = OfInteger(std::isfinite(value.AsDouble()), value.AsDouble(),
                       DoubleText(value.AsDouble()));
      return true;
    case Kind::kString:
      json = base::TextValue(value.AsText());
      return true;
    case Kind::kBytes:
      json = base::TextValue(absl::Base64Escape(base::AbslView(value.AsText())));
      return true;
    case Kind::kTimestamp:
      json = base::TextValue(FormatTimestamp(value.seconds(), value.nanos()));
      return true;
    case Kind::kDuration:
      json = base::TextValue(FormatDuration(value.duration_nanos()));
      return true;
    case Kind::kList:
      return WriteList(value, scratch, depth, json);
    case Kind::kMap:
      return WriteMap(value, scratch, depth, json);
    case Kind::kError:
    case Kind::kType:
    case Kind::kOptional:
      break;
  }
  return false;
}

}  // namespace

std::optional<base::Value> ToJson(const Value& value, Scratch& scratch) {
  base::Value json;
  if (!Write(value, scratch, 0, json)) return std::nullopt;
  return json;
}

}  // namespace batuta::expr
