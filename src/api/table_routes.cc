// The rows of tables: uploaded as CSV, part by part into the log, and given back as CSV.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/member_stream.h"
#include "api/piece_stream.h"
#include "api/routes.h"
#include "api/rows_upload.h"
#include "api/table_value.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/problem.h"
#include "table/declaration.h"
#include "table/rows.h"

namespace batuta::api {
namespace {

constexpr size_t kPieceBytes = size_t{64} << 10;

// Null, and answered, if there is no such table.
const resource::Resource* FindTable(const ExchangePtr& exchange, const DefinitionsView& view) {
  const std::string& name = exchange->parameter("name");
  const resource::Resource* found = view.definitions->resources.Find("table", name);
  if (found != nullptr) return found;
  std::vector<std::string> names;
  for (const resource::Resource* table : view.definitions->resources.OfKind("table")) {
    names.push_back(table->key.name);
  }
  const std::string near = base::Suggest(name, names);
  exchange->Fail(http::Status::kNotFound, "no_such_resource",
                 base::StrCat("There is no table of this name",
                              near.empty() ? "." : base::StrCat("; did you mean ", near, "?")));
  return nullptr;
}

// ---- Upload

void FailRows(const ExchangePtr& exchange, const table::Rows& rows, const std::string& name) {
  ListBuilder errors;
  for (const table::RowProblem& problem : rows.problems) {
    ObjectBuilder error;
    error.Add("pointer", "").Add("code", problem.code).Add("detail", problem.detail);
    error.Add("kind", "table").Add("name", name);
    error.AddCount("line", problem.line).AddCount("column", problem.column);
    errors.Add(error.Take());
  }
  const uint64_t more = rows.problem_count - rows.problems.size();
  ObjectBuilder out;
  out.Add("type", "about:blank");
  out.Add("title", http::ReasonPhrase(http::Status::kUnprocessableContent));
  out.AddCount("status", 422);
  out.Add("detail",
          base::StrCat("The rows are not right; see errors for where",
                       more == 0 ? "." : base::StrCat(", and ", more, " more are not listed."),
                       " Nothing was changed."));
  out.Add("code", "invalid_rows");
  out.Add("traceId", exchange->trace_id());
  out.Add("errors", errors.Take());
  http::Response response =
      http::Response::Json(http::Status::kUnprocessableContent, base::ToJson(out.Take()));
  response.headers.Set("Content-Type", "application/problem+json");
  exchange->Send(std::move(response));
}

void AnswerUpload(const ExchangePtr& exchange, const absl::StatusOr<Uploaded>& uploaded) {
  if (!uploaded.ok()) return FailUpload(exchange, uploaded.status());
  ObjectBuilder out;
  out.Add("table", uploaded->head.table());
  out.AddCount("rows", uploaded->head.rows());
  if (uploaded->is_in_force) {
    out.AddCount("version", uploaded->head.version());
    out.AddTime("time", uploaded->head.time());
  }
  out.Add("inForce", uploaded->is_in_force);
  exchange->Json(base::ToJson(out.Take()),
                 uploaded->is_in_force ? http::Status::kOk : http::Status::kAccepted);
}

void PutRows(const ExchangePtr& exchange) {
  if (exchange->request().Header("Content-Type").find("csv") == std::string_view::npos) {
    return exchange->Fail(http::Status::kUnsupportedMediaType, "not_csv",
                          "Rows are sent as CSV; say so: Content-Type: text/csv.");
  }
  InBackground(exchange, [exchange] {
    const auto view = exchange->core().definitions.Now();
    const resource::Resource* found = FindTable(exchange, *view);
    if (found == nullptr) return;
    table::Rows rows = table::ReadRows(exchange->request().body, table::Declaration::Of(*found));
    if (rows.problem_count > 0) return FailRows(exchange, rows, found->key.name);
    rows.head.set_author(exchange->key()->id());
    UploadRows(
        exchange->core(), std::move(rows.head), std::move(rows.parts),
        [exchange](const absl::StatusOr<Uploaded>& uploaded) { AnswerUpload(exchange, uploaded); });
  });
}

// ---- Download

http::BodyStream RowsStream(std::shared_ptr<const table::Content> content) {
  return [content = std::move(content), next = size_t{0},
          is_first = true](std::string* chunk) mutable {
    const size_t begin = chunk->size();
    if (std::exchange(is_first, false)) content->AppendNames(*chunk);
    while (next < content->rows() && chunk->size() - begin < kPieceBytes) {
      content->AppendRow(next++, *chunk);
    }
    return next < content->rows();
  };
}

// Of a table that has none yet: the line of names, to be filled in.
void GetRows(const ExchangePtr& exchange) {
  const auto view = exchange->core().definitions.Now();
  const resource::Resource* resource = FindTable(exchange, *view);
  if (resource == nullptr) return;
  const std::string& name = resource->key.name;
  const auto found = view->tables->find(name);
  std::shared_ptr<const table::Content> content;
  if (found != view->tables->end()) {
    content = found->second;
  } else {
    content = table::WithoutRows(table::Declaration::Of(*resource));
  }
  exchange->Send(CsvResponse(name + ".csv", RowsStream(std::move(content))));
}

}  // namespace

void AddContent(const table::Tables& tables, std::string_view name, base::Value& resource) {
  const auto found = tables.find(name);
  if (found == tables.end()) return;
  const table::Head& head = found->second->head();
  ObjectBuilder content;
  content.AddCount("version", head.version());
  content.AddCount("rows", head.rows());
  content.AddCount("bytes", head.bytes());
  content.Add("author", head.author());
  content.AddTime("time", head.time());
  base::SetField(*resource.mutable_object(), "content", content.Take());
}

void AddTableRoutes(Core& core) {
  AddRoute(core, http::Method::kGet, "/v1/tables/{name}/rows", {.scope = "resources:read"},
           GetRows);
  AddRoute(core, http::Method::kPut, "/v1/tables/{name}/rows", {.scope = "resources:write"},
           PutRows);
}

}  // namespace batuta::api
