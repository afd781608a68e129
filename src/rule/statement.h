// Which statements about a trait are heard: the rule that a trait's resource states in `where`.
// What is not heard never reaches survivorship.
//
// It sees the statement alone (its value, source and time), so that what is kept of a person does
// not depend on the order in which statements arrive. Immutable; pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.pb.h"
#include "expr/activation.h"
#include "resource/problem.h"
#include "resource/set.h"
#include "rule/compile.h"
#include "rule/vocabulary.h"

namespace batuta::rule {

class StatementRules {
 public:
  StatementRules() = default;  // hears everything
  // What has errors is told, and hears everything.
  static StatementRules Compile(const resource::ResourceSet& resources,
                                const Vocabulary& vocabulary,
                                std::vector<resource::Problem>& problems);

  // The statements that are heard; nothing if that is all of them.
  std::optional<base::Fields> Heard(const base::Fields& traits, std::string_view source,
                                    base::Time event_time) const;

 private:
  expr::AttributeTable attributes_;
  std::map<std::string, std::shared_ptr<const Rule>, std::less<>> rules_;  // by trait
};

}  // namespace batuta::rule
