// What happened in worlds, counted by name: that every promise held says nothing about what never
// happened.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace batuta::simulation {

class Coverage {
 public:
  void Count(std::string_view what, uint64_t times = 1);
  uint64_t Of(std::string_view what) const;

  // Of one world: notes which faults met which of the things that happen.
  void CountMeetings();
  void Add(const Coverage& other);

  // What a good set of worlds has seen, and this one has not: "merge", "merge × crash".
  std::vector<std::string> Missing() const;
  std::string ToString() const;

 private:
  std::map<std::string, uint64_t, std::less<>> counts_;
  std::map<std::string, uint64_t> meetings_;  // worlds, by "happening × fault"
};

}  // namespace batuta::simulation
