#include "decision/change_edits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/value.h"
#include "rule/explain.h"

namespace batuta::decision {
namespace {

// Of a list of constants as many are tried.
constexpr int kListed = 8;

bool Concerns(const CandidateTrace& candidate, std::string_view wanted) {
  return wanted.empty() || candidate.action() == wanted;
}

bool IsSame(const Edit& a, const Edit& b) {
  return a.kind == b.kind && a.name == b.name && base::Equal(a.value, b.value) &&
         a.value.kind_case() == b.value.kind_case();
}

void AddOnce(Edit edit, std::vector<Edit>& edits) {
  const bool is_there = std::any_of(edits.begin(), edits.end(),
                                    [&](const Edit& other) { return IsSame(edit, other); });
  if (!is_there) edits.push_back(std::move(edit));
}

// The nearest number beyond a bound: the next whole one from a whole one.
double Beyond(double bound, bool above) {
  if (std::floor(bound) == bound && std::abs(bound) < 9e15) return bound + (above ? 1 : -1);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return std::nextafter(bound, above ? kInfinity : -kInfinity);
}

// The comparison as it had to hold: under a `!` its opposite.
std::string Demanded(const rule::Leaf& leaf) {
  static constexpr std::pair<std::string_view, std::string_view> kOpposites[] = {
      {"==", "!="}, {"!=", "=="}, {"<", ">="},   {">=", "<"},
      {">", "<="},  {"<=", ">"},  {"in", "!in"}, {"has", "!has"}};
  if (!leaf.negated()) return leaf.comparison();
  for (const auto& [straight, opposite] : kOpposites) {
    if (leaf.comparison() == straight) return std::string(opposite);
  }
  return "";
}

// Values that meet what a comparison with a constant demands, the nearest first.
void AddFacts(const rule::Leaf& leaf, std::vector<Edit>& edits) {
  const std::string demanded = Demanded(leaf);
  const base::Value& expected = leaf.expected();
  const auto add = [&](base::Value value) {
    AddOnce({.kind = EditKind::kFact,
             .name = leaf.path(),
             .comparison = demanded,
             .value = std::move(value)},
            edits);
  };
  if (demanded == "==" || demanded == ">=" || demanded == "<=") return add(expected);
  if (demanded == "!has") return add({});
  if (demanded == "in" && expected.has_list()) {
    const int count = std::min(expected.list().values_size(), kListed);
    for (int i = 0; i < count; ++i) add(expected.list().values(i));
  } else if (demanded == "!=" && expected.kind_case() == base::Value::kBoolean) {
    add(base::BooleanValue(!expected.boolean()));
  } else if (expected.kind_case() == base::Value::kNumber) {
    if (demanded == "<" || demanded == ">" || demanded == "!=") {
      add(base::NumberValue(Beyond(expected.number(), demanded != "<")));
    }
  }
}

// `"vip" in person.segments`: the segment, if the condition is of that form.
std::optional<std::string> SegmentOf(const rule::Leaf& leaf) {
  std::string_view text = leaf.text();
  if (!text.ends_with("\" in person.segments") || !text.starts_with('"')) return std::nullopt;
  text.remove_prefix(1);
  text.remove_suffix(std::string_view("\" in person.segments").size());
  return std::string(text);
}

// Those of conditions that are no comparison with a constant.
void AddPlainFact(const rule::Leaf& leaf, std::vector<Edit>& edits) {
  if (leaf.seen_size() != 1) return;
  const rule::Seen& seen = leaf.seen(0);
  Edit edit{.kind = EditKind::kFact, .name = seen.path()};
  if (leaf.text() == seen.path()) {
    edit.comparison = "==";
    edit.value = base::BooleanValue(!leaf.negated());
    return AddOnce(std::move(edit), edits);
  }
  const auto segment = SegmentOf(leaf);
  if (!segment || !seen.value().has_list()) return;
  edit.comparison = leaf.negated() ? "without" : "with";
  edit.value = base::TextValue(*segment);
  AddOnce(std::move(edit), edits);
}

// Whether the path was read, and neither what it is a part of nor a part of it: those would not go
// along with an edit.
bool IsReadAlone(const std::string& path, const Trace& trace) {
  bool is_read = false;
  for (const rule::Seen& seen : trace.values()) {
    is_read = is_read || seen.path() == path;
    if (seen.path().starts_with(base::StrCat(path, "."))) return false;
    if (path.starts_with(base::StrCat(seen.path(), "."))) return false;
  }
  return is_read;
}

std::vector<Edit> Facts(const Decision& decision, std::string_view wanted) {
  std::vector<Edit> edits;
  for (const CandidateTrace& candidate : decision.trace().candidates()) {
    if (!Concerns(candidate, wanted)) continue;
    for (const rule::Leaf& leaf : candidate.operands().leaves()) {
      if (leaf.path().empty()) {
        AddPlainFact(leaf, edits);
      } else if (IsReadAlone(leaf.path(), decision.trace())) {
        AddFacts(leaf, edits);
      }
    }
  }
  return edits;
}

bool IsBlock(const CandidateTrace& candidate) { return candidate.reason() == BLOCKED; }

std::vector<Edit> OfCandidates(EditKind kind, const Decision& decision, std::string_view wanted) {
  std::vector<Edit> edits;
  for (const CandidateTrace& candidate : decision.trace().candidates()) {
    if (!Concerns(candidate, wanted)) continue;
    const Operands& operands = candidate.operands();
    const bool lacks_consent =
        candidate.reason() == CONSENT_MISSING || candidate.reason() == CONSENT_DENIED;
    if (kind == EditKind::kConsent && lacks_consent) {
      AddOnce({.kind = kind, .name = operands.purpose()}, edits);
    } else if (kind == EditKind::kPreference && candidate.reason() == UNWANTED) {
      AddOnce({.kind = kind, .name = operands.subject()}, edits);
    } else if (kind == EditKind::kPreference && candidate.reason() == PAUSED) {
      AddOnce({.kind = kind, .name = base::StrCat("pause ", operands.subject())}, edits);
    } else if (kind == EditKind::kBlock && IsBlock(candidate)) {
      AddOnce({.kind = kind, .name = operands.policy()}, edits);
    }
  }
  return edits;
}

// The segments that the person would be in.
void EditSegments(const Edit& edit, base::Value& segments) {
  auto& names = *segments.mutable_list()->mutable_values();
  const std::string& name = edit.value.text();
  if (edit.comparison == "with") {
    *names.Add() = edit.value;
    return;
  }
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const base::Value& one) { return one.text() == name; }),
              names.end());
}

