// The value finder: who gets nothing at a placement, or only something weak, which stage empties
// them, and what these people have in common. Nothing changes by it.
#include <functional>
#include <memory>
#include <utility>

#include "api/ask.h"
#include "api/routes.h"
#include "api/value_question.h"
#include "api/value_run.h"
#include "api/value_view.h"

namespace batuta::api {
namespace {

// While definitions are being published the partitions switch one after the other.
constexpr int kAttemptsMax = 5;
constexpr base::Duration kBetweenAttempts = base::Millis(200);

void Answer(const ExchangePtr& exchange, const ValueQuestion& question,
            const absl::StatusOr<ValueFound>& found) {
  if (found.ok()) return exchange->Json(ValueJson(question, *found));
  if (absl::IsFailedPrecondition(found.status())) {
    return exchange->Fail(http::Status::kConflict, "segment_not_found_yet",
                          "The members of the segment are still being found; ask again when "
                          "its count says \"ready\".");
  }
  if (absl::IsAborted(found.status())) {
    return exchange->Fail(http::Status::kConflict, "definitions_changed",
                          "The definitions changed while people were looked at; ask again.");
  }
  exchange->Fail(found.status());
}

void Attempt(const ExchangePtr& exchange, const ValueWish& wish, int attempt,
             const std::function<void()>& ended) {
  const auto question = MakeValueQuestion(exchange, wish);
  if (question == nullptr) return ended();
  std::make_shared<ValueRun>(
      exchange, question,
      [exchange, question, attempt, ended](const absl::StatusOr<ValueFound>& found) {
        if (absl::IsAborted(found.status()) && attempt < kAttemptsMax) {
          return exchange->core().background.After(
              kBetweenAttempts, [exchange, wish = question->wish, attempt, ended] {
                Attempt(exchange, wish, attempt + 1, ended);
              });
        }
        Answer(exchange, *question, found);
        ended();
      })
      ->Begin();
}

// It takes long, and memory: one at a time.
void FindValue(const ExchangePtr& exchange) {
  const auto wish = ReadValueWish(exchange);
  if (!wish.has_value()) return;
  AfterSettling(exchange, [exchange, wish = *wish] {
    InBackground(exchange, [exchange, wish] {
      Turns& turns = exchange->core().value_turns;
      turns.Ask(
          [exchange, wish, &turns] { Attempt(exchange, wish, 1, [&turns] { turns.End(); }); });
    });
  });
}

}  // namespace

void AddValueRoutes(Core& core) {
  AddRoute(core, http::Method::kPost, "/v1/placements/{name}:findValue", {.scope = "people:read"},
           FindValue);
}

}  // namespace batuta::api
