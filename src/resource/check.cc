#include "resource/check.h"

#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/classification.h"
#include "resource/derived_fact.h"
#include "resource/kind.h"
#include "resource/reader.h"
#include "resource/references.h"
#include "resource/tracking_plan.h"

namespace batuta::resource {
namespace {

std::string Called(const ResourceKey& key) { return base::StrCat(key.kind, " \"", key.name, "\""); }

std::set<std::string> ActionsWithTreatment(const ResourceSet& set) {
  std::set<std::string> actions;
  for (const Resource* treatment : set.OfKind("treatment"))
    for (const Mention& mention : MentionsIn(*treatment))
      if (mention.target.kind == "action") actions.insert(mention.target.name);
  return actions;
}

// The checks between resources, over the set as the change would leave it. Only resources that are
// right by themselves are looked into; all of them count as existing.
class WholeCheck {
 public:
  WholeCheck(const ResourceSet& current, const Change& change)
      : current_(current), change_(change), proposed_(current.After(change, {})) {}

  std::vector<Problem> Run() {
    CheckDocuments();
    CheckRemovals();
    for (const auto& [key, resource] : proposed_.all()) {
      if (invalid_.contains(key)) continue;
      for (const Mention& mention : MentionsIn(resource)) CheckMention(mention);
      if (key.kind == "treatment") CheckChannels(resource);
      if (key.kind == "action") CheckCurrency(resource, {"value", "cost"});
      if (key.kind == "budget") CheckCurrency(resource, {"limit"});
      if (key.kind == "agreement") CheckCurrency(resource, {"boost"});
      if (key.kind == "action") CheckDates(resource, "group");
      if (key.kind == "group") CheckDates(resource, "issue");
      if (key.kind == "trait") CheckFact(resource);
    }
    CheckEvents();
    CheckHoldouts();
    CheckTreatments();
    SortProblems(problems_);
    return std::move(problems_);
  }

 private:
  void Add(Severity severity, std::string_view code, const ResourceKey& key,
           std::string_view pointer, std::string message) {
    Problem problem{.severity = severity,
                    .code = std::string(code),
                    .message = std::move(message),
                    .pointer = std::string(pointer),
                    .resource = key,
                    .place = {}};
    const auto stated = stated_.find(key);
    if (stated != stated_.end()) problem.place = stated->second->source.Of(pointer);
    problems_.push_back(std::move(problem));
  }

  void Error(std::string_view code, const ResourceKey& key, std::string_view pointer,
             std::string message) {
    Add(Severity::kError, code, key, pointer, std::move(message));
  }

  void CheckDocuments() {
    for (const Document& document : change_.documents) {
      const ResourceKey key = KeyOf(document);
      const auto [first, added] = stated_.emplace(key, &document);
      if (!added) {
        const std::string place = first->second->source.Of("").ToString();
        problems_.push_back(
            {.code = "duplicate",
             .message = base::StrCat(Called(key), " is stated twice",
                                     place.empty() ? "" : ", first at ", place, "; state it once"),
             .pointer = "/name",
             .resource = key,
             .place = document.source.Of("/name")});
      }
      std::vector<Problem> problems = ValidateDocument(document);
      if (HasError(problems)) invalid_.insert(key);
      for (Problem& problem : problems) problems_.push_back(std::move(problem));
    }
  }

  void CheckRemovals() {
    for (const ResourceKey& key : change_.removals) {
      if (stated_.contains(key))
        Error("conflict", key, "", base::StrCat(Called(key), " is both stated and to be removed"));
      else if (current_.Find(key.kind, key.name) == nullptr)
        Error("reference", key, "",
              base::StrCat("there is no ", Called(key), " that could be removed",
                           Nearest(current_, key)));
    }
  }

  // `; did you mean "x"?` by the names of that kind in the set.
  static std::string Nearest(const ResourceSet& set, const ResourceKey& key) {
    std::vector<std::string> names;
    for (const Resource* each : set.OfKind(key.kind)) names.push_back(each->key.name);
    const std::string near = base::Suggest(key.name, names);
    return near.empty() ? "" : base::StrCat("; did you mean \"", near, "\"?");
  }

