#include "api/value_question.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/known_names.h"
#include "api/object_reader.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::api {
namespace {

constexpr int64_t kCountMax = 1'000'000'000;

double Number(ObjectReader& object, std::string_view name, double low, double high) {
  const base::Value* value = object.Any(name);
  if (value == nullptr) return 0;
  const bool is_number = value->kind_case() == base::Value::kNumber;
  if (is_number && value->number() >= low && value->number() <= high) return value->number();
  object.Error(name, is_number ? "out_of_range" : "wrong_type",
               std::isfinite(high) ? base::StrCat("must be a number from ", low, " to ", high)
                                   : std::string("must be a number"));
  return 0;
}

}  // namespace

std::optional<ValueWish> ReadValueWish(const ExchangePtr& exchange) {
  ValueWish wish{.placement = exchange->parameter("name"),
                 .language = LanguageOf(exchange->request())};
  if (exchange->request().body.empty()) return wish;
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) {
    exchange->FailNotJson(root.status());
    return std::nullopt;
  }
  std::vector<http::ProblemError> errors;
  ObjectReader body(*root, "", errors);
  wish.segment = body.Text("segment");
  wish.sample = static_cast<uint64_t>(body.Integer("sample", 1, kCountMax).value_or(0));
  wish.smallest = static_cast<uint64_t>(body.Integer("smallest", 1, kCountMax).value_or(0));
  if (const base::Value* value = body.Object("weakBelow")) {
    constexpr double kAny = std::numeric_limits<double>::infinity();
    ObjectReader weak(*value, body.PointerTo("weakBelow"), errors);
    wish.weak_below.propensity = Number(weak, "propensity", 0, 1);
    wish.weak_below.net_value = Number(weak, "netValue", -kAny, kAny);
    weak.Finish();
  }
  if (const base::Value* context = body.Object("context")) wish.context = context->object();
  body.Finish();
  if (errors.empty()) return wish;
  exchange->Fail(std::move(errors));
  return std::nullopt;
}

std::shared_ptr<const ValueQuestion> MakeValueQuestion(const ExchangePtr& exchange,
                                                       const ValueWish& wish) {
  const auto view = exchange->core().definitions.Now();
  const engine::Definitions& definitions = *view->definitions;
  const decision::Placement* placement = PlacementInPath(exchange, definitions);
  if (placement == nullptr) return nullptr;
  if (auto unknown = UnknownSegment(definitions.resources, wish.segment, "/segment")) {
    exchange->Fail({*std::move(unknown)});
    return nullptr;
  }
  auto question = std::make_shared<ValueQuestion>();
  question->wish = wish;
  question->definitions = view->definitions;
  question->fields = decision::CohortFields::Of(*definitions.catalogue, *placement,
                                                *definitions.features, definitions.vocabulary);
  question->plan = rule::ReadPlan(question->fields->table(), definitions.meaning());
  return question;
}

}  // namespace batuta::api
