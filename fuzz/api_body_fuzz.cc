// Fuzzes the strict reading of request bodies and of API keys: whatever a body holds, each wrong
// member is an error with a place, and no member that nobody asked for goes unseen.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_key.h"
#include "api/object_reader.h"
#include "base/json.h"
#include "base/status.h"
#include "fuzz/input.h"

namespace batuta::api {
namespace {

void ReadNested(const base::Value& value, const std::string& pointer, int depth,
                std::vector<http::ProblemError>& errors) {
  ObjectReader reader(value, pointer, errors);
  reader.Text("text", Need::kRequired);
  reader.Choice("choice", {"one", "two"});
  const auto number = reader.Integer("number", -5, 1000);
  BATUTA_CHECK(!number.has_value() || (*number >= -5 && *number <= 1000));
  reader.Bool("flag");
  reader.Texts("texts");
  reader.Any("any");
  const base::Value* inner = reader.Object("object");
  if (inner != nullptr && depth < 8) {
    ReadNested(*inner, reader.PointerTo("object"), depth + 1, errors);
  }
  reader.Finish();
}

void CheckBody(std::string_view text) {
  const auto body = base::ParseJson(text);
  if (!body.ok()) return;
  std::vector<http::ProblemError> errors;
  ReadNested(*body, "", 0, errors);
  for (const http::ProblemError& error : errors) {
    BATUTA_CHECK(error.pointer.empty() || error.pointer.front() == '/', error.pointer);
    BATUTA_CHECK(!error.code.empty() && !error.detail.empty());
  }
  if (!body->has_object()) {
    BATUTA_CHECK(!errors.empty(), "a body that is no object was taken");
    return;
  }
  constexpr std::string_view kKnown[] = {"text",  "choice", "number", "flag",
                                         "texts", "any",    "object"};
  for (const base::Field& field : body->object().fields()) {
    const bool is_known =
        std::find(std::begin(kKnown), std::end(kKnown), field.name()) != std::end(kKnown);
    BATUTA_CHECK(is_known || !errors.empty(), "an unknown member went unseen");
  }
}

}  // namespace
}  // namespace batuta::api

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::api;
  batuta::fuzz::Input input(data, size);
  if (input.U8() % 4 == 3) {
    const auto id = KeyIdOf(input.rest());
    BATUTA_CHECK(!id.has_value() || !id->empty());
  } else {
    CheckBody(input.rest());
  }
  return 0;
}
