#include "http/headers.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::http {
namespace {

constexpr std::array<bool, 256> TokenTable() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kTokenCharacters = TokenTable();

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kTokenCharacters[static_cast<unsigned char>(c)];
  });
}

bool SameToken(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return absl::ascii_tolower(static_cast<unsigned char>(x)) ==
           absl::ascii_tolower(static_cast<unsigned char>(y));
  });
}

bool ListHolds(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (SameToken(base::TrimAscii(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

void Headers::Add(std::string_view name, std::string_view value) {
  BATUTA_CHECK(IsToken(name), std::string(name));
  const size_t start = block_.size();
  block_.append(name).append(value);
  const auto value_start = block_.begin() + static_cast<ptrdiff_t>(start + name.size());
  std::replace_if(value_start, block_.end(), IsControl, ' ');
  fields_.push_back({static_cast<uint32_t>(start), static_cast<uint32_t>(name.size()),
                     static_cast<uint32_t>(start + name.size()),
                     static_cast<uint32_t>(value.size())});
}

void Headers::Set(std::string_view name, std::string_view value) {
  std::erase_if(fields_, [&](const Field& field) {
    return SameToken(std::string_view(block_).substr(field.name_at, field.name_size), name);
  });
  Add(name, value);
}

std::string_view Headers::Get(std::string_view name) const {
  const Field* field = Find(name);
  if (field == nullptr) return {};
  return std::string_view(block_).substr(field->value_at, field->value_size);
}

bool Headers::Has(std::string_view name) const { return Find(name) != nullptr; }

std::string_view Headers::name(size_t index) const {
  return std::string_view(block_).substr(fields_[index].name_at, fields_[index].name_size);
}

std::string_view Headers::value(size_t index) const {
  return std::string_view(block_).substr(fields_[index].value_at, fields_[index].value_size);
}

void Headers::Adopt(std::string_view block) {
  block_.assign(block);
  fields_.clear();
  fields_.reserve(16);
}

void Headers::Mark(std::string_view name, std::string_view value, const char* block_start) {
  fields_.push_back(
      {static_cast<uint32_t>(name.data() - block_start), static_cast<uint32_t>(name.size()),
       static_cast<uint32_t>(value.data() - block_start), static_cast<uint32_t>(value.size())});
}

const Headers::Field* Headers::Find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name_size != name.size()) continue;
    if (SameToken(std::string_view(block_.data() + field.name_at, name.size()), name)) {
      return &field;
    }
  }
  return nullptr;
}

}  // namespace batuta::http
