// batuta table: which tables there are, what is in them, new rows in, and the rows out.
#include <cstdio>
#include <limits>
#include <memory>

#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

struct TableArguments {
  std::string name;
  std::string file;
  std::string out;
};

std::string TablePath(const std::string& name, std::string_view what) {
  return base::StrCat("/v1/tables/", PercentEncode(name), what);
}

ExitCode List(const Session& session) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto rows = client->List("/v1/tables", std::numeric_limits<size_t>::max());
  if (!rows.ok()) return session.Fail(rows.status());
  session.output.Rows({{"name", "name"},
                       {"key", "spec.key"},
                       {"rows", "content.rows"},
                       {"version", "content.version"},
                       {"time", "content.time"},
                       {"title", "spec.title"}},
                      *rows);
  return ExitCode::kOk;
}

ExitCode Show(const Session& session, const TableArguments& arguments) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = client->Get(TablePath(arguments.name, ""));
  if (!answer.ok()) return session.Fail(answer.status());
  session.output.Object(*answer);
  return ExitCode::kOk;
}

ExitCode Upload(const Session& session, const TableArguments& arguments) {
  auto text = ReadText(arguments.file);
  if (!text.ok()) return session.Fail(text.status());
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = client->Put(TablePath(arguments.name, "/rows"), "text/csv", *std::move(text));
  if (!answer.ok()) {
    for (const ApiError& error : client->errors()) {
      std::fprintf(stderr, "%s:%d:%d: error: %s [%s]\n", arguments.file.c_str(), error.line,
                   error.column, error.detail.c_str(), error.code.c_str());
    }
    return session.Fail(answer.status());
  }
  session.output.Object(*answer);
  return ExitCode::kOk;
}

ExitCode Download(const Session& session, const TableArguments& arguments) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const absl::Status status =
      client->Download(TablePath(arguments.name, "/rows"), arguments.out, "text/csv");
  return status.ok() ? ExitCode::kOk : session.Fail(status);
}

}  // namespace

void AddTable(Command& root) {
  Command group = root.Add("table", "Reference data that rules look things up in");
  auto arguments = std::make_shared<TableArguments>();
  const auto add_name = [&arguments](Command& command) {
    command.Argument("TABLE", arguments->name, "The table's name");
  };
  Command list = group.Add("list", "All tables, with what is in them");
  list.Example("batuta table list");
  list.Run([](Session& session) { return List(session); });
  Command show = group.Add("show", "What a table is");
  add_name(show);
  show.Example("batuta table show products");
  show.Run([arguments](Session& session) { return Show(session, *arguments); });
  Command upload = group.Add("upload", "New rows, in place of those it has");
  add_name(upload);
  upload.Argument("FILE", arguments->file, "CSV; the first line names the columns");
  upload.Example("batuta table upload products products.csv");
  upload.Run([arguments](Session& session) { return Upload(session, *arguments); });
  Command download = group.Add("download", "Its rows as CSV");
  add_name(download);
  download.Option("--out FILE", arguments->out, "Into a file");
  download.Example("batuta table download products --out products.csv");
  download.Run([arguments](Session& session) { return Download(session, *arguments); });
}

}  // namespace batuta::server
