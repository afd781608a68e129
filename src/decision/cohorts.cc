#include "decision/cohorts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/math.h"
#include "base/status.h"

namespace batuta::decision {
namespace {

// Fields with more different numbers are cut at quantiles.
constexpr size_t kNumbersMax = 60;
constexpr size_t kQuantiles = 32;
constexpr size_t kTextsMax = 31;

using Counts = std::array<uint64_t, kServedCount>;

uint64_t Sum(const Counts& counts) { return counts[0] + counts[1] + counts[2]; }

Counts Minus(const Counts& all, const Counts& some) {
  return {all[0] - some[0], all[1] - some[1], all[2] - some[2]};
}

void AddTo(Counts& sum, const Counts& counts) {
  for (size_t i = 0; i < kServedCount; ++i) sum[i] += counts[i];
}

double Statistic(const Counts& left, const Counts& right) {
  const auto all = static_cast<double>(Sum(left) + Sum(right));
  double sum = 0;
  for (const Counts* side : {&left, &right}) {
    const auto of_side = static_cast<double>(Sum(*side));
    for (size_t i = 0; i < kServedCount; ++i) {
      const auto here = static_cast<double>((*side)[i]);
      if (here == 0) continue;
      const auto of_served = static_cast<double>(left[i] + right[i]);
      sum += here * base::Log(here * all / (of_side * of_served));
    }
  }
  return 2 * sum;
}

uint64_t Bit(size_t bin) { return uint64_t{1} << bin; }

// The bins before that one.
uint64_t Before(size_t bin) { return bin == 64 ? ~uint64_t{0} : Bit(bin) - 1; }

}  // namespace

CohortSearch::CohortSearch(const CohortPeople& people, const CohortOptions& options)
    : people_(people), options_(options) {
  BATUTA_CHECK(options.smallest > 0 && options.most > 0 && options.significance > 0);
  bin_numbers_.reserve(people.size() * people.fields());
}

bool CohortSearch::Step() {
  if (is_over_) return false;
  if (bins_.size() < people_.fields()) {
    BinField(bins_.size());
    return true;
  }
  if (nodes_.empty()) {
    Node& root = nodes_.emplace_back();
    for (uint32_t i = 0; i < people_.size(); ++i) root.people.push_back(i);
    for (const Bins& bins : bins_) root.masks.push_back(Before(bins.count));
    return true;
  }
  for (Node& node : nodes_) {
    if (node.split.has_value()) continue;
    node.split = BestSplit(node);
    return true;
  }
  is_over_ = nodes_.size() >= options_.most || !Grow();
  return !is_over_;
}

// ---- Bins

void CohortSearch::BinField(size_t field) {
  Bins& bins = bins_.emplace_back();
  std::vector<double> numbers;
  size_t texts = 0;
  for (size_t i = 0; i < people_.size(); ++i) {
    const Cell& cell = people_.At(i, field);
    if (cell.kind == Cell::Kind::kNumber) numbers.push_back(cell.number);
    if (cell.kind == Cell::Kind::kText) ++texts;
    bins.some_miss |= cell.kind == Cell::Kind::kMissing;
  }
  bins.is_mixed = !numbers.empty() && texts > 0;
  bins.are_numbers = numbers.size() > texts;
  if (bins.are_numbers) {
    BinNumbers(std::move(numbers), bins);
  } else {
    BinTexts(field, bins);
  }
  BATUTA_CHECK(bins.count <= kBinsMax);
  for (size_t i = 0; i < people_.size(); ++i) {
    bin_numbers_.push_back(static_cast<uint8_t>(BinOf(people_.At(i, field), bins)));
    bins.has_rest |= !bins.are_numbers && bin_numbers_.back() == bins.count - 1;
  }
}

// Each bin begins with a value that somebody has.
void CohortSearch::BinNumbers(std::vector<double> values, Bins& bins) {
  std::sort(values.begin(), values.end());
  size_t different = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i == 0 || values[i] != values[i - 1]) ++different;
  }
  const bool has_each = different <= kNumbersMax;
  size_t quantile = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool is_new = i == 0 || values[i] != values[i - 1];
    if (is_new && (has_each || i * kQuantiles >= quantile * values.size())) {
      bins.lows.push_back(values[i]);
      bins.highs.push_back(values[i]);
      quantile = i * kQuantiles / values.size() + 1;
    }
    bins.highs.back() = values[i];
  }
  bins.count = 1 + bins.lows.size();
}

