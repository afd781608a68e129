#include "profile/survivorship.h"

#include <algorithm>
#include <compare>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/value.h"
#include "profile/sorted.h"

namespace batuta::profile {
namespace {

using Statements = google::protobuf::RepeatedPtrField<Statement>;

bool IsRemoval(const Statement& statement) { return base::IsNull(statement.value()); }

// Less: the statement stands before `kept`, being newer. One record states a trait once, so stamps
// alone decide but for broken input.
std::strong_ordering CompareNewestFirst(const base::Value& value, const Provenance& provenance,
                                        const Statement& kept) {
  if (const auto order = StampOf(kept) <=> provenance.stamp; order != 0) return order;
  if (const auto order = provenance.source <=> std::string_view(kept.source()); order != 0) {
    return order;
  }
  return base::Compare(value, kept.value()) <=> 0;
}

size_t Rank(const Rule& rule, std::string_view source) {
  return static_cast<size_t>(std::find(rule.trust.begin(), rule.trust.end(), source) -
                             rule.trust.begin());
}

bool IsTooLarge(const Rule& rule, const base::Value& value) {
  const bool repeated = rule.kind == RuleKind::kMostFrequent || rule.kind == RuleKind::kList;
  return value.ByteSizeLong() > (repeated ? kMaxRepeatedValueBytes : kMaxValueBytes);
}

int IndexOfNewestNull(const Statements& statements) {
  for (int i = 0; i < statements.size(); ++i) {
    if (IsRemoval(statements.Get(i))) return i;
  }
  return statements.size();
}

// Which statements a rule still needs: one flag per statement, newest first.
using Flags = absl::InlinedVector<bool, 32>;

void KeepNewestOfSources(const Rule& rule, const Statements& statements, Flags& keep) {
  absl::InlinedVector<int, kMaxSources> newest;
  for (int i = 0; i < statements.size(); ++i) {
    const auto same_source = [&](int index) {
      return statements.Get(index).source() == statements.Get(i).source();
    };
    if (std::none_of(newest.begin(), newest.end(), same_source)) newest.push_back(i);
  }
  if (newest.size() > kMaxSources) {
    const auto rank = [&](int index) { return Rank(rule, statements.Get(index).source()); };
    std::stable_sort(newest.begin(), newest.end(), [&](int a, int b) { return rank(a) < rank(b); });
    newest.resize(kMaxSources);
  }
  for (const int index : newest) keep[static_cast<size_t>(index)] = true;
}

// Groups values that are equal. Hashes first, because comparing all with all is dear.
class DistinctValues {
 public:
  // The number of the value's group, in the order of appearance.
  size_t Add(const base::Value& value) {
    const uint64_t hash = HashOf(value);
    for (size_t i = 0; i < hashes_.size(); ++i) {
      if (hashes_[i] == hash && base::Equal(*values_[i], value)) return i;
    }
    hashes_.push_back(hash);
    values_.push_back(&value);
    return hashes_.size() - 1;
  }
  size_t size() const { return hashes_.size(); }

 private:
  static uint64_t HashOf(const base::Value& value) {
    if (value.kind_case() == base::Value::kText) return base::Hash64(value.text());
    if (value.has_sealed()) return base::Hash64(value.sealed().equality(), 1);
    return base::CanonicalHash(value).low;
  }

