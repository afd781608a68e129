// Behavioural conditions: from form to text. The way back is in form_behaviour_reader.cc.
#include "rule/form_behaviour.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "rule/form_variables.h"

namespace batuta::rule {
namespace {

using expr::Expr;

constexpr std::string_view kCalendar[] = {"today", "thisWeek", "thisMonth"};

class BehaviourWriter {
 public:
  BehaviourWriter(const base::Fields& condition, const std::string& pointer, const WriteForm& write,
                  std::vector<FormProblem>& problems)
      : condition_(condition), pointer_(pointer), write_(write), problems_(problems) {}

  std::string Write() {
    const bool is_sequence = Find("sequence") != nullptr;
    if (is_sequence) {
      for (const std::string_view other : {"event", "where", "each", "lineWhere", "oncePer"}) {
        if (Find(other) != nullptr) return Fail(other, "does not go with a sequence");
      }
      return base::StrCat(Sequence(), Window(), Never(), Measure());
    }
    if (Find("span") != nullptr) return Fail("span", "a span is that of a sequence");
    return base::StrCat(Events(), Window(), Where(), Each(), LineWhere(), OncePer(), Never(),
                        Measure());
  }

 private:
  const base::Value* Find(std::string_view member) const { return base::Find(condition_, member); }

  std::string Fail(std::string_view member, std::string message) {
    problems_.push_back({base::StrCat(pointer_, "/", member), std::move(message)});
    return "";
  }

  static bool IsListOfTexts(const base::Value& value) {
    return value.has_list() &&
           std::all_of(value.list().values().begin(), value.list().values().end(),
                       [](const base::Value& one) { return one.has_text(); });
  }

  static std::string Listed(const base::Value& names) {
    return absl::StrJoin(names.list().values(), ", ", [](std::string* out, const base::Value& one) {
      base::StrAppend(out, LiteralText(one));
    });
  }

  // `"A"` or `["A", "B"]`; what is not said is an error at that member.
  std::string Names(const base::Value* event, const std::string& member) {
    if (event != nullptr && event->has_text()) return LiteralText(*event);
    if (event == nullptr || !IsListOfTexts(*event)) {
      return Fail(member, "an event is a name, or a list of names");
    }
    if (event->list().values_size() == 1) return LiteralText(event->list().values(0));
    return base::StrCat("[", Listed(*event), "]");
  }

  // A duration that must be there.
  std::string Duration(std::string_view member) {
    const base::Value* duration = Find(member);
    if (duration == nullptr || !duration->has_text()) {
      return Fail(member, "a duration such as 1h");
    }
    return LiteralText(*duration);
  }

  std::string Events() {
    const base::Value& event = *Find("event");
    if (!IsListOfTexts(event)) return base::StrCat("events(", Names(&event, "event"), ")");
    return base::StrCat("events(", Listed(event), ")");
  }

  std::string Sequence() {
    constexpr int kLeast = 2;
    const base::Value& sequence = *Find("sequence");
    if (!sequence.has_list() || sequence.list().values_size() < kLeast) {
      return Fail("sequence", "a sequence is a list of at least two steps");
    }
    std::string text = base::StrCat("sequence(", Duration("span"));
    for (int i = 0; i < sequence.list().values_size(); ++i) {
      base::StrAppend(&text, ", ", Step(sequence.list().values(i), static_cast<size_t>(i) + 1));
    }
    return text + ")";
  }

  std::string Step(const base::Value& step, size_t number) {
    const std::string member = base::StrCat("sequence/", number - 1);
    if (!step.has_object()) return Fail(member, "a step is an object");
    for (const base::Field& field : step.object().fields()) {
      const bool is_known =
          field.name() == "event" || field.name() == "where" || field.name() == "keys";
      if (!is_known) Fail(member + "/" + field.name(), "this member is not known here");
    }
    const std::string own = StepName(number);
    std::string text = base::StrCat("step(", own, ", ",
                                    Names(base::Find(step.object(), "event"), member + "/event"));
    const std::string condition = Condition({.where = base::Find(step.object(), "where"),
                                             .keys = base::Find(step.object(), "keys"),
                                             .where_member = member + "/where",
                                             .keys_member = member + "/keys",
                                             .own = own,
                                             .steps = number - 1});
    if (!condition.empty()) base::StrAppend(&text, ", ", condition);
    return text + ")";
  }

  // What is asked of an event that comes after others.
  struct Later {
    const base::Value* where = nullptr;
    const base::Value* keys = nullptr;
    std::string where_member;
    std::string keys_member;
    std::string own;   // its variable
    size_t steps = 0;  // that come before it; 0: keys are of the event `e`
  };