void CohortSearch::BinTexts(size_t field, Bins& bins) {
  std::map<uint32_t, uint64_t> counts;
  for (size_t i = 0; i < people_.size(); ++i) {
    const Cell& cell = people_.At(i, field);
    if (cell.kind == Cell::Kind::kText && cell.text != CohortTexts::kLong) ++counts[cell.text];
  }
  std::vector<std::pair<uint32_t, uint64_t>> texts(counts.begin(), counts.end());
  std::sort(texts.begin(), texts.end(), [this](const auto& a, const auto& b) {
    if (a.second != b.second) return a.second > b.second;
    return people_.texts().Text(a.first) < people_.texts().Text(b.first);
  });
  if (texts.size() > kTextsMax) texts.resize(kTextsMax);
  for (const auto& [text, count] : texts) bins.texts.push_back(text);
  bins.count = 2 + bins.texts.size();
}

size_t CohortSearch::BinOf(const Cell& cell, const Bins& bins) {
  if (cell.kind == Cell::Kind::kMissing) return 0;
  if (bins.are_numbers) {
    if (cell.kind != Cell::Kind::kNumber) return 0;
    const auto above = std::upper_bound(bins.lows.begin(), bins.lows.end(), cell.number);
    return static_cast<size_t>(above - bins.lows.begin());
  }
  const auto found = cell.kind != Cell::Kind::kText
                         ? bins.texts.end()
                         : std::find(bins.texts.begin(), bins.texts.end(), cell.text);
  return 1 + static_cast<size_t>(found - bins.texts.begin());
}

// ---- Splits

CohortSearch::Split CohortSearch::BestSplit(const Node& node) const {
  Split best;
  uint64_t tried = 0;
  if (node.people.size() >= 2 * options_.smallest) {
    for (size_t field = 0; field < bins_.size(); ++field) TrySplits(node, field, best, tried);
  }
  if (tried == 0) return best;
  const double enough = 2 * base::Log(static_cast<double>(tried) / options_.significance);
  best.is_good = best.statistic >= enough;
  return best;
}

void CohortSearch::TrySplits(const Node& node, size_t field, Split& best, uint64_t& tried) const {
  const Bins& bins = bins_[field];
  std::array<Counts, kBinsMax> counts = {};
  Counts all = {};
  const uint8_t* numbers = bin_numbers_.data() + field * people_.size();
  for (const uint32_t person : node.people) {
    ++counts[numbers[person]][static_cast<size_t>(people_.ValueOf(person).served)];
  }
  for (size_t bin = 0; bin < bins.count; ++bin) AddTo(all, counts[bin]);
  const auto consider = [&](Mask mask, const Counts& left) {
    const Counts right = Minus(all, left);
    if (std::min(Sum(left), Sum(right)) < options_.smallest) return;
    ++tried;
    const double statistic = Statistic(left, right);
    if (statistic > best.statistic) {
      best = {.statistic = statistic, .field = field, .left = mask & node.masks[field]};
    }
  };
  consider(Bit(0), counts[0]);
  if (!bins.are_numbers) {
    for (size_t bin = 1; bin <= bins.texts.size(); ++bin) consider(Bit(bin), counts[bin]);
    return;
  }
  Counts below = {};
  for (size_t bin = 2; bin < bins.count; ++bin) {
    AddTo(below, counts[bin - 1]);
    consider(Before(bin) & ~Bit(0), below);
    if (Sum(counts[0]) == 0) continue;
    Counts with_missing = below;
    AddTo(with_missing, counts[0]);
    consider(Before(bin), with_missing);
  }
}

