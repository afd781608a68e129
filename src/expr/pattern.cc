#include "expr/pattern.h"

#include <utility>

#include "base/text.h"
#include "re2/re2.h"

namespace batuta::expr {
namespace {

constexpr int64_t kPatternMemoryMax = 1 << 20;

}  // namespace

bool Pattern::Matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

size_t Pattern::size() const { return static_cast<size_t>(compiled_->ProgramSize()); }

absl::StatusOr<Pattern> CompilePattern(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemoryMax);
  auto compiled =
      std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) return absl::InvalidArgumentError(compiled->error());
  return Pattern(std::move(compiled));
}

}  // namespace batuta::expr
