#include "decision/changes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "decision/change_edits.h"
#include "decision/remake.h"

namespace batuta::decision {
namespace {

constexpr size_t kUntriedMax = 20;
// How far and how often time is let pass.
constexpr base::Duration kHorizon = base::Days(400);
constexpr int kMomentsMax = 64;
// The actions whose values are searched, where none is asked for, and how far.
constexpr size_t kWorthActions = 10;
constexpr int64_t kCent = 10'000;                     // of the currency, in millionths
constexpr int64_t kWorthMax = 1'000'000'000'000'000;  // 10^9 units
constexpr double kWorthSpread[] = {1.25, 2, 10, 100};

class Search {
 public:
  Search(const Decision& decision, const Catalogue& catalogue, const Remaker& remaker,
         std::string_view wanted)
      : decision_(decision), catalogue_(catalogue), remaker_(remaker), wanted_(wanted) {}

  Changes Run() {
    if (!wanted_.empty() && Has(decision_, wanted_)) return {};
    TryAll(EditKind::kConsent);
    TryAll(EditKind::kPreference);
    TryTime();
    TryWorths();
    TryAll(EditKind::kFact);
    TryAll(EditKind::kHoldout);
    TryAll(EditKind::kBlock);
    return std::move(changes_);
  }

 private:
  static bool Has(const Decision& decision, std::string_view action) {
    return std::any_of(decision.chosen().begin(), decision.chosen().end(),
                       [&](const Chosen& chosen) { return chosen.action() == action; });
  }

  bool Flips(const Remade& made) const {
    if (!wanted_.empty()) return Has(made.decision, wanted_);
    for (int slot = 0; slot < decision_.chosen_size(); ++slot) {
      if (made.decision.chosen(slot).action() != decision_.chosen(slot).action()) return true;
    }
    return false;
  }

  bool IsFull() const { return changes_.found.size() >= kChangesMax; }

  Remade Make(const Decision& inputs, const Twist& twist) {
    ++changes_.runs;
    return remaker_.Make(inputs, twist);
  }

  // Whether it flips for certain.
  bool Take(Edit edit, const Remade& made) {
    if (!made.missing.empty()) {
      if (changes_.untried.size() < kUntriedMax) {
        changes_.untried.push_back({std::move(edit), made.missing});
      }
      return false;
    }
    if (!Flips(made)) {
      if (changes_.found.empty()) changes_.vain.push_back(std::move(edit));
      return false;
    }
    changes_.found.push_back(
        {.edit = std::move(edit),
         .chosen = {made.decision.chosen().begin(), made.decision.chosen().end()},
         .looked_up = made.looked_up});
    return true;
  }

  void TryAll(EditKind kind) {
    for (Edit& edit : EditsOf(kind, decision_, wanted_)) {
      if (IsFull()) return;
      Decision inputs = decision_;
      Apply(edit, inputs);
      Twist twist;
      if (kind == EditKind::kFact) twist.changed_path = edit.name;
      if (kind == EditKind::kBlock) twist.without_block = edit.name;
      const Remade made = Make(inputs, twist);
      Take(std::move(edit), made);
    }
  }

  // From one moment at which something lapses to the next, until it flips.
  void TryTime() {
    base::Time now{decision_.log_time()};
    const base::Time last = now + kHorizon;
    Decision before = decision_;
    for (int i = 0; i < kMomentsMax && !IsFull(); ++i) {
      const auto next = NextMoment(before, now);
      if (!next || *next > last) return;
      now = *next;
      Remade made = Make(decision_, {.now = now});
      const bool is_certain = made.missing.empty();
      if (Take({.kind = EditKind::kTime, .at = now}, made) || !is_certain) return;
      before = std::move(made.decision);
    }
  }

