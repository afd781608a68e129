// What is declared of people, by which they are told apart: the predictors of a placement's model,
// the features under a name, the traits that are declared or derived, the segments.
//
// Each is an expression of a value, as in rules. What may not be read without a purpose, is sealed
// or has no plain value is left out. Immutable once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.pb.h"
#include "decision/catalogue.h"
#include "decision/cohort_people.h"
#include "decision/person_view.h"
#include "expr/activation.h"
#include "expr/evaluate.h"
#include "feature/catalogue.h"
#include "rule/compile.h"
#include "rule/vocabulary.h"

namespace batuta::decision {

// A field more costs memory and time; those beyond are left out, segments first.
inline constexpr size_t kCohortFieldsMax = 64;

struct CohortField {
  enum class Of : uint8_t { kPredictor, kFeature, kTrait, kSegment };
  Of of = Of::kTrait;
  std::string name = {};
  std::string expression = {};  // as rules write it
  std::shared_ptr<const rule::Rule> value = {};
  bool is_path = false;  // the expression names a field, of which can be asked whether it is there
  bool is_duration = false;  // its numbers are days, which rules do not compare
};

class CohortFields {
 public:
  // In the order of CohortField::Of, in each as they are declared; each expression once.
  static std::shared_ptr<const CohortFields> Of(const Catalogue& catalogue,
                                                const Placement& placement,
                                                const feature::Catalogue& features,
                                                const rule::Vocabulary& vocabulary);

  const std::vector<CohortField>& all() const { return all_; }
  const expr::AttributeTable& table() const { return table_; }

 private:
  void Add(CohortField field, const rule::Vocabulary& vocabulary);

  std::vector<CohortField> all_;
  expr::AttributeTable table_;
};

// Reads them of one person after the other; one thread at a time.
class CohortReader {
 public:
  // Must outlive it.
  explicit CohortReader(const CohortFields& fields) : fields_(fields) {}

  // A cell of each field; valid until the next call. The person is read by the slots of the fields'
  // table.
  const std::vector<Cell>& Read(const PersonView& person, const base::Fields& context,
                                base::Time now, CohortTexts& texts);

 private:
  const CohortFields& fields_;
  expr::Evaluator evaluator_{rule::kRuleBudget};
  std::vector<Cell> cells_;
};

// `person.traits.plan`, also of a name that is no plain word.
std::string PathOf(std::string_view parent, std::string_view name);

}  // namespace batuta::decision
