#include "http/route_pattern.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "base/status.h"
#include "base/text.h"
#include "http/target.h"

namespace batuta::http {
namespace {

bool IsParameterName(std::string_view name) {
  if (name.empty() || !absl::ascii_islower(static_cast<unsigned char>(name[0]))) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  });
}

}  // namespace

absl::StatusOr<SegmentPattern> SegmentPattern::Parse(std::string_view text) {
  SegmentPattern pattern;
  pattern.text_ = text;
  while (!text.empty()) {
    const size_t open = std::min(text.find('{'), text.size());
    if (open > 0) {
      pattern.parts_.push_back({false, std::string(text.substr(0, open))});
      pattern.literal_size_ += open;
      text.remove_prefix(open);
      continue;
    }
    const size_t close = text.find('}');
    if (close == std::string_view::npos) return absl::InvalidArgumentError("'{' without '}'");
    BATUTA_RETURN_IF_ERROR(pattern.AddParameter(text.substr(1, close - 1)));
    text.remove_prefix(close + 1);
  }
  if (pattern.parts_.empty()) pattern.parts_.push_back({false, ""});
  if (pattern.rest_ && pattern.parts_.size() > 1) {
    return absl::InvalidArgumentError("{name...} must be alone in its segment");
  }
  return pattern;
}

absl::Status SegmentPattern::AddParameter(std::string_view name) {
  if (name.ends_with("...")) {
    rest_ = true;
    name.remove_suffix(3);
  }
  if (!IsParameterName(name)) {
    return absl::InvalidArgumentError(base::StrCat("not a parameter name: ", name));
  }
  if (!parts_.empty() && parts_.back().is_parameter) {
    return absl::InvalidArgumentError("two parameters need text between them");
  }
  parts_.push_back({true, std::string(name)});
  return absl::OkStatus();
}

bool SegmentPattern::Match(std::string_view segment, PathParameters* parameters) const {
  size_t at = 0;
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].is_parameter) {
      if (!MatchParameter(i, segment, &at, parameters)) return false;
    } else {
      if (segment.substr(at, parts_[i].text.size()) != parts_[i].text) return false;
      at += parts_[i].text.size();
    }
  }
  return at == segment.size();
}

bool SegmentPattern::MatchParameter(size_t part, std::string_view segment, size_t* at,
                                    PathParameters* parameters) const {
  size_t end = segment.size();
  if (part + 1 < parts_.size()) {
    BATUTA_CHECK(!parts_[part + 1].is_parameter);
    const std::string& behind = parts_[part + 1].text;
    const bool ends_segment = part + 2 == parts_.size();
    end = ends_segment ? segment.rfind(behind) : segment.find(behind, *at + 1);
    if (end == std::string_view::npos) return false;
  }
  if (end <= *at && !rest_) return false;
  std::optional<std::string> value = PercentDecode(segment.substr(*at, end - *at));
  if (!value.has_value()) return false;
  parameters->Add(parts_[part].text, *std::move(value));
  *at = end;
  return true;
}

}  // namespace batuta::http
