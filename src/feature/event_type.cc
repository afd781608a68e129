#include "feature/event_type.h"

#include <memory>

namespace batuta::feature {

expr::Type EventType(expr::Type properties) {
  using Tag = expr::Type::Tag;
  auto schema = std::make_shared<expr::ObjectSchema>();
  schema->name = "event";
  schema->is_open = false;
  const expr::Type object = expr::Type::Map(Tag::kString, expr::Type());
  if (properties.Is(Tag::kDyn)) properties = object;
  schema->fields = {{.name = "context", .type = object, .refusal = ""},
                    {.name = "name", .type = Tag::kString, .refusal = ""},
                    {.name = "properties", .type = std::move(properties), .refusal = ""},
                    {.name = "source", .type = Tag::kString, .refusal = ""},
                    {.name = "time", .type = Tag::kTimestamp, .refusal = ""}};
  return expr::Type::Object(std::move(schema));
}

}  // namespace batuta::feature
