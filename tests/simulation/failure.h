// What ends a simulated run early: a promise that does not hold, or the end of the simulated
// process.
#pragma once

#include <stdexcept>
#include <string>

namespace batuta::simulation {

// A promise was broken. Thrown through the world up to its caller, who prints it beside the seed.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void Require(bool holds, const std::string& what) {
  if (!holds) throw Failure(what);
}

// The simulated process ends here, as by a loss of power or by its own decision not to go on. Not
// an std::exception, so that nobody in between takes it for an error of a library.
struct ProcessEnd {
  std::string reason;
};

}  // namespace batuta::simulation
