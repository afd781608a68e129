#include "learn/adaptive_bins.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "learn/bin_statistics.h"
#include "learn/cells.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr double kLeastShare = 0.05;
constexpr double kLeastResponses = 20;
constexpr double kLeastSymbolShare = 0.005;
constexpr double kDrawnTowardsAll = 20;  // responses at the rate of all
constexpr size_t kJoinedAtOnce = 100;

// A run of micro-bins.
struct Run {
  Bin bin;
  std::vector<uint64_t> codes = {};  // of symbols; of numbers only the first
};

void Join(std::vector<Run>& runs, size_t left) {
  Run& into = runs[left];
  Run& from = runs[left + 1];
  into.bin.positives += from.bin.positives;
  into.bin.negatives += from.bin.negatives;
  into.codes.insert(into.codes.end(), from.codes.begin(), from.codes.end());
  runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(left) + 1);
}

bool IsTooSmall(const Bin& bin, const Bin& all) {
  return bin.Total() < kLeastShare * all.Total() && bin.positives < kLeastShare * all.positives;
}

// The pair to join next, by its left one; runs.size() if all differ.
size_t NextPair(const std::vector<Run>& runs, const Bin& all) {
  size_t best = runs.size();
  bool best_is_small = false;
  double least = 0;
  for (size_t i = 0; i + 1 < runs.size(); ++i) {
    const bool is_small = IsTooSmall(runs[i].bin, all) || IsTooSmall(runs[i + 1].bin, all);
    const double chi_square = ChiSquare(runs[i].bin, runs[i + 1].bin);
    if (!is_small && chi_square > kChiSquare20Percent) continue;
    if (best_is_small && !is_small) continue;
    if (best < runs.size() && best_is_small == is_small && chi_square >= least) continue;
    best = i;
    best_is_small = is_small;
    least = chi_square;
  }
  return best;
}

// What is looked at pair by pair must not be many: first neighbours are joined until each has its
// share.
std::vector<Run> Coarsen(std::vector<Run> runs) {
  if (runs.size() <= kJoinedAtOnce) return runs;
  Bin all;
  for (const Run& run : runs) {
    all.positives += run.bin.positives;
    all.negatives += run.bin.negatives;
  }
  const double share = all.Total() / static_cast<double>(kJoinedAtOnce);
  std::vector<Run> coarse;
  for (Run& run : runs) {
    if (coarse.empty() || coarse.back().bin.Total() >= share || run.bin.Total() >= share) {
      coarse.push_back(std::move(run));
      continue;
    }
    coarse.push_back(std::move(run));
    Join(coarse, coarse.size() - 2);
  }
  return coarse;
}

std::vector<Run> JoinAlike(std::vector<Run> runs, const Bin& all) {
  runs = Coarsen(std::move(runs));
  while (runs.size() > 1) {
    const size_t next = NextPair(runs, all);
    if (next == runs.size()) break;
    Join(runs, next);
  }
  return runs;
}

double DrawnRate(const Bin& bin, const Bin& all) {
  const double rate = all.Total() > 0 ? all.positives / all.Total() : 0;
  return (bin.positives + kDrawnTowardsAll * rate) / (bin.Total() + kDrawnTowardsAll);
}

void SetCounts(const Bin& bin, PublishedBin& out) {
  out.set_positives(bin.positives);
  out.set_negatives(bin.negatives);
}

Bin CountsOf(const PublishedBin& bin) { return {bin.positives(), bin.negatives()}; }

// What the micro-bins hold, by what they are of.
struct Parts {
  std::vector<Run> numbers;
  std::vector<Run> symbols;
  Bin remaining;
  Bin missing;
  Bin all;
};

