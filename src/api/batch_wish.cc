#include "api/batch_wish.h"

#include <set>
#include <utility>
#include <vector>

#include "api/api_key.h"
#include "api/batch_rows.h"
#include "api/known_names.h"
#include "api/object_reader.h"
#include "api/person_ref.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::api {
namespace {

constexpr int64_t kSlotsMax = 100;
constexpr int64_t kLimitMax = 1'000'000'000;
constexpr size_t kIdentifiersMax = 8;

// The key opens them, and each is a column of its own.
void ReadIdentifierTypes(const ExchangePtr& exchange, ObjectReader& body,
                         std::vector<http::ProblemError>& errors, BatchWish& wish) {
  wish.identifiers = body.Texts("identifiers");
  if (wish.identifiers.size() > kIdentifiersMax) {
    body.Error("identifiers", "too_many", base::StrCat("at most ", kIdentifiersMax));
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < wish.identifiers.size(); ++i) {
    std::string& type = wish.identifiers[i];
    type = TypeOfMember(type);
    const std::string at = base::StrCat("/identifiers/", i);
    if (!IsIdentifierType(type)) {
      errors.push_back({at, "bad_type", std::string(kIdentifierTypes)});
    } else if (IsBatchColumn(type)) {
      errors.push_back({at, "bad_type", "a column of the file is called so"});
    } else if (!seen.insert(type).second) {
      errors.push_back({at, "duplicate", "it is there twice"});
    }
  }
  if (wish.identifiers.empty() || HasScope(*exchange->key(), "pii:read")) return;
  errors.push_back(
      {"/identifiers", "wrong_key", "it takes a key with the scope \"pii:read\", too"});
}

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
  ReadIdentifierTypes(exchange, body, errors, wish);
  wish.ndjson = body.Choice("format", {"csv", "ndjson"}) == "ndjson";
  wish.dry_run = body.Bool("dryRun");
  body.Finish();
  if (errors.empty()) return wish;
  exchange->Fail(std::move(errors));
  return std::nullopt;
}

}  // namespace batuta::api