  std::string Condition(const Later& later) {
    std::string text;
    if (later.where != nullptr) {
      text = Named(write_(*later.where, base::StrCat(pointer_, "/", later.where_member)), later);
      if (later.keys != nullptr) text = base::StrCat("(", text, ")");
    }
    if (later.keys == nullptr) return text;
    if (!later.keys->has_list() || later.keys->list().values().empty()) {
      return Fail(later.keys_member, "keys are a list of at least one");
    }
    for (int i = 0; i < later.keys->list().values_size(); ++i) {
      if (!text.empty()) text += " && ";
      text += Key(later.keys->list().values(i), base::StrCat(later.keys_member, "/", i), later);
    }
    return text;
  }

  // The condition over `e`, over the variable of the event.
  std::string Named(const std::string& condition, const Later& later) {
    const expr::Parsed parsed = expr::Parse(condition);
    if (parsed.expr == nullptr) return Fail(later.where_member, "this is no condition");
    const expr::ExprPtr renamed = Renamed(*parsed.expr, {{std::string(kEventName), later.own}});
    if (renamed == nullptr) {
      return Fail(later.where_member,
                  base::StrCat("no variable of an expression here may be called `e` or `",
                               later.own, "`, but the event `e`"));
    }
    return expr::Print(*renamed);
  }

  std::string Key(const base::Value& key, const std::string& member, const Later& later) {
    constexpr std::string_view kShape =
        "a key is an object with the field of this event and the one of the other that it equals";
    if (!key.has_object()) return Fail(member, std::string(kShape));
    for (const base::Field& field : key.object().fields()) {
      const bool is_known = field.name() == "field" || field.name() == "equals" ||
                            (field.name() == "step" && later.steps > 0);
      if (!is_known) Fail(member + "/" + field.name(), "this member is not known here");
    }
    std::string other(kEventName);
    if (later.steps > 0) {
      const base::Value* step = base::Find(key.object(), "step");
      const double number = step != nullptr && step->has_number() ? step->number() : 0;
      const bool is_step = number >= 1 && number <= static_cast<double>(later.steps) &&
                           number == static_cast<double>(static_cast<size_t>(number));
      if (!is_step) return Fail(member + "/step", "the number of an earlier step, from 1");
      other = StepName(static_cast<size_t>(number));
    }
    const std::string own = FieldOf(key, "field", member, later.own);
    const std::string equals = FieldOf(key, "equals", member, other);
    return base::StrCat(own, " == ", equals);
  }

  // A field of `e`, as one of that variable.
  std::string FieldOf(const base::Value& key, std::string_view name, const std::string& member,
                      const std::string& variable) {
    const base::Value* field = base::Find(key.object(), name);
    const expr::Parsed parsed = expr::Parse(field == nullptr ? "" : field->text());
    if (parsed.expr == nullptr || !IsFieldOf(*parsed.expr, kEventName)) {
      return Fail(base::StrCat(member, "/", name),
                  "a field of an event is a path such as e.properties.sku");
    }
    return FieldText(*Renamed(*parsed.expr, {{std::string(kEventName), variable}}));
  }

  std::string Window() {
    const base::Value* within = Find("within");
    const base::Value* days = Find("lastDays");
    if (within != nullptr && days != nullptr) {
      return Fail("lastDays", "there is a window already: \"within\"");
    }
    if (within != nullptr) {
      if (!within->has_text()) {
        return Fail("within", "a window is a duration such as 90d, today, thisWeek or thisMonth");
      }
      if (IsCalendarWindow(within->text())) return base::StrCat(".", within->text(), "()");
      return base::StrCat(".within(", LiteralText(*within), ")");
    }
    if (days == nullptr) return "";
    const bool is_whole = days->has_number() && days->number() >= 1 &&
                          days->number() <= feature::kLastDaysMax &&
                          days->number() == static_cast<double>(static_cast<int>(days->number()));
    if (!is_whole) {
      return Fail("lastDays",
                  base::StrCat("a whole number of days from 1 to ", feature::kLastDaysMax));
    }
    return base::StrCat(".lastDays(", LiteralText(*days), ")");
  }

  std::string Where() {
    const base::Value* where = Find("where");
    if (where == nullptr) return "";
    return base::StrCat(".where(e, ", write_(*where, pointer_ + "/where"), ")");
  }

  std::string Each() {
    const base::Value* each = Find("each");
    if (each == nullptr) return "";
    const expr::Parsed parsed = expr::Parse(each->text());
    if (parsed.expr == nullptr || !IsFieldOf(*parsed.expr, kEventName)) {
      return Fail("each", "the list in the event is a path such as e.properties.products");
    }
    return base::StrCat(".each(", FieldText(*parsed.expr), ")");
  }

  // The variables of what is said of lines: that of the event only where it is read.
  static std::string_view LineVariables(const Expr& expr) {
    return Mentions(expr, kEventName) ? "e, p, " : "p, ";
  }

  std::string LineWhere() {
    const base::Value* where = Find("lineWhere");
    if (where == nullptr) return "";
    if (Find("each") == nullptr) return Fail("lineWhere", "the lines are those of \"each\"");
    const std::string text = write_(*where, pointer_ + "/lineWhere");
    const expr::Parsed parsed = expr::Parse(text);
    if (parsed.expr == nullptr) return Fail("lineWhere", "this is no condition");
    return base::StrCat(".where(", LineVariables(*parsed.expr), text, ")");
  }