  absl::InlinedVector<uint64_t, 16> hashes_;
  absl::InlinedVector<const base::Value*, 16> values_;
};

void KeepForRule(const Rule& rule, const Statements& statements, Flags& keep) {
  const int null_index = IndexOfNewestNull(statements);
  if (null_index < statements.size()) keep[static_cast<size_t>(null_index)] = true;
  switch (rule.kind) {
    case RuleKind::kMostRecent:
    case RuleKind::kMostTrusted:
      return;
    case RuleKind::kFirst:
      if (null_index == statements.size()) keep.back() = true;
      return;
    case RuleKind::kMostFrequent:
      for (int i = 0; i < std::min(null_index, kMaxFrequencyStatements); ++i) {
        keep[static_cast<size_t>(i)] = true;
      }
      return;
    case RuleKind::kList: {
      DistinctValues distinct;
      for (int i = 0; i < null_index && distinct.size() < kMaxListValues; ++i) {
        const size_t known = distinct.size();
        if (distinct.Add(statements.Get(i).value()) == known) keep[static_cast<size_t>(i)] = true;
      }
      return;
    }
  }
}

// Removes what the rule no longer needs.
void Trim(const Rule& rule, Statements& statements) {
  if (statements.size() <= 1) return;
  Flags keep(static_cast<size_t>(statements.size()), false);
  KeepNewestOfSources(rule, statements, keep);
  KeepForRule(rule, statements, keep);
  int kept = 0;
  for (int i = 0; i < statements.size(); ++i) {
    if (!keep[static_cast<size_t>(i)]) continue;
    if (kept != i) statements.SwapElements(kept, i);
    ++kept;
  }
  BATUTA_CHECK(kept > 0);
  if (kept < statements.size()) statements.DeleteSubrange(kept, statements.size() - kept);
}

void Fill(const base::Value& value, const Provenance& provenance, Statement& statement) {
  if (&statement.value() != &value) *statement.mutable_value() = value;
  statement.set_source(provenance.source.data(), provenance.source.size());
  SetStamp(provenance.stamp, statement);
}

// The index at which the statement stands or would stand; nullopt if it is there already.
std::optional<int> PlaceOf(const base::Value& value, const Provenance& provenance,
                           const Statements& statements) {
  for (int i = 0; i < statements.size(); ++i) {
    const auto order = CompareNewestFirst(value, provenance, statements.Get(i));
    if (order == 0) return std::nullopt;
    if (order < 0) return i;
  }
  return statements.size();
}

// Under the rules that need only the newest statement of each source: the common case, without
// making and trimming a statement. Nullopt where the general way has to be taken.
std::optional<bool> TakeInPlace(const base::Value& value, const Provenance& provenance,
                                Statements& statements) {
  if (base::IsNull(value)) return std::nullopt;
  for (int i = 0; i < statements.size(); ++i) {
    Statement* own = statements.Mutable(i);
    if (own->source() != provenance.source) continue;
    if (CompareNewestFirst(value, provenance, *own) >= 0) return false;
    if (IsRemoval(*own)) return std::nullopt;
    Fill(value, provenance, *own);
    for (; i > 0; --i) {
      if (CompareNewestFirst(value, provenance, statements.Get(i - 1)) > 0) break;
      statements.SwapElements(i, i - 1);
    }
    return true;
  }
  return std::nullopt;
}

bool NeedsOnlyNewest(const Rule& rule) {
  return rule.kind == RuleKind::kMostRecent || rule.kind == RuleKind::kMostTrusted;
}

bool Holds(const Statements& statements, const base::Value& value, const Provenance& provenance) {
  return !PlaceOf(value, provenance, statements).has_value();
}

Resolution ResolveMostRecent(const Statements& statements) {
  Resolution resolution;
  if (statements.empty()) return resolution;
  const Statement& newest = statements.Get(0);
  if (!IsRemoval(newest)) resolution.winner = &newest;
  for (const Statement& statement : statements) {
    if (statement.source() == newest.source() || IsRemoval(statement)) continue;
    resolution.runner_up = &statement;
    break;
  }
  return resolution;
}

Resolution ResolveMostTrusted(const Rule& rule, const Statements& statements) {
  const auto best_except = [&](const Statement* except) {
    const Statement* best = nullptr;
    size_t best_rank = std::numeric_limits<size_t>::max();
    for (const Statement& statement : statements) {
      if (except != nullptr && statement.source() == except->source()) continue;
      const size_t rank = Rank(rule, statement.source());
      if (rank >= best_rank) continue;
      best = &statement;
      best_rank = rank;
    }
    return best;
  };
  const Statement* best = best_except(nullptr);
  if (best == nullptr) return {};
  const Statement* second = best_except(best);
  Resolution resolution;
  if (!IsRemoval(*best)) resolution.winner = best;
  if (second != nullptr && !IsRemoval(*second)) resolution.runner_up = second;
  return resolution;
}

Resolution ResolveMostFrequent(const Statements& statements) {
  struct Vote {
    const Statement* newest;
    int count;
  };
  absl::InlinedVector<Vote, 8> votes;
  DistinctValues distinct;
  const int end = std::min(IndexOfNewestNull(statements), kMaxFrequencyStatements);
  for (int i = 0; i < end; ++i) {
    const Statement& statement = statements.Get(i);
    const size_t group = distinct.Add(statement.value());
    if (group == votes.size()) votes.push_back({.newest = &statement, .count = 0});
    ++votes[group].count;
  }
  // Stable: equal counts stay newest first.
  std::stable_sort(votes.begin(), votes.end(),
                   [](const Vote& a, const Vote& b) { return a.count > b.count; });
  Resolution resolution;
  if (!votes.empty()) {
    resolution.winner = votes[0].newest;
    resolution.support = votes[0].count;
  }
  if (votes.size() > 1) resolution.runner_up = votes[1].newest;
  return resolution;
}

bool IsNewestOfItsSource(const Statements& statements, int index) {
  for (int i = 0; i < index; ++i) {
    if (statements.Get(i).source() == statements.Get(index).source()) return false;
  }
  return true;
}

Resolution ResolveFirst(const Statements& statements) {
  Resolution resolution;
  const int null_index = IndexOfNewestNull(statements);
  const bool removed_once = null_index < statements.size();
  for (int i = null_index - 1; i >= 0; --i) {
    if (removed_once && !IsNewestOfItsSource(statements, i)) continue;
    if (resolution.winner == nullptr) {
      resolution.winner = &statements.Get(i);
    } else {
      resolution.runner_up = &statements.Get(i);
      break;
    }
  }
  return resolution;
}

Resolution ResolveList(const Statements& statements) {
  Resolution resolution;
  const int end = IndexOfNewestNull(statements);
  DistinctValues distinct;
  const auto add = [&](const base::Value& value) {
    if (base::IsNull(value) || resolution.list.size() >= kMaxListValues) return;
    if (distinct.Add(value) == resolution.list.size()) resolution.list.push_back(&value);
  };
  for (int i = 0; i < end; ++i) {
    const Statement& statement = statements.Get(i);
    if (statement.value().has_list()) {
      for (const base::Value& element : statement.value().list().values()) add(element);
    } else {
      add(statement.value());
    }
  }
  if (end > 0) resolution.winner = &statements.Get(0);
  if (end > 1) resolution.runner_up = &statements.Get(1);
  return resolution;
}

}  // namespace

Resolution Resolve(const Rule& rule, const TraitState& state) {
  Resolution resolution;
  switch (rule.kind) {
    case RuleKind::kMostRecent:
      resolution = ResolveMostRecent(state.statements());
      break;
    case RuleKind::kMostTrusted:
      resolution = ResolveMostTrusted(rule, state.statements());
      break;
    case RuleKind::kMostFrequent:
      resolution = ResolveMostFrequent(state.statements());
      break;
    case RuleKind::kFirst:
      resolution = ResolveFirst(state.statements());
      break;
    case RuleKind::kList:
      resolution = ResolveList(state.statements());
      break;
  }
  resolution.rule = rule.kind;
  return resolution;
}

const base::Value* Winner(const Rule& rule, const TraitState& state) {
  if (rule.kind == RuleKind::kMostRecent) {
    if (state.statements().empty() || IsRemoval(state.statements(0))) return nullptr;
    return &state.statements(0).value();
  }
  const Resolution resolution = Resolve(rule, state);
  if (rule.kind == RuleKind::kList) {
    return resolution.list.empty() ? nullptr : resolution.list.front();
  }
  return resolution.winner == nullptr ? nullptr : &resolution.winner->value();
}

bool AddStatement(const Rule& rule, const base::Value& value, const Provenance& provenance,
                  TraitState& state) {
  if (IsTooLarge(rule, value)) return false;
  Statements& statements = *state.mutable_statements();
  if (NeedsOnlyNewest(rule)) {
    const std::optional<bool> taken = TakeInPlace(value, provenance, statements);
    if (taken.has_value()) return *taken;
  }
  const std::optional<int> place = PlaceOf(value, provenance, statements);
  if (!place.has_value()) return false;
  Fill(value, provenance, InsertAt(statements, *place));
  Trim(rule, statements);
  return Holds(statements, value, provenance);
}

void MergeTrait(const Rule& rule, const TraitState& from, TraitState& into) {
  BATUTA_CHECK(from.name() == into.name());
  Statements& statements = *into.mutable_statements();
  for (const Statement& statement : from.statements()) {
    const Provenance provenance{.source = statement.source(), .stamp = StampOf(statement)};
    if (IsTooLarge(rule, statement.value())) continue;
    const std::optional<int> place = PlaceOf(statement.value(), provenance, statements);
    if (place.has_value()) InsertAt(statements, *place) = statement;
  }
  Trim(rule, statements);
}

}  // namespace batuta::profile
