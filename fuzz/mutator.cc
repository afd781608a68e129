#include "fuzz/mutator.h"

#include <algorithm>
#include <string_view>

namespace batuta::fuzz {
namespace {

// What parsers tend to treat apart.
constexpr std::string_view kPieces[] = {"\"",
                                        "\\",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        ":",
                                        ",",
                                        "\r\n",
                                        "\n",
                                        ";",
                                        "%",
                                        "%00",
                                        "\\u0000",
                                        "\\ud800",
                                        "\\udc00",
                                        "0",
                                        "-0",
                                        "1e999",
                                        "1e-999",
                                        "-1",
                                        "9223372036854775808",
                                        "18446744073709551616",
                                        "0.1",
                                        "null",
                                        "true",
                                        "\xEF\xBB\xBF",
                                        "\xC0\x80",
                                        "\xED\xA0\x80",
                                        "\xF4\x90\x80\x80",
                                        "9999-12-31T23:59:59.999999Z",
                                        "0001-01-01",
                                        "${row}",
                                        "---\n",
                                        "&a ",
                                        "*a",
                                        "<<: ",
                                        "\t",
                                        "ffffffff",
                                        "chunked"};
constexpr unsigned char kBytes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, 0x20, 0x0A, 0x40};

size_t Place(const std::string& text, base::Random& random) {
  return random.Below(text.size() + 1);
}

// Short pieces more often than long ones.
size_t Length(size_t most, base::Random& random) {
  if (most == 0) return 0;
  const uint64_t bound = random.Below(4) == 0 ? most : std::min<size_t>(most, 16);
  return 1 + random.Below(bound);
}

std::string_view PieceOf(const std::string& text, base::Random& random) {
  const size_t at = Place(text, random);
  return std::string_view(text).substr(at, Length(text.size() - at, random));
}

void Change(std::string& text, const std::vector<std::string>& inputs, base::Random& random) {
  const size_t at = Place(text, random);
  switch (random.Below(10)) {
    case 0:
    case 1:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.Below(8)));
      break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(random.Bits());
      break;
    case 3:
      if (at < text.size()) text[at] = static_cast<char>(kBytes[random.Below(std::size(kBytes))]);
      break;
    case 4:
      text.insert(at, 1, static_cast<char>(random.Bits()));
      break;
    case 5:
      text.erase(at, Length(text.size() - at, random));
      break;
    case 6:
      text.insert(at, std::string(PieceOf(text, random)));
      break;
    case 7:
      text.insert(at, kPieces[random.Below(std::size(kPieces))]);
      break;
    case 8:
      text.insert(at, PieceOf(inputs[random.Below(inputs.size())], random));
      break;
    default: {
      const std::string_view piece = kPieces[random.Below(std::size(kPieces))];
      text.replace(at, std::min(piece.size(), text.size() - at), piece);
    }
  }
}

}  // namespace

std::string Mutate(const std::vector<std::string>& inputs, base::Random& random) {
  std::string text = inputs[random.Below(inputs.size())];
  for (uint64_t changes = 1 + random.Below(8); changes > 0; --changes) Change(text, inputs, random);
  if (text.size() > kMaxInputBytes) text.resize(kMaxInputBytes);
  return text;
}

}  // namespace batuta::fuzz
