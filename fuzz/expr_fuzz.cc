// Fuzzes the expression language: whatever the text, it is refused with a place inside it, or it is
// compiled and evaluated within its budget; printing it and reading that again changes nothing.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/status.h"
#include "expr/check.h"
#include "expr/compile.h"
#include "expr/evaluate.h"
#include "expr/print.h"

namespace {

using namespace batuta;
using namespace batuta::expr;

constexpr uint64_t kBudget = 50'000;

const base::Value& Person() {
  static const base::Value person = *base::ParseJson(
      R"({"traits": {"country": "MX", "age": 30, "tags": ["a", "b"], "address": {"city": "Puebla"}},
          "segments": ["vip"]})");
  return person;
}

const Environment& Hub() {
  static const Environment environment = [] {
    auto traits = std::make_shared<ObjectSchema>();
    traits->fields = {{"age", Type::Tag::kInt, ""}, {"country", Type::Tag::kString, ""}};
    auto person = std::make_shared<ObjectSchema>();
    person->fields = {{"traits", Type::Object(traits), ""}};
    Environment hub;
    hub.Declare("person", Type::Object(person));
    hub.Declare("event");
    hub.Declare("x", Type::Tag::kInt);
    return hub;
  }();
  return environment;
}

void CheckPlaces(const Diagnostics& diagnostics, std::string_view source) {
  for (const Diagnostic& diagnostic : diagnostics) {
    BATUTA_CHECK(diagnostic.span.begin <= source.size() && !diagnostic.message.empty());
    BATUTA_CHECK(!Describe(diagnostic, source).empty());
  }
}

Value Run(const Program& program, const AttributeTable& table, Evaluator& evaluator) {
  VariableSource source;
  source.Set("person", Value::OfJson(Person()));
  source.Set("x", Value::Int(7));
  Activation activation(table, source);
  return evaluator.Evaluate(program, activation);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  Parsed parsed = Parse(source);
  CheckPlaces(parsed.diagnostics, source);
  BATUTA_CHECK((parsed.expr == nullptr) == !parsed.diagnostics.empty());
  if (parsed.expr == nullptr) return 0;
  const std::string printed = Print(*parsed.expr);
  if (printed.size() <= kSourceBytesMax) {
    const Parsed again = Parse(printed);
    BATUTA_CHECK(again.expr != nullptr, printed);
    BATUTA_CHECK(Print(*again.expr) == printed, printed);
  }
  CheckPlaces(Check(*parsed.expr, Hub()).diagnostics, source);
  AttributeTable table;
  const auto folded = Generate(*parsed.expr, Hub(), table);
  const auto plain = internal::GenerateUnfolded(*parsed.expr, Hub(), table);
  Evaluator first(kBudget);
  Evaluator second(kBudget);
  const Value a = Run(*folded, table, first);
  const Value b = Run(*plain, table, second);
  // Computing early costs less, so only the plain one may run out.
  const bool is_over = b.is_error() && b.code() == ErrorCode::kBudget;
  BATUTA_CHECK(is_over || VerdictOf(a) == VerdictOf(b), "computing early gives another verdict");
  BATUTA_CHECK(is_over || a.kind() == b.kind(), "computing early gives another value");
  return 0;
}
