#include "rule/lookup.h"

#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "expr/activation.h"
#include "expr/number_text.h"
#include "population/measures.h"
#include "rule/list.h"
#include "rule/population.h"

namespace batuta::rule {
namespace {

using expr::Value;
using table::Declaration;

constexpr std::string_view kName = "lookup";
constexpr std::string_view kSignatures =
    "(string, string) -> dyn; (string, int) -> dyn; (string, uint) -> dyn; (string, double) -> dyn";
constexpr double kWholeMax = 9007199254740992.0;  // doubles tell all integers apart up to here

using Declarations = std::shared_ptr<const std::vector<Declaration>>;

const Declaration* Find(const Declarations& declarations, std::string_view name) {
  for (const Declaration& declaration : *declarations) {
    if (declaration.name == name) return &declaration;
  }
  return nullptr;
}

const std::string* TableName(const expr::Expr& call) {
  const expr::Expr& name = *call.children[0];
  return name.kind == expr::ExprKind::kLiteral ? std::get_if<std::string>(&name.literal) : nullptr;
}

// ---- Types

expr::Type TypeOf(table::ColumnType type) {
  switch (type) {
    case table::NUMBER:
      return expr::Type::Tag::kDouble;
    case table::INTEGER:
      return expr::Type::Tag::kInt;
    case table::BOOLEAN:
      return expr::Type::Tag::kBool;
    case table::TIME:
      return expr::Type::Tag::kTimestamp;
    default:
      return expr::Type::Tag::kString;
  }
}

expr::Type RowType(const Declaration& declaration) {
  auto schema = std::make_shared<expr::ObjectSchema>();
  schema->name = declaration.name;
  schema->is_open = false;
  for (const table::Column& column : declaration.columns) {
    schema->fields.push_back({column.name(), TypeOf(column.type()), ""});
  }
  return expr::Type::Object(std::move(schema));
}

expr::CallType TypeOfCall(const Declarations& declarations, const expr::Expr& call) {
  const std::string* name = TableName(call);
  if (name == nullptr) {
    return {.problem = expr::Diagnostic{call.children[0]->span,
                                        "the name of the table has to be written out, as in "
                                        "`lookup(\"products\", key)`",
                                        ""}};
  }
  if (const Declaration* found = Find(declarations, *name)) return {.type = RowType(*found)};
  std::vector<std::string> known;
  for (const Declaration& declaration : *declarations) known.push_back(declaration.name);
  return {.problem = expr::Diagnostic{call.children[0]->span,
                                      base::StrCat("there is no table `", *name, "`"),
                                      base::Suggest(*name, known)}};
}

// ---- Values

// Nothing for a number that is not whole.
std::optional<std::string> KeyOf(const Value& key) {
  switch (key.kind()) {
    case expr::Kind::kString:
      return std::string(key.AsText());
    case expr::Kind::kInt:
      return std::to_string(key.AsInt());
    case expr::Kind::kUint:
      return std::to_string(key.AsUint());
    default:
      break;
  }
  const double number = key.AsDouble();
  if (!(std::abs(number) <= kWholeMax) || std::trunc(number) != number) return std::nullopt;
  return std::to_string(static_cast<int64_t>(number));
}

// A cell as its column is declared now; an error if it was uploaded as something else.
Value CellOf(const Value& cell, table::ColumnType type) {
  const Value wrong = Value::Error(expr::ErrorCode::kAbsent, "of another type", true);
  const expr::Kind kind = TypeOf(type).kind();
  if (cell.kind() == kind) return cell;
  if (type == table::INTEGER && cell.Is(expr::Kind::kString)) {  // a key
    const auto number = expr::ParseInt(cell.AsText());
    return number.has_value() ? Value::Int(*number) : wrong;
  }
  if (type == table::INTEGER || type == table::TIME) return expr::Coerce(cell, kind);
  return wrong;
}

Value Typed(const Value& row, const Declaration& declaration, expr::Scratch& scratch) {
  if (row.is_error()) return row;
  if (!scratch.Charge(declaration.columns.size() + 1)) return expr::Scratch::OverBudget();
  expr::Entry* entries = scratch.arena.Allocate<expr::Entry>(declaration.columns.size());
  size_t count = 0;
  for (const table::Column& column : declaration.columns) {
    const Value found = row.Field(column.name());
    if (found.is_error()) continue;
    const Value cell = CellOf(found, column.type());
    if (cell.is_error()) continue;
    new (entries + count++) expr::Entry{Value::Text(column.name()), cell};
  }
  return Value::Map(std::span<const expr::Entry>(entries, count));
}

Value Lookup(const Declarations& declarations, expr::Scratch& scratch,
             std::span<const Value> arguments) {
  const Declaration* declaration = Find(declarations, arguments[0].AsText());
  if (declaration == nullptr || scratch.activation == nullptr) {
    return Value::Error(expr::ErrorCode::kUndeclared, "there is no such table");
  }
  const auto key = KeyOf(arguments[1]);
  if (!key.has_value()) {
    return Value::Error(expr::ErrorCode::kBadArgument, "a key is a text or a whole number");
  }
  const expr::LookedUp& found = scratch.activation->Lookup(declaration->name, *key);
  scratch.lookups.push_back(&found);
  return Typed(found.row, *declaration, scratch);
}

void Collect(const expr::Expr& expr, std::set<std::string>& tables) {
  if (expr.kind == expr::ExprKind::kCall && expr.name == kName && !expr.children.empty()) {
    if (const std::string* name = TableName(expr)) tables.insert(*name);
  }
  if (expr.kind == expr::ExprKind::kCall && expr.name == "on_list" && !expr.children.empty()) {
    if (const std::string* name = TableName(expr)) tables.insert(ListTable(*name));
  }
  if ((IsStanding(expr) || IsTop(expr)) && !expr.children.empty()) {
    if (const std::string* name = TableName(expr)) tables.insert(population::TableOf(*name));
  }
  for (const expr::ExprPtr& child : expr.children) Collect(*child, tables);
}

}  // namespace

void AddLookup(std::vector<Declaration> declarations, expr::FunctionTable& functions) {
  const auto shared = std::make_shared<const std::vector<Declaration>>(std::move(declarations));
  functions.Add(
      kName, kSignatures,
      [shared](expr::Scratch& scratch, std::span<const Value> arguments) {
        return Lookup(shared, scratch, arguments);
      },
      expr::Folding::kNever);
  functions.SetTyping(kName, [shared](const expr::Expr& call) { return TypeOfCall(shared, call); });
}

void RefuseLookup(std::string_view reason, expr::FunctionTable& functions) {
  functions.Add(
      kName, kSignatures,
      [](expr::Scratch&, std::span<const Value>) {
        return Value::Error(expr::ErrorCode::kUndeclared, "there are no tables here");
      },
      expr::Folding::kNever);
  functions.SetTyping(kName, [reason = std::string(reason)](const expr::Expr& call) {
    return expr::CallType{.problem = expr::Diagnostic{call.name_span, reason, ""}};
  });
}

std::vector<std::string> TablesOf(const expr::Expr& expr) {
  std::set<std::string> tables;
  Collect(expr, tables);
  return {tables.begin(), tables.end()};
}

}  // namespace batuta::rule
