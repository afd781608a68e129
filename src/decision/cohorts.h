// Finds what people have in common who are served alike: cohorts, such as "orders = 0 and country =
// MX", in which more or fewer get nothing than elsewhere.
//
// A tree of binary splits, grown greedily, the best split first (Breiman, Friedman, Olshen, Stone,
// "Classification and Regression Trees", 1984; best first: Shi, "Best-first decision tree
// learning", 2007). A split is judged by how well its two sides tell apart who is served how
// (nothing, weak, strong), by the likelihood-ratio statistic
//
//     G = 2 Σ n(side, served) ln( n(side, served) N / (n(side) n(served)) )
//
// which is 2 N times the information gain in nats (Quinlan, "Induction of decision trees", 1986).
// Were both alike, G would follow the chi-square distribution of two degrees of freedom (Wilks
// 1938), of which P(G >= x) = exp(-x / 2). A split is made only if that probability, times the
// number of splits that were tried of the cohort (Bonferroni), is at most `significance`, and if
// each side has at least `smallest` people. The split of the largest G is made first, until there
// are `most` cohorts or no split is good enough. Of equal splits the first field and the lowest
// value win.
//
// Splits are: a text against all others, for the most frequent ones; numbers from a value on
// against those below, where who has none may stand on either side; who has a value against who has
// none. Fields of many different numbers are cut at quantiles beforehand.
//
// Deterministic: the same people give the same cohorts. Works in steps, each some milliseconds long
// for a hundred thousand people. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "decision/cohort_people.h"
#include "decision/value_tally.h"

namespace batuta::decision {

struct CohortOptions {
  uint64_t smallest = 1;  // people in a cohort
  size_t most = 8;        // cohorts
  double significance = 0.001;
};

// The values of a field that a cohort has.
struct CohortCondition {
  size_t field = 0;
  enum class What : uint8_t {
    kMissing,   // no value
    kNumbers,   // from `low` to `high`, both of which somebody has
    kTexts,     // one of `texts`
    kNotTexts,  // any other, also a number
  };
  What what = What::kMissing;
  std::optional<double> low = {};    // none: it is the lowest that anybody has
  std::optional<double> high = {};   // none: it is the highest
  std::optional<double> below = {};  // with `high`: the next that somebody has
  std::vector<uint32_t> texts = {};  // as CohortTexts numbers them
  bool or_missing = false;           // who has no value belongs to it too
  bool some_miss = false;            // somebody among all the people has no value
  bool is_mixed = false;             // of numbers: somebody has a text; they count as without
};

struct Cohort {
  std::vector<CohortCondition> conditions = {};  // by field; none: everybody
  std::array<uint64_t, kServedCount> people = {};
  // Where most of those fell out who get nothing or only something weak, how many of them, what
  // took most of these there, and of how many.
  Stage stage = STAGE_UNSPECIFIED;
  uint64_t at_stage = 0;
  uint32_t fall = 0;
  uint64_t by_fall = 0;
  uint64_t size() const { return people[0] + people[1] + people[2]; }
};

class CohortSearch {
 public:
  // The people must outlive it.
  CohortSearch(const CohortPeople& people, const CohortOptions& options);

  // Does some more; false when it is over.
  bool Step();
  // Those with most people first who get nothing or only something weak; none if nothing tells
  // people apart. Requires: it is over.
  std::vector<Cohort> Found() const;

 private:
  using Mask = uint64_t;  // a bit for each bin
  static constexpr size_t kBinsMax = 64;
  // The values of a field, in at most kBinsMax bins; the first is for who has none.
  struct Bins {
    bool are_numbers = false;
    bool is_mixed = false;
    std::vector<double> lows, highs;  // of the bins of numbers, ascending
    std::vector<uint32_t> texts;      // of the bins of texts; all others are in one more bin
    size_t count = 1;
    bool some_miss = false;
    bool has_rest = false;  // of texts: somebody is in that one more
  };
  using Counts = std::array<uint64_t, kServedCount>;
  struct Split {
    double statistic = 0;
    size_t field = 0;
    Mask left = 0;
    bool is_good = false;
  };
  struct Node {
    std::vector<uint32_t> people;
    std::vector<Mask> masks;     // by field
    std::optional<Split> split;  // empty: not asked yet
  };

  void BinField(size_t field);
  static void BinNumbers(std::vector<double> values, Bins& bins);
  void BinTexts(size_t field, Bins& bins);
  static size_t BinOf(const Cell& cell, const Bins& bins);
  Split BestSplit(const Node& node) const;
  void TrySplits(const Node& node, size_t field, Split& best, uint64_t& tried) const;
  bool Grow();
  CohortCondition ConditionOf(size_t field, Mask mask) const;
  Cohort CohortOf(const Node& node) const;

  const CohortPeople& people_;
  const CohortOptions options_;
  std::vector<Bins> bins_;            // of the fields that are done
  std::vector<uint8_t> bin_numbers_;  // fields by people
  std::vector<Node> nodes_;
  bool is_over_ = false;
};

}  // namespace batuta::decision
