#include "api/ask.h"

#include <algorithm>
#include <atomic>
#include <map>

#include "absl/strings/numbers.h"
#include "api/audit.h"
#include "base/text.h"

namespace batuta::api {
namespace {

// Whichever comes first answers: the fold, a failed append, or the clock.
class Waiting {
 public:
  explicit Waiting(AskDone done) : done_(std::move(done)) {}

  void Answer(absl::StatusOr<std::string> result) {
    if (answered_.exchange(true)) return;
    const AskDone done = std::move(done_);
    done_ = nullptr;
    done(std::move(result));
  }
  bool answered() const { return answered_; }

 private:
  std::atomic<bool> answered_ = false;
  AskDone done_;
};

}  // namespace

log::Entry NewEntry(Core& core, base::PartitionId partition, engine::RecordType type,
                    std::string payload) {
  return {.partition = partition,
          .type = static_cast<uint8_t>(type),
          .stamp = core.hub.clock().Wall(),
          .id = core.hub.DrawId(),
          .payload = std::move(payload)};
}

void Ask(Core& core, log::Entry entry, const base::RecordId& request, AskDone done,
         const engine::Audit* audit) {
  auto waiting = std::make_shared<Waiting>(std::move(done));
  engine::Runtime& runtime = core.hub.runtime();
  runtime.Await(request, [waiting](absl::StatusOr<std::string> result) {
    waiting->Answer(std::move(result));
  });
  std::vector<log::Entry> entries;
  entries.push_back(std::move(entry));
  if (audit != nullptr) entries.push_back(AuditEntry(core, *audit));
  const absl::Status queued =
      runtime.Append(std::move(entries), [&runtime, waiting, request](const auto& positions) {
        if (positions.ok()) return;
        runtime.Forget(request);
        waiting->Answer(positions.status());
      });
  if (!queued.ok()) {
    runtime.Forget(request);
    return waiting->Answer(queued);
  }
  core.background.After(core.options.answer_timeout, [&runtime, waiting, request] {
    if (waiting->answered()) return;  // the id may be awaited again meanwhile
    runtime.Forget(request);
    waiting->Answer(absl::DeadlineExceededError("no answer in time"));
  });
}

void InBackground(const ExchangePtr& exchange, std::function<void()> task) {
  if (!exchange->core().background.Post(std::move(task))) exchange->Fail(OverloadProblem());
}

void AfterSettling(const ExchangePtr& exchange, std::function<void()> next) {
  const std::string_view position = exchange->request().Header("X-Log-Position");
  if (position.empty()) return next();
  if (!IsPositionText(position)) {
    return exchange->Fail(http::Status::kBadRequest, "bad_position",
                          "X-Log-Position is a list such as 3:1042,5:77, as an answer gave it.");
  }
  exchange->core().hub.runtime().Settle(std::move(next));
}

std::optional<int> LimitIn(const ExchangePtr& exchange, int fallback, int most) {
  const auto text = exchange->request().Query("limit");
  if (!text.has_value()) return fallback;
  int limit = 0;
  if (absl::SimpleAtoi(base::AbslView(*text), &limit) && limit >= 1 && limit <= most) return limit;
  exchange->Fail(http::Status::kBadRequest, "bad_limit",
                 base::StrCat("limit is a whole number from 1 to ", most, "."));
  return std::nullopt;
}

std::string FormatPositions(const std::vector<base::Position>& positions) {
  std::map<uint16_t, uint64_t> last;
  for (const base::Position& position : positions) {
    uint64_t& offset = last[base::Index(position.partition)];
    offset = std::max(offset, base::Number(position.offset));
  }
  std::string text;
  for (const auto& [partition, offset] : last) {
    base::StrAppend(&text, text.empty() ? "" : ",", partition, ":", offset);
  }
  return text;
}

bool IsPositionText(std::string_view text) {
  bool digit = false;
  bool colon = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digit = true;
    } else if (c == ':' && digit && !colon) {
      colon = true;
      digit = false;
    } else if (c == ',' && digit && colon) {
      colon = digit = false;
    } else {
      return false;
    }
  }
  return digit && colon && text.size() <= 4096;
}

}  // namespace batuta::api
