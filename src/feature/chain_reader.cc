// The calls of a chain and the parts of calls. What holds between them is in chain_checks.cc.
#include "feature/chain_reader.h"

#include <algorithm>

#include "base/text.h"
#include "expr/print.h"

namespace batuta::feature {

using expr::Expr;
using expr::ExprKind;

namespace {

constexpr base::Duration kLongest = base::Days(36525);

const std::string* TextOf(const Expr& expr) {
  return expr.kind == ExprKind::kLiteral ? std::get_if<std::string>(&expr.literal) : nullptr;
}

std::string Joined(const std::vector<expr::ExprPtr>& conjuncts) {
  std::vector<const Expr*> parts;
  for (const expr::ExprPtr& conjunct : conjuncts) parts.push_back(conjunct.get());
  return Conjunction(parts, {});
}

}  // namespace

bool ChainReader::Fail(expr::Span span, std::string message, std::string suggestion) {
  diagnostics_.push_back({span, std::move(message), std::move(suggestion)});
  return false;
}

std::optional<FeatureSpec> ChainReader::Read(const std::vector<const Expr*>& calls) {
  if (!ReadRoot(*calls[0])) return std::nullopt;
  for (size_t i = 1; i + 1 < calls.size(); ++i) {
    if (!ReadModifier(*calls[i])) return std::nullopt;
  }
  if (!ReadAggregate(*calls.back())) return std::nullopt;
  if (!where_.empty()) spec_.steps[0].where = Joined(where_);
  if (!line_where_.empty()) spec_.line_where = Joined(line_where_);
  if (!CheckWhole(*calls.back())) return std::nullopt;
  return std::move(spec_);
}

bool ChainReader::ReadRoot(const Expr& call) {
  if (call.name == "events") {
    Step step;
    for (const expr::ExprPtr& argument : call.children) {
      if (!ReadNames(*argument, step.events)) return false;
    }
    spec_.steps.push_back(std::move(step));
    return true;
  }
  constexpr std::string_view kExample =
      R"(sequence("2h", step(a, "Product Viewed"), step(b, "Product Added", b.properties.sku == a.properties.sku)))";
  if (call.children.size() < 3) {
    return Fail(call.span, "a sequence has a duration and at least two steps",
                std::string(kExample));
  }
  if (call.children.size() > kStepsMax + 1) {
    return Fail(call.span, base::StrCat("a sequence has at most ", kStepsMax, " steps"));
  }
  if (!ReadDuration(*call.children[0], spec_.span)) return false;
  for (size_t i = 1; i < call.children.size(); ++i) {
    if (!ReadStep(*call.children[i])) return false;
  }
  return true;
}

// step(name, "Event", condition)
bool ChainReader::ReadStep(const Expr& call) {
  const bool is_step = call.kind == ExprKind::kCall && !call.is_member && call.name == "step" &&
                       (call.children.size() == 2 || call.children.size() == 3);
  if (!is_step) return Fail(call.span, "here stands a step", R"(step(a, "Product Viewed"))");
  const std::string* name = VariableOf(*call.children[0]);
  if (name == nullptr) return false;
  for (const Scope& other : step_scope_) {
    if (other.variable == *name) {
      return Fail(call.children[0]->span, "the steps must have different names");
    }
  }
  Step step;
  if (!ReadNames(*call.children[1], step.events)) return false;
  step_scope_.push_back({*name, TypeOfEvents(step.events)});
  if (call.children.size() == 3 && !SplitCondition(*call.children[2], *name, step)) return false;
  spec_.steps.push_back(std::move(step));
  return true;
}

bool ChainReader::ReadModifier(const Expr& call) {
  if (call.kind != ExprKind::kCall) {
    return Fail(call.span, "events are narrowed by calls", R"(.within("90d"))");
  }
  if (call.name == "where") return ReadWhere(call);
  if (call.name == "each") return ReadEach(call);
  if (call.name == "not_followed_by") return ReadNever(call);
  if (call.name == "once_per") {
    return WantArguments(call, 1, 1, R"(once_per("1d"))") &&
           ReadDuration(*call.children[1], spec_.once_per);
  }
  return ReadWindow(call);
}

bool ChainReader::ReadWindow(const Expr& call) {
  if (spec_.window.kind != Window::Kind::kEver) {
    return Fail(call.name_span, "there is a window already");
  }
  if (call.name == "within") {
    spec_.window.kind = Window::Kind::kWithin;
    return WantArguments(call, 1, 1, R"(within("90d"))") &&
           ReadDuration(*call.children[1], spec_.window.length);
  }
  if (call.name == "lastDays") return ReadLastDays(call);
  static constexpr std::pair<std::string_view, Window::Kind> kKinds[] = {
      {"today", Window::Kind::kToday},
      {"thisWeek", Window::Kind::kThisWeek},
      {"thisMonth", Window::Kind::kThisMonth}};
  for (const auto& [name, kind] : kKinds) {
    if (call.name != name) continue;
    spec_.window.kind = kind;
    return WantArguments(call, 0, 0, base::StrCat(name, "()"));
  }
  std::vector<std::string> known = {"within",    "today",           "thisWeek",
                                    "thisMonth", "lastDays",        "where",
                                    "once_per",  "not_followed_by", "each"};
  for (std::string& name : AggregateNames()) known.push_back(std::move(name));
  return Fail(call.name_span, base::StrCat("events have no `", call.name, "`"),
              base::Suggest(call.name, known));
}

bool ChainReader::ReadLastDays(const Expr& call) {
  if (!WantArguments(call, 1, 1, "lastDays(7)")) return false;
  const Expr& argument = *call.children[1];
  const int64_t* days =
      argument.kind == ExprKind::kLiteral ? std::get_if<int64_t>(&argument.literal) : nullptr;
  if (days == nullptr || *days < 1 || *days > kLastDaysMax) {
    return Fail(argument.span, base::StrCat("a whole number of days from 1 to ", kLastDaysMax),
                "lastDays(7)");
  }
  if (*days == 1) {  // it is today
    spec_.window.kind = Window::Kind::kToday;
    return true;
  }
  spec_.window.kind = Window::Kind::kLastDays;
  spec_.window.days = static_cast<int>(*days);
  return true;
}

// where(e, condition); of lines where(p, condition) or where(e, p, condition).
bool ChainReader::ReadWhere(const Expr& call) {
  if (spec_.steps.size() > 1) {
    return Fail(call.name_span, "conditions of a sequence stand in its steps",
                R"(step(a, "Product Viewed", a.properties.price > 10.0))");
  }
  const bool is_line = !spec_.each.empty();
  if (!WantArguments(call, 2, is_line ? 3 : 2, "where(e, e.properties.total > 100.0)"))
    return false;
  std::vector<Scope> scope;
  Names names;
  for (size_t i = 1; i + 1 < call.children.size(); ++i) {
    const std::string* variable = VariableOf(*call.children[i]);
    if (variable == nullptr) return false;
    const bool is_event = !is_line || (call.children.size() == 4 && i == 1);
    scope.push_back({*variable, is_event ? TypeOfEvents(spec_.steps[0].events) : expr::Type()});
    names.emplace_back(*variable, is_event ? "e" : "p");
  }
  const Expr& condition = *call.children.back();
  if (!CheckCondition(condition, scope)) return false;
  for (const Expr* conjunct : Conjuncts(condition)) {
    (is_line ? line_where_ : where_).push_back(Canonical(*conjunct, names));
  }
  return true;
}

// each(e.properties.products)
bool ChainReader::ReadEach(const Expr& call) {
  constexpr std::string_view kExample = "each(e.properties.products)";
  if (!WantArguments(call, 1, 1, kExample)) return false;
  if (!spec_.each.empty()) return Fail(call.name_span, "the lines are named already");
  const Expr* root = call.children[1].get();
  while (root->kind == ExprKind::kSelect && !root->optional && !root->test_only) {
    root = root->children[0].get();
  }
  if (root->kind != ExprKind::kIdent || root == call.children[1].get()) {
    return Fail(call.children[1]->span, "each() takes the place of a list in the event",
                std::string(kExample));
  }
  const Scope event{root->name, TypeOfEvents(spec_.steps[0].events)};
  if (!CheckProgram(*call.children[1], {event}, "the place of a list")) return false;
  spec_.each = expr::Print(*Canonical(*call.children[1], {{root->name, "e"}}));
  return true;
}

// not_followed_by("Event", "1h"), and with a condition the name of the event after those of what
// it must not follow: (…, a, b, b.properties.sku == a.properties.sku); in a sequence only its own.
bool ChainReader::ReadNever(const Expr& call) {
  constexpr std::string_view kExample = R"(not_followed_by("Order Completed", "1h"))";
  if (spec_.never) return Fail(call.name_span, "one event alone can be what must not follow");
  const bool is_sequence = spec_.steps.size() > 1;
  const size_t with_condition = is_sequence ? 4 : 5;
  const size_t count = call.children.size() - 1;
  if (count != 2 && count != with_condition) {
    return WantArguments(call, 2, 2, kExample);
  }
  Step never;
  if (!ReadNames(*call.children[1], never.events)) return false;
  if (!ReadDuration(*call.children[2], spec_.never_within)) return false;
  if (count > 2) {
    const std::vector<Scope> outer = step_scope_;
    for (size_t i = 3; i < count; ++i) {
      const std::string* name = VariableOf(*call.children[i]);
      if (name == nullptr) return false;
      const bool is_own = i + 1 == count;
      step_scope_.push_back({*name, TypeOfEvents(is_own ? never.events : spec_.steps[0].events)});
    }
    if (!SplitCondition(*call.children[count], step_scope_.back().variable, never)) return false;
    step_scope_ = outer;
  }
  spec_.never = std::move(never);
  return true;
}

bool ChainReader::ReadAggregate(const Expr& call) {
  spec_.aggregate = *FindAggregate(call.name);
  const AggregateForm& form = FormOf(spec_.aggregate);
  size_t next = 1;
  const bool has_argument = form.argument != AggregateForm::Argument::kNone &&
                            call.children.size() > 1 &&
                            call.children[1]->kind == ExprKind::kLiteral;
  if (has_argument) {
    if (!ReadDuration(*call.children[1], spec_.argument)) return false;
    ++next;
  } else if (form.argument == AggregateForm::Argument::kNeeded) {
    return Fail(call.span, base::StrCat(call.name, "() begins with a duration"),
                base::StrCat(call.name, R"(("30d"…))"));
  }
  if (spec_.aggregate == Aggregate::kRate && !has_argument) spec_.argument = base::Days(1);
  if (next < call.children.size()) return ReadValue(call, next);
  if (form.value != AggregateForm::Value::kNeeded) return true;
  return Fail(call.span, base::StrCat(call.name, "() wants a value"),
              base::StrCat(call.name, "(e, e.properties.total)"));
}

bool ChainReader::ReadValue(const Expr& call, size_t first) {
  const AggregateForm& form = FormOf(spec_.aggregate);
  if (form.value == AggregateForm::Value::kNone) {
    return Fail(call.children[first]->span, base::StrCat(call.name, "() takes no value"),
                ".where(e, …)");
  }
  const bool is_line = !spec_.each.empty();
  const size_t variables = call.children.size() - first - 1;
  if (variables < 1 || variables > (is_line ? 2u : 1u)) {
    return Fail(call.span, base::StrCat(call.name, "() takes a variable and a value"),
                base::StrCat(call.name, "(e, e.properties.total)"));
  }
  std::vector<Scope> scope;
  Names names;
  for (size_t i = 0; i < variables; ++i) {
    const std::string* variable = VariableOf(*call.children[first + i]);
    if (variable == nullptr) return false;
    const bool is_event = !is_line || (variables == 2 && i == 0);
    scope.push_back({*variable, is_event ? TypeOfEvents(spec_.steps[0].events) : expr::Type()});
    names.emplace_back(*variable, is_event ? "e" : "p");
  }
  const auto type = CheckProgram(*call.children.back(), scope, "a value of events");
  if (!type) return false;
  const bool wants_number =
      spec_.aggregate == Aggregate::kSum || spec_.aggregate == Aggregate::kAverage ||
      spec_.aggregate == Aggregate::kMin || spec_.aggregate == Aggregate::kMax ||
      spec_.aggregate == Aggregate::kApproxDecay;
  if (wants_number && !type->is_number() && !type->Is(expr::Type::Tag::kDyn)) {
    return Fail(call.children.back()->span,
                base::StrCat(call.name, "() wants a number, not a ", type->Name()));
  }
  spec_.value = expr::Print(*Canonical(*call.children.back(), names));
  return true;
}

bool ChainReader::ReadNames(const Expr& argument, std::vector<std::string>& names) {
  if (argument.kind != ExprKind::kList) return AddName(argument, names);
  for (const expr::ExprPtr& name : argument.children) {
    if (!AddName(*name, names)) return false;
  }
  return true;
}

bool ChainReader::AddName(const Expr& literal, std::vector<std::string>& names) {
  const std::string* name = TextOf(literal);
  if (name == nullptr || name->empty()) {
    return Fail(literal.span, "the name of an event is a text", R"("Order Completed")");
  }
  if (options_.is_closed && !options_.properties.contains(*name)) {
    std::vector<std::string> known;
    for (const auto& [event, type] : options_.properties) known.push_back(event);
    const std::string meant = base::Suggest(*name, known);
    return Fail(literal.span, base::StrCat("there is no event \"", *name, "\""),
                meant.empty() ? "" : base::StrCat("\"", meant, "\""));
  }
  const auto place = std::lower_bound(names.begin(), names.end(), *name);
  if (place == names.end() || *place != *name) names.insert(place, *name);
  return true;
}

bool ChainReader::ReadDuration(const Expr& argument, base::Duration& duration) {
  const std::string* text = TextOf(argument);
  const auto parsed = text == nullptr
                          ? absl::StatusOr<base::Duration>(absl::InvalidArgumentError(""))
                          : base::ParseDuration(*text);
  if (!parsed.ok() || parsed->micros <= 0 || *parsed > kLongest) {
    return Fail(argument.span, "a duration is a text with a number and a unit, up to 100 years",
                R"("90d", "12h", "30m", "45s")");
  }
  duration = *parsed;
  return true;
}

bool ChainReader::WantArguments(const Expr& call, size_t min, size_t max,
                                std::string_view example) {
  const size_t count = call.children.size() - 1;
  if (count >= min && count <= max) return true;
  return Fail(call.span, base::StrCat(call.name, "() does not take ", count, " arguments"),
              std::string(example));
}

const std::string* ChainReader::VariableOf(const Expr& argument) {
  if (argument.kind == ExprKind::kIdent && !argument.is_absolute) return &argument.name;
  Fail(argument.span, "here stands the name of a variable", "e");
  return nullptr;
}

}  // namespace batuta::feature
