#include "rule/aggregates.h"

#include <set>

#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/text.h"
#include "expr/parse.h"
#include "feature/event_type.h"
#include "rule/constant.h"

namespace batuta::rule {
namespace {

class Collector {
 public:
  explicit Collector(const feature::FeatureSpec& spec) : environment_(Functions()) {
    environment_.Declare("e", feature::EventType());
    environment_.Declare("p");
    lines_ = ReadsIn(spec.each);
    for (const feature::Step& step : spec.steps) AddStep(step);
    if (spec.never) AddStep(*spec.never);
    for (const std::string* text : {&spec.each, &spec.line_where, &spec.value}) Add(*text);
  }

  std::map<std::string, Read> Take() { return std::move(reads_); }

 private:
  std::vector<Read> ReadsIn(const std::string& text) const {
    if (text.empty()) return {};
    const expr::Parsed parsed = expr::Parse(text);
    BATUTA_CHECK(parsed.expr != nullptr, text);
    return rule::ReadsOf(*parsed.expr, environment_);
  }

  void AddStep(const feature::Step& step) {
    Add(step.where);
    for (const feature::KeyPair& pair : step.keys) {
      Add(pair.own);
      Add(pair.other);
    }
  }

  void Add(const std::string& text) {
    for (Read& read : ReadsIn(text)) {
      if (read.variable == "p" && !lines_.empty()) {
        read.fields.insert(read.fields.begin(), lines_[0].fields.begin(), lines_[0].fields.end());
      }
      read.variable = "e";
      // Who asks only if it is there may ask of more.
      const auto [at, is_new] = reads_.try_emplace(read.Path(), read);
      if (!is_new) at->second.is_presence = at->second.is_presence && read.is_presence;
    }
  }

  expr::Environment environment_;
  std::vector<Read> lines_;  // what `each` reads
  std::map<std::string, Read> reads_;
};

}  // namespace

std::vector<Read> ReadsOf(const feature::FeatureSpec& spec) {
  std::vector<Read> reads;
  for (auto& [path, read] : Collector(spec).Take()) reads.push_back(std::move(read));
  if (!spec.trait.empty()) {
    Read trait{.variable = "person", .fields = {"traits"}, .span = {}, .last = {}};
    for (std::string& part : std::vector<std::string>(absl::StrSplit(spec.trait, '.'))) {
      trait.fields.push_back(std::move(part));
    }
    reads.push_back(std::move(trait));
  }
  return reads;
}

void AddText(const feature::FeatureSpec& spec, AggregateTexts& texts) {
  texts.try_emplace(base::StrCat("feature.", feature::IdOf(spec)), feature::Print(spec));
}

const std::string& NameIn(const AggregateTexts& texts, const std::string& path) {
  const auto found = texts.find(path);
  return found == texts.end() ? path : found->second;
}

}  // namespace batuta::rule
