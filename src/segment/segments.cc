#include "segment/segments.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/text.h"
#include "expr/print.h"
#include "population/measures.h"
#include "resource/kind.h"
#include "resource/reader.h"
#include "rule/features.h"
#include "rule/list.h"
#include "rule/problems.h"

namespace batuta::segment {
namespace {

constexpr std::string_view kRulePointer = "/spec/rule";

// A segment on its way, before the order is known.
struct Draft {
  const resource::Resource* resource = nullptr;
  std::shared_ptr<const rule::Rule> rule;
  std::set<std::string> needs;
};

std::optional<Facet> FacetOf(const std::string& field) {
  if (field == "identifiers") return Facet::kIdentifiers;
  if (field == "consents") return Facet::kConsents;
  if (field == "preferences") return Facet::kPreferences;
  if (field == "groups") return Facet::kGroups;
  if (field == "firstSeen" || field == "lastSeen") return Facet::kSeen;
  return std::nullopt;
}

void Append(uint32_t index, std::vector<uint32_t>& list) {
  if (list.empty() || list.back() != index) list.push_back(index);
}

}  // namespace

class SegmentCompiler {
 public:
  SegmentCompiler(const resource::ResourceSet& resources, const rule::Vocabulary& vocabulary,
                  std::vector<resource::Problem>& problems)
      : resources_(resources), vocabulary_(vocabulary), problems_(problems) {}

  std::shared_ptr<const Segments> Run() {
    for (const resource::Resource* resource : resources_.OfKind("segment")) Read(*resource);
    CheckNeeds();
    for (auto& [name, draft] : drafts_) Place(name);
    made_->Index();
    return std::move(made_);
  }

 private:
  void Add(const resource::Resource& resource, std::string code, std::string message) {
    resource::Problem problem;
    problem.code = std::move(code);
    problem.message = std::move(message);
    problem.pointer = std::string(kRulePointer);
    problem.resource = resource.key;
    problems_.push_back(std::move(problem));
  }

  void Read(const resource::Resource& resource) {
    const resource::Reader spec(resource.spec);
    const std::string text =
        spec.Bool("list") ? rule::ListRule(resource.key.name) : spec.Text("rule");
    rule::Compiled compiled = rule::Compile(
        text, vocabulary_, {.site = rule::Site::kSegment, .purpose = spec.Text("purpose")},
        made_->table_);
    rule::AddProblems(compiled.notes, text, resource.key, kRulePointer, problems_);
    if (compiled.rule == nullptr) return;
    drafts_.emplace(
        resource.key.name,
        Draft{.resource = &resource, .rule = compiled.rule, .needs = compiled.rule->segments()});
  }

  // Segments that ask for what is not there fall out, and then those that ask for them.
  void CheckNeeds() {
    std::vector<std::string> names;
    for (const auto& [name, draft] : drafts_) names.push_back(name);
    for (bool again = true; std::exchange(again, false);) {
      for (auto draft = drafts_.begin(); draft != drafts_.end();) {
        const auto missing =
            std::find_if(draft->second.needs.begin(), draft->second.needs.end(),
                         [&](const std::string& need) { return !drafts_.contains(need); });
        if (missing == draft->second.needs.end()) {
          ++draft;
          continue;
        }
        const std::string near = base::Suggest(*missing, names);
        Add(*draft->second.resource, "unknown_reference",
            base::StrCat("there is no segment `", *missing, "`",
                         near.empty() ? "" : base::StrCat("; did you mean `", near, "`?")));
        draft = drafts_.erase(draft);
        again = true;
      }
    }
  }

  // False if it is part of a cycle, or needs one that is.
  bool Place(const std::string& name) {
    if (places_.contains(name)) return places_[name];
    const auto on_way = std::find(way_.begin(), way_.end(), name);
    const Draft& draft = drafts_.find(name)->second;
    if (on_way != way_.end()) {
      std::vector<std::string> cycle(on_way, way_.end());
      cycle.push_back(name);
      Add(*draft.resource, "cycle",
          base::StrCat("segments ask for each other in a circle: ", absl::StrJoin(cycle, " → ")));
      return false;
    }
    way_.push_back(name);
    bool placed = true;
    for (const std::string& need : draft.needs) placed = Place(need) && placed;
    way_.pop_back();
    if (placed) Make(name, draft);
    places_[name] = placed;
    return placed;
  }

  void Make(const std::string& name, const Draft& draft) {
    Segment segment;
    segment.name = name;
    segment.rule = draft.rule;
    base::ByteWriter meaning;
    meaning.Bytes(name);
    meaning.Bytes(expr::Print(draft.rule->tree()));
    const auto index = static_cast<uint32_t>(made_->segments_.size());
    for (const std::string& need : draft.needs) {
      const uint32_t needed = made_->by_name_.find(need)->second;
      segment.needs.push_back(needed);
      made_->segments_[needed].users.push_back(index);
      meaning.U64(made_->segments_[needed].id);
    }
    CollectReads(segment, meaning);
    for (const std::string& trait : segment.traits) WriteTrait(trait, meaning);
    std::set<std::string> tables(draft.rule->tables().begin(), draft.rule->tables().end());
    for (const std::string& table : tables) WriteTable(table, meaning);
    for (const uint32_t needed : segment.needs) {
      const std::vector<std::string>& more = made_->segments_[needed].tables;
      tables.insert(more.begin(), more.end());
    }
    segment.tables.assign(tables.begin(), tables.end());
    segment.id = base::Hash64(meaning.bytes());
    made_->by_name_[name] = index;
    made_->segments_.push_back(std::move(segment));
  }

