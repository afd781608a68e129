#include "api/batch_wish.h"

#include <utility>
#include <vector>

#include "api/known_names.h"
#include "api/object_reader.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::api {
namespace {

constexpr int64_t kSlotsMax = 100;
constexpr int64_t kLimitMax = 1'000'000'000;

}  // namespace

std::optional<BatchWish> ReadBatchWish(const ExchangePtr& exchange) {
  const auto definitions = exchange->core().definitions.Now()->definitions;
  const decision::Placement* placement = PlacementInPath(exchange, *definitions);
  if (placement == nullptr) return std::nullopt;
  BatchWish wish{.placement = placement->name};
  const std::string& text = exchange->request().body;
  const auto root = base::ParseJson(text.empty() ? "{}" : std::string_view(text));
  if (!root.ok()) {
    exchange->FailNotJson(root.status());
    return std::nullopt;
  }
  std::vector<http::ProblemError> errors;
  ObjectReader body(*root, "", errors);
  wish.segment = body.Text("segment");
  if (auto unknown = UnknownSegment(definitions->resources, wish.segment, "/segment")) {
    errors.push_back(*std::move(unknown));
  }
  wish.slots = static_cast<uint32_t>(body.Integer("slots", 1, kSlotsMax).value_or(0));
  if (wish.slots > placement->slots) {
    body.Error("slots", "out_of_range",
               base::StrCat("the placement has ", placement->slots, " slots"));
  }
  wish.limit = static_cast<uint64_t>(body.Integer("limit", 1, kLimitMax).value_or(0));
  if (const base::Value* context = body.Object("context")) wish.context = context->object();
  wish.ndjson = body.Choice("format", {"csv", "ndjson"}) == "ndjson";
  wish.dry_run = body.Bool("dryRun");
  body.Finish();
  if (errors.empty()) return wish;
  exchange->Fail(std::move(errors));
  return std::nullopt;
}

}  // namespace batuta::api
