#include "base/text.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

// The key is one of the columns, and each column has a name of its own.
void CheckColumns(const base::Fields& spec, Findings& findings) {
  const Reader reader(spec);
  const std::string key = reader.Text("key");
  std::vector<std::string> names;
  bool has_key = false;
  for (const Reader& column : reader.Objects("columns")) {
    const std::string name = column.Text("name");
    const std::string place = Child("/spec/columns", static_cast<int>(names.size()));
    for (const std::string& before : names) {
      if (before != name) continue;
      findings.Error("duplicate", Child(place, "name"),
                     base::StrCat("the column \"", name, "\" is declared twice"));
    }
    names.push_back(name);
    if (name != key) continue;
    has_key = true;
    const std::string type = column.Text("type", "text");
    if (type == "text" || type == "integer") continue;
    findings.Error("bad_key", Child(place, "type"),
                   base::StrCat("the key is a text or an integer, not a ", type));
  }
  if (has_key) return;
  const std::string near = base::Suggest(key, names);
  findings.Error("bad_key", "/spec/key",
                 base::StrCat("the key is one of the columns, and there is no column \"", key, "\"",
                              near.empty() ? "" : base::StrCat("; did you mean \"", near, "\"?")));
}

}  // namespace

Kind TableKind() {
  const auto column =
      Object({Required("name", Matching("[A-Za-z_][A-Za-z0-9_]{0,99}",
                                        "up to 100 letters, digits and \"_\", the first no digit")
                                   .Describe("As in the first line of the file.")),
              Optional("type", Enum({"text", "number", "integer", "boolean", "time"})
                                   .Default("text")
                                   .Describe("What its cells are; an empty cell is nothing."))});
  return {
      .name = "table",
      .plural = "tables",
      .description =
          "Reference data that is uploaded as CSV and read by rules: products, "
          "prices, stock, branches, postal codes.",
      .spec = Object(
          {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
           Required("key", Text().Range(1, 100).Describe(
                               "The column by which rows are found; each value stands once.")),
           Required("columns", ListOf(column).Range(1, 64).Describe("All columns of the file."))}),
      .check = CheckColumns};
}

}  // namespace batuta::resource
