#include "whatif/record_reader.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace batuta::whatif {
namespace {

constexpr uint64_t kRecordsPerScan = 512;

}  // namespace

const log::Record* RecordReader::Peek() {
  if (waiting_.empty() && read_ < end_ && status_.ok()) Fill();
  return waiting_.empty() ? nullptr : &waiting_.front();
}

log::Record RecordReader::Take() {
  BATUTA_CHECK(!waiting_.empty());
  log::Record record = std::move(waiting_.front());
  waiting_.pop_front();
  return record;
}

void RecordReader::Fill() {
  const base::Offset up_to{std::min(base::Number(end_), base::Number(read_) + kRecordsPerScan)};
  status_ = history_.Scan(partition_, read_, up_to, [this](const log::Record& record) {
    waiting_.push_back(record);
    return absl::OkStatus();
  });
  read_ = up_to;
}

}  // namespace batuta::whatif
