#include "resource/references.h"

#include "base/value.h"
#include "resource/kind.h"

namespace batuta::resource {
namespace {

void Collect(const Schema& schema, const base::Value& value, const std::string& pointer,
             const ResourceKey& user, std::vector<Mention>& mentions) {
  if (schema.type == Type::kReference && value.has_text())
    mentions.push_back({user, pointer, {schema.target, value.text()}});
  if (schema.type == Type::kList && value.has_list())
    for (int i = 0; i < value.list().values_size(); ++i)
      Collect(*schema.element, value.list().values(i), Child(pointer, i), user, mentions);
  if (schema.type == Type::kObject && value.has_object())
    for (const Member& member : schema.members)
      if (const base::Value* child = base::Find(value.object(), member.name))
        Collect(member.schema, *child, Child(pointer, member.name), user, mentions);
}

}  // namespace

std::vector<Mention> MentionsIn(const Resource& resource) {
  std::vector<Mention> mentions;
  const Kind* kind = FindKind(resource.key.kind);
  if (kind == nullptr) return mentions;
  base::Value spec;
  *spec.mutable_object() = resource.spec;
  Collect(kind->spec, spec, "/spec", resource.key, mentions);
  return mentions;
}

std::vector<Mention> UsersOf(const ResourceSet& set, const ResourceKey& target) {
  std::vector<Mention> users;
  for (const auto& [key, resource] : set.all())
    for (Mention& mention : MentionsIn(resource))
      if (mention.target == target) users.push_back(std::move(mention));
  return users;
}

}  // namespace batuta::resource
