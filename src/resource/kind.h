// The kinds of resources: what each is called, what its spec may say, and what must hold within
// one.
//
// A new kind is one file `kind_<name>.cc` and one line in kind.cc. What must hold between resources
// is in check.h. The table is constant; safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/value.pb.h"
#include "resource/document.h"
#include "resource/problem.h"
#include "resource/schema.h"
#include "resource/validate.h"

namespace batuta::resource {

inline constexpr std::string_view kSingletonName = "default";

struct Kind {
  std::string name;         // "action"
  std::string plural;       // "actions": the folder of the API, /v1/actions/gold-card
  std::string description;  // one sentence
  bool singleton = false;   // exists once, with the name "default"
  Schema spec;
  // What a schema cannot say; called only for specs that fit the schema. May be null.
  void (*check)(const base::Fields& spec, Findings& findings) = nullptr;
};

// All kinds, by name.
absl::Span<const Kind> Kinds();
// Null if there is no such kind.
const Kind* FindKind(std::string_view name);
const Kind* FindKindByPlural(std::string_view plural);

// Everything that is wrong within one document: its kind, its name, its spec. Empty if it is right.
std::vector<Problem> ValidateDocument(const Document& document);

// The document's JSON Schema (2020-12), from the same declaration.
base::Value JsonSchema(const Kind& kind);

// The spec with the kind's defaults filled in. Requires: the spec is valid.
base::Fields WithDefaults(const Kind& kind, const base::Fields& spec);

Kind HubKind();
Kind IdentityKind();
Kind TraitKind();
Kind ClassificationKind();
Kind IssueKind();
Kind GroupKind();
Kind ActionKind();
Kind TreatmentKind();
Kind PlacementKind();
Kind PolicyKind();
Kind BudgetKind();
Kind CapacityKind();
Kind AgreementKind();
Kind ModelKind();
Kind PopulationKind();
Kind HoldoutKind();
Kind SegmentKind();
Kind SourceKind();
Kind FeatureKind();
Kind TableKind();
Kind EventKind();

}  // namespace batuta::resource
