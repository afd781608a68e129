#include "api/openapi_check.h"

#include <fstream>
#include <iterator>
#include <regex>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "resource/yaml.h"

namespace batuta::api {
namespace {

const base::Value* At(const base::Value& value, std::string_view name) {
  return base::Find(value.object(), name);
}

bool IsType(std::string_view type, const base::Value& value) {
  switch (value.kind_case()) {
    case base::Value::kText:
      return type == "string";
    case base::Value::kNumber:
      return type == "number" ||
             (type == "integer" &&
              value.number() == static_cast<double>(static_cast<int64_t>(value.number())));
    case base::Value::kBoolean:
      return type == "boolean";
    case base::Value::kObject:
      return type == "object";
    case base::Value::kList:
      return type == "array";
    default:
      return type == "null";
  }
}

void Say(std::string* problems, const std::string& at, std::string_view what) {
  base::StrAppend(problems, at.empty() ? "/" : at, ": ", what, "\n");
}

}  // namespace

OpenApi OpenApi::Load() {
  std::ifstream file("docs/openapi.yaml", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto parsed = resource::ParseValue(text, "docs/openapi.yaml", resource::Format::kYaml);
  BATUTA_CHECK(parsed.value.has_value(), resource::ToText(parsed.problems));
  OpenApi api;
  api.root_ = *std::move(parsed.value);
  for (const base::Field& path : At(api.root_, "paths")->object().fields()) {
    for (const base::Field& operation : path.value().object().fields()) {
      std::string name = operation.name();
      for (char& c : name) c = static_cast<char>(c - (c >= 'a' && c <= 'z' ? 32 : 0));
      const auto method = http::ParseMethod(name);
      if (!method.has_value()) continue;
      BATUTA_CHECK_OK(api.routes_.Add(*method, path.name(), api.operations_.size()));
      api.operations_.push_back({*method, path.name(), nullptr});
    }
  }
  return api;
}

const base::Value& OpenApi::Resolve(const base::Value& value) const {
  const base::Value* ref = At(value, "$ref");
  if (ref == nullptr) return value;
  const base::Value* found = &root_;
  std::string_view rest = std::string_view(ref->text()).substr(2);
  while (!rest.empty()) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    found = At(*found, rest.substr(0, slash));
    BATUTA_CHECK(found != nullptr, ref->text());
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return Resolve(*found);
}

std::string OpenApi::Check(http::Method method, std::string_view raw_path,
                           const http::Response& response) const {
  const http::RouteMatch match = routes_.Find(method, raw_path);
  if (match.kind != http::RouteMatch::Kind::kFound) return "the path is not described\n";
  const Operation& operation = operations_[match.route];
  std::string name = base::LowerAscii(http::MethodName(operation.method));
  const base::Value* path = At(*At(root_, "paths"), operation.path);
  const base::Value* responses = At(*At(*path, name), "responses");
  const std::string status = base::StrCat(static_cast<int>(response.status));
  const base::Value* answer = At(*responses, status);
  if (answer == nullptr) return base::StrCat("the status ", status, " is not described\n");
  std::string problems;
  CheckBody(Resolve(*answer), response, &problems);
  return problems;
}

void OpenApi::CheckBody(const base::Value& answer, const http::Response& response,
                        std::string* problems) const {
  const base::Value* content = At(answer, "content");
  if (content == nullptr) {
    if (!response.body.empty()) Say(problems, "", "no body is described");
    return;
  }
  std::string type(response.headers.Get("Content-Type"));
  type = type.substr(0, type.find(';'));
  const base::Value* media = At(*content, type);
  if (media == nullptr) return Say(problems, "", "the content type is not described: " + type);
  const bool is_json = type.ends_with("json") && type != "application/x-ndjson";
  if (!is_json) return;
  const auto value = base::ParseJson(response.body);
  if (!value.ok()) return Say(problems, "", base::StrCat("no JSON: ", value.status().message()));
  CheckValue(*At(*media, "schema"), *value, "", problems);
}

void OpenApi::CheckValue(const base::Value& unresolved, const base::Value& value,
                         const std::string& at, std::string* problems) const {
  const base::Value& schema = Resolve(unresolved);
  if (const base::Value* type = At(schema, "type")) {
    bool fits = type->has_text() && IsType(type->text(), value);
    for (const base::Value& one : type->list().values()) fits |= IsType(one.text(), value);
    if (!fits) return Say(problems, at, base::StrCat("not of type ", base::ToJson(*type)));
  }
  if (const base::Value* options = At(schema, "oneOf")) {
    int fitting = 0;
    for (const base::Value& option : options->list().values()) {
      std::string why;
      CheckValue(option, value, at, &why);
      fitting += why.empty() ? 1 : 0;
    }
    if (fitting != 1) Say(problems, at, base::StrCat(fitting, " of oneOf fit"));
  }
  CheckScalar(schema, value, at, problems);
  if (value.has_object()) CheckObject(schema, value, at, problems);
  const base::Value* items = At(schema, "items");
  if (items == nullptr) return;
  int index = 0;
  for (const base::Value& item : value.list().values()) {
    CheckValue(*items, item, base::StrCat(at, "/", index++), problems);
  }
}

void OpenApi::CheckScalar(const base::Value& schema, const base::Value& value,
                          const std::string& at, std::string* problems) const {
  if (const base::Value* options = At(schema, "enum")) {
    bool fits = false;
    for (const base::Value& option : options->list().values()) fits |= base::Equal(option, value);
    if (!fits) Say(problems, at, base::StrCat("not one of ", base::ToJson(*options)));
  }
  const base::Value* constant = At(schema, "const");
  if (constant != nullptr && !base::Equal(*constant, value)) Say(problems, at, "not the constant");
  const base::Value* pattern = At(schema, "pattern");
  if (pattern != nullptr && !std::regex_search(value.text(), std::regex(pattern->text()))) {
    Say(problems, at, "does not fit " + pattern->text());
  }
  const base::Value* format = At(schema, "format");
  if (format != nullptr && format->text() == "date-time" &&
      (!base::ParseTime(value.text()).ok() || !value.text().ends_with("Z"))) {
    Say(problems, at, "no time");
  }
  const base::Value* least = At(schema, "minimum");
  if (least != nullptr && value.number() < least->number()) Say(problems, at, "too small");
  const base::Value* most = At(schema, "maximum");
  if (most != nullptr && value.number() > most->number()) Say(problems, at, "too large");
}

void OpenApi::CheckObject(const base::Value& schema, const base::Value& value,
                          const std::string& at, std::string* problems) const {
  if (const base::Value* required = At(schema, "required")) {
    for (const base::Value& name : required->list().values()) {
      if (At(value, name.text()) == nullptr) Say(problems, at, "misses " + name.text());
    }
  }
  const base::Value* properties = At(schema, "properties");
  const base::Value* others = At(schema, "additionalProperties");
  for (const base::Field& field : value.object().fields()) {
    const std::string below = base::StrCat(at, "/", field.name());
    const base::Value* own = properties == nullptr ? nullptr : At(*properties, field.name());
    if (own != nullptr) {
      CheckValue(*own, field.value(), below, problems);
    } else if (others != nullptr && others->has_boolean() && !others->boolean()) {
      Say(problems, below, "is not described");
    } else if (others != nullptr && others->has_object()) {
      CheckValue(*others, field.value(), below, problems);
    }
  }
}

}  // namespace batuta::api