  // The new resource that has what the removed one had, if there is one: it was renamed.
  std::optional<std::string> NewNameOf(const Resource& removed) const {
    for (const Resource* each : proposed_.OfKind(removed.key.kind))
      if (each->etag == removed.etag && current_.Find(each->key.kind, each->key.name) == nullptr)
        return each->key.name;
    return std::nullopt;
  }

  void CheckMention(const Mention& mention) {
    const auto& [user, pointer, target] = mention;
    if (proposed_.Find(target.kind, target.name) != nullptr) return;
    const Resource* removed = current_.Find(target.kind, target.name);
    if (removed == nullptr)
      return Error("reference", user, pointer,
                   base::StrCat("there is no ", Called(target), Nearest(proposed_, target)));
    const auto new_name = NewNameOf(*removed);
    if (new_name)
      Error("reference", user, pointer,
            base::StrCat(Called(target), " is renamed to \"", *new_name, "\" by this change, but ",
                         Called(user), " still names it here; change it to \"", *new_name, "\""));
    else
      Error("reference", user, pointer,
            base::StrCat(Called(target), " is removed by this change, but ", Called(user),
                         " needs it here; change or remove that too"));
  }

  void CheckChannels(const Resource& treatment) {
    const Reader spec(treatment.spec);
    const std::vector<std::string> placements = spec.Texts("placements");
    for (int i = 0; i < static_cast<int>(placements.size()); ++i) {
      const ResourceKey key{"placement", placements[static_cast<size_t>(i)]};
      const Resource* placement = proposed_.Find(key.kind, key.name);
      if (placement == nullptr || invalid_.contains(key)) continue;
      const std::string channel = Reader(placement->spec).Text("channel");
      if (channel != spec.Text("channel"))
        Error("conflict", treatment.key, Child("/spec/placements", i),
              base::StrCat(Called(key), " is of the channel \"", channel,
                           "\", but the treatment is for \"", spec.Text("channel"), "\""));
    }
  }

  // What is offered when all that it belongs to is over, or before it begins, is never offered.
  void CheckDates(const Resource& resource, const std::string& member) {
    const Reader own(resource.spec);
    if (!own.Has(member)) return;
    const ResourceKey key{member, own.Text(member)};
    const Resource* above = proposed_.Find(key.kind, key.name);
    if (above == nullptr || invalid_.contains(key)) return;
    const Reader outer(above->spec);
    const auto is_over = [](const Reader& first, const Reader& second) {
      return first.Has("ends") && second.Has("starts") &&
             first.TimeField("ends") <= second.TimeField("starts");
    };
    if (is_over(outer, own))
      Error("contradiction", resource.key, "/spec/starts",
            base::StrCat("it would never be offered: ", Called(key), ", to which it belongs, ends ",
                         outer.Text("ends"), ", before this starts"));
    if (is_over(own, outer))
      Error(
          "contradiction", resource.key, "/spec/ends",
          base::StrCat("it would never be offered: ", Called(key), ", to which it belongs, starts ",
                       outer.Text("starts"), ", after this has ended"));
  }

  void CheckCurrency(const Resource& resource, std::initializer_list<std::string> members) {
    const Resource* hub = proposed_.Find("hub", kSingletonName);
    if (hub == nullptr || invalid_.contains(hub->key)) return;
    const std::string currency = Reader(hub->spec).Text("currency");
    for (const std::string& member : members) {
      const Reader money = Reader(resource.spec).Object(member);
      if (money.Has("currency") && money.Text("currency") != currency)
        Error("conflict", resource.key, base::StrCat("/spec/", member, "/currency"),
              base::StrCat("amounts are in the hub's currency ", currency, ", not in ",
                           money.Text("currency")));
    }
  }

