#include <map>

#include "base/text.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckTreatment(const base::Fields& spec, Findings& findings) {
  std::map<std::string, size_t> first;
  const std::vector<Reader> variants = Reader(spec).Objects("variants");
  for (size_t i = 0; i < variants.size(); ++i) {
    const std::string name = variants[i].Text("name");
    const auto [found, added] = first.emplace(name, i);
    if (!added)
      findings.Error("duplicate", base::StrCat("/spec/variants/", i, "/name"),
                     base::StrCat("the variant \"", name, "\" stands at \"variants[", found->second,
                                  "]\" already; each has a name of its own"));
  }
}

}  // namespace

Kind TreatmentKind() {
  const Schema variant = Object(
      {Required("name", Name().Describe("The name of the variant.")),
       Required("content", OpenObject().Describe("What the channel shows, in its own terms."))});
  return {
      .name = "treatment",
      .plural = "treatments",
      .description = "How an action looks on one channel.",
      .spec = Object({Required("action", Reference("action").Describe("The action that it shows.")),
                      Required("channel", Name().Describe("The channel it is made for.")),
                      Required("placements", ListOf(Reference("placement"))
                                                 .Unique()
                                                 .Range(1, 1000)
                                                 .Describe("Where it may be shown.")),
                      Required("variants", ListOf(variant).Range(1, 100).Describe(
                                               "Its contents, one of which is shown."))}),
      .check = CheckTreatment};
}

}  // namespace batuta::resource
