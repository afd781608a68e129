#include "resource/kind.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/text.h"

namespace batuta::resource {
namespace {

std::vector<Kind> MakeKinds() {
  std::vector<Kind> kinds;
  kinds.push_back(HubKind());
  kinds.push_back(IdentityKind());
  kinds.push_back(TraitKind());
  kinds.push_back(ClassificationKind());
  kinds.push_back(IssueKind());
  kinds.push_back(GroupKind());
  kinds.push_back(ActionKind());
  kinds.push_back(TreatmentKind());
  kinds.push_back(PlacementKind());
  kinds.push_back(PolicyKind());
  kinds.push_back(BudgetKind());
  kinds.push_back(CapacityKind());
  kinds.push_back(AgreementKind());
  kinds.push_back(HoldoutKind());
  kinds.push_back(SegmentKind());
  kinds.push_back(SourceKind());
  kinds.push_back(FeatureKind());
  kinds.push_back(TableKind());
  kinds.push_back(EventKind());
  kinds.push_back(PopulationKind());
  kinds.push_back(ModelKind());
  for (Kind& kind : kinds)
    kind.spec.members.push_back(Optional(
        "description", Text().AtMost(2000).Describe("What this is for, in your own words.")));
  std::sort(kinds.begin(), kinds.end(),
            [](const Kind& a, const Kind& b) { return a.name < b.name; });
  return kinds;
}

std::string UnknownKind(std::string_view name) {
  std::vector<std::string> names;
  for (const Kind& kind : Kinds()) names.push_back(kind.name);
  const std::string near = base::Suggest(name, names);
  return base::StrCat("there is no kind \"", name, "\"; ",
                      near.empty() ? base::StrCat("the kinds are ", absl::StrJoin(names, ", "))
                                   : base::StrCat("did you mean \"", near, "\"?"));
}

void CheckName(const Kind& kind, const Document& document, Findings& findings) {
  if (kind.singleton && document.name != kSingletonName)
    findings.Error("bad_name", "/name",
                   base::StrCat("there is one ", kind.name,
                                " only, and its name is \"default\", not \"", document.name, "\""));
  else if (!IsResourceName(document.name))
    findings.Error(
        "bad_name", "/name",
        base::StrCat("\"name\" must be up to 100 small letters, digits, \".\", \"_\" and "
                     "\"-\", the first a letter or a digit, but is \"",
                     document.name, "\""));
}

}  // namespace

absl::Span<const Kind> Kinds() {
  static const std::vector<Kind>& kinds = *new std::vector<Kind>(MakeKinds());
  return kinds;
}

const Kind* FindKind(std::string_view name) {
  for (const Kind& kind : Kinds())
    if (kind.name == name) return &kind;
  return nullptr;
}

const Kind* FindKindByPlural(std::string_view plural) {
  for (const Kind& kind : Kinds())
    if (kind.plural == plural) return &kind;
  return nullptr;
}

std::vector<Problem> ValidateDocument(const Document& document) {
  Findings findings(document);
  const Kind* kind = FindKind(document.kind);
  if (kind == nullptr) {
    findings.Error("unknown_kind", "/kind", UnknownKind(document.kind));
    return findings.Take();
  }
  CheckName(*kind, document, findings);
  std::vector<Problem> problems = findings.Take();
  ValidateSpec(kind->spec, document.spec, findings);
  if (findings.empty() && kind->check != nullptr) kind->check(document.spec, findings);
  for (Problem& problem : findings.Take()) problems.push_back(std::move(problem));
  return problems;
}

base::Fields WithDefaults(const Kind& kind, const base::Fields& spec) {
  return WithDefaults(kind.spec, spec);
}

}  // namespace batuta::resource
