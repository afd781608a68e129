// Populations at rest: all partitions read the same cut points, nothing of a measuring is left; and
// cut points that were just measured are those of everybody, sorted.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "base/text.h"
#include "engine/person_traits.h"
#include "feature/catalogue.h"
#include "identity/refs.h"
#include "simulation/failure.h"
#include "simulation/invariants.h"

namespace batuta::simulation {
namespace {

using engine::PersonRow;
using engine::RowKind;

// The value of rank ceil(share of the people), ascending from 1.
double AtShare(const std::vector<double>& sorted, size_t percent) {
  return sorted[(percent * sorted.size() + 99) / 100 - 1];
}

}  // namespace

void Invariants::CheckPopulations() const {
  const auto& control = folds_(base::PartitionId{partitions_}).tables()->populations;
  for (const auto& population :
       folds_(base::PartitionId{partitions_}).definitions().populations->all()) {
    Require(control.contains(population.name), population.name + " was never measured");
  }
  for (uint16_t p = 0; p <= partitions_; ++p) {
    engine::Fold& fold = folds_(base::PartitionId{p});
    const auto& own = fold.tables()->populations;
    const bool is_same =
        own.size() == control.size() && std::all_of(own.begin(), own.end(), [&](const auto& one) {
          const auto other = control.find(one.first);
          return other != control.end() &&
                 other->second->SerializeAsString() == one.second->SerializeAsString();
        });
    Require(is_same, base::StrCat("partition ", p, " reads other cut points"));
    for (const RowKind kind : {RowKind::kPopulationRun, RowKind::kMeasuring, RowKind::kMeasured,
                               RowKind::kMeasuredEarly, RowKind::kPopulationSweep}) {
      fold.state().ScanRows(kind, [&](std::string_view name, std::string_view) -> bool {
        throw Failure(base::StrCat("of the population ", name, " something is left at rest"));
      });
    }
  }
}

void Invariants::CheckMeasured(const std::string& population) const {
  const auto version = folds_(base::PartitionId{partitions_}).tables()->populations.at(population);
  std::vector<double> numbers;
  ForEachPerson([&](const base::PersonId& id, const PersonRow& row) {
    if (row.number() == 0) return;
    engine::Fold& fold = folds_(id.partition);
    const engine::Definitions& definitions = fold.definitions();
    const std::string name = definitions.populations->table()
                                 .at(definitions.populations->Find(population)->slot)
                                 .fields[0];
    feature::CatalogueReader reader(definitions.features);
    const expr::Value value =
        reader.Read(*definitions.features->Find(name), row.features(),
                    engine::MomentOf(definitions, row.profile(), fold.log_time()),
                    engine::PersonTraits(definitions.rules, row.profile()));
    Require(!value.is_error(), id.ToString() + " has no number to be ordered by");
    numbers.push_back(static_cast<double>(value.AsInt()));
  });
  std::sort(numbers.begin(), numbers.end());
  Require(version->people() == numbers.size(),
          base::StrCat(population, " counted ", version->people(), " people of ", numbers.size()));
  for (size_t p = 1; p <= 100 && !numbers.empty(); ++p) {
    Require(version->cuts(static_cast<int>(p - 1)) == AtShare(numbers, p),
            base::StrCat(population, ": the cut point ", p, " is another"));
  }
  for (const auto& top : version->tops()) {
    if (top.n() > numbers.size()) continue;
    const double last = numbers[numbers.size() - top.n()];
    const auto people = std::count_if(numbers.begin(), numbers.end(),
                                      [last](double number) { return number >= last; });
    Require(top.value() == last && top.people() == static_cast<uint64_t>(people),
            base::StrCat(population, ": the first ", top.n(), " are others"));
  }
}

}  // namespace batuta::simulation
