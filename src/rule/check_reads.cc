// What a rule reads, held against what there is and what it may see.
#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/text.h"
#include "resource/derived_fact.h"
#include "rule/aggregates.h"
#include "rule/checks.h"

namespace batuta::rule {
namespace {

constexpr std::array<std::string_view, 5> kPreferences = {"channel", "topic", "pace", "pause",
                                                          "path"};

// The innermost of the names in an aggregate that is the last of a path: where to point.
const expr::Expr* FindName(const expr::Expr& expr, const std::string& name) {
  for (const expr::ExprPtr& child : expr.children) {
    if (const expr::Expr* found = FindName(*child, name)) return found;
  }
  const bool is_it = expr.kind == expr::ExprKind::kSelect && expr.name == name;
  return is_it ? &expr : nullptr;
}

const expr::Expr* FindSpan(const expr::Expr& expr, expr::Span span) {
  if (expr.span == span) return &expr;
  for (const expr::ExprPtr& child : expr.children) {
    if (const expr::Expr* found = FindSpan(*child, span)) return found;
  }
  return nullptr;
}

class ReadCheck {
 public:
  ReadCheck(const Vocabulary& vocabulary, const CompileOptions& options, std::vector<Note>& notes)
      : vocabulary_(vocabulary), options_(options), notes_(notes) {}

  void Check(const Read& read) {
    const std::string& variable = read.variable;
    if (variable == "person") return Person(read);
    if (variable == "event") return Event(read);
    if (variable == "context" && read.fields.empty()) {
      return Error("incomplete", read, "name what you want of the context, as in `context.page`");
    }
    if (variable == "statement" && read.fields.empty()) {
      return Error("incomplete", read, "name what you want, as in `statement.value`");
    }
    if (variable == "feature") return Feature(read);
    if (variable == "action" || variable == "slot") {
      const std::string_view example = variable == "slot" ? "slot" : "action.group";
      Error("reserved", read,
            base::StrCat("only a predictor of a model reads `", variable,
                         "`, and nothing beside it, as in `value: ", example, "`"));
    }
    if (variable == "segment" || variable == "journey") {
      Error("reserved", read,
            base::StrCat("`", variable, "` is a word of the language that nothing stands behind",
                         " in this hub yet"));
    }
  }

  // What an aggregate reads.
  void Within(const Read& read) {
    if (read.variable == "person") return Trait(read);
    if (read.fields.empty()) {
      return Error("incomplete", read, "name what you want of the event, as in `e.name`");
    }
    EventField(read, "e");
  }

 private:
  void Error(std::string_view code, const Read& read, std::string message,
             std::string suggestion = "") {
    notes_.push_back({Severity::kError, std::string(code), read.last, std::move(message),
                      std::move(suggestion)});
  }

  void Person(const Read& read) {
    if (read.fields.empty()) {
      return Error("incomplete", read,
                   "name what you want of the person, as in `person.traits.country`");
    }
    const std::string& part = read.fields[0];
    if (part == "traits") return Trait(read);
    if (part == "features") {
      return Error("unknown_name", read,
                   "features are read by their names, as in `feature.recency`",
                   read.fields.size() > 1 ? "feature." + read.fields[1] : "");
    }
    if (part == "consents" && read.fields.size() < 3) {
      return Error("incomplete", read,
                   "name the purpose and the channel, as in `person.consents.offers.email`, or "
                   "`person.consents.offers.all` for every channel");
    }
    if (part == "preferences") Preference(read);
  }

  // What is read of the person by the name of a feature must be what the rule may read itself.
  void Feature(const Read& read) {
    if (read.fields.empty()) {
      return Error("incomplete", read, "name the feature, as in `feature.recency`");
    }
    const feature::NamedFeature* named = vocabulary_.FindFeature(read.fields[0]);
    if (named == nullptr) return;  // an aggregate, or an error of the types
    for (const uint64_t number : named->aggregates) {
      for (Read& within : ReadsOf(vocabulary_.AggregateOf(number))) {
        within.last = read.last;
        Within(within);
      }
    }
  }

  void Preference(const Read& read) {
    if (read.fields.size() < 3) {
      return Error("incomplete", read,
                   "name the kind and the subject, as in `person.preferences.topic.shoes`, or "
                   "`person.preferences.pause.all`");
    }
    const std::string& kind = read.fields[1];
    if (std::find(kPreferences.begin(), kPreferences.end(), kind) != kPreferences.end()) return;
    Error("unknown_name", read,
          base::StrCat("there is no kind of preference `", kind, "`; there are ",
                       absl::StrJoin(kPreferences.begin(), kPreferences.end(), ", ",
                                     [](std::string* out, std::string_view one) {
                                       base::StrAppend(out, one);
                                     })),
          base::Suggest(kind, std::vector<std::string>(kPreferences.begin(), kPreferences.end())));
  }

  void Trait(const Read& read) {
    if (read.fields.size() < 2) {
      return Error("incomplete", read, "name the trait, as in `person.traits.country`");
    }
    if (!MayRead(read, "traits", 1)) return;
    const std::vector<std::string>& known = vocabulary_.traits();
    const std::string& name = read.fields[1];
    if (std::binary_search(known.begin(), known.end(), name)) return;
    std::string near = base::Suggest(name, known);
    if (near.empty()) return;
    notes_.push_back({Severity::kWarning, "unknown_trait", read.last,
                      base::StrCat("no trait `", name, "` is declared"), std::move(near)});
  }

