#include "api/object_reader.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_join.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/document.h"

namespace batuta::api {

ObjectReader::ObjectReader(const base::Value& value, std::string_view pointer,
                           std::vector<http::ProblemError>& errors)
    : fields_(&value.object()),
      pointer_(pointer),
      errors_(errors),
      is_object_(value.kind_case() == base::Value::kObject) {
  if (!is_object_) errors_.push_back({pointer_, "wrong_type", "an object is needed here"});
}

std::string ObjectReader::PointerTo(std::string_view name) const {
  return resource::Child(pointer_, name);
}

void ObjectReader::Error(std::string_view name, std::string_view code, std::string_view detail) {
  errors_.push_back({PointerTo(name), std::string(code), std::string(detail)});
}

const base::Value* ObjectReader::Take(std::string_view name, Need need) {
  known_.emplace_back(name);
  const base::Value* found = base::Find(*fields_, name);
  if (found != nullptr && base::IsNull(*found)) found = nullptr;
  if (found == nullptr && need == Need::kRequired && is_object_) {
    Error(name, "missing", base::StrCat("\"", name, "\" is needed"));
  }
  return found;
}

const base::Value* ObjectReader::Any(std::string_view name) { return Take(name, Need::kOptional); }

std::string ObjectReader::Text(std::string_view name, Need need) {
  const base::Value* found = Take(name, need);
  if (found == nullptr) return "";
  if (found->kind_case() != base::Value::kText) {
    Error(name, "wrong_type", base::StrCat("\"", name, "\" must be a text"));
    return "";
  }
  if (found->text().empty() && need == Need::kRequired) {
    Error(name, "missing", base::StrCat("\"", name, "\" must not be empty"));
  }
  return found->text();
}

std::string ObjectReader::Choice(std::string_view name, absl::Span<const std::string> options,
                                 Need need) {
  std::string text = Text(name, need);
  if (text.empty() || std::find(options.begin(), options.end(), text) != options.end()) return text;
  Error(name, "unknown_value",
        base::StrCat("\"", name, "\" is one of ", absl::StrJoin(options, ", ")));
  return "";
}

std::optional<int64_t> ObjectReader::Integer(std::string_view name, int64_t low, int64_t high) {
  const base::Value* found = Take(name, Need::kOptional);
  if (found == nullptr) return std::nullopt;
  const double number = found->number();
  const bool fits = found->kind_case() == base::Value::kNumber && number == std::floor(number) &&
                    number >= static_cast<double>(low) && number <= static_cast<double>(high);
  if (!fits) {
    Error(name, "out_of_range",
          base::StrCat("\"", name, "\" must be a whole number from ", low, " to ", high));
    return std::nullopt;
  }
  return static_cast<int64_t>(number);
}

bool ObjectReader::Bool(std::string_view name) {
  const base::Value* found = Take(name, Need::kOptional);
  if (found == nullptr) return false;
  if (found->kind_case() != base::Value::kBoolean) {
    Error(name, "wrong_type", base::StrCat("\"", name, "\" must be true or false"));
  }
  return found->boolean();
}

std::vector<std::string> ObjectReader::Texts(std::string_view name) {
  const base::Value* found = Take(name, Need::kOptional);
  std::vector<std::string> texts;
  if (found == nullptr) return texts;
  bool right = found->kind_case() == base::Value::kList;
  for (const base::Value& value : found->list().values()) {
    right = right && value.kind_case() == base::Value::kText;
    texts.push_back(value.text());
  }
  if (right) return texts;
  Error(name, "wrong_type", base::StrCat("\"", name, "\" must be a list of texts"));
  return {};
}

const base::Value* ObjectReader::Object(std::string_view name, Need need) {
  const base::Value* found = Take(name, need);
  if (found == nullptr || found->kind_case() == base::Value::kObject) return found;
  Error(name, "wrong_type", base::StrCat("\"", name, "\" must be an object"));
  return nullptr;
}

void ObjectReader::Finish() {
  for (const base::Field& field : fields_->fields()) {
    if (std::find(known_.begin(), known_.end(), field.name()) != known_.end()) continue;
    const std::string near = base::Suggest(field.name(), known_);
    Error(field.name(), "unknown_field",
          near.empty()
              ? base::StrCat("there is no such member; known are ", absl::StrJoin(known_, ", "))
              : base::StrCat("there is no such member; did you mean \"", near, "\"?"));
  }
}

}  // namespace batuta::api
