// The audit trail, newest first.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "api/answer.h"
#include "api/ask.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "identity/refs.h"

namespace batuta::api {
namespace {

constexpr int kDefaultLimit = 50;
constexpr int kMaxLimit = 500;

base::Value EntryValue(const engine::AuditRow& row, base::PartitionId partition) {
  const engine::Audit& audit = row.entry();
  ObjectBuilder out;
  out.AddTime("time", row.log_time());
  out.Add("action", audit.action());
  if (!audit.key().empty()) out.Add("key", audit.key());
  if (!audit.object().empty()) out.Add("object", audit.object());
  if (audit.has_person()) out.Add("personId", identity::FromRef(audit.person()).ToString());
  if (!audit.identifier().empty()) out.Add("identifier", base::EncodeHex(audit.identifier()));
  out.Add("position", FormatPositions({{partition, base::Offset{row.offset()}}}));
  return out.Take();
}

// The entries before `cursor` (a number; none: the newest), at most `limit` of them.
std::string PageJson(engine::Fold& fold, std::optional<uint64_t> cursor, int limit) {
  const uint64_t first = fold.state().self.audit_first();
  uint64_t next = std::min(cursor.value_or(UINT64_MAX), fold.state().self.audit_next());
  ListBuilder data;
  for (; next > first && limit > 0; --limit) {
    const auto row =
        fold.state().GetRow<engine::AuditRow>(engine::RowKind::kAudit, engine::NumberKey(--next));
    BATUTA_CHECK(row.has_value(), "an entry of the audit trail is missing");
    data.Add(EntryValue(*row, fold.settings().partition));
  }
  ObjectBuilder out;
  out.Add("data", data.Take());
  out.Add("hasMore", next > first);
  if (next > first) out.Add("nextCursor", base::StrCat(next));
  return base::ToJson(out.Take());
}

void List(const ExchangePtr& exchange) {
  const auto limit = LimitIn(exchange, kDefaultLimit, kMaxLimit);
  if (!limit.has_value()) return;
  std::optional<uint64_t> cursor;
  if (const auto text = exchange->request().Query("cursor")) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(base::AbslView(*text), &number)) {
      return exchange->Fail(http::Status::kBadRequest, "bad_cursor",
                            "The cursor is not one that an answer gave.");
    }
    cursor = number;
  }
  engine::Runtime& runtime = exchange->core().hub.runtime();
  const auto read = [exchange, &runtime, cursor, limit = *limit] {
    runtime.Run(runtime.control(), [exchange, cursor, limit](engine::Fold& fold) {
      exchange->Json(PageJson(fold, cursor, limit));
    });
  };
  // Everything that was queued before is shown, but for a full disk, where nothing settles.
  if (runtime.DiskFull()) return read();
  runtime.Settle(read);
}

}  // namespace

void AddAuditRoutes(Core& core) {
  AddRoute(core, http::Method::kGet, "/v1/audit", {.scope = "audit:read"}, List);
}

}  // namespace batuta::api
