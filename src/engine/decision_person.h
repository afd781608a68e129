// A person as the pipeline of decisions may see them, and a copy of one for whoever looks at them
// off their partition's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "decision/person_view.h"
#include "engine/definitions.h"
#include "engine/fold.h"
#include "engine/row.pb.h"
#include "policy/contact.pb.h"
#include "profile/profile.pb.h"
#include "rule/person.h"
#include "table/content.h"

namespace batuta::engine {

// All is borrowed.
class DecisionPerson : public decision::PersonView {
 public:
  // `plan` is of the table of attributes by whose slots it is read; null if it is read by names.
  DecisionPerson(const Definitions& definitions, const table::Tables& tables,
                 const rule::PersonState& person, const rule::ReadPlan* plan)
      : tables_(tables), profile_(person.profile), source_(definitions.meaning(), person, plan) {}

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override;
  expr::Value ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                       expr::Scratch& scratch) const override;
  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override;
  decision::ConsentState Consent(std::string_view purpose, std::string_view channel) const override;
  decision::StatedPreference Preference(std::string_view kind,
                                        std::string_view name) const override;

 private:
  decision::StatedPreference Stated(profile::PreferenceKind kind, std::string_view name) const;

  const table::Tables& tables_;
  const profile::Profile& profile_;
  rule::PersonSource source_;
};

// A person as they were when it was made. Made on the partition's thread; belongs to nobody then.
class PersonCopy {
 public:
  PersonCopy(const Fold& fold, const PersonRow& row);
  PersonCopy(const PersonCopy&) = delete;
  PersonCopy& operator=(const PersonCopy&) = delete;

  const decision::PersonView& view() const { return *view_; }  // by names, not by slots
  const policy::ContactState& contacts() const { return row_.contacts(); }
  absl::TimeZone zone() const { return zone_; }

 private:
  const PersonRow row_;
  const std::shared_ptr<const Definitions> definitions_;
  const std::shared_ptr<const table::Tables> tables_;
  std::vector<std::string> names_;  // of the segments that they are in
  std::vector<std::string_view> segments_;
  std::vector<uint64_t> missing_;  // see rule::PersonState
  absl::TimeZone zone_;
  std::unique_ptr<DecisionPerson> view_;
};

}  // namespace batuta::engine
