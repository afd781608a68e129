#include "resource/validate.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"

namespace batuta::resource {
namespace {

constexpr double kExactIntegerMax = 9007199254740992.0;  // 2^53
constexpr size_t kRegexBytesMax = 1000;
// Compiled size of one expression; matching is linear in the text whatever the expression is.
constexpr int64_t kRegexMemoryBytes = 1 << 20;

size_t CharacterCount(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// How messages call the value at the pointer: "limit", "trust[1]".
std::string Label(std::string_view pointer) {
  const size_t slash = pointer.rfind('/');
  if (slash == std::string_view::npos) return "the value";
  const std::string_view step = pointer.substr(slash + 1);
  int index = 0;
  if (!absl::SimpleAtoi(base::AbslView(step), &index)) return base::StrCat("\"", step, "\"");
  const std::string_view list = pointer.substr(0, slash);
  return base::StrCat("\"", list.substr(list.rfind('/') + 1), "[", index, "]\"");
}

std::string_view TypeName(const base::Value& value) {
  switch (value.kind_case()) {
    case base::Value::kBoolean:
      return "a boolean";
    case base::Value::kNumber:
      return "a number";
    case base::Value::kText:
      return "a text";
    case base::Value::kList:
      return "a list";
    case base::Value::kObject:
      return "an object";
    case base::Value::kSealed:
      return "a sealed value";
    default:
      return "empty";
  }
}

// The shortest text of the number.
std::string NumberText(double number) { return base::ToJson(base::NumberValue(number)); }

std::string Quoted(std::string_view text) { return base::StrCat("\"", text, "\""); }

std::string QuotedList(const std::vector<std::string>& words) {
  return absl::StrJoin(words, ", ", [](std::string* out, const std::string& word) {
    base::StrAppend(out, "\"", word, "\"");
  });
}

// `; did you mean "x"?`, or what the right words are.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& known,
                       std::string_view otherwise) {
  const std::string near = base::Suggest(word, known);
  if (!near.empty()) return base::StrCat("; did you mean \"", near, "\"?");
  return base::StrCat("; ", otherwise, " ", QuotedList(known));
}

class Validator {
 public:
  Validator(const Schema& schema, const base::Value& value, std::string_view pointer,
            Findings& findings)
      : schema_(schema), value_(value), pointer_(pointer), findings_(findings) {}

  void Run() {
    switch (schema_.type) {
      case Type::kAny:
        return;
      case Type::kScalar:
        return CheckScalar();
      case Type::kBoolean:
        RequireType(base::Value::kBoolean, "true or false");
        return;
      case Type::kNumber:
      case Type::kInteger:
        return CheckNumber();
      case Type::kList:
        return CheckList();
      case Type::kObject:
        return CheckObject();
      case Type::kMoney:
        return CheckMoney();
      default:
        return CheckTexts();
    }
  }

 private:
  void Error(std::string_view code, std::string_view message) {
    findings_.Error(code, pointer_, base::StrCat(Label(pointer_), " ", message));
  }

  bool RequireType(base::Value::KindCase kind, std::string_view expected) {
    if (value_.kind_case() == kind) return true;
    const bool scalar = value_.has_number() || value_.has_boolean();
    const bool unquoted = scalar && kind == base::Value::kText;
    std::string_view hint = unquoted ? "; put it in quotes" : "";
    if (base::IsNull(value_)) hint = "; leave it out if there is none";
    Error("wrong_type", base::StrCat("must be ", expected, ", but is ", TypeName(value_), hint));
    return false;
  }

  void CheckScalar() {
    if (value_.has_text() || value_.has_number() || value_.has_boolean()) return;
    RequireType(base::Value::kText, "a text, a number, true or false");
  }

  // Whether `amount` lies in the schema's range; says what the range is otherwise.
  void CheckRange(double amount, std::string_view unit) {
    const bool low = schema_.min && amount < *schema_.min;
    const bool high = schema_.max && amount > *schema_.max;
    const bool not_positive = schema_.positive && amount <= 0;
    if (!low && !high && !not_positive) return;
    const std::string has = NumberText(amount);
    if (unit.empty())
      Error("out_of_range", base::StrCat("must be ", RangeText(), ", but is ", has));
    else
      Error("out_of_range", base::StrCat("must have ", RangeText(), " ", unit, ", but has ", has));
  }

