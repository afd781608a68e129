// The encoders extension: Base64.
#include <string>

#include "absl/strings/escaping.h"
#include "base/text.h"
#include "expr/function.h"

namespace batuta::expr {
namespace {

using Arguments = std::span<const Value>;

Value Encode(Scratch& scratch, Arguments arguments) {
  const std::string_view bytes = arguments[0].AsText();
  if (!scratch.ChargeBytes(bytes.size() * 3)) return Scratch::OverBudget();
  return Value::Text(scratch.arena.Copy(absl::Base64Escape(base::AbslView(bytes))));
}

// The padding may be left out.
Value Decode(Scratch& scratch, Arguments arguments) {
  const std::string_view text = arguments[0].AsText();
  if (!scratch.ChargeBytes(text.size() * 2)) return Scratch::OverBudget();
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  std::string decoded;
  if (text.find_first_not_of(kAlphabet) != text.npos ||
      !absl::Base64Unescape(base::AbslView(text), &decoded)) {
    return Value::Error(ErrorCode::kBadArgument, "not Base64");
  }
  return Value::OfBytes(scratch.arena.Copy(decoded));
}

}  // namespace

void AddEncoderFunctions(FunctionTable& table) {
  table.Add("base64.encode", "(bytes) -> string", Encode);
  table.Add("base64.decode", "(string) -> bytes", Decode);
}

}  // namespace batuta::expr
