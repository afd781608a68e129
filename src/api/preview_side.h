// A partition's side of a preview: which of its people have been asked, what came out, and of whom
// the history has to be read first. Internal to this folder.
//
// Used by the partition's thread while it asks, by one other while its people are judged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/preview_question.h"
#include "api/preview_run.h"
#include "base/random.h"
#include "base/time.h"
#include "engine/event_interest.h"
#include "engine/reach_slice.h"
#include "engine/row_parts.h"
#include "segment/evaluation.h"
#include "table/content.h"

namespace batuta::api {

class PreviewRun::Side {
 public:
  Side(std::shared_ptr<const PreviewQuestion> question, base::PartitionId partition,
       size_t bytes_max);

  base::PartitionId partition() const { return partition_; }
  PreviewPart& part() { return part_; }
  bool is_done() const { return is_done_; }
  bool is_full() const { return bytes_ >= bytes_max_; }

  // How the partition's people are asked: before anything else.
  void Begin(engine::Fold& fold);
  // Asks some more people: about a millisecond. Until it is done or full.
  void AskSome(engine::Fold& fold, base::Time wall);

  // Of whom the history is to be read: their row as the rule reads it, in bytes, and what the other
  // fields of Context were.
  struct Aside {
    base::PersonId person;
    base::Time now;
    uint32_t context = 0;
    std::string row;
    std::vector<uint64_t> own = {};  // if other features are wanted than of the others
  };
  const std::vector<Aside>& aside() const { return aside_; }
  // Where their events are, by the partition of the log; people by their index in aside().
  const std::vector<std::vector<engine::ReachEvent>>& events() const { return events_; }
  void ForgetEvents() { events_.clear(); }
  // Ascending: what is to be found of them.
  const std::vector<uint64_t>& WantedOf(const Aside& aside) const;

  // With what was found (null: nothing).
  void Judge(const Aside& aside, std::unique_ptr<feature::PersonFeatures> found);
  void ForgetAside();

 private:
  // What is the same for many people.
  struct Context {
    std::vector<uint64_t> editions;
    std::shared_ptr<const table::Tables> tables;
    std::vector<uint64_t> wanted;  // features that the partition cannot tell of anybody
    engine::EventInterest interest;
  };

  void Prepare(engine::Fold& fold, base::Time wall);
  std::vector<uint64_t> WantedNow(const engine::Fold& fold) const;
  engine::EventInterest InterestOf(const std::vector<uint64_t>& features) const;
  int64_t HorizonOf(const std::vector<uint64_t>& features) const;
  void AskInOrder(engine::Fold& fold);
  using Numbered = std::pair<base::PersonId, uint32_t>;
  void AskTogether(engine::Fold& fold, std::vector<Numbered> people);
  void AskAtRandom(engine::Fold& fold);
  size_t Ask(engine::Fold& fold, const base::PersonId& person);
  std::vector<uint64_t> OwnWanted(const engine::Fold& fold, const engine::PersonRow& row) const;
  void AskNow(engine::Fold& fold, const base::PersonId& person, const engine::PersonRow& row);
  size_t PutAside(engine::Fold& fold, const base::PersonId& person, const engine::PersonRow& row,
                  std::vector<uint64_t> own);
  void UseContext(uint32_t context);
  void Count(const base::PersonId& person, const rule::PersonState& state,
             const segment::Memberships& memberships);

  const std::shared_ptr<const PreviewQuestion> question_;
  const base::PartitionId partition_;
  const size_t bytes_max_;
  segment::Evaluation evaluation_;
  base::Random random_;
  PreviewPart part_;

  bool draws_ = false;
  uint64_t left_ = 0;  // to be drawn
  uint32_t next_ = 0;  // otherwise: the number of who is asked next
  bool is_done_ = false;
  base::Time now_;  // at which people are asked

  std::vector<Context> contexts_;  // the last is of now
  int64_t in_use_ = -1;            // by the evaluation
  std::vector<Aside> aside_;
  std::vector<std::vector<engine::ReachEvent>> events_;
  size_t bytes_ = 0;
  engine::RowPartsReader reader_;
  engine::PersonRow scratch_;
};

}  // namespace batuta::api
