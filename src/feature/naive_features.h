// Features computed anew from the whole list of events, for tests: written from the formulas of
// README.md alone, slow and plain, and sharing nothing with the library but the spec.
//
// The programs of a spec are not compiled: a table says what each text means.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "feature/spec.h"

namespace batuta::feature {

struct NaiveLine {
  std::string sku;
  double price = 0;
  double quantity = 0;
};

struct NaiveEvent {
  std::string name;
  std::string kind;
  std::string source;
  int64_t time = 0;
  uint64_t identity = 0;
  std::optional<double> total;
  std::optional<std::string> channel;
  std::optional<std::string> sku;
  std::vector<NaiveLine> lines;
};

// Absent, or a value. A point in time is the text "@" and its microseconds.
using NaiveValue = std::variant<std::monostate, bool, int64_t, double, std::string>;
std::string Describe(const NaiveValue& value);

using EventProgram = std::function<NaiveValue(const NaiveEvent&)>;
using LineProgram = std::function<NaiveValue(const NaiveEvent&, const NaiveLine&)>;
struct NaivePrograms {
  std::map<std::string, EventProgram> events;
  std::map<std::string, LineProgram> lines;
};

class NaiveFeature {
 public:
  NaiveFeature(const FeatureSpec& spec, const NaivePrograms& programs);

  // Of all events, in any order, each once.
  NaiveValue ValueOf(const std::vector<NaiveEvent>& events, int64_t now,
                     const std::string& zone) const;

 private:
  struct Match {
    int64_t time = 0;
    uint64_t identity = 0;
    size_t line = 0;
    NaiveValue value;
  };
  std::vector<Match> Matches(const std::vector<NaiveEvent>& events) const;
  std::vector<Match> MatchesOfPattern(std::vector<NaiveEvent> events, int64_t now) const;
  std::vector<Match> OncePer(std::vector<Match> matches) const;
  bool Continues(const std::vector<NaiveEvent>& events, std::vector<size_t>& chosen, size_t last,
                 int64_t now) const;
  bool Fits(size_t step, const NaiveEvent& event) const;
  bool KeysAgree(size_t step, const NaiveEvent& event, const NaiveEvent& linked) const;
  NaiveValue OfMatches(const std::vector<Match>& all, const std::vector<Match>& in, int64_t now,
                       const std::string& zone) const;
  NaiveValue Sessions(const std::vector<Match>& all, const std::vector<Match>& in) const;
  NaiveValue Decayed(const std::vector<Match>& in, int64_t now) const;
  NaiveValue OfShares(const std::vector<Match>& in, int64_t now, const std::string& zone) const;

  FeatureSpec spec_;
  std::vector<Step> steps_;  // `never` last
  std::vector<EventProgram> where_;
  struct Keys {
    EventProgram own, other;
  };
  std::vector<std::vector<Keys>> keys_;
  std::optional<EventProgram> value_;
  std::optional<LineProgram> line_value_, line_where_;
};

// The instants at which local days begin, found by looking at every minute of some years.
class NaiveDays {
 public:
  explicit NaiveDays(const std::string& zone);
  // The number of days that have begun since some day before 2005.
  int64_t DayAt(int64_t time) const;
  int64_t StartOfDay(int64_t number) const;
  // Days since 1970 of the date that the day bears.
  int64_t DateOf(int64_t number) const;
  int64_t NumberOfDate(int64_t date) const;  // the first day that bears it or a later date

 private:
  std::vector<int64_t> starts_;
  std::vector<int64_t> dates_;
};
const NaiveDays& NaiveDaysOf(const std::string& zone);

}  // namespace batuta::feature
