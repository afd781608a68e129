#include "connect/csv.h"

#include "base/status.h"
#include "base/text.h"

namespace batuta::connect {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void Fail(CsvRow& row, std::string_view problem, std::string_view detail) {
  if (!row.problem.empty()) return;
  row.problem = std::string(problem);
  row.detail = std::string(detail);
}

}  // namespace

absl::Status CsvReader::Resume(uint64_t offset, uint64_t line) {
  line_ = line;
  return file_.Seek(offset);
}

// One line of the file, from the state that the line before left.
void CsvReader::Take(std::string_view line, CsvRow& row) {
  if (state_ != State::kQuoted) row.fields.emplace_back();
  for (const char c : line) {
    std::string& field = row.fields.back();
    if (state_ == State::kQuoted) {
      if (c == '"') {
        state_ = State::kQuoteSeen;
      } else {
        field += c;
      }
    } else if (c == delimiter_) {
      row.fields.emplace_back();
      state_ = State::kStart;
    } else if (state_ == State::kStart && c == '"') {
      state_ = State::kQuoted;
    } else if (state_ == State::kQuoteSeen && c == '"') {
      field += c;
      state_ = State::kQuoted;
    } else if (state_ == State::kQuoteSeen) {
      Fail(row, "bad_quote",
           base::StrCat("field ", row.fields.size(), " goes on behind its closing quote"));
      state_ = State::kPlain;
    } else {
      field += c;
      state_ = State::kPlain;
    }
  }
}

absl::StatusOr<bool> CsvReader::AppendLine(CsvRow& row) {
  std::string line;
  BATUTA_ASSIGN_OR_RETURN(const bool more, file_.NextLine(line));
  if (!more) return false;
  ++line_;
  bytes_ += line.size();
  if (bytes_ >= TextFile::kMaxLineBytes) {
    Fail(row, "too_long",
         base::StrCat("the row has more than ", TextFile::kMaxLineBytes, " bytes"));
    state_ = State::kStart;
    return true;
  }
  std::string_view text = line;
  if (line_ == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (state_ == State::kQuoted) row.fields.back() += '\n';
  if (!base::IsValidUtf8(text)) Fail(row, "not_utf8", "the row is not valid UTF-8");
  Take(text, row);
  return true;
}

absl::StatusOr<bool> CsvReader::Next(CsvRow& row) {
  do {
    row = CsvRow();
    row.line = line_ + 1;
    state_ = State::kStart;
    bytes_ = 0;
    BATUTA_ASSIGN_OR_RETURN(const bool more, AppendLine(row));
    if (!more) return false;
  } while (row.problem.empty() && bytes_ == 0);
  while (state_ == State::kQuoted) {
    BATUTA_ASSIGN_OR_RETURN(const bool more, AppendLine(row));
    if (!more) {
      Fail(row, "unclosed_quote", "a quote is opened here and never closed");
      break;
    }
  }
  row.offset = file_.offset();
  return true;
}

}  // namespace batuta::connect
