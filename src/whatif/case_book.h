// Follows every decision of two courses from the question to the end of its choices' lives, and
// counts.
//
// A decision is a case from when the other course answers it until its choices are over in both.
// Used by the thread that drives the other course.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/ids.h"
#include "base/time.h"
#include "engine/fold_observer.h"
#include "whatif/estimate.h"
#include "whatif/real_course.h"
#include "whatif/tally.h"
#include "whatif/world_pair.h"

namespace batuta::whatif {

struct Scope {
  base::Time from;
  std::string segment;                // only decisions about its people; "": all
  std::vector<std::string> segments;  // counted apart
};

// A choice of a decision, as far as its life is counted.
struct CaseChoice {
  uint32_t slot = 0;
  std::string action;
  std::string treatment;
  std::string variant;
  int64_t cost = 0;
  int64_t value = 0;
  bool is_shown = false;
  bool is_answered = false;
  bool is_accepted = false;
  bool is_replaced = false;
  bool IsSameAs(const CaseChoice& other) const;
};

struct CaseSide {
  bool is_made = false;
  bool is_over = false;
  std::vector<CaseChoice> choices;  // but for nothing
  const CaseChoice* Find(uint32_t slot) const;
};

struct Case {
  bool is_asked = false;    // the other course has answered
  bool is_counted = false;  // of the scope
  std::string channel;
  std::vector<std::string> segments;
  PerCourse<CaseSide> sides;
  std::optional<RealState> real;  // until the other course answers
};

class CaseBook : public PairListener {
 public:
  explicit CaseBook(Scope scope) : scope_(std::move(scope)) {}

  engine::FoldObserver& other_observer() { return other_observer_; }

  void OnRealMade(const identity::PersonRef& person, const decision::Decision& made) override;
  std::vector<uint32_t> OnOtherMade(const engine::DecisionMade& made) override;
  void OnRealAsked(RealState state) override;
  void OnRealLife(const decision::OpenDecision& open) override { Follow(kReal, open); }

  // At the end.
  Comparison Compare();

 private:
  class Observer : public engine::FoldObserver {
   public:
    explicit Observer(CaseBook& book) : book_(book) {}
    void OnDecided(engine::Fold& fold, const engine::Decided& decided) override {
      book_.Open(fold, decided);
    }
    void OnLife(const decision::OpenDecision& open) override { book_.Follow(kOther, open); }

   private:
    CaseBook& book_;
  };

  void Open(engine::Fold& fold, const engine::Decided& decided);
  void Estimate(engine::Fold& fold, const engine::Decided& decided, const RealState& real);
  void Follow(Course course, const decision::OpenDecision& open);
  void NoteAnswer(const base::DecisionId& id, const decision::OpenSlot& open, CaseChoice& choice,
                  const Case& one);
  void Make(Course course, const decision::Decision& made, Case& one);
  void CountShown(Course course, const decision::OpenSlot& open, const CaseChoice& choice,
                  const Case& one);
  void CloseIfOver(const base::DecisionId& id);
  void CountUnseen(const Case& one);
  template <typename Count>
  void CountIn(const Case& one, const std::string& action, Count count);

  const Scope scope_;
  Observer other_observer_{*this};
  absl::btree_map<base::DecisionId, Case> cases_;
  absl::flat_hash_set<base::PersonId> people_;
  absl::flat_hash_set<base::PersonId> affected_;
  EstimateSample sample_;
  Comparison counted_;
};

}  // namespace batuta::whatif
