#include "api/piece_stream.h"

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace batuta::api {
namespace {

// Owned by the stream alone: whoever makes a piece holds it weakly, and so finds out that the
// client has gone.
class Pieces : public std::enable_shared_from_this<Pieces> {
 public:
  explicit Pieces(PieceSource source) : source_(std::move(source)) {}

  absl::StatusOr<bool> Pull(std::string* chunk) {
    bool more = true;
    {
      const absl::MutexLock lock(&mutex_);
      if (!status_.ok()) return status_;
      chunk->append(ready_);
      ready_.clear();
      more = !complete_;
    }
    if (more) Ask();
    return more;
  }

 private:
  void Ask() {
    {
      const absl::MutexLock lock(&mutex_);
      if (asking_ || complete_ || !status_.ok() || ready_.size() >= kAheadBytes) return;
      asking_ = true;
    }
    source_([weak = weak_from_this()](absl::StatusOr<Piece> piece) {
      if (const auto pieces = weak.lock()) pieces->Take(std::move(piece));
    });
  }

  void Take(absl::StatusOr<Piece> piece) {
    {
      const absl::MutexLock lock(&mutex_);
      asking_ = false;
      if (piece.ok()) {
        ready_.append(piece->bytes);
        complete_ = !piece->more;
      } else {
        status_ = piece.status();
      }
    }
    Ask();
  }

  const PieceSource source_;
  absl::Mutex mutex_;
  std::string ready_ ABSL_GUARDED_BY(mutex_);
  bool asking_ ABSL_GUARDED_BY(mutex_) = false;
  bool complete_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

http::BodyStream StreamOf(PieceSource source) {
  auto pieces = std::make_shared<Pieces>(std::move(source));
  return [pieces](std::string* chunk) { return pieces->Pull(chunk); };
}

}  // namespace batuta::api