  // A trait that is a derived fact has the fact's type.
  void CheckFact(const Resource& trait) {
    const Reader spec(trait.spec);
    const DerivedFact* fact = FindFact(spec.Text("trait", trait.key.name));
    const std::string type = spec.Text("type", "any");
    if (fact == nullptr || type == "any" || type == (fact->is_number ? "number" : "text")) return;
    if (type == "list" && spec.Text("survivorship") == "list") return;
    const Resource* found = proposed_.Find("classification", kSingletonName);
    const bool is_stated = found != nullptr && !invalid_.contains(found->key);
    const Classification classification =
        is_stated ? Classification::Compile(found->spec) : Classification();
    if (!classification.Derives(fact->fact, "traits")) return;
    Error("conflict", trait.key, "/spec/type",
          base::StrCat(fact->name, " is derived of personal fields, as a ",
                       fact->is_number ? "number" : "text", ", not as a ", type,
                       "; or leave it out of `derived` of the classification"));
  }

  // Each event is declared once, whatever the resources are called.
  void CheckEvents() {
    std::map<std::string, const Resource*> declared;
    for (const Resource* event : proposed_.OfKind("event")) {
      if (invalid_.contains(event->key)) continue;
      const auto [first, is_new] = declared.emplace(EventNameOf(*event), event);
      if (is_new) continue;
      const Resource* later = stated_.contains(event->key) ? event : first->second;
      const Resource* earlier = later == event ? first->second : event;
      Error("duplicate", later->key, "/spec/event",
            base::StrCat("the event \"", first->first, "\" is declared by ", Called(earlier->key),
                         " already"));
    }
  }

  void CheckHoldouts() {
    double sum = 0;
    const Resource* last_stated = nullptr;
    for (const Resource* holdout : proposed_.OfKind("holdout")) {
      if (invalid_.contains(holdout->key)) continue;
      const Reader spec(holdout->spec);
      if (spec.Has("only")) {
        CheckHeldOut(*holdout);
        continue;
      }
      sum += spec.Number("percent");
      if (stated_.contains(holdout->key)) last_stated = holdout;
    }
    if (sum > 100 && last_stated != nullptr)
      Error("out_of_range", last_stated->key, "/spec/percent",
            absl::StrFormat("all holdouts without \"only\" together have %g percent of the people; "
                            "at most 100 are "
                            "there",
                            sum));
  }

  // Transactional actions go to everybody.
  void CheckHeldOut(const Resource& holdout) {
    const std::vector<std::string> actions = Reader(holdout.spec).Object("only").Texts("actions");
    for (size_t i = 0; i < actions.size(); ++i) {
      const Resource* action = proposed_.Find("action", actions[i]);
      if (action == nullptr || invalid_.contains(action->key)) continue;
      if (Reader(action->spec).Text("class") != "transactional") continue;
      Error("conflict", holdout.key, base::StrCat("/spec/only/actions/", i),
            base::StrCat(Called(action->key),
                         " is transactional, and nobody is held out from that; leave it out"));
    }
  }

  // Warns of actions that nothing shows, if this change states them or takes their last treatment.
  void CheckTreatments() {
    const std::set<std::string> shown = ActionsWithTreatment(proposed_);
    const std::set<std::string> shown_before = ActionsWithTreatment(current_);
    for (const Resource* action : proposed_.OfKind("action")) {
      const std::string& name = action->key.name;
      if (shown.contains(name)) continue;
      if (stated_.contains(action->key) || shown_before.contains(name))
        Add(Severity::kWarning, "no_treatment", action->key, "",
            base::StrCat(Called(action->key), " has no treatment, so it is never shown"));
    }
  }

  const ResourceSet& current_;
  const Change& change_;
  const ResourceSet proposed_;
  std::map<ResourceKey, const Document*> stated_;
  std::set<ResourceKey> invalid_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> Check(const ResourceSet& current, const Change& change) {
  return WholeCheck(current, change).Run();
}

}  // namespace batuta::resource
