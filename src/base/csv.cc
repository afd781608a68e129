#include "base/csv.h"

#include "base/text.h"

namespace batuta::base {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }

}  // namespace

CsvParser::CsvParser(std::string_view text) : text_(text) {
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

bool CsvParser::AtLineEnd() const {
  if (at_ == text_.size() || text_[at_] == '\n') return true;
  return text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n');
}

void CsvParser::Step() {
  const char c = text_[at_++];
  if (c == '\n') {
    ++line_;
    column_ = 1;
  } else if (!IsContinuation(c)) {
    ++column_;
  }
}

void CsvParser::StepLine() {
  while (!AtLineEnd()) Step();
  if (at_ < text_.size() && text_[at_] == '\r') Step();
  if (at_ < text_.size()) Step();
}

void CsvParser::Fail(CsvRecord& record, std::string_view problem, std::string_view detail) const {
  if (!record.problem.empty()) return;
  record.problem = std::string(problem);
  record.detail = std::string(detail);
  record.problem_line = line_;
  record.problem_column = column_;
}

// The field that begins with the quote here.
void CsvParser::Quoted(CsvRecord& record) {
  CsvField& field = record.fields.back();
  Step();
  while (true) {
    const size_t quote = text_.find('"', at_);
    if (quote == std::string_view::npos) {
      record.problem_line = field.line;
      record.problem_column = field.column;
      record.problem = "unclosed_quote";
      record.detail = "a quote is opened here and never closed";
      at_ = text_.size();
      return;
    }
    field.text.append(text_, at_, quote - at_);
    while (at_ <= quote) Step();
    if (at_ == text_.size() || text_[at_] != '"') break;
    field.text += '"';
    Step();
  }
  if (AtLineEnd() || text_[at_] == ',') return;
  Fail(record, "bad_quote", "the field goes on behind its closing quote");
}

bool CsvParser::Next(CsvRecord& record) {
  while (at_ < text_.size() && AtLineEnd()) StepLine();
  if (at_ == text_.size()) return false;
  record = CsvRecord();
  record.line = line_;
  const size_t begin = at_;
  while (record.problem.empty()) {
    record.fields.push_back({.text = "", .line = line_, .column = column_});
    if (at_ < text_.size() && text_[at_] == '"') {
      Quoted(record);
    } else {
      const size_t start = at_;
      while (!AtLineEnd() && text_[at_] != ',') Step();
      record.fields.back().text.assign(text_, start, at_ - start);
    }
    if (AtLineEnd() || !record.problem.empty()) break;
    Step();  // the comma
  }
  if (!record.problem.empty()) {
    StepLine();
    return true;
  }
  const std::string_view bytes = text_.substr(begin, at_ - begin);
  StepLine();
  if (const size_t valid = ValidUtf8Prefix(bytes); valid < bytes.size()) {
    record.problem = "not_utf8";
    record.detail = "this is not valid UTF-8";
    CsvParser place(bytes);
    place.line_ = record.line;
    while (place.at_ < valid) place.Step();
    record.problem_line = place.line_;
    record.problem_column = place.column_;
  }
  return true;
}

void AppendCsv(std::string_view field, std::string& out) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(field);
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void AppendCsvRow(const std::vector<std::string_view>& fields, std::string& out) {
  // An empty line is no row, so one empty field has to be quoted.
  if (fields.size() == 1 && fields[0].empty()) out += "\"\"";
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    AppendCsv(fields[i], out);
  }
  out += "\r\n";
}

}  // namespace batuta::base
