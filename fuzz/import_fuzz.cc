// Fuzzes the import of files: a table with its map, or lines of JSON, gzip or not. Every row
// becomes a call that is JSON, or has a problem with a code; and an import that is stopped anywhere
// goes on with the same rows.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "connect/import.h"
#include "connect/import_source.h"
#include "fuzz/input.h"

namespace batuta::connect {
namespace {

constexpr std::string_view kMark = "\n%%\n";  // between the map and the table

// A file in memory that can be opened by a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : descriptor_(memfd_create("fuzz", 0)) {
    BATUTA_CHECK(descriptor_ >= 0);
    const ssize_t written = write(descriptor_, content.data(), content.size());
    BATUTA_CHECK(written == static_cast<ssize_t>(content.size()));
  }
  ~MemoryFile() { close(descriptor_); }
  std::string path() const { return base::StrCat("/proc/self/fd/", descriptor_); }

 private:
  const int descriptor_;
};

void CheckItem(const ImportItem& item) {
  BATUTA_CHECK(item.line > 0 && item.after.line >= item.line);
  if (item.json.empty()) return;
  BATUTA_CHECK(item.problem.empty(), "a row with a problem became a call");
  const auto call = base::ParseJson(item.json);
  BATUTA_CHECK(call.ok() && call->has_object(), "a call is not a JSON object");
}

bool Same(const ImportItem& a, const ImportItem& b) {
  return a.line == b.line && a.json == b.json && a.problem == b.problem &&
         a.after.offset == b.after.offset && a.after.row == b.after.row;
}

using Opener = absl::StatusOr<std::unique_ptr<ImportSource>> (*)(const std::string& path,
                                                                 std::string_view map);

void CheckSource(Opener open, const std::string& path, std::string_view map, size_t stop) {
  const auto source = open(path, map);
  if (!source.ok()) return;
  std::vector<ImportItem> items;
  ImportItem item;
  while (true) {
    const auto more = (*source)->Next(item);
    if (!more.ok() || !*more) break;
    CheckItem(item);
    items.push_back(item);
  }
  if (items.empty()) return;
  stop %= items.size();
  const auto again = open(path, map);
  BATUTA_CHECK_OK(again.status());
  BATUTA_CHECK_OK((*again)->Resume(items[stop].after));
  for (size_t i = stop + 1; i < items.size(); ++i) {
    const auto more = (*again)->Next(item);
    BATUTA_CHECK(more.ok() && *more && Same(item, items[i]), "a row is lost where it was stopped");
  }
}

void CheckState(std::string_view text) {
  const auto state = ImportState::Parse(text);
  if (!state.ok()) return;
  const auto again = ImportState::Parse(state->ToJson());
  BATUTA_CHECK(again.ok() && again->ToJson() == state->ToJson());
}

}  // namespace
}  // namespace batuta::connect

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::connect;
  batuta::fuzz::Input input(data, size);
  const unsigned what = input.U8();
  const size_t stop = input.U8();
  if (what % 3 == 2) {
    CheckState(input.rest());
    return 0;
  }
  const bool is_table = what % 3 == 0;
  const std::string_view map = is_table ? input.TakeUntil(kMark) : std::string_view();
  const MemoryFile file(input.rest());
  const Opener table = [](const std::string& path, std::string_view text) {
    return OpenTable(path, text, "map.yaml", "hash");
  };
  const Opener lines = [](const std::string& path, std::string_view) {
    return OpenJsonLines(path, "hash");
  };
  CheckSource(is_table ? table : lines, file.path(), map, stop);
  return 0;
}
