// The policies of the catalogue that go by what the hub knows of a person: blocking lists and
// cool-downs, each as a rule.
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "decision/catalogue.h"
#include "expr/ast.h"
#include "expr/print.h"
#include "resource/reader.h"
#include "rule/problems.h"

namespace batuta::decision {
namespace {

constexpr rule::CompileOptions kOptions = {.site = rule::Site::kDecision};

// The event's name as a literal of the language.
std::string Literal(const std::string& text) {
  expr::Expr literal;
  literal.literal = text;
  return expr::Print(literal);
}

// Moves places in `where`, which stands in a longer text from `offset` on, to where they are in it.
// What is said of the text around is said of its beginning.
void MoveInto(const std::string& where, size_t offset, std::vector<rule::Note>& notes) {
  for (rule::Note& note : notes) {
    const auto move = [&](size_t at) {
      return at < offset || at - offset > where.size() ? size_t{0} : at - offset;
    };
    note.span = {static_cast<uint32_t>(move(note.span.begin)),
                 static_cast<uint32_t>(move(note.span.end))};
  }
}

}  // namespace

void Catalogue::AddPolicies(const resource::ResourceSet& resources, const Workshop& workshop) {
  const policy::Policies stated = policy::Policies::Compile(resources, workshop.problems);
  std::vector<policy::Policy> right;
  for (const policy::Policy& policy : stated.all()) {
    const resource::Resource& resource = *resources.Find("policy", policy.name);
    HoldRule rule;
    if (policy.kind == policy::PolicyKind::kBlock) {
      rule.holds = CompileBlock(resource, workshop);
      if (rule.holds == nullptr) continue;
    }
    if (policy.kind == policy::PolicyKind::kCoolDown) {
      rule = CompileCoolDown(resource, workshop);
      if (rule.holds == nullptr || rule.last == nullptr) continue;
    }
    right.push_back(policy);
    hold_rules_.push_back(std::move(rule));
  }
  policies_ = policy::Policies(std::move(right));
}

std::shared_ptr<const rule::Rule> Catalogue::CompileBlock(const resource::Resource& resource,
                                                          const Workshop& workshop) {
  const std::string segment = resource::Reader(resource.spec).Object("block").Text("segment");
  const std::string text = base::StrCat(Literal(segment), " in person.segments");
  rule::Compiled compiled = rule::Compile(text, workshop.vocabulary, kOptions, attributes_);
  // It is not the words of this text that are wrong.
  for (rule::Note& note : compiled.notes) note.span = {0, 0};
  rule::AddProblems(compiled.notes, "", resource.key, "/spec/block/segment", workshop.problems);
  return Keep(std::move(compiled));
}

HoldRule Catalogue::CompileCoolDown(const resource::Resource& resource, const Workshop& workshop) {
  const resource::Reader spec = resource::Reader(resource.spec).Object("coolDown");
  const std::string where = spec.Text("where");
  std::string events = base::StrCat("events(", Literal(spec.Text("event")), ")");
  size_t offset = events.size();
  if (spec.Has("where")) {
    base::StrAppend(&events, ".where(event, ");
    offset = events.size();
    base::StrAppend(&events, where, ")");
  }
  base::StrAppend(&events, ".within(\"", base::FormatDuration(spec.DurationField("for")), "\")");
  const auto compile = [&](const std::string& text, bool tell) {
    rule::Compiled compiled = rule::Compile(text, workshop.vocabulary, kOptions, attributes_);
    MoveInto(where, offset, compiled.notes);
    const std::string pointer =
        base::StrCat("/spec/coolDown/", spec.Has("where") ? "where" : "event");
    if (tell) {
      rule::AddProblems(compiled.notes, where, resource.key, pointer, workshop.problems);
    }
    return Keep(std::move(compiled));
  };
  return {.holds = compile(base::StrCat(events, ".exists()"), true),
          .last = compile(base::StrCat(events, ".last() <= now"), false)};
}

}  // namespace batuta::decision
