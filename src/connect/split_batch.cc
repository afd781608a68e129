#include "connect/split_batch.h"

#include <cstddef>

#include "base/text.h"

namespace batuta::connect {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

class Splitter {
 public:
  explicit Splitter(std::string_view body) : body_(body) {}

  std::optional<SplitBatch> Run() {
    for (at_ = body_.find_first_not_of(kSpace); at_ < body_.size(); ++at_) {
      if (!Step(body_[at_])) return std::nullopt;
    }
    if (!open_.empty() || !batch_end_.has_value()) return std::nullopt;
    result_.envelope = base::StrCat(body_.substr(0, batch_begin_ + 1), body_.substr(*batch_end_));
    return std::move(result_);
  }

 private:
  // False when a quote or a bracket has no fellow.
  bool Step(char c) {
    switch (c) {
      case '"':
        return SkipText();
      case '{':
      case '[':
        if (c == '[' && open_ == "}" && is_batch_next_ && !IsInBatch()) Begin();
        open_.push_back(c == '{' ? '}' : ']');
        break;
      case '}':
      case ']':
        if (open_.empty() || open_.back() != c) return false;
        if (IsInBatch() && open_ == "}]") End();
        open_.pop_back();
        break;
      case ',':
        if (IsInBatch() && open_ == "}]") TakeEvent();
        break;
      default:
        break;
    }
    if (c != ':' && kSpace.find(c) == std::string_view::npos) is_batch_next_ = false;
    return true;
  }

  bool SkipText() {
    const size_t begin = at_ + 1;
    for (++at_; at_ < body_.size() && body_[at_] != '"'; ++at_) {
      if (body_[at_] == '\\') ++at_;
    }
    if (at_ >= body_.size()) return false;
    is_batch_next_ = body_.substr(begin, at_ - begin) == "batch";
    return true;
  }

  // A second list of that name is part of the envelope, as in any object the first one counts.
  bool IsInBatch() const { return batch_begin_ != 0 && !batch_end_.has_value(); }
  void Begin() {
    if (batch_end_.has_value()) return;
    batch_begin_ = at_;
    event_begin_ = at_ + 1;
  }
  void End() {
    const std::string_view last = body_.substr(event_begin_, at_ - event_begin_);
    if (!result_.events.empty() || last.find_first_not_of(kSpace) != std::string_view::npos) {
      TakeEvent();
    }
    batch_end_ = at_;
  }
  void TakeEvent() {
    result_.events.push_back(base::TrimAscii(body_.substr(event_begin_, at_ - event_begin_)));
    event_begin_ = at_ + 1;
  }

  std::string_view body_;
  size_t at_ = 0;
  std::string open_;  // what will close the brackets that are open
  bool is_batch_next_ = false;
  size_t batch_begin_ = 0;  // of its bracket; 0: not come yet
  std::optional<size_t> batch_end_;
  size_t event_begin_ = 0;
  SplitBatch result_;
};

}  // namespace

std::optional<SplitBatch> Split(std::string_view body) { return Splitter(body).Run(); }

}  // namespace batuta::connect
