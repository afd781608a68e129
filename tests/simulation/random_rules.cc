#include "simulation/random_rules.h"

#include <iterator>
#include <set>
#include <utility>

#include "base/text.h"
#include "feature/sample_features.h"
#include "feature/spec.h"
#include "simulation/failure.h"

namespace batuta::simulation {
namespace {

using feature::NaiveValue;
using feature::OneOf;

constexpr int64_t kHour = 3'600'000'000;

feature::FeatureSpec SpecOf(const std::string& expression) {
  feature::ParsedSpec parsed = feature::ParseSpec(expression);
  Require(parsed.spec.has_value(), expression + " does not parse");
  return *std::move(parsed.spec);
}

std::string DrawAggregate(base::Random& dice) {
  return feature::RandomSpecText(dice, /*is_idempotent=*/false);
}

// What arrives again after the time of deduplication is an event of its own to whatever keeps
// totals; what keeps its events' times knows it (docs/promise.md, D5).
bool TakesEachArrival(const feature::FeatureSpec& spec) {
  using feature::Aggregate;
  if (spec.aggregate == Aggregate::kApproxDecay) return true;
  const bool is_total = spec.aggregate == Aggregate::kCount || spec.aggregate == Aggregate::kSum ||
                        spec.aggregate == Aggregate::kAverage;
  return is_total && !spec.is_pattern() && spec.window.kind == feature::Window::Kind::kEver &&
         spec.once_per.micros == 0;
}

std::vector<feature::NaiveEvent> EachOnce(const std::vector<feature::NaiveEvent>& events) {
  std::set<std::pair<int64_t, uint64_t>> known;
  std::vector<feature::NaiveEvent> once;
  for (const feature::NaiveEvent& event : events) {
    if (known.emplace(event.time, event.identity).second) once.push_back(event);
  }
  return once;
}

}  // namespace

// A leaf compares an aggregate with a constant, or asks how long ago it was.
struct RandomRules::Condition {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kLeaf } kind = Kind::kLeaf;
  std::vector<Tree> children = {};
  std::string path = {};  // of a leaf, as the rule writes it: an aggregate, or
  std::string name = {};  // this feature
  enum class Test : uint8_t { kIs, kAtLeast, kBelow, kEquals, kOlder } test = Test::kIs;
  double number = 0;
  std::string text = {};
};

std::string RandomRules::TextOf(const Condition& condition) {
  const auto joined = [&](std::string_view word) {
    return base::StrCat("(", TextOf(*condition.children[0]), word, TextOf(*condition.children[1]),
                        ")");
  };
  switch (condition.kind) {
    case Condition::Kind::kAnd:
      return joined(" && ");
    case Condition::Kind::kOr:
      return joined(" || ");
    case Condition::Kind::kNot:
      return base::StrCat("!(", TextOf(*condition.children[0]), ")");
    case Condition::Kind::kLeaf:
      break;
  }
  switch (condition.test) {
    case Condition::Test::kIs:
      return condition.path;
    case Condition::Test::kAtLeast:
      return base::StrCat(condition.path, " >= ", condition.text);
    case Condition::Test::kBelow:
      return base::StrCat(condition.path, " < ", condition.text);
    case Condition::Test::kEquals:
      return base::StrCat(condition.path, " == \"", condition.text, "\"");
    case Condition::Test::kOlder:
      return base::StrCat("now - ", condition.path, " > duration(\"", condition.text, "\")");
  }
  return "";
}

RandomRules::Tree RandomRules::DrawLeaf(base::Random& dice,
                                        const std::map<std::string, std::string>& features) {
  auto leaf = std::make_shared<Condition>();
  std::string expression;
  if (dice.Below(3) == 0) {
    expression = leaf->path = DrawAggregate(dice);
  } else {
    auto at = features.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice.Below(features.size())));
    leaf->name = at->first;
    leaf->path = base::StrCat("feature.", at->first);
    expression = at->second;
  }
  using Tag = expr::Type::Tag;
  const expr::Type type = feature::TypeOf(SpecOf(expression)).type;
  if (type.Is(Tag::kBool)) {
    leaf->test = Condition::Test::kIs;
  } else if (type.Is(Tag::kTimestamp)) {
    leaf->test = Condition::Test::kOlder;
    const uint64_t hours = 1 + dice.Below(100);
    leaf->number = static_cast<double>(hours);
    leaf->text = base::StrCat(hours, "h");
  } else if (type.Is(Tag::kInt)) {
    leaf->test = dice.Below(2) == 0 ? Condition::Test::kAtLeast : Condition::Test::kBelow;
    leaf->number = static_cast<double>(dice.Below(5));
    leaf->text = base::StrCat(static_cast<int>(leaf->number));
  } else if (type.Is(Tag::kDouble)) {
    leaf->test = dice.Below(2) == 0 ? Condition::Test::kAtLeast : Condition::Test::kBelow;
    // Rounding does not decide about these.
    static const std::vector<std::pair<double, std::string>> kConstants = {
        {0.131, "0.131"}, {0.613, "0.613"}, {1.717, "1.717"}, {31.37, "31.37"}, {137.1, "137.1"}};
    const auto& [number, text] = OneOf(dice, kConstants);
    leaf->number = number;
    leaf->text = text;
  } else {
    static const std::vector<std::string> kTexts = {"web", "email", "push", "s1", "s2"};
    leaf->test = Condition::Test::kEquals;
    leaf->text = OneOf(dice, kTexts);
  }
  return leaf;
}