  std::string RangeText() const {
    if (schema_.min && schema_.max)
      return base::StrCat("from ", NumberText(*schema_.min), " to ", NumberText(*schema_.max));
    if (schema_.min) return base::StrCat("at least ", NumberText(*schema_.min));
    if (schema_.max) return base::StrCat("at most ", NumberText(*schema_.max));
    return "more than 0";
  }

  void CheckNumber() {
    const bool integer = schema_.type == Type::kInteger;
    if (!RequireType(base::Value::kNumber, integer ? "a whole number" : "a number")) return;
    const double number = value_.number();
    // Written so that NaN, which only values without a text can hold, fails too.
    const bool exact = std::trunc(number) == number && std::fabs(number) < kExactIntegerMax;
    if (integer && !exact)
      return Error("wrong_type",
                   base::StrCat("must be a whole number, but is ", NumberText(number)));
    if (!std::isfinite(number)) return Error("out_of_range", "must be a finite number");
    CheckRange(number, "");
  }

  void CheckList() {
    if (!RequireType(base::Value::kList, "a list")) return;
    const auto& values = value_.list().values();
    CheckRange(values.size(), "elements");
    absl::flat_hash_map<std::string, int> first;
    for (int i = 0; i < values.size(); ++i) {
      const std::string pointer = Child(pointer_, i);
      Validate(*schema_.element, values[i], pointer, findings_);
      if (!schema_.unique) continue;
      const auto [found, added] = first.emplace(base::CanonicalBytes(values[i]), i);
      if (!added)
        findings_.Error(
            "duplicate", pointer,
            base::StrCat(Label(pointer), " repeats ", Label(Child(pointer_, found->second)),
                         "; each element may stand once"));
    }
  }

  void CheckObject() {
    if (!RequireType(base::Value::kObject, "an object") || schema_.open) return;
    std::vector<std::string> names;
    for (const Member& member : schema_.members) names.push_back(member.name);
    for (const base::Field& field : value_.object().fields()) {
      const std::string pointer = Child(pointer_, field.name());
      if (const Member* member = schema_.FindMember(field.name()))
        Validate(member->schema, field.value(), pointer, findings_);
      else
        findings_.NameError("unknown_field", pointer,
                            base::StrCat("there is no field \"", field.name(), "\" here",
                                         DidYouMean(field.name(), names, "the fields are")));
    }
    for (const Member& member : schema_.members)
      if (member.required && base::Find(value_.object(), member.name) == nullptr)
        findings_.Error(
            "missing_field", Child(pointer_, member.name),
            base::StrCat("\"", member.name, "\" is missing: ", member.schema.description));
  }

  void CheckMoney() {
    static const Schema& parts = *new Schema(
        Object({Required("amount", Text().Describe("the amount as a text, such as \"120.00\"")),
                Required("currency", Matching("[A-Z]{3}", "3 capital letters, such as MXN")
                                         .Describe("the currency, such as MXN"))}));
    if (!RequireType(base::Value::kObject,
                     "an amount of money such as {amount: \"120.00\", currency: MXN}"))
      return;
    Validate(parts, value_, pointer_, findings_);
    const base::Value* amount = base::Find(value_.object(), "amount");
    if (amount == nullptr || !amount->has_text()) return;
    const std::string pointer = Child(pointer_, "amount");
    const auto micros = base::ParseAmount(amount->text());
    if (!micros.ok())
      findings_.Error(
          "bad_format", pointer,
          base::StrCat("\"amount\" must be a decimal number with at most 6 decimals, such as "
                       "\"120.00\", but is \"",
                       amount->text(), "\""));
    else if (*micros < 0 || (*micros == 0 && schema_.positive))
      findings_.Error(
          "out_of_range", pointer,
          base::StrCat("\"amount\" must ", schema_.positive ? "be more than 0" : "not be negative",
                       ", but is ", amount->text()));
  }

  void CheckTexts() {
    if (!RequireType(base::Value::kText, Expected())) return;
    const std::string& text = value_.text();
    switch (schema_.type) {
      case Type::kText:
        return CheckText(text);
      case Type::kName:
      case Type::kReference:
        if (!IsResourceName(text))
          Error("bad_name", base::StrCat("must be ", Expected(), ", but is ", Quoted(text)));
        return;
      case Type::kEnum:
        return CheckEnum(text);
      case Type::kDuration:
        return CheckDuration(text);
      case Type::kTime:
        if (!base::ParseTime(text).ok()) BadFormat(text);
        return;
      case Type::kRegex:
        return CheckRegex(text);
      default:
        return;
    }
  }

