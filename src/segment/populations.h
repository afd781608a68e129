// All populations of one version of the resources, compiled: by which number people are ordered,
// and who counts.
//
// Immutable; shared by any threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/activation.h"
#include "expr/evaluate.h"
#include "feature/spec.h"
#include "population/schedule.h"
#include "resource/problem.h"
#include "resource/set.h"
#include "rule/compile.h"
#include "rule/person.h"
#include "rule/population.h"
#include "rule/vocabulary.h"

namespace batuta::segment {

struct Population {
  std::string name;
  // A hash of all that gives its cut points their meaning, but for `tops`.
  uint64_t meaning = 0;
  uint32_t slot = 0;                        // of the number
  std::shared_ptr<const rule::Rule> where;  // null: everybody of whom the number is known
  std::vector<uint64_t> features = {};      // the aggregates that it reads; ascending
  std::vector<uint64_t> tops = {};          // the n that rules ask for; ascending
  bool reversed = false;
  population::Schedule schedule = {};
};

class Populations {
 public:
  // Appends what is wrong to `problems` and leaves those out. `tops` are what all rules ask for.
  static std::shared_ptr<const Populations> Compile(const resource::ResourceSet& resources,
                                                    const rule::Vocabulary& vocabulary,
                                                    const rule::Tops& tops,
                                                    std::vector<resource::Problem>& problems);

  // By name.
  std::span<const Population> all() const { return populations_; }
  // Null if there is none.
  const Population* Find(std::string_view name) const;
  // The aggregates that have to be kept for them.
  std::vector<feature::FeatureSpec> Aggregates() const;
  const expr::AttributeTable& table() const { return table_; }

 private:
  friend class PopulationCompiler;
  Populations() = default;

  std::vector<Population> populations_;
  expr::AttributeTable table_;
};

// Reads the numbers of people, one after the other. Not thread-safe.
class PopulationReader {
 public:
  // `meaning` is of the same definitions, and lives as long as this.
  PopulationReader(std::shared_ptr<const Populations> populations, const rule::Meaning& meaning);
  ~PopulationReader();

  // Finite; nothing if it is not known, or if the person does not count.
  std::optional<double> Read(const Population& population, const rule::PersonState& person);

 private:
  class Source;

  std::shared_ptr<const Populations> populations_;
  const rule::ReadPlan plan_;
  std::unique_ptr<Source> source_;
  expr::Activation activation_;
  expr::Evaluator evaluator_;
};

}  // namespace batuta::segment
