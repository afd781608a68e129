// The features that resources of kind `feature` define, compiled: expressions over aggregates, each
// under a name, a type and a unit.
//
// A Catalogue is immutable and shared by any threads.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "expr/activation.h"
#include "expr/evaluate.h"
#include "expr/program.h"
#include "feature/set.h"
#include "resource/problem.h"
#include "resource/set.h"

namespace batuta::feature {

struct NamedFeature {
  std::string name;
  std::string title;
  std::string unit;
  std::string description;
  std::string expression;
  FeatureType type;  // the error is the greatest of its aggregates'
  std::shared_ptr<const expr::Program> program;
  std::string canonical;             // the expression in its one form, aggregates by their ids
  std::vector<uint64_t> aggregates;  // the numbers of those that it reads, ascending
  bool is_aggregate = false;         // it is one of them and nothing else
};

class Catalogue {
 public:
  // Compiles what is valid and appends to `problems` what is not. `others` are aggregates that are
  // kept without a name, for rules.
  static std::shared_ptr<const Catalogue> Compile(const resource::ResourceSet& resources,
                                                  const std::vector<FeatureSpec>& others,
                                                  std::vector<resource::Problem>& problems);

  // The same names, beside these aggregates instead of the others that it has.
  std::shared_ptr<const Catalogue> With(const std::vector<FeatureSpec>& others,
                                        std::vector<resource::Problem>& problems) const;

  const std::shared_ptr<const FeatureSet>& set() const { return set_; }
  // By name.
  std::span<const NamedFeature> named() const { return named_; }
  const NamedFeature* Find(std::string_view name) const;
  const expr::AttributeTable& table() const { return table_; }
  // The aggregate behind a slot of the table.
  const Feature& At(uint32_t slot) const { return *by_slot_[slot]; }
  // Of the company: the resource `hub` says it, else UTC.
  const absl::TimeZone& zone() const { return zone_; }

 private:
  Catalogue() = default;
  void IndexSlots();

  std::shared_ptr<const FeatureSet> set_;
  std::vector<NamedFeature> named_;
  expr::AttributeTable table_;
  std::vector<const Feature*> by_slot_;
  absl::TimeZone zone_;
};

// Reads the named features of persons. Not thread-safe.
class CatalogueReader {
 public:
  explicit CatalogueReader(std::shared_ptr<const Catalogue> catalogue);
  ~CatalogueReader();

  // A value or an error, as ValueOf of value.h. Where the record cannot tell (NeedsHistory), it is
  // absent and says so. What it points to lives until the next call, and as long as `person` is
  // unchanged.
  expr::Value Read(const NamedFeature& feature, const PersonFeatures& person, const Moment& moment,
                   const TraitSource& traits);

 private:
  class Source;

  std::shared_ptr<const Catalogue> catalogue_;
  std::unique_ptr<Source> source_;
  expr::Activation activation_;
  expr::Evaluator evaluator_;
};

}  // namespace batuta::feature
