// Events that were answered with 200 and not applied: which, and why, newest first.
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/routes.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace batuta::api {
namespace {

constexpr int kDefaultLimit = 50;
constexpr int kMaxLimit = 500;

struct Listed {
  int64_t log_time = 0;
  uint16_t partition = 0;
  uint64_t number = 0;
  uint64_t offset = 0;
  std::string code;
  auto Order() const { return std::tuple(log_time, partition, number); }
};

std::string NumberKey(uint64_t number) {
  base::ByteWriter writer;
  writer.U64(number);
  return writer.Take();
}

std::optional<Listed> At(engine::Fold& fold, uint64_t number) {
  const auto row =
      fold.state().GetRow<engine::RejectionRow>(engine::RowKind::kRejection, NumberKey(number));
  if (!row.has_value()) return std::nullopt;
  return Listed{.log_time = row->log_time(),
                .partition = base::Index(fold.settings().partition),
                .number = number,
                .offset = row->offset(),
                .code = row->code()};
}

// The newest of a partition before the cursor. Log time grows with the numbers, so they are
// searched by halves.
std::vector<Listed> NewestOf(engine::Fold& fold, const std::optional<Listed>& cursor,
                             size_t limit) {
  const uint64_t first = fold.state().self.rejections_first();
  uint64_t end = fold.state().self.rejections_next();
  if (cursor.has_value()) {
    uint64_t low = first;
    while (low < end) {
      const uint64_t middle = low + (end - low) / 2;
      const auto row = At(fold, middle);
      if (row.has_value() && row->Order() < cursor->Order()) {
        low = middle + 1;
      } else {
        end = middle;
      }
    }
  }
  std::vector<Listed> listed;
  while (end > first && listed.size() < limit) {
    if (auto row = At(fold, --end)) listed.push_back(*std::move(row));
  }
  return listed;
}

std::string FormatCursor(const Listed& last) {
  base::ByteWriter writer;
  writer.Signed(last.log_time);
  writer.U16(last.partition);
  writer.Varint(last.number);
  return base::EncodeHex(writer.bytes());
}

// False if the text is no cursor.
bool ParseCursor(std::string_view text, std::optional<Listed>& cursor) {
  if (text.empty()) return true;
  const auto bytes = base::DecodeHex(text);
  if (!bytes.ok()) return false;
  base::ByteReader reader(*bytes);
  Listed last;
  last.log_time = reader.Signed();
  last.partition = reader.U16();
  last.number = reader.Varint();
  cursor = last;
  return reader.ok() && reader.AtEnd();
}

// What the record says of itself. An event that is a right one, but for a message id that was taken
// by another, is an event in the log. False if the record is neither.
bool ReadRejection(const log::Record& record, engine::Rejection& rejection) {
  if (record.type == static_cast<uint8_t>(engine::RecordType::kRejection)) {
    return rejection.ParseFromString(record.payload);
  }
  engine::Event event;
  if (record.type != static_cast<uint8_t>(engine::RecordType::kEvent) ||
      !event.ParseFromString(record.payload)) {
    return false;
  }
  rejection.set_pointer("/messageId");
  rejection.set_detail(
      "this messageId came with another payload within 7 days, which counts; this one does not");
  rejection.set_source(event.source());
  rejection.set_message_id(event.message_id());
  if (event.type() < std::size(kCallTypes)) {
    rejection.set_type(std::string(kCallTypes[event.type()]));
  }
  rejection.set_event_time(event.event_time());
  return true;
}

base::Value RejectionValue(engine::Hub& hub, const Listed& listed) {
  const base::Position position{base::PartitionId{listed.partition}, base::Offset{listed.offset}};
  ObjectBuilder out;
  out.AddTime("time", listed.log_time);
  out.Add("code", listed.code);
  out.Add("position", FormatPositions({position}));
  const auto record = hub.history().Read(position);
  engine::Rejection rejection;
  if (!record.ok() || !ReadRejection(*record, rejection)) return out.Take();
  out.Add("pointer", rejection.pointer());
  out.Add("detail", rejection.detail());
  out.Add("source", rejection.source());
  out.Add("messageId", rejection.message_id());
  if (!rejection.type().empty()) out.Add("type", rejection.type());
  if (rejection.event_time() != 0) out.AddTime("eventTime", rejection.event_time());
  return out.Take();
}

std::string PageJson(engine::Hub& hub, std::vector<std::vector<Listed>> parts, size_t limit) {
  std::vector<Listed> all;
  for (auto& part : parts) std::move(part.begin(), part.end(), std::back_inserter(all));
  std::sort(all.begin(), all.end(),
            [](const Listed& a, const Listed& b) { return a.Order() > b.Order(); });
  const bool more = all.size() > limit;
  all.resize(std::min(all.size(), limit));
  ListBuilder data;
  for (const Listed& listed : all) data.Add(RejectionValue(hub, listed));
  ObjectBuilder out;
  out.Add("data", data.Take());
  out.Add("hasMore", more);
  if (more) out.Add("nextCursor", FormatCursor(all.back()));
  return base::ToJson(out.Take());
}

void List(const ExchangePtr& exchange) {
  const auto limit = LimitIn(exchange, kDefaultLimit, kMaxLimit);
  if (!limit.has_value()) return;
  std::optional<Listed> cursor;
  if (!ParseCursor(exchange->request().Query("cursor").value_or(""), cursor)) {
    return exchange->Fail(http::Status::kBadRequest, "bad_cursor",
                          "The cursor is not one that an answer gave.");
  }
  const auto count = static_cast<size_t>(*limit);
  AfterSettling(exchange, [exchange, cursor, count] {
    Gather<std::vector<Listed>>(
        exchange->core(),
        [cursor, count](engine::Fold& fold) { return NewestOf(fold, cursor, count + 1); },
        [exchange, count](std::vector<std::vector<Listed>> parts) {
          InBackground(exchange, [exchange, count, parts = std::move(parts)] {
            exchange->Json(PageJson(exchange->core().hub, parts, count));
          });
        });
  });
}

}  // namespace

void AddRejectionRoutes(Core& core) {
  AddRoute(core, http::Method::kGet, "/v1/rejections", {.scope = "people:read"}, List);
}

}  // namespace batuta::api