Parts Divide(const PredictorCounts& counts, const EraClock& clock, base::Time now) {
  Parts parts;
  ForEachCell(counts.cells(), [&](uint64_t code, EraCounts all) {
    const Bin bin = Worth(all, clock, now);
    parts.all.positives += bin.positives;
    parts.all.negatives += bin.negatives;
    if (IsNumber(code)) {
      parts.numbers.push_back({bin, {code}});
    } else if (code == kMissingCode) {
      parts.missing = bin;
    } else if (code == kRemainingCode) {
      parts.remaining = bin;
    } else {
      parts.symbols.push_back({bin, {code}});
    }
  });
  std::sort(parts.numbers.begin(), parts.numbers.end(),
            [](const Run& a, const Run& b) { return OrderOf(a.codes[0]) < OrderOf(b.codes[0]); });
  const double least = std::max(kLeastResponses, kLeastSymbolShare * parts.all.Total());
  const auto rare = std::stable_partition(parts.symbols.begin(), parts.symbols.end(),
                                          [&](const Run& run) { return run.bin.Total() >= least; });
  for (auto run = rare; run != parts.symbols.end(); ++run) {
    parts.remaining.positives += run->bin.positives;
    parts.remaining.negatives += run->bin.negatives;
  }
  parts.symbols.erase(rare, parts.symbols.end());
  std::sort(parts.symbols.begin(), parts.symbols.end(), [&](const Run& a, const Run& b) {
    return std::pair(DrawnRate(a.bin, parts.all), a.codes[0]) <
           std::pair(DrawnRate(b.bin, parts.all), b.codes[0]);
  });
  return parts;
}

void AddSymbols(const Run& run, const PredictorCounts& counts, PublishedBin& out) {
  std::vector<uint64_t> codes = run.codes;
  std::sort(codes.begin(), codes.end());
  for (const uint64_t code : codes) {
    SymbolText& symbol = *out.add_symbols();
    symbol.set_code(code);
    const auto found =
        std::lower_bound(counts.texts().begin(), counts.texts().end(), code,
                         [](const SymbolText& t, uint64_t at) { return t.code() < at; });
    if (found != counts.texts().end() && found->code() == code) symbol.set_text(found->text());
  }
}

}  // namespace

void MakeBins(const PredictorCounts& counts, const EraClock& clock, base::Time now,
              PublishedPredictor& out) {
  Parts parts = Divide(counts, clock, now);
  std::vector<PublishedBin*> all;
  for (const Run& run : JoinAlike(std::move(parts.numbers), parts.all)) {
    PublishedBin& bin = *out.add_numbers();
    SetCounts(run.bin, bin);
    bin.set_from(OrderOf(run.codes[0]));
  }
  for (const Run& run : JoinAlike(std::move(parts.symbols), parts.all)) {
    PublishedBin& bin = *out.add_symbols();
    SetCounts(run.bin, bin);
    AddSymbols(run, counts, bin);
  }
  for (PublishedBin& bin : *out.mutable_numbers()) all.push_back(&bin);
  for (PublishedBin& bin : *out.mutable_symbols()) all.push_back(&bin);
  if (parts.remaining.Total() > 0) {
    SetCounts(parts.remaining, *out.mutable_remaining());
    all.push_back(out.mutable_remaining());
  }
  if (parts.missing.Total() > 0) {
    SetCounts(parts.missing, *out.mutable_missing());
    all.push_back(out.mutable_missing());
  }
  std::vector<Bin> bins;
  std::vector<Bin> telling;  // those that contribute
  for (const PublishedBin* bin : all) bins.push_back(CountsOf(*bin));
  for (size_t i = 0; i < all.size(); ++i) {
    if (bins[i].Total() < kLeastResponses) continue;
    telling.push_back(bins[i]);
    all[i]->set_contribution(Contribution(bins[i], bins));
  }
  out.set_auc(Auc(telling));
}

const PublishedBin* BinOf(const PublishedPredictor& predictor, uint64_t code) {
  if (code == kMissingCode) return predictor.has_missing() ? &predictor.missing() : nullptr;
  if (IsNumber(code)) {
    if (predictor.numbers().empty()) return nullptr;
    const auto above =
        std::upper_bound(predictor.numbers().begin(), predictor.numbers().end(), OrderOf(code),
                         [](int32_t order, const PublishedBin& bin) { return order < bin.from(); });
    return above == predictor.numbers().begin() ? &*above : &*(above - 1);
  }
  for (const PublishedBin& bin : predictor.symbols()) {
    for (const SymbolText& symbol : bin.symbols()) {
      if (symbol.code() == code) return &bin;
    }
  }
  return predictor.has_remaining() ? &predictor.remaining() : nullptr;
}

}  // namespace batuta::learn
