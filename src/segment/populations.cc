#include "segment/populations.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/text.h"
#include "expr/calendar.h"
#include "expr/print.h"
#include "population/declaration.h"
#include "resource/kind.h"
#include "resource/reader.h"
#include "rule/explain.h"
#include "rule/problems.h"

namespace batuta::segment {
namespace {

constexpr std::string_view kWherePointer = "/spec/where";

}  // namespace

class PopulationCompiler {
 public:
  PopulationCompiler(const resource::ResourceSet& resources, const rule::Vocabulary& vocabulary,
                     std::vector<resource::Problem>& problems)
      : resources_(resources), vocabulary_(vocabulary), problems_(problems) {}

  std::shared_ptr<const Populations> Run(const rule::Tops& tops) {
    for (const population::Declaration& one : vocabulary_.populations()) Read(one);
    for (Population& population : made_->populations_) {
      for (const auto& [name, n] : tops) {
        if (name == population.name) population.tops.push_back(n);
      }
    }
    return std::move(made_);
  }

 private:
  bool Fail(const population::Declaration& one, std::string code, std::string_view pointer,
            std::string message) {
    resource::Problem problem;
    problem.code = std::move(code);
    problem.message = std::move(message);
    problem.pointer = std::string(pointer);
    problem.resource = {"population", one.name};
    problems_.push_back(std::move(problem));
    return false;
  }

  void Read(const population::Declaration& one) {
    Population population;
    population.name = one.name;
    population.reversed = one.reversed;
    population.schedule = one.schedule;
    base::ByteWriter meaning;
    meaning.Bytes(one.name);
    meaning.U8(one.reversed ? 1 : 0);
    const bool is_number =
        one.feature.empty() ? TakeTrait(one, meaning) : TakeFeature(one, population, meaning);
    if (!is_number || !TakeWhere(one, population, meaning) || !HasZone(one)) return;
    // Features may be by the company's calendar.
    const resource::Resource* hub = resources_.Find("hub", resource::kSingletonName);
    if (hub != nullptr) meaning.Bytes(resource::Reader(hub->spec).Text("timeZone"));
    std::sort(population.features.begin(), population.features.end());
    population.features.erase(std::unique(population.features.begin(), population.features.end()),
                              population.features.end());
    population.slot = made_->table_.Intern({.variable = one.variable(), .fields = one.fields()});
    population.meaning = base::Hash64(meaning.bytes());
    made_->populations_.push_back(std::move(population));
  }

  // One that is not there is told by who checks references.
  bool TakeFeature(const population::Declaration& one, Population& population,
                   base::ByteWriter& meaning) {
    const feature::NamedFeature* found = vocabulary_.FindFeature(one.feature);
    if (found == nullptr) return false;
    const expr::Type& type = found->type.type;
    if (!type.is_number() && !type.Is(expr::Type::Tag::kDyn)) {
      return Fail(one, "type", "/spec/feature",
                  base::StrCat("people are ordered by a number; the feature ", one.feature,
                               " is a ", type.Name()));
    }
    WriteFeature(*found, population, meaning);
    return true;
  }

  bool TakeTrait(const population::Declaration& one, base::ByteWriter& meaning) {
    const std::vector<std::string> fields = one.fields();
    const std::string path = base::StrCat("traits.", one.trait);
    if (vocabulary_.classification().Of(path, fields.back()) ==
        resource::Classification::Verdict::kSealed) {
      return Fail(one, "sealed", "/spec/trait",
                  base::StrCat("the trait ", one.trait,
                               " is personal and kept sealed, so that people cannot be ordered by "
                               "it"));
    }
    meaning.Bytes(path);
    for (const resource::Resource* trait : resources_.OfKind("trait")) {
      const resource::Reader spec(trait->spec);
      if (spec.Text("trait", trait->key.name) != fields[1]) continue;
      const std::string type = spec.Text("type", "any");
      const bool is_whole = fields.size() == 2;
      if (type != "any" && type != (is_whole ? "number" : "object")) {
        return Fail(
            one, "type", "/spec/trait",
            base::StrCat("people are ordered by a number; the trait ", fields[1], " is a ", type));
      }
      meaning.Bytes(trait->etag);  // how its value is settled
    }
    return true;
  }

  bool HasZone(const population::Declaration& one) {
    const std::string zone =
        resource::Reader(resources_.Find("population", one.name)->spec).Text("zone");
    if (expr::FindZone(zone).has_value()) return true;
    return Fail(
        one, "unknown_zone", "/spec/zone",
        base::StrCat("there is no time zone ", zone, "; write it as in America/Mexico_City"));
  }

