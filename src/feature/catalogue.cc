#include "feature/catalogue.h"

#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "expr/calendar.h"
#include "expr/check.h"
#include "expr/compile.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "feature/builtin.h"
#include "feature/recognise.h"
#include "feature/tracking_types.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::feature {
namespace {

using Tag = expr::Type::Tag;

const BuiltinFeature* FindBuiltin(std::string_view name) {
  const auto builtins = BuiltinFeatures();
  const auto found = std::find_if(builtins.begin(), builtins.end(),
                                  [&](const BuiltinFeature& b) { return b.name == name; });
  return found == builtins.end() ? nullptr : &*found;
}

// A name that rules can write after `feature.`, and that is no aggregate's.
bool IsName(std::string_view name) {
  if (NumberOfId(name).has_value()) return false;
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name[0] >= 'a' && std::all_of(name.begin(), name.end(), is_word);
}

bool IsOfType(const expr::Type& type, std::string_view stated) {
  if (stated == "any" || type.Is(Tag::kDyn)) return true;
  if (stated == "number") return type.is_number();
  if (stated == "integer") return type.Is(Tag::kInt) || type.Is(Tag::kUint);
  if (stated == "text") return type.Is(Tag::kString);
  if (stated == "boolean") return type.Is(Tag::kBool);
  return type.Is(Tag::kTimestamp);
}

// One feature on its way from text to program.
class Compilation {
 public:
  Compilation(const resource::Resource& resource, std::vector<resource::Problem>& problems)
      : key_(resource.key), problems_(problems) {
    const resource::Reader spec(resource.spec);
    const BuiltinFeature* builtin = FindBuiltin(key_.name);
    const auto stated = [&](const char* field, std::string_view fallback) {
      return spec.Text(field, fallback);
    };
    feature.name = key_.name;
    feature.title = stated("title", builtin != nullptr ? builtin->title : "");
    feature.unit = stated("unit", builtin != nullptr ? builtin->unit : "");
    feature.description = stated("description", builtin != nullptr ? builtin->description : "");
    feature.expression = stated("expression", builtin != nullptr ? builtin->expression : "");
    stated_type_ = stated("type", "any");
  }

  bool Recognise(const RecogniseOptions& plan) {
    if (!IsName(feature.name)) {
      return Fail(
          "/name", "bad_name",
          "the name of a feature is a small letter, then small letters, digits and \"_\", so "
          "that rules can write it; \"f_\" and 16 hexadecimal digits name what has no name");
    }
    if (feature.expression.empty()) {
      return Fail("/spec/expression", "missing_field",
                  "\"expression\" is missing, and there is no built-in feature of this name");
    }
    expr::Parsed parsed = expr::Parse(feature.expression);
    if (parsed.expr == nullptr) return FailAll(parsed.diagnostics);
    tree_ = std::move(parsed.expr);
    recognition_ = feature::Recognise(tree_, plan);
    if (!recognition_.diagnostics.empty()) return FailAll(recognition_.diagnostics);
    return Check();
  }

  void Generate(expr::AttributeTable& table) {
    feature.program = expr::Generate(*tree_, environment_, table);
    feature.canonical = expr::Print(*tree_);
    for (const Found& found : recognition_.found) {
      feature.aggregates.push_back(NumberOf(found.spec));
      feature.is_aggregate = feature.canonical == base::StrCat("feature.", IdOf(found.spec));
    }
    std::vector<uint64_t>& numbers = feature.aggregates;
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }

  const std::vector<Found>& found() const { return recognition_.found; }
  NamedFeature feature;

 private:
  bool Check() {
    std::vector<NamedType> types;
    for (const Found& found : recognition_.found) {
      const FeatureType type = TypeOf(found.spec);
      types.push_back({IdOf(found.spec), type.type});
      feature.type.error = std::max(feature.type.error, type.error);
    }
    environment_.Declare("feature", FeatureVariable(std::move(types)));
    const expr::Checked checked = expr::Check(*tree_, environment_);
    if (!checked.diagnostics.empty()) return FailAll(checked.diagnostics);
    feature.type.type = checked.type;
    if (recognition_.found.empty()) {
      return Fail("/spec/expression", "no_aggregate",
                  "the expression has no aggregate over events, such as "
                  "events(\"Order Completed\").count()");
    }
    if (IsOfType(checked.type, stated_type_)) return true;
    return Fail("/spec/type", "wrong_type",
                base::StrCat("the expression gives ", checked.type.Name(), ", not ", stated_type_));
  }

  bool Fail(std::string pointer, std::string code, std::string message) {
    resource::Problem problem;
    problem.code = std::move(code);
    problem.message = std::move(message);
    problem.pointer = std::move(pointer);
    problem.resource = key_;
    problems_.push_back(std::move(problem));
    return false;
  }

  bool FailAll(const expr::Diagnostics& diagnostics) {
    for (const expr::Diagnostic& diagnostic : diagnostics) {
      Fail("/spec/expression", "bad_expression", expr::Describe(diagnostic, feature.expression));
    }
    return false;
  }