  // The first time after `now` at which a date passes or something that holds a candidate back lets
  // it go.
  std::optional<base::Time> NextMoment(const Decision& decision, base::Time now) const {
    base::Time first = base::kDistantFuture;
    const auto consider = [&](base::Time time) {
      if (time > now) first = std::min(first, time);
    };
    for (const CandidateTrace& candidate : decision.trace().candidates()) {
      if (candidate.reason() != ADMISSIBLE) consider({candidate.operands().at()});
    }
    for (const SlotTrace& slot : decision.trace().slots()) {
      for (const Drop& drop : slot.drops()) consider({drop.operands().at()});
    }
    const auto consider_terms = [&](const Terms& terms) {
      if (terms.starts) consider(*terms.starts);
      if (terms.ends) consider(*terms.ends);
      for (const Lever& lever : terms.levers) {
        if (lever.starts) consider(*lever.starts);
        if (lever.ends) consider(*lever.ends);
      }
    };
    for (const Candidate& candidate : catalogue_.FindPlacement(decision.placement())->candidates) {
      consider_terms(candidate.action->terms);
      for (const Family* family : candidate.action->families) consider_terms(family->terms);
    }
    if (first == base::kDistantFuture) return std::nullopt;
    return first;
  }

  void TryWorths() {
    for (const CandidateTrace* candidate : Losers()) {
      if (IsFull()) return;
      TryWorth(*candidate);
    }
  }

  // A candidate of each action that took part and was not chosen; what is worth most first.
  std::vector<const CandidateTrace*> Losers() const {
    std::vector<const CandidateTrace*> losers;
    for (const CandidateTrace& candidate : decision_.trace().candidates()) {
      const std::string& action = candidate.action();
      if (candidate.reason() != ADMISSIBLE || Has(decision_, action)) continue;
      if (!wanted_.empty() && action != wanted_) continue;
      const bool is_there =
          std::any_of(losers.begin(), losers.end(),
                      [&](const CandidateTrace* other) { return other->action() == action; });
      if (!is_there) losers.push_back(&candidate);
    }
    std::stable_sort(losers.begin(), losers.end(),
                     [](const auto* a, const auto* b) { return a->net_value() > b->net_value(); });
    if (losers.size() > kWorthActions) losers.resize(kWorthActions);
    return losers;
  }

  Remade MakeWorth(const std::string& action, int64_t micros) {
    return Make(decision_, {.worth_of = action, .worth_micros = micros});
  }

  // The smallest larger value, in hundredths, after which doubling it has told that it flips.
  void TryWorth(const CandidateTrace& candidate) {
    const std::string& action = candidate.action();
    int64_t low = candidate.value_micros() / kCent * kCent;
    if (low < candidate.value_micros()) low += kCent;
    int64_t high = std::max(low, kCent / 2) * 2;
    while (!Flips(MakeWorth(action, high))) {
      low = high;
      high *= 2;
      if (high > kWorthMax) return;
    }
    while (high - low > kCent) {
      const int64_t middle = (low / kCent + high / kCent) / 2 * kCent;
      (Flips(MakeWorth(action, middle)) ? high : low) = middle;
    }
    bool holds_above = true;
    for (const double factor : kWorthSpread) {
      const auto above = static_cast<int64_t>(static_cast<double>(high / kCent) * factor) * kCent;
      holds_above = holds_above && Flips(MakeWorth(action, above));
    }
    Take({.kind = EditKind::kWorth,
          .name = action,
          .worth_micros = high,
          .comparison = holds_above ? ">=" : "=="},
         MakeWorth(action, high));
  }

  const Decision& decision_;
  const Catalogue& catalogue_;
  const Remaker& remaker_;
  std::string_view wanted_;
  Changes changes_;
};

}  // namespace

absl::StatusOr<Changes> FindChanges(const Decision& decision, const Catalogue& catalogue,
                                    const Present& present, std::string_view wanted) {
  const auto remaker = Remaker::Of(decision, catalogue, present);
  if (!remaker.ok()) return remaker.status();
  return Search(decision, catalogue, *remaker, wanted).Run();
}

}  // namespace batuta::decision
