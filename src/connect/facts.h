// Derives clear facts of personal fields, before these are sealed (resource/derived_fact.h lists
// them).
//
// A fact becomes a field beside the one that it is derived of, in the same event: with its source
// and time, and subject to the same survivorship. What the event states itself under a fact's name
// stands. Where one of several fields of an event gives a fact, the first one does. A field that is
// null, or gives no fact, removes the fact that an earlier one gave; but for addresses, which may
// leave out what another source knows. Pure.
#pragma once

#include <string_view>

#include <simdjson.h>
#include "base/time.h"
#include "base/value.pb.h"
#include "identity/settings.h"
#include "resource/classification.h"

namespace batuta::connect {

struct FactSettings {
  const resource::Classification& classification;
  const identity::Settings& identity;  // how telephone numbers are read
  base::Time received_at;
};

// Of the members of `fields`; `root` is "traits" or "properties".
base::Fields FactsOf(const simdjson::dom::object& fields, std::string_view root,
                     const FactSettings& settings);

// Of an event's context, for its person. `traits` are those that the event states.
base::Fields FactsOfContext(const simdjson::dom::object& context, const base::Fields& traits,
                            const FactSettings& settings);

// The parts, each "" or 0 if there is nothing to say.
std::string DomainOf(std::string_view email);
// The year of "1990-05-17", "17/05/1990", "1990-05-17T00:00:00Z" or "1990", as it is written.
// Whoever is 90 or older in `this_year`, or becomes so, gets the year of those who become 90.
int BirthYearOf(std::string_view date, int this_year);
// "es_mx.UTF-8" as "es-MX" (RFC 5646).
std::string LocaleOf(std::string_view text);

}  // namespace batuta::connect