  std::string OncePer() {
    if (Find("oncePer") == nullptr) return "";
    return base::StrCat(".once_per(", Duration("oncePer"), ")");
  }

  std::string Never() {
    const base::Value* name = Find("notFollowedBy");
    if (name == nullptr) {
      for (const std::string_view member :
           {"notFollowedWithin", "notFollowedWhere", "notFollowedKeys"}) {
        if (Find(member) != nullptr) return Fail("notFollowedBy", "the name of an event");
      }
      return "";
    }
    if (Find("each") != nullptr) return Fail("notFollowedBy", "does not go with \"each\"");
    const base::Value* sequence = Find("sequence");
    const size_t steps =
        sequence == nullptr ? 0 : static_cast<size_t>(sequence->list().values_size());
    std::string text = base::StrCat(".not_followed_by(", Names(name, "notFollowedBy"), ", ",
                                    Duration("notFollowedWithin"));
    const std::string condition = Condition({.where = Find("notFollowedWhere"),
                                             .keys = Find("notFollowedKeys"),
                                             .where_member = "notFollowedWhere",
                                             .keys_member = "notFollowedKeys",
                                             .own = std::string(kNeverName),
                                             .steps = steps});
    if (!condition.empty()) base::StrAppend(&text, steps > 0 ? ", n, " : ", e, n, ", condition);
    return text + ")";
  }

  std::string Measure() {
    using Value = feature::AggregateForm::Value;
    const base::Value* measure = Find("measure");
    const auto form = MeasureOf(measure == nullptr ? "" : measure->text());
    if (!form.has_value()) {
      return Fail("measure", base::StrCat("the measure is one of ",
                                          absl::StrJoin(feature::AggregateNames(), ", ")));
    }
    std::string arguments = Argument(*form);
    const base::Value* of = Find("of");
    if (of == nullptr && form->value == Value::kNeeded) {
      return Fail(
          "of", base::StrCat("\"", form->name, "\" is of a field such as ", "e.properties.total"));
    }
    if (of != nullptr && form->value == Value::kNone) {
      return Fail("of", base::StrCat("\"", form->name, "\" is of the events themselves"));
    }
    if (of != nullptr) {
      if (!arguments.empty()) arguments += ", ";
      arguments += Of(of->text());
    }
    return base::StrCat(".", form->name, "(", arguments, ")");
  }

  std::string Argument(const feature::AggregateForm& form) {
    using Argument = feature::AggregateForm::Argument;
    const base::Value* argument = Find("argument");
    if (argument != nullptr && form.argument == Argument::kNone) {
      return Fail("argument", base::StrCat("\"", form.name, "\" takes no duration"));
    }
    if (argument == nullptr && form.argument != Argument::kNeeded) return "";
    return Duration("argument");
  }

  std::string Of(const std::string& field) {
    const bool is_line = Find("each") != nullptr;
    if (is_line && field == kLineName) return "p, p";
    const expr::Parsed parsed = expr::Parse(field);
    const bool is_field =
        parsed.expr != nullptr &&
        (IsFieldOf(*parsed.expr, kEventName) || (is_line && IsFieldOf(*parsed.expr, kLineName)));
    if (!is_field) return Fail("of", "a field of the event is a path such as e.properties.total");
    return base::StrCat(is_line ? LineVariables(*parsed.expr) : "e, ", FieldText(*parsed.expr));
  }

  const base::Fields& condition_;
  const std::string& pointer_;
  const WriteForm& write_;
  std::vector<FormProblem>& problems_;
};

}  // namespace

bool IsCalendarWindow(std::string_view name) {
  return std::find(std::begin(kCalendar), std::end(kCalendar), name) != std::end(kCalendar);
}

std::optional<feature::AggregateForm> MeasureOf(std::string_view name) {
  const auto aggregate = feature::FindAggregate(name);
  if (!aggregate.has_value()) return std::nullopt;
  return feature::FormOf(*aggregate);
}

const std::vector<std::string_view>& BehaviourMembers() {
  static const auto& members = *new std::vector<std::string_view>{"event",
                                                                  "sequence",
                                                                  "span",
                                                                  "within",
                                                                  "lastDays",
                                                                  "where",
                                                                  "each",
                                                                  "lineWhere",
                                                                  "oncePer",
                                                                  "notFollowedBy",
                                                                  "notFollowedWithin",
                                                                  "notFollowedWhere",
                                                                  "notFollowedKeys",
                                                                  "measure",
                                                                  "argument",
                                                                  "of"};
  return members;
}

std::string TextOfBehaviour(const base::Fields& condition, const std::string& pointer,
                            const WriteForm& write, std::vector<FormProblem>& problems) {
  return BehaviourWriter(condition, pointer, write, problems).Write();
}

}  // namespace batuta::rule