  // Who counts must not hang on what changes apart from the person.
  bool TakeWhere(const population::Declaration& one, Population& population,
                 base::ByteWriter& meaning) {
    if (one.where.empty()) return true;
    rule::Compiled compiled =
        rule::Compile(one.where, vocabulary_, {.site = rule::Site::kSegment}, made_->table_);
    rule::AddProblems(compiled.notes, one.where, {"population", one.name}, kWherePointer,
                      problems_);
    if (compiled.rule == nullptr) return false;
    if (!compiled.rule->segments().empty() || !compiled.rule->tables().empty()) {
      return Fail(one, "where", kWherePointer,
                  "who counts is said by what is known of the person: not by segments, rows of "
                  "tables or other populations");
    }
    meaning.Bytes(expr::Print(compiled.rule->tree()));
    for (const feature::FeatureSpec& spec : compiled.rule->aggregates()) {
      population.features.push_back(feature::NumberOf(spec));
    }
    // In an order of their own: that of the slots depends on what other populations read.
    std::map<std::string, const feature::NamedFeature*> all_named;
    for (const uint32_t slot : compiled.rule->program().slots) {
      const expr::Attribute& attribute = made_->table_.at(slot);
      if (attribute.variable != "feature" || attribute.fields.empty()) continue;
      const feature::NamedFeature* named = vocabulary_.FindFeature(attribute.fields[0]);
      if (named != nullptr) all_named.emplace(named->canonical, named);
    }
    for (const auto& [canonical, named] : all_named) WriteFeature(*named, population, meaning);
    population.where = std::move(compiled.rule);
    return true;
  }

  static void WriteFeature(const feature::NamedFeature& named, Population& population,
                           base::ByteWriter& meaning) {
    meaning.Bytes(named.canonical);
    population.features.insert(population.features.end(), named.aggregates.begin(),
                               named.aggregates.end());
  }

  const resource::ResourceSet& resources_;
  const rule::Vocabulary& vocabulary_;
  std::vector<resource::Problem>& problems_;
  std::shared_ptr<Populations> made_ = std::shared_ptr<Populations>(new Populations());
};

std::shared_ptr<const Populations> Populations::Compile(const resource::ResourceSet& resources,
                                                        const rule::Vocabulary& vocabulary,
                                                        const rule::Tops& tops,
                                                        std::vector<resource::Problem>& problems) {
  return PopulationCompiler(resources, vocabulary, problems).Run(tops);
}

const Population* Populations::Find(std::string_view name) const {
  for (const Population& population : populations_) {
    if (population.name == name) return &population;
  }
  return nullptr;
}

std::vector<feature::FeatureSpec> Populations::Aggregates() const {
  std::vector<feature::FeatureSpec> all;
  for (const Population& population : populations_) {
    if (population.where == nullptr) continue;
    const std::vector<feature::FeatureSpec>& own = population.where->aggregates();
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

// A person, and the time.
class PopulationReader::Source : public expr::AttributeSource {
 public:
  Source(const rule::Meaning& meaning, const rule::ReadPlan& plan)
      : person_(meaning, {.profile = kNobody}, &plan) {}

  void Bind(const rule::PersonState& person) {
    person_.Bind(person);
    now_ = person.now;
  }

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
    if (attribute.variable == "now") return rule::TimeValue(now_.micros);
    return person_.Read(attribute, scratch);
  }
  expr::Value ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                       expr::Scratch& scratch) const override {
    if (attribute.variable == "now") return rule::TimeValue(now_.micros);
    return person_.ReadSlot(slot, attribute, scratch);
  }

 private:
  inline static const profile::Profile kNobody;

  rule::PersonSource person_;
  base::Time now_;
};

PopulationReader::PopulationReader(std::shared_ptr<const Populations> populations,
                                   const rule::Meaning& meaning)
    : populations_(std::move(populations)),
      plan_(populations_->table(), meaning),
      source_(std::make_unique<Source>(meaning, plan_)),
      activation_(populations_->table(), *source_),
      evaluator_(rule::kRuleBudget) {}

PopulationReader::~PopulationReader() = default;

std::optional<double> PopulationReader::Read(const Population& population,
                                             const rule::PersonState& person) {
  source_->Bind(person);
  activation_.Clear();
  if (population.where != nullptr &&
      rule::Judge(*population.where, activation_, evaluator_) != rule::OUTCOME_TRUE) {
    return std::nullopt;
  }
  return rule::OrderOf(activation_.Load(population.slot));
}

}  // namespace batuta::segment
