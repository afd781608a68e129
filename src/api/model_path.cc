#include "api/model_path.h"

#include <string>
#include <vector>

#include "base/text.h"

namespace batuta::api {

const decision::Model* FindModelInPath(const ExchangePtr& exchange,
                                       const decision::Catalogue& catalogue) {
  const std::string& name = exchange->parameter("name");
  const auto& models = catalogue.models();
  if (const auto found = models.find(name); found != models.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [other, model] : models) names.push_back(other);
  const std::string near = base::Suggest(name, names);
  exchange->Fail(http::Status::kNotFound, "no_such_model",
                 base::StrCat("There is no model of this name",
                              near.empty() ? "." : "; did you mean " + near + "?"));
  return nullptr;
}

}  // namespace batuta::api
