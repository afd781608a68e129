#include "api/opener.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::api {

base::Value Masked() {
  base::Value masked;
  base::SetField(*masked.mutable_object(), "sealed", base::BooleanValue(true));
  return masked;
}

std::optional<std::string> Opener::Unseal(const base::Sealed& sealed, std::string_view path) {
  if (!may_see_) return std::nullopt;
  auto opened = vault_.Unseal(sealed, path);
  if (!opened.ok()) return std::nullopt;
  has_opened_ = true;
  return *std::move(opened);
}

base::Value Opener::Open(const base::Sealed& sealed, std::string_view path) {
  const auto json = Unseal(sealed, path);
  if (!json.has_value()) return Masked();
  auto value = base::ParseJson(*json);
  return value.ok() ? *std::move(value) : Masked();
}

base::Value Opener::OpenText(const base::Sealed& sealed, std::string_view context) {
  const auto text = Unseal(sealed, context);
  return text.has_value() ? base::TextValue(*text) : Masked();
}

base::Value Opener::OpenValue(const base::Value& value, std::string& path) {
  switch (value.kind_case()) {
    case base::Value::kSealed:
      return Open(value.sealed(), path);
    case base::Value::kObject: {
      base::Value opened;
      *opened.mutable_object() = OpenAll(value.object(), path);
      return opened;
    }
    case base::Value::kList: {
      base::Value opened;
      opened.mutable_list();
      for (const base::Value& item : value.list().values()) {
        *opened.mutable_list()->add_values() = OpenValue(item, path);
      }
      return opened;
    }
    default:
      return value;
  }
}

base::Fields Opener::OpenAll(const base::Fields& fields, std::string_view path) {
  base::Fields opened;
  std::string at;
  for (const base::Field& field : fields.fields()) {
    base::Field& added = *opened.add_fields();
    added.set_name(field.name());
    at = base::StrCat(path, ".", field.name());
    *added.mutable_value() = OpenValue(field.value(), at);
  }
  return opened;
}

void Opener::LearnValue(const base::Value& value, std::string& path) {
  switch (value.kind_case()) {
    case base::Value::kSealed:
      paths_.emplace(value.sealed().box(), path);
      return;
    case base::Value::kObject:
      for (const base::Field& field : value.object().fields()) {
        const size_t size = path.size();
        base::StrAppend(&path, ".", field.name());
        LearnValue(field.value(), path);
        path.resize(size);
      }
      return;
    case base::Value::kList:
      for (const base::Value& item : value.list().values()) LearnValue(item, path);
      return;
    default:
      return;
  }
}

void Opener::Learn(const profile::Profile& profile) {
  if (!may_see_) return;
  for (const profile::TraitState& trait : profile.traits()) {
    std::string path = base::StrCat("traits.", trait.name());
    for (const profile::Statement& statement : trait.statements()) {
      LearnValue(statement.value(), path);
    }
  }
  for (const profile::Membership& group : profile.groups()) {
    for (const base::Field& trait : group.copied().traits().fields()) {
      std::string path = base::StrCat("traits.", trait.name());
      LearnValue(trait.value(), path);
    }
  }
}

std::optional<base::Value> Opener::OpenLearnt(const base::Sealed& sealed) {
  const auto path = paths_.find(sealed.box());
  if (path == paths_.end()) return std::nullopt;
  const auto json = Unseal(sealed, path->second);
  if (!json.has_value()) return std::nullopt;
  auto value = base::ParseJson(*json);
  if (!value.ok()) return std::nullopt;
  return *std::move(value);
}

}  // namespace batuta::api
