#include "server/demo_ledger.h"

#include <utility>

namespace batuta::server {

void Ledger::AddBatch(uint64_t events, uint64_t refused, base::Duration took) {
  absl::MutexLock lock(&mutex_);
  figures_.events += events;
  figures_.refused += refused;
  ++figures_.batches;
  batches_.Add(took);
}

void Ledger::AddDecision(bool has_offer, base::Duration took) {
  absl::MutexLock lock(&mutex_);
  ++figures_.decisions;
  if (has_offer) ++figures_.decisions_with_offer;
  decisions_.Add(took);
}

void Ledger::AddVisit() {
  absl::MutexLock lock(&mutex_);
  ++figures_.visits;
}

void Ledger::AddTwice() {
  absl::MutexLock lock(&mutex_);
  ++figures_.twice;
}

void Ledger::AddLate() {
  absl::MutexLock lock(&mutex_);
  ++figures_.late;
}

void Ledger::AddError(std::string_view what) {
  absl::MutexLock lock(&mutex_);
  ++figures_.errors;
  figures_.last_error = std::string(what);
}

void Ledger::AddSeen(bool is_random_arm, bool accepted) {
  absl::MutexLock lock(&mutex_);
  Tally& tally = is_random_arm ? figures_.random : figures_.hub;
  ++tally.seen;
  if (accepted) ++tally.accepted;
}

void Ledger::AddScore(const Score& score, base::Duration now) {
  absl::MutexLock lock(&mutex_);
  figures_.score.Add(score);
  if (!recent_ends_.has_value()) recent_ends_ = base::Duration{now.micros + span_.micros};
  if (recent_.empty()) recent_.emplace_back();
  while (now >= *recent_ends_) {
    recent_.emplace_back();
    if (recent_.size() > kRecent) recent_.pop_front();
    recent_ends_->micros += span_.micros;
  }
  recent_.back().Add(score);
}

void Ledger::SetLast(LastDecision last) {
  absl::MutexLock lock(&mutex_);
  figures_.last = std::move(last);
}

Figures Ledger::Now() const {
  absl::MutexLock lock(&mutex_);
  Figures figures = figures_;
  figures.recent.assign(recent_.begin(), recent_.end());
  figures.decision_p50 = decisions_.Quantile(0.5);
  figures.decision_p99 = decisions_.Quantile(0.99);
  figures.batch_p50 = batches_.Quantile(0.5);
  figures.batch_p99 = batches_.Quantile(0.99);
  return figures;
}

}  // namespace batuta::server
