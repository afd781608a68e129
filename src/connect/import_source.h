// The calls of a file in their order: of the rows of a table by a map, or of lines of JSON as they
// are.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connect/csv.h"
#include "connect/import_map.h"
#include "connect/text_file.h"

namespace batuta::connect {

// How far a file was read.
struct ImportPlace {
  uint64_t offset = 0;  // bytes, after decompression
  uint64_t line = 0;    // lines before it
  uint64_t row = 0;     // rows before it, without the header
};

struct ImportItem {
  uint64_t line = 0;  // where it begins, from 1
  ImportPlace after;
  std::string json;     // the call; empty if there is a problem, or the map skips the row
  std::string problem;  // stable code
  std::string detail;
};

class ImportSource {
 public:
  virtual ~ImportSource() = default;
  virtual absl::Status Resume(const ImportPlace& place) = 0;
  // False at the end.
  virtual absl::StatusOr<bool> Next(ImportItem& item) = 0;
  virtual const TextFile& file() const = 0;
};

// `map` is the text of an import map, `map_name` its file, for places in errors; `hash` is in the
// message ids. The table's first row is its header.
absl::StatusOr<std::unique_ptr<ImportSource>> OpenTable(const std::string& path,
                                                        std::string_view map,
                                                        std::string_view map_name,
                                                        std::string_view hash);

// Each line is an object as the API takes it, such as a call of the tracking API, or is empty. One
// without the member that names it gets one.
absl::StatusOr<std::unique_ptr<ImportSource>> OpenJsonLines(const std::string& path,
                                                            std::string_view hash,
                                                            std::string_view name = "messageId");

}  // namespace batuta::connect
