// For tests: holds answers against docs/openapi.yaml.
//
// Knows the part of JSON Schema that the description uses: $ref, type, properties, required,
// additionalProperties, items, enum, const, oneOf, pattern, minimum, maximum, format date-time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"
#include "http/message.h"
#include "http/route_table.h"

namespace batuta::api {

class OpenApi {
 public:
  // Requires: the tests run in the project's folder.
  static OpenApi Load();

  struct Operation {
    http::Method method;
    std::string path;  // "/v1/decisions/{id}"
    const base::Value* value = nullptr;
  };
  const std::vector<Operation>& operations() const { return operations_; }

  // What is wrong with the answer, a line each; "" if it is as described.
  std::string Check(http::Method method, std::string_view raw_path,
                    const http::Response& response) const;

 private:
  void CheckBody(const base::Value& answer, const http::Response& response,
                 std::string* problems) const;
  void CheckValue(const base::Value& schema, const base::Value& value, const std::string& at,
                  std::string* problems) const;
  void CheckObject(const base::Value& schema, const base::Value& value, const std::string& at,
                   std::string* problems) const;
  void CheckScalar(const base::Value& schema, const base::Value& value, const std::string& at,
                   std::string* problems) const;
  const base::Value& Resolve(const base::Value& value) const;

  base::Value root_;
  std::vector<Operation> operations_;
  http::RouteTable routes_;
};

}  // namespace batuta::api
