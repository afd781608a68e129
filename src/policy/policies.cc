#include "policy/policies.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "resource/reader.h"

namespace batuta::policy {
namespace {

Scope ParseScope(std::string_view name) {
  for (const Scope scope :
       {Scope::kPerson, Scope::kAction, Scope::kGroup, Scope::kChannel, Scope::kPlacement}) {
    if (name == ScopeName(scope)) return scope;
  }
  BATUTA_CHECK(false, base::StrCat("no scope is called ", name));
  return Scope::kPerson;
}

Classes ReadClasses(const resource::Reader& spec) {
  if (!spec.Has("classes")) return Classes().With(MARKETING).With(SERVICE);
  Classes classes;
  for (const std::string& name : spec.Texts("classes")) {
    if (name == "marketing") classes = classes.With(MARKETING);
    if (name == "service") classes = classes.With(SERVICE);
    if (name == "transactional") classes = classes.With(TRANSACTIONAL);
  }
  return classes;
}

void Report(const resource::Resource& resource, std::string_view pointer, std::string_view code,
            std::string message, std::vector<resource::Problem>& problems) {
  resource::Problem& problem = problems.emplace_back();
  problem.code = std::string(code);
  problem.message = std::move(message);
  problem.pointer = std::string(pointer);
  problem.resource = resource.key;
}

Calendar ParseCalendar(std::string_view name) {
  for (const Calendar calendar : {Calendar::kDay, Calendar::kWeek, Calendar::kMonth}) {
    if (name == CalendarName(calendar)) return calendar;
  }
  return Calendar::kNone;
}

// Clocks that are put back make a period longer, by a day at most: zones have skipped a whole one.
base::Duration LongestOf(Calendar calendar) {
  if (calendar == Calendar::kDay) return base::Days(2);
  return base::Days(calendar == Calendar::kWeek ? 8 : 32);
}

Policy ReadCap(const resource::Resource& resource, const resource::Reader& spec, Classes classes) {
  const Calendar calendar = ParseCalendar(spec.Text("per"));
  return {
      .name = resource.key.name,
      .kind = PolicyKind::kCap,
      .scope = ParseScope(spec.Text("scope", "person")),
      .limit = spec.Integer("max"),
      .window = calendar == Calendar::kNone ? spec.DurationField("window") : LongestOf(calendar),
      .calendar = calendar,
      .classes = classes};
}

Policy ReadGap(const resource::Resource& resource, const resource::Reader& spec, Classes classes) {
  return {.name = resource.key.name,
          .kind = PolicyKind::kGap,
          .scope = ParseScope(spec.Text("scope", "person")),
          .limit = 1,
          .window = spec.DurationField("least"),
          .classes = classes};
}

Policy ReadSuppression(const resource::Resource& resource, const resource::Reader& spec,
                       Classes classes) {
  return {.name = resource.key.name,
          .kind = PolicyKind::kSuppress,
          .scope = ParseScope(spec.Text("scope", "action")),
          .limit = spec.Integer("refusals", 1),
          .window = spec.DurationField("for"),
          .classes = classes,
          .counts_ignored = spec.Bool("countIgnored")};
}

// Whether the policy means something; reports what does not.
bool IsSound(const resource::Resource& resource, const Policy& policy,
             std::vector<resource::Problem>& problems) {
  const bool cap = policy.kind == PolicyKind::kCap;
  const size_t before = problems.size();
  if (policy.window.micros <= 0) {
    Report(resource,
           cap                               ? "/spec/cap/window"
           : policy.kind == PolicyKind::kGap ? "/spec/gap/least"
                                             : "/spec/suppress/for",
           "out_of_range", "A policy needs a span of time longer than zero.", problems);
  }
  if (policy.limit < (cap ? 0 : 1)) {
    Report(
        resource, cap ? "/spec/cap/max" : "/spec/suppress/refusals", "out_of_range",
        cap ? "A cap allows zero contacts or more." : "A suppression needs at least one refusal.",
        problems);
  }
  if (policy.kind != PolicyKind::kSuppress && policy.classes.Has(TRANSACTIONAL)) {
    Report(resource, "/spec/classes", "contradiction",
           "Transactional actions are never capped, nor do they wait: name marketing, service or "
           "both.",
           problems);
  }
  if (policy.classes.bits() == 0) {
    Report(resource, "/spec/classes", "contradiction",
           "A policy without any class holds nothing back: name at least one.", problems);
  }
  return problems.size() == before;
}

}  // namespace

std::string_view ScopeName(Scope scope) {
  switch (scope) {
    case Scope::kPerson:
      return "person";
    case Scope::kAction:
      return "action";
    case Scope::kGroup:
      return "group";
    case Scope::kChannel:
      return "channel";
    case Scope::kPlacement:
      return "placement";
  }
  return "";
}

std::string_view KindName(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::kCap:
      return "cap";
    case PolicyKind::kSuppress:
      return "suppress";
    case PolicyKind::kGap:
      return "gap";
  }
  return "";
}

std::string_view CalendarName(Calendar calendar) {
  switch (calendar) {
    case Calendar::kNone:
      return "";
    case Calendar::kDay:
      return "day";
    case Calendar::kWeek:
      return "week";
    case Calendar::kMonth:
      return "month";
  }
  return "";
}

Policies Policies::Compile(const resource::ResourceSet& resources,
                           std::vector<resource::Problem>& problems) {
  std::vector<Policy> all;
  for (const resource::Resource* resource : resources.OfKind("policy")) {
    const resource::Reader spec(resource->spec);
    const Classes classes = ReadClasses(spec);
    std::vector<Policy> stated;
    if (spec.Has("cap")) stated.push_back(ReadCap(*resource, spec.Object("cap"), classes));
    if (spec.Has("gap")) stated.push_back(ReadGap(*resource, spec.Object("gap"), classes));
    if (spec.Has("suppress")) {
      stated.push_back(ReadSuppression(*resource, spec.Object("suppress"), classes));
    }
    for (Policy& policy : stated) {
      if (IsSound(*resource, policy, problems)) all.push_back(std::move(policy));
    }
  }
  std::sort(all.begin(), all.end(), [](const Policy& a, const Policy& b) {
    return std::tie(a.name, a.kind) < std::tie(b.name, b.kind);
  });
  return Policies(std::move(all));
}

Retention Policies::Keep() const {
  Retention keep;
  for (const Policy& policy : all_) {
    if (policy.kind != PolicyKind::kSuppress) {
      keep.contacts = std::max(keep.contacts, policy.window);
    } else {
      // A refusal matters for one span as the one that silences and for another as the one before.
      keep.refusals = std::max(keep.refusals, base::Duration{policy.window.micros * 2});
      keep.ignored_is_refusal = keep.ignored_is_refusal || policy.counts_ignored;
    }
  }
  return keep;
}

}  // namespace batuta::policy
