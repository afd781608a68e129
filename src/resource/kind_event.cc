#include <set>

#include "base/text.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckProperties(const base::Fields& spec, Findings& findings) {
  std::set<std::string> names;
  int index = 0;
  for (const Reader& property : Reader(spec).Objects("properties")) {
    const std::string name = property.Text("name");
    if (!names.insert(name).second) {
      findings.Error("duplicate", Child(Child("/spec/properties", index), "name"),
                     base::StrCat("the property \"", name, "\" is declared twice"));
    }
    ++index;
  }
}

}  // namespace

Kind EventKind() {
  const auto property =
      Object({Required("name", Text().Range(1, 255).Describe("As events state it.")),
              Optional("type", Enum({"any", "text", "number", "boolean", "time", "list", "object"})
                                   .Default("any")
                                   .Describe("What values it has; a time is a text of RFC 3339.")),
              Optional("description", Text().AtMost(2000).Describe("What it says."))});
  return {
      .name = "event",
      .plural = "events",
      .description = "An event of the tracking plan: its name and its properties, with types.",
      .spec = Object(
          {Optional("event", Text().Range(1, 255).Describe(
                                 "The name under which sources send it, where it is not that of "
                                 "the resource, such as Order Completed.")),
           Optional("properties",
                    ListOf(property).AtMost(1000).Describe("What rules may read of it.")),
           Optional("open", Boolean().Default(false).Describe(
                                "Rules may read properties that are not declared, too."))}),
      .check = CheckProperties};
}

}  // namespace batuta::resource
