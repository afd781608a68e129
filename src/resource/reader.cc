#include "resource/reader.h"

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::resource {
namespace {

void CheckKind(const base::Value& value, base::Value::KindCase kind, std::string_view name) {
  BATUTA_CHECK(value.kind_case() == kind, base::StrCat("\"", name, "\" is of another type"));
}

template <typename T>
T Parsed(absl::StatusOr<T> result, std::string_view name) {
  BATUTA_CHECK(result.ok(), base::StrCat("\"", name, "\": ", result.status().message()));
  return *std::move(result);
}

}  // namespace

const base::Value* Reader::Find(std::string_view name) const {
  const base::Value* value = base::Find(*fields_, name);
  return value == nullptr || base::IsNull(*value) ? nullptr : value;
}

std::string Reader::Text(std::string_view name, std::string_view fallback) const {
  const base::Value* value = Find(name);
  if (value == nullptr) return std::string(fallback);
  CheckKind(*value, base::Value::kText, name);
  return value->text();
}

double Reader::Number(std::string_view name, double fallback) const {
  const base::Value* value = Find(name);
  if (value == nullptr) return fallback;
  CheckKind(*value, base::Value::kNumber, name);
  return value->number();
}

int64_t Reader::Integer(std::string_view name, int64_t fallback) const {
  const base::Value* value = Find(name);
  if (value == nullptr) return fallback;
  CheckKind(*value, base::Value::kNumber, name);
  // Beyond 2^53 a double is no exact integer any more.
  BATUTA_CHECK(value->number() > -9e15 && value->number() < 9e15, std::string(name));
  return static_cast<int64_t>(value->number());
}

bool Reader::Bool(std::string_view name, bool fallback) const {
  const base::Value* value = Find(name);
  if (value == nullptr) return fallback;
  CheckKind(*value, base::Value::kBoolean, name);
  return value->boolean();
}

base::Money Reader::MoneyField(std::string_view name, base::Money fallback) const {
  if (!Has(name)) return fallback;
  const Reader money = Object(name);
  return {.micros = Parsed(base::ParseAmount(money.Text("amount")), name),
          .currency = Parsed(base::ParseCurrency(money.Text("currency")), name)};
}

base::Duration Reader::DurationField(std::string_view name, base::Duration fallback) const {
  return Has(name) ? Parsed(base::ParseDuration(Text(name)), name) : fallback;
}

base::Time Reader::TimeField(std::string_view name, base::Time fallback) const {
  return Has(name) ? Parsed(base::ParseTime(Text(name)), name) : fallback;
}

Reader Reader::Object(std::string_view name) const {
  const base::Value* value = Find(name);
  if (value == nullptr) return Reader(base::Fields::default_instance());
  CheckKind(*value, base::Value::kObject, name);
  return Reader(value->object());
}

std::vector<const base::Value*> Reader::Values(std::string_view name) const {
  std::vector<const base::Value*> values;
  const base::Value* value = Find(name);
  if (value == nullptr) return values;
  CheckKind(*value, base::Value::kList, name);
  for (const base::Value& element : value->list().values()) values.push_back(&element);
  return values;
}

std::vector<std::string> Reader::Texts(std::string_view name) const {
  std::vector<std::string> texts;
  for (const base::Value* value : Values(name)) {
    CheckKind(*value, base::Value::kText, name);
    texts.push_back(value->text());
  }
  return texts;
}

std::vector<Reader> Reader::Objects(std::string_view name) const {
  std::vector<Reader> objects;
  for (const base::Value* value : Values(name)) {
    CheckKind(*value, base::Value::kObject, name);
    objects.emplace_back(value->object());
  }
  return objects;
}

}  // namespace batuta::resource
