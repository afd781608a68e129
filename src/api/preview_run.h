// Asks a preview's question of the people of all partitions.
//
// Each partition asks its people some at a time, between everything else that it does. Of whom an
// aggregate is asked for that is not kept, or not found yet, the row is put aside as far as the
// rule reads it, with the places of the events that can matter; when that takes as much memory as
// it may, or everybody has been asked, these events are read from the history on a thread of the
// api's (engine/history_round.h), the rows asked, and it goes on. So every person is asked as of
// one moment, and what is counted of them is what publishing the rule would find. An estimate asks
// some people at random.
//
// It stops when the client has gone, and rests while the hub is under pressure. Internal to this
// folder.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "api/exchange.h"
#include "api/preview_question.h"
#include "base/ids.h"
#include "engine/fold.h"
#include "engine/history_round.h"

namespace batuta::api {

// What a partition says.
struct PreviewPart {
  uint64_t people = 0;  // in the partition
  uint64_t asked = 0;
  uint64_t fit = 0;
  std::vector<uint64_t> conditions;  // people of whom each is true
  std::vector<base::PersonId> shown;
};
inline constexpr size_t kPreviewShown = 10;

class PreviewRun : public std::enable_shared_from_this<PreviewRun> {
 public:
  // Called once, from any thread: Cancelled if the client has gone, or what the history said.
  using Done = std::function<void(absl::StatusOr<std::vector<PreviewPart>>)>;

  PreviewRun(ExchangePtr exchange, std::shared_ptr<const PreviewQuestion> question, Done done);
  ~PreviewRun();

  void Begin();

 private:
  class Side;
  void AskPartition(Side& side);
  void AllAsked();
  void Post(std::function<void()> step);
  void BeginRound();
  std::vector<feature::FeatureSpec> WantedFeatures() const;
  void ReadSome(engine::HistoryRound& round);
  void JudgeSome();
  std::unique_ptr<feature::PersonFeatures> TakeFeatures(uint32_t person);
  void EndRound();
  void End(absl::Status status);

  const ExchangePtr exchange_;
  const std::shared_ptr<const PreviewQuestion> question_;
  Done done_;
  std::vector<std::unique_ptr<Side>> sides_;
  std::atomic<size_t> asking_ = 0;  // partitions that have more to say before the round

  // Of the round under way: what is read beside each other, of the same people; then, by one thread
  // at a time, whose people are judged, and the number in the round of the next.
  std::vector<std::unique_ptr<engine::HistoryRound>> reading_;
  std::atomic<size_t> unread_ = 0;
  std::shared_ptr<const feature::FeatureSet> features_;
  size_t side_ = 0;
  size_t person_ = 0;
  uint32_t number_ = 0;

  absl::Mutex mutex_;
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);  // to read
};

}  // namespace batuta::api
