// Finds the aggregates within an expression of the rule language and puts a variable in the place
// of each, so that what remains is an ordinary expression over values that are kept up to date.
//
//   events("Order Completed").within("90d").where(e, e.properties.total > 500.0).count() >= 3
//
// becomes `feature.f_0123456789abcdef >= 3`. Runs between parsing and checking: what it reports are
// mistakes within aggregates, with places in the source. Pure; knows no person.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "expr/ast.h"
#include "expr/diagnostic.h"
#include "feature/spec.h"

namespace batuta::feature {

struct RecogniseOptions {
  // The types of the properties of the events that the tracking plan knows.
  std::map<std::string, expr::Type> properties;
  // Other events' names are mistakes.
  bool is_closed = false;
};

struct Found {
  FeatureSpec spec;
  expr::Span span;  // of the aggregate in the source
};

struct Recognition {
  std::vector<Found> found;       // in the order of their places; a spec once for each place
  expr::Diagnostics diagnostics;  // if there are any, the tree is of no use
};

Recognition Recognise(expr::ExprPtr& expr, const RecogniseOptions& options = {});

// The type of the variable `feature` that reads these; other fields are mistakes.
struct NamedType {
  std::string name;
  expr::Type type;
};
expr::Type FeatureVariable(std::vector<NamedType> features);

}  // namespace batuta::feature
