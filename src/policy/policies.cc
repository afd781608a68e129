#include "policy/policies.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "resource/reader.h"

namespace batuta::policy {
namespace {

using resource::Reader;

constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

Scope ParseScope(std::string_view name) {
  for (const Scope scope : {Scope::kPerson, Scope::kAction, Scope::kGroup, Scope::kChannel,
                            Scope::kPlacement, Scope::kIssue}) {
    if (name == ScopeName(scope)) return scope;
  }
  BATUTA_CHECK(false, base::StrCat("no scope is called ", name));
  return Scope::kPerson;
}

Classes ReadClasses(const Reader& spec) {
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

Policy ReadCap(const Reader& cap) {
  const Calendar calendar = ParseCalendar(cap.Text("per"));
  return {.kind = PolicyKind::kCap,
          .scope = ParseScope(cap.Text("scope", "person")),
          .limit = cap.Integer("max"),
          .window = calendar == Calendar::kNone ? cap.DurationField("window") : LongestOf(calendar),
          .calendar = calendar};
}

Policy ReadGap(const Reader& gap) {
  return {.kind = PolicyKind::kGap,
          .scope = ParseScope(gap.Text("scope", "person")),
          .limit = 1,
          .window = gap.DurationField("least")};
}

Policy ReadSuppression(const Reader& suppress) {
  return {.kind = PolicyKind::kSuppress,
          .scope = ParseScope(suppress.Text("scope", "action")),
          .limit = suppress.Integer("refusals", 1),
          .window = suppress.DurationField("for"),
          .counts_ignored = suppress.Bool("countIgnored")};
}

// "21:30" as minutes after midnight. Requires: two digits, a colon, two digits.
int MinutesOf(const std::string& clock) {
  BATUTA_CHECK(clock.size() == 5);
  const auto digits = [&](size_t at) { return (clock[at] - '0') * 10 + (clock[at + 1] - '0'); };
  return digits(0) * 60 + digits(3);
}

uint8_t ReadDays(const Reader& window) {
  if (!window.Has("days")) return kEveryDay;
  int days = 0;
  for (const std::string& name : window.Texts("days")) {
    days |= 1 << (std::find(std::begin(kDays), std::end(kDays), name) - std::begin(kDays));
  }
  return static_cast<uint8_t>(days);
}

Policy ReadQuiet(const Reader& quiet) {
  Policy policy{.kind = PolicyKind::kQuiet};
  for (const Reader& window : quiet.Objects("windows")) {
    policy.quiet.push_back({.days = ReadDays(window),
                            .from = MinutesOf(window.Text("from")),
                            .to = MinutesOf(window.Text("to"))});
  }
  return policy;
}

Policy ReadBlock(const Reader& block) {
  return {.kind = PolicyKind::kBlock, .subject = block.Text("segment")};
}

Policy ReadCoolDown(const Reader& cool_down) {
  return {.kind = PolicyKind::kCoolDown,
          .window = cool_down.DurationField("for"),
          .subject = cool_down.Text("event")};
}

int64_t Millionths(double contacts) { return std::llround(contacts * 1e6); }

Policy ReadPressure(const Reader& pressure) {
  Policy policy{.kind = PolicyKind::kPressure,
                .scope = ParseScope(pressure.Text("scope", "person")),
                .limit = Millionths(pressure.Number("max")),
                .half_life = pressure.DurationField("halfLife")};
  policy.window = {policy.half_life.micros * kHalfLivesCounted};
  for (const Reader& weight : pressure.Objects("weights")) {
    policy.weights.push_back({weight.Text("channel"), Millionths(weight.Number("weight"))});
  }
  return policy;
}

// What happened four half-lives ago weighs a sixteenth, and is left out.
constexpr int64_t kHalfLivesKept = 4;

Policy ReadPreferChannel(const Reader& prefer) {
  Policy policy{.kind = PolicyKind::kPreferChannel,
                .scope = Scope::kChannel,
                .limit = Millionths(prefer.Number("atLeast", 0.5)),
                .only = {.channels = prefer.Texts("among")},
                .half_life = prefer.DurationField("halfLife", base::Days(30)),
                .after = prefer.Integer("after", 5)};
  policy.window = {policy.half_life.micros * kHalfLivesKept};
  return policy;
}

Selection ReadSelection(const Reader& only) {
  return {.actions = only.Texts("actions"),
          .groups = only.Texts("groups"),
          .issues = only.Texts("issues"),
          .channels = only.Texts("channels")};
}

// The member of the spec that states a policy of that kind, and how it is read.
struct Statement {
  const char* member;
  Policy (*read)(const Reader&);
  const char* span;  // its span of time, which must be positive; null if it has none
};
constexpr Statement kStatements[] = {{"cap", ReadCap, "window"},
                                     {"gap", ReadGap, "least"},
                                     {"suppress", ReadSuppression, "for"},
                                     {"quiet", ReadQuiet, nullptr},
                                     {"block", ReadBlock, nullptr},
                                     {"coolDown", ReadCoolDown, "for"},
                                     {"pressure", ReadPressure, "halfLife"},
                                     {"preferChannel", ReadPreferChannel, "halfLife"}};

bool SparesTransactional(PolicyKind kind) {
  return kind == PolicyKind::kCap || kind == PolicyKind::kGap || kind == PolicyKind::kQuiet ||
         Weighs(kind);
}

// Whether the policy means something; reports what does not.
bool IsSound(const resource::Resource& resource, const Statement& statement, const Policy& policy,
             std::vector<resource::Problem>& problems) {
  const std::string pointer = base::StrCat("/spec/", statement.member);
  const size_t before = problems.size();
  if (statement.span != nullptr && policy.window.micros <= 0) {
    Report(resource, base::StrCat(pointer, "/", statement.span), "out_of_range",
           "A policy needs a span of time longer than zero.", problems);
  }
  if (policy.kind == PolicyKind::kCap && policy.limit < 0) {
    Report(resource, base::StrCat(pointer, "/max"), "out_of_range",
           "A cap allows zero contacts or more.", problems);
  }
  if (policy.kind == PolicyKind::kSuppress && policy.limit < 1) {
    Report(resource, base::StrCat(pointer, "/refusals"), "out_of_range",
           "A suppression needs at least one refusal.", problems);
  }
  if (policy.kind == PolicyKind::kQuiet && CoverTheWeek(policy.quiet)) {
    Report(resource, base::StrCat(pointer, "/windows"), "contradiction",
           "These hours are quiet all week, so that nothing could ever be sent: leave some time.",
           problems);
  }
  if (SparesTransactional(policy.kind) && policy.classes.Has(TRANSACTIONAL)) {
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
    case Scope::kIssue:
      return "issue";
  }
  return "";
}

std::string_view KindName(PolicyKind kind) {
  const auto index = static_cast<size_t>(kind);
  constexpr std::string_view kNames[] = {"",      "cap",      "suppress", "gap",          "quiet",
                                         "block", "coolDown", "pressure", "preferChannel"};
  return index < std::size(kNames) ? kNames[index] : "";
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

int64_t WeightOn(const Policy& policy, std::string_view channel) {
  for (const ChannelWeight& weight : policy.weights) {
    if (weight.channel == channel) return weight.weight;
  }
  return kOneContact;
}

Policies Policies::Compile(const resource::ResourceSet& resources,
                           std::vector<resource::Problem>& problems) {
  std::vector<Policy> all;
  for (const resource::Resource* resource : resources.OfKind("policy")) {
    const Reader spec(resource->spec);
    for (const Statement& statement : kStatements) {
      if (!spec.Has(statement.member)) continue;
      Policy policy = statement.read(spec.Object(statement.member));
      policy.name = resource->key.name;
      policy.classes = ReadClasses(spec);
      std::vector<std::string> among = std::move(policy.only.channels);
      policy.only = ReadSelection(spec.Object("only"));
      if (!among.empty()) policy.only.channels = std::move(among);
      if (IsSound(*resource, statement, policy, problems)) all.push_back(std::move(policy));
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
    switch (policy.kind) {
      case PolicyKind::kCap:
      case PolicyKind::kGap:
      case PolicyKind::kPressure:
      case PolicyKind::kPreferChannel:
        keep.contacts = std::max(keep.contacts, policy.window);
        break;
      case PolicyKind::kSuppress:
        // A refusal matters for one span as the one that silences and for another as one before.
        keep.refusals = std::max(keep.refusals, base::Duration{policy.window.micros * 2});
        keep.ignored_is_refusal = keep.ignored_is_refusal || policy.counts_ignored;
        break;
      case PolicyKind::kQuiet:
      case PolicyKind::kBlock:
      case PolicyKind::kCoolDown:
        break;
    }
  }
  return keep;
}

}  // namespace batuta::policy
