#include "feature/tracking_types.h"

#include <memory>
#include <utility>

namespace batuta::feature {
namespace {

using Tag = expr::Type::Tag;

expr::Type TypeOf(resource::DeclaredProperty::Type type) {
  using Declared = resource::DeclaredProperty::Type;
  switch (type) {
    case Declared::kText:
    case Declared::kTime:
      return Tag::kString;
    case Declared::kNumber:
      return Tag::kDouble;
    case Declared::kBoolean:
      return Tag::kBool;
    case Declared::kList:
      return expr::Type::List(expr::Type());
    case Declared::kObject:
      return expr::Type::Map(Tag::kString, expr::Type());
    case Declared::kAny:
      break;
  }
  return {};
}

}  // namespace

expr::Type PropertiesType(const std::string& event, const resource::DeclaredEvent& declared) {
  auto schema = std::make_shared<expr::ObjectSchema>();
  schema->name = event;
  schema->is_open = declared.open;
  for (const resource::DeclaredProperty& property : declared.properties) {
    schema->fields.push_back({property.name, TypeOf(property.type), ""});
  }
  return expr::Type::Object(std::move(schema));
}

RecogniseOptions TypesOf(const resource::TrackingPlan& plan) {
  RecogniseOptions options;
  for (const auto& [name, declared] : plan.events()) {
    options.properties.emplace(name, PropertiesType(name, declared));
  }
  return options;
}

}  // namespace batuta::feature
