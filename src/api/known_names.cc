#include "api/known_names.h"

#include "base/text.h"

namespace batuta::api {

std::string Suggestion(std::string_view name, const std::vector<std::string>& known) {
  const std::string near = base::Suggest(name, known);
  return near.empty() ? "" : base::StrCat("; did you mean \"", near, "\"?");
}

std::vector<std::string> NamesOf(const resource::ResourceSet& resources, std::string_view kind) {
  std::vector<std::string> names;
  for (const resource::Resource* resource : resources.OfKind(kind)) {
    names.push_back(resource->key.name);
  }
  return names;
}

const decision::Placement* PlacementInPath(const ExchangePtr& exchange,
                                           const engine::Definitions& definitions) {
  const std::string& name = exchange->parameter("name");
  const decision::Placement* placement = definitions.catalogue->FindPlacement(name);
  if (placement != nullptr) return placement;
  exchange->Fail(http::Status::kNotFound, "no_such_placement",
                 "There is no placement of this name" +
                     Suggestion(name, NamesOf(definitions.resources, "placement")));
  return nullptr;
}

std::optional<http::ProblemError> UnknownSegment(const resource::ResourceSet& resources,
                                                 std::string_view name, std::string_view pointer) {
  if (name.empty() || resources.Find("segment", name) != nullptr) return std::nullopt;
  return http::ProblemError{
      std::string(pointer), "unknown_segment",
      "there is no such segment" + Suggestion(name, NamesOf(resources, "segment"))};
}

}  // namespace batuta::api
