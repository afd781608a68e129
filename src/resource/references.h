// Which resources a resource refers to, and where: for checks, and to answer "what uses this?".
#pragma once

#include <string>
#include <vector>

#include "resource/document.h"
#include "resource/set.h"

namespace batuta::resource {

struct Mention {
  ResourceKey user;     // who refers
  std::string pointer;  // where: "/spec/placements/0"
  ResourceKey target;   // to whom; need not exist
};

// Of one resource, in the order of its kind's declaration. Nothing for unknown kinds; parts that do
// not fit the declaration are passed over.
std::vector<Mention> MentionsIn(const Resource& resource);

// Everything in the set that refers to the resource, by kind, name and pointer.
std::vector<Mention> UsersOf(const ResourceSet& set, const ResourceKey& target);

}  // namespace batuta::resource
