#include "expr/function.h"

#include <array>

#include "base/status.h"
#include "base/text.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

struct NamedType {
  std::string_view name;
  Type::Tag tag;
};
constexpr std::array<NamedType, 12> kNamedTypes = {{{"dyn", Type::Tag::kDyn},
                                                    {"null", Type::Tag::kNull},
                                                    {"bool", Type::Tag::kBool},
                                                    {"int", Type::Tag::kInt},
                                                    {"uint", Type::Tag::kUint},
                                                    {"double", Type::Tag::kDouble},
                                                    {"string", Type::Tag::kString},
                                                    {"bytes", Type::Tag::kBytes},
                                                    {"timestamp", Type::Tag::kTimestamp},
                                                    {"duration", Type::Tag::kDuration},
                                                    {"type", Type::Tag::kType},
                                                    {"null_type", Type::Tag::kNull}}};

// Reads the one-line language of signatures. Signatures are written by programmers: a wrong one is
// a bug.
class SignatureReader {
 public:
  explicit SignatureReader(std::string_view text) : text_(text) {}

  Overload Read() {
    Overload overload;
    if (Peek() != '(') {
      overload.is_member = true;
      overload.parameters.push_back(ReadType());
      Expect('.');
    }
    Expect('(');
    while (Peek() != ')') {
      overload.parameters.push_back(ReadType());
      if (Peek() == '.') {
        overload.is_variadic = true;
        Expect('.');
        Expect('.');
        Expect('.');
      }
      if (Peek() == ',') Expect(',');
    }
    Expect(')');
    Expect('-');
    Expect('>');
    overload.result = ReadType();
    BATUTA_CHECK(Peek() == '\0', std::string(text_));
    return overload;
  }

 private:
  char Peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void Expect(char c) {
    BATUTA_CHECK(Peek() == c, std::string(text_));
    ++at_;
  }

  Type ReadType() {
    Peek();
    const size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      ++at_;
    }
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (name.size() == 1) return Type::Parameter(name[0]);
    if (name == "list" || name == "optional" || name == "map") return ReadComposite(name);
    for (const NamedType& named : kNamedTypes) {
      if (named.name == name) return named.tag;
    }
    BATUTA_CHECK(false, std::string(text_));
    return Type();
  }

  Type ReadComposite(std::string_view name) {
    Expect('(');
    Type first = ReadType();
    Type second;
    if (name == "map") {
      Expect(',');
      second = ReadType();
    }
    Expect(')');
    if (name == "list") return Type::List(std::move(first));
    if (name == "optional") return Type::Optional(std::move(first));
    return Type::Map(std::move(first), std::move(second));
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool Matches(const Overload& overload, std::span<const Value> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Kind wanted = overload.Parameter(i).kind();
    if (wanted != Kind::kError && wanted != arguments[i].kind()) return false;
  }
  return true;
}

}  // namespace

Overload ParseSignature(std::string_view signature) { return SignatureReader(signature).Read(); }

void FunctionTable::Add(std::string_view name, std::string_view signatures, const Native& native,
                        Folding folding) {
  Function& function = functions_[std::string(name)];
  function.folding = folding;
  function.name = std::string(name);
  while (!signatures.empty()) {
    const size_t end = std::min(signatures.find(';'), signatures.size());
    function.overloads.push_back(ParseSignature(signatures.substr(0, end)));
    function.overloads.back().native = native;
    signatures.remove_prefix(std::min(end + 1, signatures.size()));
  }
}

void FunctionTable::SetTyping(std::string_view name, Typing typing) {
  const auto found = functions_.find(name);
  BATUTA_CHECK(found != functions_.end(), std::string(name));
  found->second.typing = std::move(typing);
}

const Function* FunctionTable::Find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

Value Invoke(const Function& function, bool is_member, std::span<const Value> arguments,
             Scratch& scratch) {
  for (const Value& argument : arguments) {
    if (argument.is_error()) return argument;
  }
  for (const Overload& overload : function.overloads) {
    if (overload.is_member == is_member && overload.Takes(arguments.size()) &&
        Matches(overload, arguments)) {
      return overload.native(scratch, arguments);
    }
  }
  return NoOverload();
}

std::shared_ptr<const FunctionTable> StandardLibrary() {
  auto table = std::make_shared<FunctionTable>();
  AddStandardFunctions(*table);
  AddTimeFunctions(*table);
  AddTextFunctions(*table);
  AddFormatFunction(*table);
  AddMathFunctions(*table);
  AddOptionalFunctions(*table);
  AddEncoderFunctions(*table);
  return table;
}

}  // namespace batuta::expr
