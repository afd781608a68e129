#include "api/value_question.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

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

// "; did you mean X?", or nothing.
std::string Hint(std::string_view name, const std::vector<std::string>& names) {
  const std::string near = base::Suggest(name, names);
  return near.empty() ? "" : base::StrCat("; did you mean \"", near, "\"?");
}

bool HasPlacement(const ExchangePtr& exchange, const engine::Definitions& definitions,
                  const std::string& name) {
  if (definitions.catalogue->FindPlacement(name) != nullptr) return true;
  std::vector<std::string> names;
  for (const resource::Resource* known : definitions.resources.OfKind("placement")) {
    names.push_back(known->key.name);
  }
  exchange->Fail(http::Status::kNotFound, "no_such_placement",
                 "There is no placement of this name" + Hint(name, names));
  return false;
}

bool HasSegment(const ExchangePtr& exchange, const engine::Definitions& definitions,
                const std::string& name) {
  if (name.empty() || definitions.segments->Find(name) != nullptr) return true;
  std::vector<std::string> names;
  for (const segment::Segment& segment : definitions.segments->all()) {
    names.push_back(segment.name);
  }
  exchange->Fail({{"/segment", "unknown_segment", "there is no such segment" + Hint(name, names)}});
  return false;
}

}  // namespace

std::optional<ValueWish> ReadValueWish(const ExchangePtr& exchange) {
  ValueWish wish{.placement = exchange->parameter("name")};
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
  if (!HasPlacement(exchange, definitions, wish.placement)) return nullptr;
  if (!HasSegment(exchange, definitions, wish.segment)) return nullptr;
  auto question = std::make_shared<ValueQuestion>();
  question->wish = wish;
  question->definitions = view->definitions;
  question->fields = decision::CohortFields::Of(
      *definitions.catalogue, *definitions.catalogue->FindPlacement(wish.placement),
      *definitions.features, definitions.vocabulary);
  question->plan = rule::ReadPlan(question->fields->table(), definitions.meaning());
  return question;
}

}  // namespace batuta::api
