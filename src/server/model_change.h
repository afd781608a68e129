// A model as the hub has it, with other trees. Internal to this folder.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/value.pb.h"
#include "server/client.h"

namespace batuta::server {

class ModelChange {
 public:
  // NotFound if the hub has no model of this name.
  static absl::StatusOr<ModelChange> Of(ApiClient& client, const std::string& model);

  // Puts XGBoost's JSON in the place of the trees for the same action ("": for all that have none
  // of their own), and makes it a model of trees.
  void SetTrees(const std::string& action, const std::string& xgboost);
  // Refused if the model has been changed since it was read.
  absl::StatusOr<base::Value> Put(ApiClient& client) const;

 private:
  base::Fields& spec();

  std::string target_;
  std::string etag_;
  base::Value resource_;
};

}  // namespace batuta::server
