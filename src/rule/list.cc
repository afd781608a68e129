#include "rule/list.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "expr/activation.h"
#include "expr/ast.h"
#include "identity/refs.h"
#include "resource/reader.h"

namespace batuta::rule {
namespace {

using expr::Value;

constexpr std::string_view kPrefix = "segment/";

expr::CallType TypeOfCall(const std::vector<std::string>& lists, const expr::Expr& call) {
  const expr::Expr& name = *call.children[0];
  const auto* text =
      name.kind == expr::ExprKind::kLiteral ? std::get_if<std::string>(&name.literal) : nullptr;
  if (text != nullptr && std::find(lists.begin(), lists.end(), *text) != lists.end()) {
    return {.type = expr::Type::Tag::kBool};
  }
  return {.problem = expr::Diagnostic{
              name.span, "`on_list` takes the name of a segment with `list: true`, written out",
              text == nullptr ? "" : base::Suggest(*text, lists)}};
}

Value OnList(expr::Scratch& scratch, std::string_view segment) {
  if (scratch.activation == nullptr) {
    return Value::Error(expr::ErrorCode::kUndeclared, "there are no lists here");
  }
  const Value& row = scratch.activation->Lookup(ListTable(segment), "").row;
  return row.is_error() ? row : Value::Bool(row.size() > 0);
}

}  // namespace

std::string ListTable(std::string_view segment) { return base::StrCat(kPrefix, segment); }

std::optional<std::string_view> ListOf(std::string_view table) {
  if (!table.starts_with(kPrefix)) return std::nullopt;
  return table.substr(kPrefix.size());
}

std::string ListRule(std::string_view segment) {
  return base::StrCat("on_list(\"", segment, "\")");
}

std::vector<std::string> ListsOf(const resource::ResourceSet& resources) {
  std::vector<std::string> lists;
  for (const resource::Resource* segment : resources.OfKind("segment")) {
    if (resource::Reader(segment->spec).Bool("list")) lists.push_back(segment->key.name);
  }
  return lists;
}

bool TakesRows(const resource::ResourceSet& resources, std::string_view table) {
  const auto list = ListOf(table);
  if (!list.has_value()) return resources.Find("table", table) != nullptr;
  const resource::Resource* segment = resources.Find("segment", *list);
  return segment != nullptr && resource::Reader(segment->spec).Bool("list");
}

void AddOnList(std::vector<std::string> lists, expr::FunctionTable& functions) {
  functions.Add(
      "on_list", "(string) -> bool",
      [](expr::Scratch& scratch, std::span<const Value> arguments) {
        return OnList(scratch, arguments[0].AsText());
      },
      expr::Folding::kNever);
  functions.SetTyping("on_list", [lists = std::move(lists)](const expr::Expr& call) {
    return TypeOfCall(lists, call);
  });
}

Value LookupList(const table::Tables& tables, std::string_view table,
                 const identity::PersonIdentity* person, expr::Scratch& scratch) {
  const auto list = tables.find(table);
  const auto is_listed = [&](const identity::PersonIdentifier& identifier) {
    return identifier.ruling() == identity::HELD &&
           list->second->Has(identity::FromRef(identifier.hash()).ToBytes());
  };
  if (list == tables.end() || person == nullptr ||
      std::none_of(person->identifiers().begin(), person->identifiers().end(), is_listed)) {
    return Value::Map(std::span<const expr::Entry>());
  }
  const expr::Entry entry{Value::Text("listed"), Value::Bool(true)};
  return Value::Map(scratch.arena.Copy(std::span<const expr::Entry>(&entry, 1)));
}

}  // namespace batuta::rule