  std::string Expected() const {
    switch (schema_.type) {
      case Type::kName:
        return "a name of up to 100 small letters, digits, \".\", \"_\" and \"-\"";
      case Type::kReference:
        return base::StrCat("the name of a resource of the kind ", schema_.target);
      case Type::kEnum:
        return base::StrCat("one of ", QuotedList(schema_.options));
      case Type::kDuration:
        return "a duration such as \"7d\", \"12h\", \"30m\" or \"1d12h\"";
      case Type::kTime:
        return "a time such as \"2026-01-31T09:00:00Z\"";
      case Type::kRegex:
        return "a regular expression";
      default:
        return schema_.pattern_hint.empty() ? "a text" : schema_.pattern_hint;
    }
  }

  void BadFormat(std::string_view text) {
    Error("bad_format", base::StrCat("must be ", Expected(), ", but is ", Quoted(text)));
  }

  void CheckText(const std::string& text) {
    CheckRange(static_cast<double>(CharacterCount(text)), "characters");
    if (schema_.regex != nullptr && !re2::RE2::FullMatch(text, *schema_.regex)) BadFormat(text);
  }

  void CheckEnum(const std::string& text) {
    const auto& options = schema_.options;
    if (std::find(options.begin(), options.end(), text) != options.end()) return;
    Error("not_allowed",
          base::StrCat("cannot be ", Quoted(text), DidYouMean(text, options, "it may be")));
  }

  void CheckDuration(const std::string& text) {
    const auto duration = base::ParseDuration(text);
    if (!duration.ok()) return BadFormat(text);
    if (schema_.positive && duration->micros <= 0)
      Error("out_of_range", base::StrCat("must be longer than 0, but is ", Quoted(text)));
  }

  void CheckRegex(const std::string& text) {
    if (text.size() > kRegexBytesMax)
      return Error("out_of_range", base::StrCat("must have at most ", kRegexBytesMax, " bytes"));
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kRegexMemoryBytes);
    const re2::RE2 regex(text, options);
    if (!regex.ok())
      Error("bad_format", base::StrCat("is not a regular expression: ", regex.error()));
  }

  const Schema& schema_;
  const base::Value& value_;
  const std::string pointer_;
  Findings& findings_;
};

}  // namespace

void Findings::Add(Severity severity, std::string_view code, std::string_view pointer,
                   std::string_view message, Place place) {
  if (problems_.size() >= kMaxProblems) {
    ++left_out_count_;
    return;
  }
  problems_.push_back({severity, std::string(code), std::string(message), std::string(pointer),
                       KeyOf(*document_), std::move(place)});
}

void Findings::Error(std::string_view code, std::string_view pointer, std::string_view message) {
  Add(Severity::kError, code, pointer, message, document_->source.Of(pointer));
}

void Findings::Warning(std::string_view code, std::string_view pointer, std::string_view message) {
  Add(Severity::kWarning, code, pointer, message, document_->source.Of(pointer));
}

void Findings::NameError(std::string_view code, std::string_view pointer,
                         std::string_view message) {
  Add(Severity::kError, code, pointer, message, document_->source.OfName(pointer));
}

std::vector<Problem> Findings::Take() {
  if (left_out_count_ > 0)
    problems_.push_back({.code = "too_many",
                         .message = base::StrCat("and ", left_out_count_, " more problems"),
                         .pointer = "",
                         .resource = KeyOf(*document_),
                         .place = document_->source.Of("")});
  left_out_count_ = 0;
  return std::exchange(problems_, {});
}

void Validate(const Schema& schema, const base::Value& value, std::string_view pointer,
              Findings& findings) {
  Validator(schema, value, pointer, findings).Run();
}

void ValidateSpec(const Schema& schema, const base::Fields& spec, Findings& findings) {
  base::Value value;
  *value.mutable_object() = spec;
  Validate(schema, value, "/spec", findings);
}

bool IsResourceName(std::string_view text) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > 100 || !is_word(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_word(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace batuta::resource