  // In an order of their own: that of the slots depends on what other segments read.
  void CollectReads(Segment& segment, base::ByteWriter& meaning) const {
    std::map<std::string, const feature::NamedFeature*> all_named;
    for (const uint32_t slot : segment.rule->program().slots) {
      const expr::Attribute& attribute = made_->table_.at(slot);
      if (attribute.fields.size() >= 2 && attribute.fields[0] == "traits") {
        segment.traits.insert(attribute.fields[1]);
      }
      if (attribute.variable != "feature" || attribute.fields.empty()) continue;
      const feature::NamedFeature* named = vocabulary_.FindFeature(attribute.fields[0]);
      if (named != nullptr) all_named.emplace(named->canonical, named);
    }
    for (const auto& [canonical, named] : all_named) {
      meaning.Bytes(canonical);
      for (const uint64_t number : named->aggregates) {
        CollectAggregate(vocabulary_.AggregateOf(number), segment, meaning);
      }
    }
    for (const feature::FeatureSpec& spec : segment.rule->aggregates()) {
      CollectAggregate(spec, segment, meaning);
    }
    std::sort(segment.features.begin(), segment.features.end());
    segment.features.erase(std::unique(segment.features.begin(), segment.features.end()),
                           segment.features.end());
  }

  void CollectAggregate(const feature::FeatureSpec& spec, Segment& segment,
                        base::ByteWriter& meaning) const {
    segment.features.push_back(feature::NumberOf(spec));
    if (spec.is_of_trait()) {
      segment.traits.insert(spec.trait);
      segment.traits.insert(spec.trait.substr(0, spec.trait.find('.')));
    }
    if (!feature::DependsOnZone(spec)) return;
    segment.traits.emplace(rule::kZoneTrait);
    const resource::Resource* hub = resources_.Find("hub", resource::kSingletonName);
    if (hub != nullptr) meaning.Bytes(resource::Reader(hub->spec).Text("timeZone"));
  }

  // How the trait's value is settled is part of what the rule means.
  void WriteTrait(const std::string& name, base::ByteWriter& meaning) const {
    for (const resource::Resource* trait : resources_.OfKind("trait")) {
      const resource::Reader spec(trait->spec);
      if (spec.Text("trait", trait->key.name) != name) continue;
      meaning.Bytes(name);
      meaning.Bytes(trait->etag);
    }
  }

  // So are the types of a table's columns, and what a population is of. What its rows or cut points
  // are is not: they change more often.
  void WriteTable(const std::string& name, base::ByteWriter& meaning) const {
    const auto population = population::PopulationOf(name);
    const resource::Resource* table = population.has_value()
                                          ? resources_.Find("population", *population)
                                          : resources_.Find("table", name);
    if (table == nullptr) return;
    meaning.Bytes(name);
    meaning.Bytes(table->etag);
  }

  const resource::ResourceSet& resources_;
  const rule::Vocabulary& vocabulary_;
  std::vector<resource::Problem>& problems_;
  std::shared_ptr<Segments> made_ = std::shared_ptr<Segments>(new Segments());
  std::map<std::string, Draft> drafts_;
  std::map<std::string, bool> places_;
  std::vector<std::string> way_;
};

std::shared_ptr<const Segments> Segments::Compile(const resource::ResourceSet& resources,
                                                  const rule::Vocabulary& vocabulary,
                                                  std::vector<resource::Problem>& problems) {
  return SegmentCompiler(resources, vocabulary, problems).Run();
}

void Segments::Index() {
  for (uint32_t i = 0; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    if (!segment.rule->turns().empty()) with_turns_.push_back(i);
    if (!segment.features.empty()) with_features_.push_back(i);
    for (const uint64_t number : segment.features) Append(i, by_feature_[number]);
    for (const std::string& trait : segment.traits) Append(i, by_trait_[trait]);
    for (const std::string& table : segment.rule->tables()) {
      Append(i, by_table_[table]);
      if (rule::ListOf(table).has_value()) {
        Append(i, by_facet_[static_cast<size_t>(Facet::kIdentifiers)]);
      }
    }
    for (const uint32_t slot : segment.rule->program().slots) {
      const expr::Attribute& attribute = table_.at(slot);
      if (attribute.variable != "person" || attribute.fields.empty()) continue;
      const auto facet = FacetOf(attribute.fields[0]);
      if (facet.has_value()) Append(i, by_facet_[static_cast<size_t>(*facet)]);
    }
  }
}

const Segment* Segments::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &segments_[found->second];
}

std::span<const uint32_t> Segments::OfTrait(std::string_view name) const {
  const auto found = by_trait_.find(name);
  if (found == by_trait_.end()) return {};
  return found->second;
}

std::span<const uint32_t> Segments::OfTable(std::string_view table) const {
  const auto found = by_table_.find(table);
  if (found == by_table_.end()) return {};
  return found->second;
}

std::span<const uint32_t> Segments::OfFeature(uint64_t number) const {
  const auto found = by_feature_.find(number);
  if (found == by_feature_.end()) return {};
  return found->second;
}

rule::Tops Segments::Tops() const {
  rule::Tops all;
  for (const Segment& segment : segments_) {
    all.insert(segment.rule->tops().begin(), segment.rule->tops().end());
  }
  return all;
}

std::vector<feature::FeatureSpec> Segments::Aggregates() const {
  std::vector<feature::FeatureSpec> all;
  for (const Segment& segment : segments_) {
    const auto& own = segment.rule->aggregates();
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

std::span<const uint32_t> Segments::OfFacet(Facet facet) const {
  return by_facet_[static_cast<size_t>(facet)];
}

}  // namespace batuta::segment
