// The aggregates over events that a rule asks for: what is kept up to date of a person stands in
// their places, and a rule reads it as `feature.f_0123456789abcdef`.
//
// Used by compile.h and what asks its rules.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "feature/spec.h"
#include "rule/reads.h"

namespace batuta::rule {

// What an aggregate reads: fields of events as "e.properties.total", also those of lines
// ("e.properties.products.sku"), and a trait. In the order of their paths, each once.
std::vector<Read> ReadsOf(const feature::FeatureSpec& spec);

// What people write for the attributes that rules read in the places of aggregates, by path:
// "feature.f_0123456789abcdef" is `events("Order Completed").count()`.
using AggregateTexts = std::map<std::string, std::string, std::less<>>;
void AddText(const feature::FeatureSpec& spec, AggregateTexts& texts);
// The path itself, or what people write for it.
const std::string& NameIn(const AggregateTexts& texts, const std::string& path);

}  // namespace batuta::rule
