// Batches: decisions for everybody, or for a segment, into a file.
#include <memory>
#include <utility>

#include "api/ask.h"
#include "api/batch_job.h"
#include "api/batch_wish.h"
#include "api/job_answer.h"
#include "api/routes.h"

namespace batuta::api {
namespace {

void DecideAll(const ExchangePtr& exchange) {
  auto wish = ReadBatchWish(exchange);
  if (!wish.has_value()) return;
  AfterSettling(exchange, [exchange, wish = *std::move(wish)] {
    InBackground(exchange, [exchange, wish] {
      JobWish job{.kind = "decide_all", .about = wish.placement, .scopes = {"decisions"}};
      if (!wish.identifiers.empty()) job.scopes.push_back("pii:read");
      StartJob(exchange, std::move(job),
               std::make_unique<BatchJob>(exchange->core(), wish, exchange->key()->source(),
                                          exchange->key()->id()));
    });
  });
}

}  // namespace

void AddBatchRoutes(Core& core) {
  AddRoute(core, http::Method::kPost, "/v1/placements/{name}:decideAll", {.scope = "decisions"},
           DecideAll);
}

}  // namespace batuta::api
