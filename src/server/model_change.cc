#include "server/model_change.h"

#include <utility>

#include "absl/status/status.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::server {

absl::StatusOr<ModelChange> ModelChange::Of(ApiClient& client, const std::string& model) {
  ModelChange change;
  change.target_ = base::StrCat("/v1/models/", PercentEncode(model));
  BATUTA_ASSIGN_OR_RETURN(change.resource_, client.Get(change.target_));
  const base::Value* etag = base::Find(change.resource_.object(), "etag");
  const base::Value* spec = base::Find(change.resource_.object(), "spec");
  if (etag == nullptr || spec == nullptr) {
    return absl::InternalError("the hub's answer is no resource");
  }
  change.etag_ = etag->text();
  return change;
}

base::Fields& ModelChange::spec() {
  return *base::FindMutable(*resource_.mutable_object(), "spec")->mutable_object();
}

void ModelChange::SetTrees(const std::string& action, const std::string& xgboost) {
  base::SetField(spec(), "type", base::TextValue("trees"));
  base::Value list;
  if (const base::Value* before = base::Find(spec(), "trees")) list = *before;
  base::Fields* trees = nullptr;
  for (base::Value& one : *list.mutable_list()->mutable_values()) {
    const base::Value* named = base::Find(one.object(), "action");
    if ((named == nullptr ? "" : named->text()) == action) trees = one.mutable_object();
  }
  if (trees == nullptr) trees = list.mutable_list()->add_values()->mutable_object();
  if (!action.empty()) base::SetField(*trees, "action", base::TextValue(action));
  base::SetField(*trees, "xgboost", base::TextValue(xgboost));
  base::SetField(spec(), "trees", std::move(list));
}

absl::StatusOr<base::Value> ModelChange::Put(ApiClient& client) const {
  return client.Put(target_, "application/json", base::ToJson(resource_), etag_);
}

}  // namespace batuta::server
