#include "api/segment_view.h"

#include <map>
#include <string>

#include "api/answer.h"
#include "base/status.h"
#include "profile/apply.h"
#include "segment/membership.h"

namespace batuta::api {
namespace {

void AddMembership(const segment::Membership& membership, ObjectBuilder& out) {
  out.AddTime("since", membership.since());
  out.Add("cause", profile::CauseName(static_cast<profile::Cause>(membership.cause())));
}

}  // namespace

base::Value SegmentsValue(const engine::Fold& fold, const engine::PersonRow& row) {
  std::map<std::string, const segment::Membership*> found;
  for (const segment::Segment& segment : fold.definitions().segments->all()) {
    const auto* membership = segment::Find(row.segments(), fold.ActiveEdition(segment.name));
    if (membership != nullptr) found[segment.name] = membership;
  }
  ListBuilder list;
  for (const auto& [name, membership] : found) {
    ObjectBuilder entry;
    entry.Add("name", name);
    AddMembership(*membership, entry);
    list.Add(entry.Take());
  }
  return list.Take();
}

base::Value MemberValue(engine::Fold& fold, uint64_t edition, uint32_t number,
                        engine::PersonRow& scratch) {
  const std::optional<base::PersonId> person = fold.state().PersonOf(number);
  BATUTA_CHECK(person.has_value(), "a member has a number");
  const engine::PersonRow* row = fold.state().people.Peek(*person, scratch);
  BATUTA_CHECK(row != nullptr);
  ObjectBuilder out;
  out.Add("personId", person->ToString());
  const segment::Membership* membership = segment::Find(row->segments(), edition);
  BATUTA_CHECK(membership != nullptr, "the set of members and their rows agree");
  AddMembership(*membership, out);
  return out.Take();
}

}  // namespace batuta::api
