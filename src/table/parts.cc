#include "table/parts.h"

#include <utility>

namespace batuta::table {
namespace {

enum class Tag : uint8_t { kNothing = 0, kText = 1, kNumber = 2, kFalse = 3, kTrue = 4 };

void WriteTag(Tag tag, base::ByteWriter& writer) { writer.U8(static_cast<uint8_t>(tag)); }

void WriteCell(const Cell& cell, base::ByteWriter& writer) {
  if (const auto* text = std::get_if<std::string_view>(&cell)) {
    WriteTag(Tag::kText, writer);
    writer.Bytes(*text);
  } else if (const auto* number = std::get_if<double>(&cell)) {
    WriteTag(Tag::kNumber, writer);
    writer.Double(*number);
  } else if (const auto* truth = std::get_if<bool>(&cell)) {
    WriteTag(*truth ? Tag::kTrue : Tag::kFalse, writer);
  } else {
    WriteTag(Tag::kNothing, writer);
  }
}

}  // namespace

void PartWriter::Add(std::string_view key, const std::vector<Cell>& cells) {
  writer_.Bytes(key);
  for (const Cell& cell : cells) WriteCell(cell, writer_);
  if (writer_.bytes().size() >= kPartBytes) parts_.push_back(writer_.Take());
}

std::vector<std::string> PartWriter::Take() {
  if (parts_.empty() || !writer_.bytes().empty()) parts_.push_back(writer_.Take());
  return std::move(parts_);
}

bool PartReader::Next() {
  if (!ok() || reader_.AtEnd()) return false;
  key_ = reader_.Bytes();
  for (Cell& cell : cells_) {
    switch (static_cast<Tag>(reader_.U8())) {
      case Tag::kNothing:
        cell = std::monostate();
        break;
      case Tag::kText:
        cell = reader_.Bytes();
        break;
      case Tag::kNumber:
        cell = reader_.Double();
        break;
      case Tag::kFalse:
        cell = false;
        break;
      case Tag::kTrue:
        cell = true;
        break;
      default:
        is_sound_ = false;
    }
  }
  return ok();
}

}  // namespace batuta::table
