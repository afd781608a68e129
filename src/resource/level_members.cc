#include "resource/level_members.h"

#include <string>

#include "base/text.h"
#include "resource/document.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckDates(const Reader& dated, const std::string& pointer, Findings& findings) {
  if (dated.Has("starts") && dated.Has("ends") &&
      dated.TimeField("starts") >= dated.TimeField("ends"))
    findings.Error(
        "out_of_range", Child(pointer, "ends"),
        base::StrCat("\"ends\" must be later than \"starts\", which is ", dated.Text("starts")));
}

}  // namespace

std::vector<Member> LevelMembers() {
  const Schema lever = Object(
      {Required("factor", Number().Range(0, 1000).Describe("What the value is multiplied by.")),
       Optional("starts", Moment().Describe("From when on.")),
       Optional("ends", Moment().Describe("Until when."))});
  return {Optional("eligible", RuleText().Describe("A rule: the company may offer it to the "
                                                   "person.")),
          Optional("applicable", RuleText().Describe("A rule: it fits the person now.")),
          Optional("suitable", RuleText().Describe("A rule: it is good for the person.")),
          Optional("starts", Moment().Describe("When it is offered first.")),
          Optional("ends", Moment().Describe("When it is no longer offered.")),
          Optional("levers", ListOf(lever).Range(1, 100).Describe(
                                 "Factors on the value, each for a time; those in force are "
                                 "multiplied, of all levels.")),
          Optional("tags", ListOf(Name()).Unique().Range(1, 100).Describe(
                               "What it is about, as people state preferences for topics."))};
}

Member PerSlate() {
  return Optional("perSlate", Integer().Range(1, 100).Describe(
                                  "How many choices of one decision may be from it at most; as "
                                  "many as there are slots if absent."));
}

void CheckLevel(const base::Fields& spec, Findings& findings) {
  const Reader level(spec);
  CheckDates(level, "/spec", findings);
  const std::vector<Reader> levers = level.Objects("levers");
  for (size_t i = 0; i < levers.size(); ++i)
    CheckDates(levers[i], base::StrCat("/spec/levers/", i), findings);
}

}  // namespace batuta::resource