RandomRules::Tree RandomRules::DrawTree(base::Random& dice,
                                        const std::map<std::string, std::string>& features,
                                        int depth) {
  const uint64_t shape = depth == 0 ? 9 : dice.Below(10);
  if (shape > 6) return DrawLeaf(dice, features);
  auto node = std::make_shared<Condition>();
  node->children.push_back(DrawTree(dice, features, depth - 1));
  if (shape == 6) {
    node->kind = Condition::Kind::kNot;
    return node;
  }
  node->kind = shape < 3 ? Condition::Kind::kAnd : Condition::Kind::kOr;
  node->children.push_back(DrawTree(dice, features, depth - 1));
  return node;
}

void RandomRules::DrawSet(base::Random& dice, std::string_view mark, int features, int segments,
                          std::string& documents) {
  std::map<std::string, std::string> expressions;
  for (int i = 0; i < features; ++i) {
    const std::string name = base::StrCat(kRandomFeature, mark, i);
    const std::string expression = DrawAggregate(dice);
    expressions[name] = expression;
    base::StrAppend(&documents, "---\nkind: feature\nname: ", name, "\nspec: {expression: '",
                    expression, "'}\n");
  }
  for (int i = 0; i < segments; ++i) {
    const Tree tree = DrawTree(dice, expressions, 2);
    const std::string rule = TextOf(*tree);
    trees_[rule] = tree;
    base::StrAppend(&documents, "---\nkind: segment\nname: ", kRandomSegment, mark, i,
                    "\nspec: {rule: '", rule, "'}\n");
  }
}

std::string RandomRules::Documents(uint64_t variant) {
  static const std::vector<std::string> kZones = {
      "America/New_York", "Europe/Berlin",       "America/St_Johns", "America/Havana",
      "Asia/Kathmandu",   "Australia/Lord_Howe", "Africa/Casablanca"};
  base::Random always(seed_, {}, "rules", "always");
  zone_ = OneOf(always, kZones);
  std::string documents = base::StrCat("---\nkind: hub\nname: default\nspec: {currency: MXN, ",
                                       "timeZone: ", zone_, "}\n");
  DrawSet(always, "a", 5, 5, documents);
  base::Random changing(seed_, base::Id128{0, variant % 7}, "rules", "changing");
  DrawSet(changing, "v", 2, 2, documents);
  return documents;
}

NaiveValue RandomRules::ValueOf(const std::string& expression,
                                const std::vector<feature::NaiveEvent>& events, int64_t now) {
  const auto [at, is_new] = values_.try_emplace(expression);
  if (is_new) at->second = Compute(expression, events, now);
  return at->second;
}

NaiveValue RandomRules::Compute(const std::string& expression,
                                const std::vector<feature::NaiveEvent>& events, int64_t now) {
  const auto [at, is_new] = naive_.try_emplace(expression);
  Naive& naive = at->second;
  if (is_new) {
    const feature::FeatureSpec spec = SpecOf(expression);
    naive.takes_each_arrival = TakesEachArrival(spec);
    naive.feature = std::make_unique<feature::NaiveFeature>(spec, feature::SamplePrograms());
  }
  if (naive.takes_each_arrival) return naive.feature->ValueOf(events, now, zone_);
  return naive.feature->ValueOf(EachOnce(events), now, zone_);
}

// What there is nothing to say of is unknown, whatever is asked of it.
RandomRules::Truth RandomRules::Judge(const Condition& condition, MeaningOf meaning_of,
                                      const std::vector<feature::NaiveEvent>& events, int64_t now) {
  if (condition.kind == Condition::Kind::kNot) {
    const Truth truth = Judge(*condition.children[0], meaning_of, events, now);
    if (truth == Truth::kUnknown) return truth;
    return truth == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
  }
  if (condition.kind != Condition::Kind::kLeaf) {
    const Truth decides = condition.kind == Condition::Kind::kAnd ? Truth::kFalse : Truth::kTrue;
    const Truth left = Judge(*condition.children[0], meaning_of, events, now);
    const Truth right = Judge(*condition.children[1], meaning_of, events, now);
    if (left == decides || right == decides) return decides;
    return left == Truth::kUnknown ? left : right;
  }
  const std::string expression =
      condition.name.empty() ? condition.path : meaning_of(condition.name);
  const NaiveValue value = ValueOf(expression, events, now);
  if (std::holds_alternative<std::monostate>(value)) return Truth::kUnknown;
  const auto told = [](bool is_true) { return is_true ? Truth::kTrue : Truth::kFalse; };
  const auto number = [&value] {
    const auto* whole = std::get_if<int64_t>(&value);
    return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
  };
  switch (condition.test) {
    case Condition::Test::kIs:
      return told(std::get<bool>(value));
    case Condition::Test::kAtLeast:
      return told(number() >= condition.number);
    case Condition::Test::kBelow:
      return told(number() < condition.number);
    case Condition::Test::kEquals: {
      const auto* text = std::get_if<std::string>(&value);
      return told(text != nullptr && *text == condition.text);
    }
    case Condition::Test::kOlder: {
      const int64_t time = std::stoll(std::get<std::string>(value).substr(1));
      return told(now - time > static_cast<int64_t>(condition.number) * kHour);
    }
  }
  return Truth::kUnknown;
}

std::optional<bool> RandomRules::Fits(const std::string& rule, MeaningOf meaning_of,
                                      const std::vector<feature::NaiveEvent>& events, int64_t now) {
  const auto found = trees_.find(rule);
  if (found == trees_.end()) return std::nullopt;
  return Judge(*found->second, meaning_of, events, now) == Truth::kTrue;
}

}  // namespace batuta::simulation
