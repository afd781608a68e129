// Reads the members of a JSON object of a request, strictly: every wrong type, missing or unknown
// member becomes an error with its JSON pointer, and all are found at once.
//
//     ObjectReader body(value, "", errors);
//     const std::string placement = body.Text("placement", Need::kRequired);
//     body.Finish();                            // what was not asked for is unknown
//
// Borrows the value and the errors. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/value.pb.h"
#include "http/problem.h"

namespace batuta::api {

enum class Need { kOptional, kRequired };

class ObjectReader {
 public:
  // A value that is no object is an error, and reads as an empty one.
  ObjectReader(const base::Value& value, std::string_view pointer,
               std::vector<http::ProblemError>& errors);

  // Null if absent or null.
  const base::Value* Any(std::string_view name);

  std::string Text(std::string_view name, Need need = Need::kOptional);
  // One of `options`; "" if absent.
  std::string Choice(std::string_view name, absl::Span<const std::string> options,
                     Need need = Need::kOptional);
  // A whole number within [low, high].
  std::optional<int64_t> Integer(std::string_view name, int64_t low, int64_t high);
  bool Bool(std::string_view name);
  std::vector<std::string> Texts(std::string_view name);
  // Null if absent; an error if it is no object.
  const base::Value* Object(std::string_view name, Need need = Need::kOptional);

  // Members that were not asked for are errors.
  void Finish();

  void Error(std::string_view name, std::string_view code, std::string_view detail);
  std::string PointerTo(std::string_view name) const;

 private:
  const base::Value* Take(std::string_view name, Need need);

  const base::Fields* fields_;
  std::string pointer_;
  std::vector<http::ProblemError>& errors_;
  std::vector<std::string> known_;
  bool is_object_;
};

}  // namespace batuta::api
