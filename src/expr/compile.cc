#include "expr/compile.h"

#include "expr/check.h"

namespace batuta::expr {

Compiled Compile(std::string_view source, const Environment& environment, AttributeTable& table,
                 const CompileOptions& options) {
  Compiled compiled;
  Parsed parsed = Parse(source, options.parse);
  compiled.diagnostics = std::move(parsed.diagnostics);
  if (parsed.expr == nullptr) return compiled;
  if (options.check) {
    Checked checked = Check(*parsed.expr, environment);
    compiled.diagnostics = std::move(checked.diagnostics);
    compiled.type = std::move(checked.type);
    if (!compiled.diagnostics.empty()) return compiled;
  }
  compiled.program = Generate(*parsed.expr, environment, table);
  return compiled;
}

}  // namespace batuta::expr
