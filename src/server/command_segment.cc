// batuta segment: which there are, how many people are in them, who, and why.
#include <cstdio>
#include <limits>
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

struct SegmentArguments {
  std::string name;
  std::string other;
  std::string person;
  int64_t limit = 100;
  bool all = false;
  bool csv = false;
  std::string out;
  std::string file;
  std::string identifier;
  std::string rule;
  std::string purpose;
  bool estimate = false;
};

// Asks for one answer and prints it.
ExitCode ShowAnswer(const Session& session, const std::string& path) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = client->Get(path);
  if (!answer.ok()) return session.Fail(answer.status());
  session.output.Object(*answer);
  return ExitCode::kOk;
}

std::string SegmentPath(const std::string& name, std::string_view what) {
  return base::StrCat("/v1/segments/", PercentEncode(name), what);
}

// With the number of members, each asked for on its own.
ExitCode List(const Session& session) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  auto rows = client->List("/v1/segments", std::numeric_limits<size_t>::max());
  if (!rows.ok()) return session.Fail(rows.status());
  for (base::Value& row : *rows) {
    const std::string name = base::Find(row.object(), "name")->text();
    const auto counted = client->Get(SegmentPath(name, ":count"));
    if (!counted.ok()) return session.Fail(counted.status());
    for (const char* member : {"count", "state"}) {
      base::SetField(*row.mutable_object(), member, *base::Find(counted->object(), member));
    }
  }
  session.output.Rows({{"name", "name"},
                       {"count", "count"},
                       {"state", "state"},
                       {"title", "spec.title"},
                       {"rule", "spec.rule"}},
                      *rows);
  return ExitCode::kOk;
}

ExitCode Members(const Session& session, const SegmentArguments& arguments) {
  if (arguments.csv || !arguments.out.empty()) {
    auto client = ApiClient::Create(session);
    if (!client.ok()) return session.Fail(client.status());
    const absl::Status status =
        client->Download(SegmentPath(arguments.name, "/members"), arguments.out, "text/csv");
    return status.ok() ? ExitCode::kOk : session.Fail(status);
  }
  if (arguments.limit < 1) {
    return session.Fail(absl::InvalidArgumentError("--limit must be 1 or more")), ExitCode::kUsage;
  }
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const size_t limit =
      arguments.all ? std::numeric_limits<size_t>::max() : static_cast<size_t>(arguments.limit);
  const auto rows = client->List(SegmentPath(arguments.name, "/members"), limit);
  if (!rows.ok()) return session.Fail(rows.status());
  session.output.Rows({{"person", "personId"}, {"since", "since"}, {"cause", "cause"}}, *rows);
  return ExitCode::kOk;
}

ExitCode Explain(const Session& session, const SegmentArguments& arguments) {
  const auto path = PersonPath(arguments.person);
  if (!path.ok()) return session.Fail(path.status()), ExitCode::kUsage;
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = client->Get(base::StrCat(*path, "/segments/", PercentEncode(arguments.name)));
  if (!answer.ok()) return session.Fail(answer.status());
  if (session.output.format() != Output::Format::kTable) {
    session.output.Object(*answer);
    return ExitCode::kOk;
  }
  const base::Fields& fields = answer->object();
  const auto text = [&fields](const char* name) { return CellText(base::Find(fields, name)); };
  const bool is_member = base::Find(fields, "member")->boolean();
  session.output.Text(base::StrCat(
      text("personId"), is_member ? base::StrCat(" is in since ", text("since")) : " is not in",
      ", the rule is ", text("outcome"), ": ", text("why"), "\n"));
  return ExitCode::kOk;
}

ExitCode Preview(const Session& session, const SegmentArguments& arguments) {
  base::Value body;
  base::Fields& fields = *body.mutable_object();
  base::SetField(fields, "rule", base::TextValue(arguments.rule));
  if (!arguments.purpose.empty()) {
    base::SetField(fields, "purpose", base::TextValue(arguments.purpose));
  }
  if (arguments.estimate) base::SetField(fields, "estimate", base::BooleanValue(true));
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = client->Post("/v1/segments:preview", base::ToJson(body));
  for (const ApiError& error : client->errors()) {
    std::fprintf(stderr, "%s\n", error.detail.c_str());
  }
  if (!answer.ok()) return session.Fail(answer.status());
  session.output.Object(*answer);
  return ExitCode::kOk;
}

