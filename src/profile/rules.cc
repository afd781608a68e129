#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "profile/survivorship.h"

namespace batuta::profile {
namespace {

constexpr std::array<std::pair<std::string_view, RuleKind>, 5> kRuleNames = {{
    {"mostRecent", RuleKind::kMostRecent},
    {"mostTrusted", RuleKind::kMostTrusted},
    {"mostFrequent", RuleKind::kMostFrequent},
    {"first", RuleKind::kFirst},
    {"list", RuleKind::kList},
}};

std::string UnknownRule(std::string_view word) {
  std::vector<std::string> known;
  for (const auto& [name, kind] : kRuleNames) known.emplace_back(name);
  const std::string near = base::Suggest(word, known);
  return base::StrCat("survivorship: \"", word, "\" is not one of ", absl::StrJoin(known, ", "),
                      near.empty() ? "" : base::StrCat("; did you mean \"", near, "\"?"));
}

void ReadKind(const base::Fields& spec, Rule& rule, std::vector<std::string>& errors) {
  const base::Value* stated = base::Find(spec, "survivorship");
  if (stated == nullptr || base::IsNull(*stated)) return;
  for (const auto& [name, kind] : kRuleNames) {
    if (stated->text() == name) {
      rule.kind = kind;
      return;
    }
  }
  errors.push_back(UnknownRule(stated->text()));
}

void ReadTrust(const base::Fields& spec, Rule& rule, std::vector<std::string>& errors) {
  const base::Value* stated = base::Find(spec, "trust");
  if (stated != nullptr) {
    for (const base::Value& source : stated->list().values()) {
      if (source.text().empty()) {
        errors.emplace_back("trust: must list names of sources");
      } else if (std::find(rule.trust.begin(), rule.trust.end(), source.text()) !=
                 rule.trust.end()) {
        errors.push_back(base::StrCat("trust: \"", source.text(), "\" is listed twice"));
      } else {
        rule.trust.push_back(source.text());
      }
    }
  }
  const bool needs_trust = rule.kind == RuleKind::kMostTrusted;
  if (needs_trust && rule.trust.empty()) {
    errors.emplace_back("trust: mostTrusted needs the sources, the most trusted first");
  }
  if (!needs_trust && !rule.trust.empty()) {
    errors.emplace_back("trust: is only for survivorship mostTrusted");
  }
}

std::string_view TraitNameOf(const TraitResource& resource) {
  const base::Value* stated = base::Find(*resource.spec, "trait");
  return stated != nullptr && !stated->text().empty() ? std::string_view(stated->text())
                                                      : resource.name;
}

}  // namespace

std::string_view RuleName(RuleKind kind) {
  for (const auto& [name, known] : kRuleNames) {
    if (known == kind) return name;
  }
  BATUTA_CHECK(false, "a rule without a name");
}

absl::StatusOr<Rules> Rules::Compile(std::span<const TraitResource> resources) {
  Rules rules;
  std::vector<std::string> all_errors;
  for (const TraitResource& resource : resources) {
    BATUTA_CHECK(resource.spec != nullptr);
    std::vector<std::string> errors;
    Named named{.trait = std::string(TraitNameOf(resource)), .rule = {}};
    ReadKind(*resource.spec, named.rule, errors);
    ReadTrust(*resource.spec, named.rule, errors);
    for (const std::string& error : errors) {
      all_errors.push_back(base::StrCat("trait/", resource.name, " spec.", error));
    }
    rules.named_.push_back(std::move(named));
  }
  std::sort(rules.named_.begin(), rules.named_.end(),
            [](const Named& a, const Named& b) { return a.trait < b.trait; });
  const auto twice =
      std::adjacent_find(rules.named_.begin(), rules.named_.end(),
                         [](const Named& a, const Named& b) { return a.trait == b.trait; });
  if (twice != rules.named_.end()) {
    all_errors.push_back(base::StrCat("trait ", twice->trait, " has two rules; keep one"));
  }
  if (!all_errors.empty()) return absl::InvalidArgumentError(absl::StrJoin(all_errors, "\n"));
  return rules;
}

const Rules::Named* Rules::Find(std::string_view trait) const {
  const auto found = std::lower_bound(
      named_.begin(), named_.end(), trait,
      [](const Named& named, std::string_view name) { return named.trait < name; });
  return found != named_.end() && found->trait == trait ? &*found : nullptr;
}

const Rule& Rules::Of(std::string_view trait) const {
  const Named* named = Find(trait);
  return named != nullptr ? named->rule : default_;
}

bool Rules::Declares(std::string_view trait) const { return Find(trait) != nullptr; }

}  // namespace batuta::profile
