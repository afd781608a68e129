#include "policy/contacts.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "base/status.h"

namespace batuta::policy {
namespace {

auto Order(const Contact& contact) {
  return std::tuple<int64_t, const std::string&, uint32_t>(contact.reserved_at(),
                                                           contact.decision(), contact.slot());
}

bool SameChoice(const Contact& a, const Contact& b) {
  return a.slot() == b.slot() && a.decision() == b.decision();
}

// A total order on contents: the larger of two states of one choice is the one to keep.
bool IsLater(const Contact& a, const Contact& b) {
  const auto times = [](const Contact& c) {
    return std::tuple(static_cast<int>(c.stage()), c.ended_at(), c.exposed_at(), c.reserved_at());
  };
  if (times(a) != times(b)) return times(a) > times(b);
  return a.SerializeAsString() > b.SerializeAsString();
}

int64_t LatestTime(const Contact& contact) {
  return std::max(
      {contact.reserved_at(), contact.not_before(), contact.exposed_at(), contact.ended_at()});
}

void Sort(ContactState& state) {
  auto& contacts = *state.mutable_contacts();
  std::sort(contacts.begin(), contacts.end(),
            [](const Contact& a, const Contact& b) { return Order(a) < Order(b); });
}

}  // namespace

const Contact* FindContact(const ContactState& state, const base::DecisionId& decision,
                           uint32_t slot) {
  const std::string id = decision.ToBytes();
  // From the end: what is looked for is nearly always the newest.
  for (int i = state.contacts_size() - 1; i >= 0; --i) {
    const Contact& contact = state.contacts(i);
    if (contact.slot() == slot && contact.decision() == id) return &contact;
  }
  return nullptr;
}

Contact* FindMutableContact(ContactState& state, const base::DecisionId& decision, uint32_t slot) {
  const Contact* found = FindContact(state, decision, slot);
  if (found == nullptr) return nullptr;
  for (Contact& contact : *state.mutable_contacts()) {
    if (&contact == found) return &contact;
  }
  return nullptr;
}

void AddContact(ContactState& state, Contact contact) {
  BATUTA_CHECK(contact.decision().size() == 18);
  BATUTA_CHECK(contact.stage() != CONTACT_STAGE_UNSPECIFIED);
  for (Contact& other : *state.mutable_contacts()) {
    if (!SameChoice(other, contact)) continue;
    if (IsLater(contact, other)) other = std::move(contact);
    Sort(state);
    return;
  }
  *state.add_contacts() = std::move(contact);
  auto& contacts = *state.mutable_contacts();
  for (int i = contacts.size() - 1; i > 0 && Order(contacts[i]) < Order(contacts[i - 1]); --i) {
    contacts.SwapElements(i, i - 1);
  }
}

ContactState Merge(const ContactState& a, const ContactState& b) {
  ContactState all = a;
  all.MergeFrom(b);
  auto& contacts = *all.mutable_contacts();
  std::sort(contacts.begin(), contacts.end(), [](const Contact& x, const Contact& y) {
    const auto choice = [](const Contact& c) {
      return std::tuple<const std::string&, uint32_t>(c.decision(), c.slot());
    };
    if (choice(x) != choice(y)) return choice(x) < choice(y);
    return IsLater(x, y);
  });
  const auto end = std::unique(contacts.begin(), contacts.end(), SameChoice);
  contacts.erase(end, contacts.end());
  Sort(all);
  return all;
}

void Prune(ContactState& state, const Retention& retention, base::Time now) {
  auto& contacts = *state.mutable_contacts();
  const auto gone = [&](const Contact& contact) {
    const bool refusal =
        contact.stage() == REJECTED || (retention.ignored_is_refusal && contact.stage() == IGNORED);
    const base::Duration keep =
        refusal ? std::max(retention.refusals, retention.contacts) : retention.contacts;
    return base::Time{LatestTime(contact)} <= now - keep;
  };
  contacts.erase(std::remove_if(contacts.begin(), contacts.end(), gone), contacts.end());
}

bool Counts(const Contact& contact) {
  return contact.stage() != EXPIRED && contact.stage() != FAILED &&
         contact.stage() != CONTACT_STAGE_UNSPECIFIED;
}

std::string_view StageName(ContactStage stage) {
  switch (stage) {
    case RESERVED:
      return "reserved";
    case EXPOSED:
      return "exposed";
    case IGNORED:
      return "ignored";
    case REJECTED:
      return "rejected";
    case ACCEPTED:
      return "accepted";
    case EXPIRED:
      return "expired";
    case FAILED:
      return "failed";
    default:
      return "unknown";
  }
}

}  // namespace batuta::policy