  const resource::ResourceKey key_;
  std::vector<resource::Problem>& problems_;
  std::string stated_type_;
  expr::ExprPtr tree_;
  Recognition recognition_;
  expr::Environment environment_;
};

void TellSameNumber(const absl::Status& status, std::vector<resource::Problem>& problems) {
  problems.push_back({.code = "same_number",
                      .message = std::string(status.message()),
                      .pointer = "",
                      .resource = {"feature", ""},
                      .place = {}});
}

}  // namespace

std::shared_ptr<const Catalogue> Catalogue::Compile(const resource::ResourceSet& resources,
                                                    const std::vector<FeatureSpec>& others,
                                                    std::vector<resource::Problem>& problems) {
  std::shared_ptr<Catalogue> catalogue(new Catalogue);
  std::vector<FeatureSpec> specs = others;
  std::vector<std::unique_ptr<Compilation>> good;
  const RecogniseOptions plan = TypesOf(resource::TrackingPlan::Of(resources));
  for (const resource::Resource* resource : resources.OfKind("feature")) {
    auto compilation = std::make_unique<Compilation>(*resource, problems);
    if (!compilation->Recognise(plan)) continue;
    for (const Found& found : compilation->found()) specs.push_back(found.spec);
    good.push_back(std::move(compilation));
  }
  auto set = FeatureSet::Make(specs);
  if (!set.ok()) {
    TellSameNumber(set.status(), problems);
    good.clear();
    set = FeatureSet::Make({});
  }
  catalogue->set_ = *std::move(set);
  for (const auto& compilation : good) {
    compilation->Generate(catalogue->table_);
    catalogue->named_.push_back(std::move(compilation->feature));
  }
  catalogue->IndexSlots();
  const resource::Resource* hub = resources.Find("hub", resource::kSingletonName);
  const std::string zone = hub == nullptr ? "" : resource::Reader(hub->spec).Text("timeZone");
  catalogue->zone_ = expr::FindZone(zone).value_or(absl::UTCTimeZone());
  return catalogue;
}

std::shared_ptr<const Catalogue> Catalogue::With(const std::vector<FeatureSpec>& others,
                                                 std::vector<resource::Problem>& problems) const {
  std::shared_ptr<Catalogue> with(new Catalogue(*this));
  std::vector<FeatureSpec> specs;
  for (const NamedFeature& named : named_) {
    for (const uint64_t number : named.aggregates) specs.push_back(set_->Find(number)->spec);
  }
  std::vector<FeatureSpec> all = specs;
  all.insert(all.end(), others.begin(), others.end());
  auto set = FeatureSet::Make(all);
  if (!set.ok()) {
    TellSameNumber(set.status(), problems);
    set = FeatureSet::Make(specs);
  }
  with->set_ = *std::move(set);
  with->IndexSlots();
  return with;
}

void Catalogue::IndexSlots() {
  by_slot_.clear();
  for (uint32_t slot = 0; slot < table_.size(); ++slot) {
    const std::optional<uint64_t> number = NumberOfId(table_.at(slot).fields.at(0));
    BATUTA_CHECK(number.has_value());
    by_slot_.push_back(set_->Find(*number));
    BATUTA_CHECK(by_slot_.back() != nullptr);
  }
}

const NamedFeature* Catalogue::Find(std::string_view name) const {
  const auto found = std::find_if(named_.begin(), named_.end(),
                                  [&](const NamedFeature& named) { return named.name == name; });
  return found == named_.end() ? nullptr : &*found;
}

class CatalogueReader::Source : public expr::AttributeSource {
 public:
  explicit Source(const Catalogue& catalogue) : catalogue_(catalogue) {}

  void Bind(const PersonFeatures& person, const Moment& moment, const TraitSource& traits) {
    person_ = &person;
    moment_ = &moment;
    traits_ = &traits;
  }

  expr::Value Read(const expr::Attribute&, expr::Scratch&) const override {
    BATUTA_CHECK(false, "features are read by slot");
  }

  expr::Value ReadSlot(uint32_t slot, const expr::Attribute&, expr::Scratch&) const override {
    const Feature& feature = catalogue_.At(slot);
    const FeatureState* state = FeatureSet::StateOf(feature, *person_);
    if (NeedsHistory(feature, state, *moment_)) {
      return Untold(kOverfull);
    }
    return ValueOf(feature, state, *moment_, *traits_);
  }

 private:
  const Catalogue& catalogue_;
  const PersonFeatures* person_ = nullptr;
  const Moment* moment_ = nullptr;
  const TraitSource* traits_ = nullptr;
};

CatalogueReader::CatalogueReader(std::shared_ptr<const Catalogue> catalogue)
    : catalogue_(std::move(catalogue)),
      source_(std::make_unique<Source>(*catalogue_)),
      activation_(catalogue_->table(), *source_) {}

CatalogueReader::~CatalogueReader() = default;

expr::Value CatalogueReader::Read(const NamedFeature& feature, const PersonFeatures& person,
                                  const Moment& moment, const TraitSource& traits) {
  source_->Bind(person, moment, traits);
  activation_.Clear();
  return evaluator_.Evaluate(*feature.program, activation_);
}

}  // namespace batuta::feature
