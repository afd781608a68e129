// The versions in force, as rules look them up: under the name of a table that no table can have,
// by a key that says whose standing is asked for.
//
//     "population/spend", "123.5"        {percentile: 83, quintile: 5}
//     "population/spend", "123.5/1000"   {top: false, value: 512}
//
// So what a decision has read of a population stands in its trace like a row, and is no larger.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "expr/scratch.h"
#include "expr/value.h"
#include "population/population.pb.h"

namespace batuta::population {

using Measures = std::map<std::string, std::shared_ptr<const Version>, std::less<>>;

// "spend" → "population/spend", and back; nothing for other tables.
std::string TableOf(std::string_view population);
std::optional<std::string_view> PopulationOf(std::string_view table);

std::string StandingKey(double value);
std::string TopKey(double value, uint64_t n);

// The row as a map; an empty one if there is no version yet, if nobody counted, or if the version
// was not measured for that n.
expr::Value Find(const Measures& measures, std::string_view population, std::string_view key,
                 expr::Scratch& scratch);

}  // namespace batuta::population
