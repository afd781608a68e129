// What a person's contact history is as a value: finding, adding, merging, forgetting.
//
// Does not know what moves a contact from stage to stage (decision/lifecycle.h does) nor what a
// policy makes of it (caps.h). Pure functions; no threads.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "policy/contact.pb.h"

namespace batuta::policy {

// The contact of that slot of that decision, or null. Valid until the state changes.
const Contact* FindContact(const ContactState& state, const base::DecisionId& decision,
                           uint32_t slot);
Contact* FindMutableContact(ContactState& state, const base::DecisionId& decision, uint32_t slot);

// Adds a contact at its place in the order. A second contact of the same slot is joined with the
// first as by Merge.
void AddContact(ContactState& state, Contact contact);

// The union by (decision, slot); of two states of one choice the later stage wins, then the later
// times. Invariant: commutative, associative and idempotent (the merge of persons relies on it).
ContactState Merge(const ContactState& a, const ContactState& b);

// How long contacts are still of use. A contact is forgotten once its latest time is `contacts`
// back, a refusal once it is `refusals` back.
struct Retention {
  base::Duration contacts = base::Days(35);
  base::Duration refusals = base::Days(400);
  bool ignored_is_refusal = false;
};

// Forgets what is older than the retention at log time `now`.
void Prune(ContactState& state, const Retention& retention, base::Time now);

// Whether the contact is an exposure or may still become one, that is, neither expired nor failed.
bool Counts(const Contact& contact);

// "reserved", "accepted"; "unknown" of what is none.
std::string_view StageName(ContactStage stage);

}  // namespace batuta::policy