  void Event(const Read& read) {
    if (read.fields.empty()) {
      return Error("incomplete", read, "name what you want of the event, as in `event.name`");
    }
    EventField(read, "event");
  }

  // Of `event`, which an aggregate calls otherwise. Whoever reads all fields reads the sealed ones.
  void EventField(const Read& read, std::string_view event) {
    const std::string& part = read.fields[0];
    if (part != "properties" && part != "context") return;
    if (read.fields.size() < 2) {
      return Error("incomplete", read,
                   base::StrCat("name the field, as in `", event, ".", part, ".total`"));
    }
    MayRead(read, part, 1);
  }

  // False, with an error, if the field is sealed or kept for other purposes.
  bool MayRead(const Read& read, std::string_view root, size_t first) {
    std::string path(root);
    std::optional<size_t> sealed;  // the outermost field that is
    for (size_t i = first; i < read.fields.size(); ++i) {
      base::StrAppend(&path, ".", read.fields[i]);
      const bool is_sealed = vocabulary_.classification().Of(path, read.fields[i]) ==
                             resource::Classification::Verdict::kSealed;
      if (is_sealed && !sealed.has_value()) sealed = i;
    }
    if (sealed.has_value() && !read.is_presence) {
      Sealed(read, root, *sealed);
      return false;
    }
    const std::vector<std::string>* purposes = vocabulary_.classification().PurposesOf(path);
    if (purposes == nullptr ||
        std::find(purposes->begin(), purposes->end(), options_.purpose) != purposes->end()) {
      return true;
    }
    Error("purpose", read,
          base::StrCat("`", read.Path(), "` is kept for the purpose",
                       purposes->size() > 1 ? "s " : " ", absl::StrJoin(*purposes, ", "), "; ",
                       options_.purpose.empty()
                           ? std::string("this rule has no purpose")
                           : base::StrCat("this rule is for ", options_.purpose)));
    return false;
  }

  // With an offer of what is known in clear, if there is something.
  void Sealed(const Read& read, std::string_view root, size_t sealed) {
    std::string message =
        base::StrCat("`", read.Path(),
                     "` is personal and kept sealed, so rules cannot compare it; what may be "
                     "asked is whether it is there: `has(",
                     read.Path(), ")`");
    const resource::DerivedFact* fact = FactInsteadOf(read, sealed);
    if (fact == nullptr || root == "context") {
      if (root == "traits") {
        base::StrAppend(&message, ". Facts that sources state in clear can be read");
      }
      return Error("sealed", read, std::move(message));
    }
    const std::string place = base::StrCat(read.variable, ".", root, ".", fact->name);
    if (!vocabulary_.classification().Derives(fact->fact, root)) {
      base::StrAppend(&message, ". `", place, "` would be kept in clear if the classification had ",
                      fact->name, " in `derived`");
      return Error("sealed", read, std::move(message));
    }
    base::StrAppend(&message, ". `", place, "` is derived of it and kept clear");
    if (fact->fact == resource::Fact::kBirthYear && root == "traits") {
      base::StrAppend(&message, ": `age_band(", place, ")` and `age(", place, ")`");
    }
    Error("sealed", read, std::move(message), std::string(fact->name));
  }

  // Of what stands in a sealed address it is the part that was asked for; else the first there is,
  // those before others that are derived.
  const resource::DerivedFact* FactInsteadOf(const Read& read, size_t sealed) const {
    constexpr size_t kOutermost = 1;  // facts are of fields of the event, not of what is in them
    const auto origin = resource::OriginOf(read.fields[sealed]);
    if (!origin.has_value() || sealed != kOutermost) return nullptr;
    const std::string_view last = read.fields.back();
    const resource::DerivedFact* found = nullptr;
    for (const resource::DerivedFact& fact : resource::DerivedFacts()) {
      if (fact.origin != *origin) continue;
      const bool is_asked = sealed + 1 < read.fields.size() && resource::IsNamed(fact, last);
      if (is_asked) return &fact;
      if (found == nullptr || (fact.by_default && !found->by_default)) found = &fact;
    }
    return found;
  }

  const Vocabulary& vocabulary_;
  const CompileOptions& options_;
  std::vector<Note>& notes_;
};

}  // namespace

void CheckReads(const std::vector<Read>& reads, const Vocabulary& vocabulary,
                const CompileOptions& options, std::vector<Note>& notes) {
  ReadCheck check(vocabulary, options, notes);
  for (const Read& read : reads) check.Check(read);
}

void CheckAggregates(const std::vector<feature::Found>& found, const expr::Expr& written,
                     const Vocabulary& vocabulary, const CompileOptions& options,
                     std::vector<Note>& notes) {
  ReadCheck check(vocabulary, options, notes);
  for (const feature::Found& one : found) {
    const expr::Expr* aggregate = FindSpan(written, one.span);
    BATUTA_CHECK(aggregate != nullptr);
    for (Read& read : ReadsOf(one.spec)) {
      const expr::Expr* name = FindName(*aggregate, read.fields.back());
      read.last = name == nullptr ? one.span : name->name_span;
      check.Within(read);
    }
  }
}

}  // namespace batuta::rule
