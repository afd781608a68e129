#include "connect/import_source.h"

#include <utility>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::connect {
namespace {

class TableSource final : public ImportSource {
 public:
  TableSource(TextFile file, char delimiter, std::string hash)
      : file_(std::move(file)), reader_(file_, delimiter), hash_(std::move(hash)) {}

  absl::Status ReadHeader(std::string_view map, std::string_view map_name) {
    CsvRow header;
    BATUTA_ASSIGN_OR_RETURN(const bool any, reader_.Next(header));
    if (!any || !header.problem.empty()) {
      return absl::InvalidArgumentError("the first row of the table must name its columns");
    }
    for (std::string& name : header.fields) name = std::string(base::TrimAscii(name));
    BATUTA_ASSIGN_OR_RETURN(map_, ImportMap::Compile(map, map_name, header.fields));
    return absl::OkStatus();
  }

  absl::Status Resume(const ImportPlace& place) override {
    row_ = place.row;
    return reader_.Resume(place.offset, place.line);
  }

  absl::StatusOr<bool> Next(ImportItem& item) override {
    CsvRow row;
    BATUTA_ASSIGN_OR_RETURN(const bool more, reader_.Next(row));
    if (!more) return false;
    MappedRow mapped = map_.Map(row, hash_, ++row_);
    item = {.line = row.line,
            .after = {row.offset, reader_.lines(), row_},
            .json = std::move(mapped.json),
            .problem = std::move(mapped.problem),
            .detail = std::move(mapped.detail)};
    return true;
  }

  const TextFile& file() const override { return file_; }

 private:
  TextFile file_;
  CsvReader reader_;
  ImportMap map_;
  const std::string hash_;
  uint64_t row_ = 0;
};

class JsonLinesSource final : public ImportSource {
 public:
  JsonLinesSource(TextFile file, std::string hash, std::string_view name)
      : file_(std::move(file)), hash_(std::move(hash)), name_(name) {}

  absl::Status Resume(const ImportPlace& place) override {
    line_ = place.line;
    row_ = place.row;
    return file_.Seek(place.offset);
  }

  absl::StatusOr<bool> Next(ImportItem& item) override {
    std::string line;
    do {
      BATUTA_ASSIGN_OR_RETURN(const bool more, file_.NextLine(line));
      if (!more) return false;
      ++line_;
    } while (base::TrimAscii(line).empty());
    ++row_;
    item = ImportItem();
    item.line = line_;
    item.after = {file_.offset(), line_, row_};
    Check(line, item);
    return true;
  }

  const TextFile& file() const override { return file_; }

 private:
  // One wrong line would spoil the whole body that it is sent in.
  void Check(const std::string& line, ImportItem& item) const {
    if (line.size() >= TextFile::kMaxLineBytes) {
      item.problem = "too_long";
      item.detail = base::StrCat("the line has more than ", TextFile::kMaxLineBytes, " bytes");
      return;
    }
    const auto call = base::ParseJson(line);
    if (!call.ok()) {
      item.problem = "not_json";
      item.detail = std::string(call.status().message());
    } else if (!call->has_object()) {
      item.problem = "not_an_object";
      item.detail = "a line must be a JSON object";
    } else if (base::Find(call->object(), name_) != nullptr) {
      item.json = line;
    } else {
      const std::string_view rest = base::TrimAscii(line).substr(1);
      const bool is_empty = call->object().fields_size() == 0;
      item.json =
          base::StrCat("{\"", name_, "\":\"", hash_, "-", row_, "\"", is_empty ? "" : ",", rest);
    }
  }

  TextFile file_;
  const std::string hash_;
  const std::string name_;
  uint64_t line_ = 0;
  uint64_t row_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ImportSource>> OpenTable(const std::string& path,
                                                        std::string_view map,
                                                        std::string_view map_name,
                                                        std::string_view hash) {
  BATUTA_ASSIGN_OR_RETURN(const char delimiter, ImportMap::DelimiterOf(map, map_name));
  BATUTA_ASSIGN_OR_RETURN(TextFile file, TextFile::Open(path));
  auto source = std::make_unique<TableSource>(std::move(file), delimiter, std::string(hash));
  BATUTA_RETURN_IF_ERROR(source->ReadHeader(map, map_name));
  return source;
}

absl::StatusOr<std::unique_ptr<ImportSource>> OpenJsonLines(const std::string& path,
                                                            std::string_view hash,
                                                            std::string_view name) {
  BATUTA_ASSIGN_OR_RETURN(TextFile file, TextFile::Open(path));
  return std::make_unique<JsonLinesSource>(std::move(file), std::string(hash), name);
}

}  // namespace batuta::connect