void ApplyFact(const Edit& edit, rule::Seen& seen) {
  const bool is_of_segments = edit.comparison == "with" || edit.comparison == "without";
  if (is_of_segments) return EditSegments(edit, *seen.mutable_value());
  seen.clear_value();
  if (edit.value.kind_case() == base::Value::KIND_NOT_SET) {
    seen.set_reading(rule::ABSENT);
  } else {
    seen.set_reading(rule::VALUE);
    *seen.mutable_value() = edit.value;
  }
}

}  // namespace

std::vector<Edit> EditsOf(EditKind kind, const Decision& decision, std::string_view wanted) {
  if (kind == EditKind::kFact) return Facts(decision, wanted);
  if (kind != EditKind::kHoldout) return OfCandidates(kind, decision, wanted);
  std::vector<Edit> edits;
  for (const HoldoutRead& read : decision.trace().holdouts()) {
    edits.push_back({.kind = kind, .name = read.name()});
  }
  return edits;
}

void Apply(const Edit& edit, Decision& decision) {
  Trace& trace = *decision.mutable_trace();
  if (edit.kind == EditKind::kConsent) {
    for (ConsentRead& read : *trace.mutable_consents()) {
      if (read.purpose() == edit.name) read.set_state(CONSENT_GRANTED);
    }
  } else if (edit.kind == EditKind::kPreference) {
    auto& reads = *trace.mutable_preferences();
    const auto is_it = [&](const PreferenceRead& read) {
      return base::StrCat(read.kind(), " ", read.name()) == edit.name;
    };
    reads.erase(std::remove_if(reads.begin(), reads.end(), is_it), reads.end());
  } else if (edit.kind == EditKind::kFact) {
    for (rule::Seen& seen : *trace.mutable_values()) {
      if (seen.path() == edit.name) ApplyFact(edit, seen);
    }
  } else if (edit.kind == EditKind::kHoldout) {
    auto& reads = *trace.mutable_holdouts();
    const auto is_it = [&](const HoldoutRead& read) { return read.name() == edit.name; };
    reads.erase(std::remove_if(reads.begin(), reads.end(), is_it), reads.end());
  }
}

}  // namespace batuta::decision
