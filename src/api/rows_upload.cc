#include "api/rows_upload.h"

#include <memory>
#include <utility>

#include "api/ask.h"
#include "api/audit.h"
#include "base/text.h"

namespace batuta::api {
namespace {

class Upload : public std::enable_shared_from_this<Upload> {
 public:
  Upload(Core& core, table::Head head, std::vector<std::string> parts, UploadDone done)
      : core_(core), head_(std::move(head)), parts_(std::move(parts)), done_(std::move(done)) {
    head_.set_upload(core_.hub.DrawId().ToBytes());
  }

  void SendNext() {
    const base::RecordId request = core_.hub.DrawId();
    engine::TablePartAsk ask;
    ask.set_request_id(request.ToBytes());
    engine::TablePart& part = *ask.mutable_part();
    part.set_table(head_.table());
    part.set_upload(head_.upload());
    part.set_number(static_cast<uint32_t>(next_));
    part.set_rows(std::move(parts_[next_++]));
    const bool is_last = next_ == parts_.size();
    if (is_last) *part.mutable_head() = head_;
    const engine::Audit audit = AuditOf(kUploadRows, head_.author(), head_.table());
    Ask(
        core_,
        NewEntry(core_, core_.hub.runtime().control(), engine::RecordType::kTablePartAsk,
                 ask.SerializeAsString()),
        request,
        [self = shared_from_this(), is_last](const absl::StatusOr<std::string>& answer) {
          self->OnAnswer(answer.status(), is_last);
        },
        is_last ? &audit : nullptr);
  }

 private:
  void OnAnswer(const absl::Status& status, bool is_last) {
    if (status.ok() && !is_last) return SendNext();
    // The last one is answered when all partitions have switched; when that takes long, they will.
    const bool is_under_way = is_last && absl::IsDeadlineExceeded(status);
    if (!status.ok() && !is_under_way) return done_(status);
    core_.definitions.Refresh([self = shared_from_this(), is_under_way] {
      const auto view = self->core_.definitions.Now();
      const auto found = view->tables->find(self->head_.table());
      const bool is_there =
          found != view->tables->end() && found->second->head().upload() == self->head_.upload();
      self->done_(
          Uploaded{is_there ? found->second->head() : self->head_, is_there && !is_under_way});
    });
  }

  Core& core_;
  table::Head head_;
  std::vector<std::string> parts_;
  const UploadDone done_;
  size_t next_ = 0;
};

}  // namespace

void UploadRows(Core& core, table::Head head, std::vector<std::string> parts, UploadDone done) {
  std::make_shared<Upload>(core, std::move(head), std::move(parts), std::move(done))->SendNext();
}

void FailUpload(const ExchangePtr& exchange, const absl::Status& status) {
  if (!absl::IsAborted(status)) return exchange->Fail(status);
  exchange->Fail(http::Status::kConflict, "changed_meanwhile", base::StrCat(status.message()));
}

}  // namespace batuta::api
