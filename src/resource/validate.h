// Holds a value against a schema and finds everything that is wrong with it, not just the first
// thing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"
#include "resource/document.h"
#include "resource/problem.h"
#include "resource/schema.h"

namespace batuta::resource {

// Collects the problems of one document, with their places; beyond `kMaxProblems` only counts them.
class Findings {
 public:
  static constexpr size_t kMaxProblems = 1000;

  // The document must outlive the findings.
  explicit Findings(const Document& document) : document_(&document) {}

  // About the value at the pointer.
  void Error(std::string_view code, std::string_view pointer, std::string_view message);
  void Warning(std::string_view code, std::string_view pointer, std::string_view message);
  // About the member itself, placed at its name.
  void NameError(std::string_view code, std::string_view pointer, std::string_view message);

  bool empty() const { return problems_.empty(); }
  std::vector<Problem> Take();

 private:
  void Add(Severity severity, std::string_view code, std::string_view pointer,
           std::string_view message, Place place);

  const Document* document_;
  std::vector<Problem> problems_;
  size_t left_out_count_ = 0;
};

// Checks the value at `pointer` of the document.
void Validate(const Schema& schema, const base::Value& value, std::string_view pointer,
              Findings& findings);

// The same for the spec, whose pointer is "/spec".
void ValidateSpec(const Schema& schema, const base::Fields& spec, Findings& findings);

bool IsResourceName(std::string_view text);

}  // namespace batuta::resource