ExitCode Upload(const Session& session, const SegmentArguments& arguments) {
  auto text = ReadText(arguments.file);
  if (!text.ok()) return session.Fail(text.status());
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  std::string target = SegmentPath(arguments.name, "/list");
  if (!arguments.identifier.empty()) {
    base::StrAppend(&target, "?identifier=", PercentEncode(arguments.identifier));
  }
  const auto answer = client->Put(target, "text/csv", *std::move(text));
  if (!answer.ok()) {
    for (const ApiError& error : client->errors()) {
      std::fprintf(stderr, "%s:%s [%s]\n", arguments.file.c_str(), error.detail.c_str(),
                   error.code.c_str());
    }
    return session.Fail(answer.status());
  }
  session.output.Object(*answer);
  return ExitCode::kOk;
}

using Arguments = std::shared_ptr<SegmentArguments>;

void AddName(Command& command, const Arguments& arguments) {
  command.Argument("SEGMENT", arguments->name, "The segment's name");
}

}  // namespace

void AddSegment(Command& root) {
  Command group = root.Add("segment", "See who is in which segment, and why");
  auto arguments = std::make_shared<SegmentArguments>();
  Command list = group.Add("list", "All segments, with how many people are in them");
  list.Example("batuta segment list");
  list.Run([](Session& session) { return List(session); });
  Command show = group.Add("show", "What a segment is");
  AddName(show, arguments);
  show.Example("batuta segment show gold");
  show.Run([arguments](Session& session) {
    return ShowAnswer(session, SegmentPath(arguments->name, ""));
  });
  Command count = group.Add("count", "How many people are in it");
  AddName(count, arguments);
  count.Example("batuta segment count gold");
  count.Run([arguments](Session& session) {
    return ShowAnswer(session, SegmentPath(arguments->name, ":count"));
  });
  Command members = group.Add("members", "Who is in it");
  AddName(members, arguments);
  members.Option("--limit N", arguments->limit, "How many (100)");
  members.Flag("--all", arguments->all, "All of them");
  members.Flag("--csv", arguments->csv, "All of them, as CSV");
  members.Option("--out FILE", arguments->out, "The same, into a file");
  members.Example("batuta segment members gold --csv --out gold.csv");
  members.Run([arguments](Session& session) { return Members(session, *arguments); });
  Command upload = group.Add("upload", "Who is in a segment that is a list");
  AddName(upload, arguments);
  upload.Argument("FILE", arguments->file, "CSV; the first line names the columns");
  upload.Option("--identifier TYPE", arguments->identifier, "The column that counts");
  upload.Example("batuta segment upload vip vip.csv");
  upload.Run([arguments](Session& session) { return Upload(session, *arguments); });
  Command overlap = group.Add("overlap", "How many people are in two segments");
  AddName(overlap, arguments);
  overlap.Argument("OTHER", arguments->other, "The other segment's name");
  overlap.Example("batuta segment overlap gold newsletter");
  overlap.Run([arguments](Session& session) {
    return ShowAnswer(session,
                      SegmentPath(arguments->name,
                                  base::StrCat(":overlap?with=", PercentEncode(arguments->other))));
  });
  Command preview = group.Add("preview", "How many would fit a rule");
  preview.Argument("RULE", arguments->rule, "In the language of rules");
  preview.Option("--purpose NAME", arguments->purpose, "What the segment would be used for");
  preview.Flag("--estimate", arguments->estimate, "Ask some thousand people and not everybody");
  preview.Example("batuta segment preview 'person.traits.plan == \"gold\"' --estimate");
  preview.Run([arguments](Session& session) { return Preview(session, *arguments); });
  Command explain = group.Add("explain", "Why somebody is in it, or not");
  AddName(explain, arguments);
  explain.Argument("PERSON", arguments->person, "TYPE:VALUE, such as user_id:17850, or an id");
  explain.Example("batuta segment explain gold user_id:17850");
  explain.Run([arguments](Session& session) { return Explain(session, *arguments); });
}

}  // namespace batuta::server
