// A person and single identifiers: listing those of an event, claiming them, hearing what was
// ruled.
//
// The part of the person's protocol that needs no other person. Callers are person_protocol.h's
// functions; the person is alive (no tombstone) in all of these.
#pragma once

#include "identity/identity.pb.h"
#include "identity/outbox.h"

namespace batuta::identity {

// Held, or claimed and unanswered: counts against the guards.
bool IsCounted(const PersonIdentifier& identifier);

// Notes the event on the identifiers that are the person's, demotes the weakest of the others while
// a guard is broken, and claims the rest.
void TakeUp(PersonIdentity& person, const EventIdentifiers& event, const Context& context,
            Outbox& outbox);

// Believes the ruling unless a later one is known.
void ApplyRuling(PersonIdentifier& identifier, const PersonIdentifier& ruling);

// A claim of this person was answered.
void OnClaimAnswer(PersonIdentity& person, const HashRef& hash, const ClaimAnswer& answer,
                   const Context& context, Outbox& outbox);

// A weak identifier has moved to someone who used it later.
void OnRelease(PersonIdentity& person, const HashRef& hash, const Release& release,
               const Context& context, Outbox& outbox);

// Claims every weak identifier that the person has used later than its holder had shown.
void ReconsiderAll(PersonIdentity& person, const Context& context, Outbox& outbox);

}  // namespace batuta::identity
