#include "resource/canonical.h"

#include <algorithm>

#include "base/ids.h"
#include "base/value.h"

namespace batuta::resource {

base::Value Canonical(const base::Value& value) {
  base::Value result;
  switch (value.kind_case()) {
    case base::Value::kObject:
      *result.mutable_object() = Canonical(value.object());
      return result;
    case base::Value::kList:
      result.mutable_list();
      for (const base::Value& element : value.list().values())
        *result.mutable_list()->add_values() = Canonical(element);
      return result;
    case base::Value::kNumber:
      return base::NumberValue(value.number() == 0 ? 0 : value.number());
    case base::Value::KIND_NOT_SET:
      return base::NullValue();
    default:
      return value;
  }
}

base::Fields Canonical(const base::Fields& fields) {
  std::vector<const base::Field*> order;
  for (const base::Field& field : fields.fields()) order.push_back(&field);
  std::stable_sort(order.begin(), order.end(), [](const base::Field* a, const base::Field* b) {
    return a->name() < b->name();
  });
  base::Fields result;
  for (const base::Field* field : order) {
    base::Field& added = *result.add_fields();
    added.set_name(field->name());
    *added.mutable_value() = Canonical(field->value());
  }
  return result;
}

std::string Etag(const base::Fields& spec) {
  return base::EncodeHex(base::CanonicalHash(spec).ToBytes());
}

}  // namespace batuta::resource