// False if no cohort can be split any more.
bool CohortSearch::Grow() {
  size_t best = nodes_.size();
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Split& split = *nodes_[i].split;
    if (!split.is_good) continue;
    if (best == nodes_.size() || split.statistic > nodes_[best].split->statistic) best = i;
  }
  if (best == nodes_.size()) return false;
  Node& node = nodes_[best];
  const Split split = *node.split;
  Node right;
  right.masks = node.masks;
  right.masks[split.field] &= ~split.left;
  std::vector<uint32_t> left;
  const uint8_t* numbers = bin_numbers_.data() + split.field * people_.size();
  for (const uint32_t person : node.people) {
    const bool is_left = (Bit(numbers[person]) & split.left) != 0;
    (is_left ? left : right.people).push_back(person);
  }
  node.people = std::move(left);
  node.masks[split.field] = split.left;
  node.split.reset();
  nodes_.push_back(std::move(right));
  return true;
}

// ---- What was found

CohortCondition CohortSearch::ConditionOf(size_t field, Mask mask) const {
  using What = CohortCondition::What;
  const Bins& bins = bins_[field];
  CohortCondition condition{.field = field,
                            .or_missing = (mask & Bit(0)) != 0,
                            .some_miss = bins.some_miss,
                            .is_mixed = bins.is_mixed};
  const Mask rest = bins.are_numbers || bins.has_rest ? 0 : Bit(bins.count - 1);
  if ((mask & ~rest) == Bit(0)) return condition;
  if (!bins.are_numbers) {
    std::vector<uint32_t> others;
    for (size_t i = 0; i < bins.texts.size(); ++i) {
      const bool is_in = (mask & Bit(i + 1)) != 0;
      (is_in ? condition.texts : others).push_back(bins.texts[i]);
    }
    // The shorter way to say it, where there is a choice.
    const bool is_rest = (mask & Bit(bins.count - 1)) != 0;
    const bool is_not = is_rest && (bins.has_rest || others.size() < condition.texts.size());
    condition.what = is_not ? What::kNotTexts : What::kTexts;
    if (is_not) condition.texts = std::move(others);
    return condition;
  }
  condition.what = What::kNumbers;
  size_t first = 1;
  while ((mask & Bit(first)) == 0) ++first;
  size_t last = bins.count - 1;
  while ((mask & Bit(last)) == 0) --last;
  if (first > 1) condition.low = bins.lows[first - 1];
  if (last < bins.count - 1) {
    condition.high = bins.highs[last - 1];
    condition.below = bins.lows[last];
    if (first == 1 && bins.lows[0] == condition.high) condition.low = bins.lows[0];
  } else if (first == last) {
    if (bins.lows[first - 1] == bins.highs[last - 1]) condition.high = bins.highs[last - 1];
  }
  return condition;
}

Cohort CohortSearch::CohortOf(const Node& node) const {
  Cohort cohort;
  for (size_t field = 0; field < bins_.size(); ++field) {
    if (node.masks[field] == Before(bins_[field].count)) continue;
    cohort.conditions.push_back(ConditionOf(field, node.masks[field]));
  }
  std::map<Stage, std::map<uint32_t, uint64_t>> falls;
  std::map<Stage, uint64_t> stages;
  for (const uint32_t person : node.people) {
    const PersonValue& value = people_.ValueOf(person);
    ++cohort.people[static_cast<size_t>(value.served)];
    if (value.served == Served::kStrong) continue;
    ++stages[value.emptied];
    ++falls[value.emptied][value.fall];
  }
  for (const auto& [stage, count] : stages) {
    if (count <= cohort.at_stage) continue;
    cohort.stage = stage;
    cohort.at_stage = count;
  }
  for (const auto& [fall, count] : falls[cohort.stage]) {
    if (count <= cohort.by_fall) continue;
    cohort.fall = fall;
    cohort.by_fall = count;
  }
  return cohort;
}

std::vector<Cohort> CohortSearch::Found() const {
  BATUTA_CHECK(is_over_);
  std::vector<Cohort> found;
  if (nodes_.size() < 2) return found;
  for (const Node& node : nodes_) found.push_back(CohortOf(node));
  std::stable_sort(found.begin(), found.end(), [](const Cohort& a, const Cohort& b) {
    return a.size() - a.people[2] > b.size() - b.people[2];
  });
  return found;
}

}  // namespace batuta::decision
