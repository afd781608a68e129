// What a segment would be that is not defined yet: how many fit its rule, which condition costs how
// many, and some of them. Nothing changes by it.
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/object_reader.h"
#include "api/preview_question.h"
#include "api/preview_run.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"

namespace batuta::api {
namespace {

// Each partition's share of those asked stands for its people. The error is that of 95 % of such
// samples (normal approximation, strata by partition).
struct Estimate {
  double count = 0;
  double variance = 0;
  void Add(const PreviewPart& part, uint64_t hits) {
    if (part.asked == 0) return;
    const auto people = static_cast<double>(part.people);
    const double share = static_cast<double>(hits) / static_cast<double>(part.asked);
    count += people * share;
    variance += people * people * share * (1 - share) / static_cast<double>(part.asked);
  }
  double Error() const { return 1.96 * std::sqrt(variance); }
};

std::string AnswerJson(const PreviewQuestion& question, const std::vector<PreviewPart>& parts) {
  Estimate all;
  uint64_t people = 0;
  uint64_t asked = 0;
  std::vector<Estimate> conditions(question.parts.size());
  ListBuilder shown;
  size_t count_shown = 0;
  for (const PreviewPart& part : parts) {
    people += part.people;
    asked += part.asked;
    all.Add(part, part.fit);
    for (size_t i = 0; i < conditions.size(); ++i) conditions[i].Add(part, part.conditions[i]);
    for (const base::PersonId& person : part.shown) {
      if (count_shown++ < kPreviewShown) shown.Add(base::TextValue(person.ToString()));
    }
  }
  const bool is_exact = asked == people;
  ListBuilder list;
  for (size_t i = 0; i < conditions.size(); ++i) {
    ObjectBuilder condition;
    condition.Add("expression", question.parts[i]->text);
    condition.Add("count", std::round(conditions[i].count));
    list.Add(condition.Take());
  }
  ObjectBuilder out;
  out.Add("count", std::round(all.count));
  out.Add("exact", is_exact);
  if (!is_exact) out.Add("error", std::ceil(all.Error()));
  out.AddCount("people", people).AddCount("asked", asked);
  out.Add("conditions", list.Take());
  out.Add("sample", shown.Take());
  return base::ToJson(out.Take());
}

std::optional<PreviewWish> ReadPreview(const ExchangePtr& exchange) {
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) {
    exchange->FailNotJson(root.status());
    return std::nullopt;
  }
  std::vector<http::ProblemError> errors;
  ObjectReader body(*root, "", errors);
  PreviewWish wish;
  wish.rule = body.Text("rule", Need::kRequired);
  wish.purpose = body.Text("purpose");
  wish.is_estimate = body.Bool("estimate");
  body.Finish();
  if (errors.empty()) return wish;
  exchange->Fail(std::move(errors));
  return std::nullopt;
}

void Ask(const ExchangePtr& exchange, const std::shared_ptr<const PreviewQuestion>& question,
         std::function<void()> ended) {
  std::make_shared<PreviewRun>(
      exchange, question,
      [exchange, question, ended](const absl::StatusOr<std::vector<PreviewPart>>& parts) {
        ended();
        if (!parts.ok()) return exchange->Fail(parts.status());
        exchange->Json(AnswerJson(*question, *parts));
      })
      ->Begin();
}

// What reads the history of everybody takes long, and memory: one at a time.
void Begin(const ExchangePtr& exchange, const PreviewWish& wish) {
  std::vector<http::ProblemError> errors;
  const auto view = exchange->core().definitions.Now();
  const auto question = CompilePreview(view->definitions, wish, errors);
  if (question == nullptr) return exchange->Fail(std::move(errors));
  if (question->is_estimate || question->is_counted) return Ask(exchange, question, [] {});
  Turns& turns = exchange->core().preview_turns;
  turns.Ask([exchange, question, &turns] { Ask(exchange, question, [&turns] { turns.End(); }); });
}

void Preview(const ExchangePtr& exchange) {
  const auto wish = ReadPreview(exchange);
  if (!wish.has_value()) return;
  AfterSettling(exchange, [exchange, wish = *wish] {
    InBackground(exchange, [exchange, wish] { Begin(exchange, wish); });
  });
}

}  // namespace

void AddPreviewRoutes(Core& core) {
  AddRoute(core, http::Method::kPost, "/v1/segments:preview", {.scope = "people:read"}, Preview);
}

}  // namespace batuta::api
