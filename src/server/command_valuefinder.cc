// batuta valuefinder: who gets nothing at a placement, or only something weak, and why.
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

struct ValueArguments {
  std::string placement;
  std::string segment;
  int64_t sample = 0;
  int64_t smallest = 0;
  std::string propensity;
  std::string net_value;
  std::string language = "en";
};

// Nothing if the text is no number.
bool SetNumber(base::Fields& fields, const char* name, const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return false;
  base::SetField(fields, name, base::NumberValue(number));
  return true;
}

absl::StatusOr<std::string> BodyFor(const ValueArguments& arguments) {
  base::Value body;
  base::Fields& fields = *body.mutable_object();
  if (!arguments.segment.empty()) {
    base::SetField(fields, "segment", base::TextValue(arguments.segment));
  }
  for (const auto& [name, count] :
       {std::pair("sample", arguments.sample), std::pair("smallest", arguments.smallest)}) {
    if (count < 0) {
      return absl::InvalidArgumentError(base::StrCat("--", name, " must be 1 or more"));
    }
    if (count > 0) base::SetField(fields, name, base::NumberValue(static_cast<double>(count)));
  }
  base::Value weak;
  base::Fields& below = *weak.mutable_object();
  if (!arguments.propensity.empty() && !SetNumber(below, "propensity", arguments.propensity)) {
    return absl::InvalidArgumentError("--propensity must be a number such as 0.01");
  }
  if (!arguments.net_value.empty() && !SetNumber(below, "netValue", arguments.net_value)) {
    return absl::InvalidArgumentError("--net-value must be a number such as 5");
  }
  if (!below.fields().empty()) base::SetField(fields, "weakBelow", weak);
  return base::ToJson(body);
}

std::string Percent(double share) { return absl::StrFormat("%.1f %%", 100 * share); }

// "81.0 %", of a sample with "(78.2 to 83.6)".
std::string ShareText(const base::Value& share) {
  const auto number = [&share](const char* name) {
    return base::Find(share.object(), name)->number();
  };
  std::string text = Percent(number("share"));
  if (base::Find(share.object(), "low") == nullptr) return text;
  return text + absl::StrFormat(" (%.1f to %.1f)", 100 * number("low"), 100 * number("high"));
}

std::vector<base::Value> RowsOf(const base::Value& found, const char* member) {
  const base::Value* list = base::Find(found.object(), member);
  return {list->list().values().begin(), list->list().values().end()};
}

void SetText(base::Value& row, const char* name, std::string_view text) {
  base::SetField(*row.mutable_object(), name, base::TextValue(text));
}

void PrintHead(const Session& session, const base::Value& found) {
  const base::Fields& fields = found.object();
  const auto text = [&fields](const char* name) { return CellText(base::Find(fields, name)); };
  const std::string segment = text("segment");
  const bool is_exact = base::Find(fields, "exact")->boolean();
  session.output.Text(base::StrCat(
      text("placement"), ", ", segment.empty() ? "everybody" : "segment " + segment, ": ",
      is_exact ? "" : text("looked") + " of ", text("people"), " people looked at\n\n"));
  std::vector<base::Value> rows;
  for (const char* served : {"strong", "weak", "nothing"}) {
    base::Value& row = rows.emplace_back(*base::Find(fields, served));
    const std::string share = ShareText(row);
    SetText(row, "share", share);
    SetText(row, "served", served);
  }
  session.output.Rows({{"they get", "served"}, {"people", "people"}, {"share", "share"}}, rows);
}

void PrintCohorts(const Session& session, const base::Value& found) {
  std::vector<base::Value> rows = RowsOf(found, "cohorts");
  if (rows.empty()) return session.output.Text("\nNothing tells apart who gets what.\n");
  for (base::Value& row : rows) {
    for (const char* served : {"weak", "nothing"}) {
      const std::string share = ShareText(*base::Find(row.object(), served));
      SetText(row, served, share);
    }
  }
  session.output.Text("\nWhat people have in common:\n");
  session.output.Rows({{"people", "people"},
                       {"nothing", "nothing"},
                       {"weak", "weak"},
                       {"most fall at", "emptied.stage"},
                       {"by", "emptied.reason.text"},
                       {"who", "text"}},
                      rows);
}

void Print(const Session& session, const base::Value& found) {
  PrintHead(session, found);
  PrintCohorts(session, found);
  session.output.Text("\nWhere those fall out who get nothing, or only something weak:\n");
  session.output.Rows(
      {{"stage", "stage"}, {"nothing", "nothing"}, {"weak", "weak"}, {"actions", "actions"}},
      RowsOf(found, "stages"));
  const std::vector<base::Value> reasons = RowsOf(found, "reasons");
  if (!reasons.empty()) {
    session.output.Text("\nWhy:\n");
    session.output.Rows({{"stage", "stage"},
                         {"emptied", "emptied"},
                         {"people", "people"},
                         {"actions", "actions"},
                         {"reason", "text"}},
                        reasons);
  }
  session.output.Text("\nHow many people get each action:\n");
  session.output.Rows({{"action", "action"},
                       {"chosen", "chosen"},
                       {"possible", "possible"},
                       {"strong", "strong"},
                       {"not eligible", "fell.eligible"},
                       {"not applicable", "fell.applicable"},
                       {"not suitable", "fell.suitable"},
                       {"not allowed", "fell.allowed"}},
                      RowsOf(found, "actions"));
}

ExitCode Find(const Session& session, const ValueArguments& arguments) {
  const auto body = BodyFor(arguments);
  if (!body.ok()) return session.Fail(body.status()), ExitCode::kUsage;
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto found =
      client->Post(base::StrCat("/v1/placements/", PercentEncode(arguments.placement),
                                ":findValue?lang=", PercentEncode(arguments.language)),
                   *body);
  for (const ApiError& error : client->errors()) {
    std::fprintf(stderr, "%s: %s\n", error.pointer.c_str(), error.detail.c_str());
  }
  if (!found.ok()) return session.Fail(found.status());
  if (session.output.format() != Output::Format::kTable) {
    session.output.Object(*found);
  } else {
    Print(session, *found);
  }
  return ExitCode::kOk;
}

}  // namespace

void AddValueFinder(Command& root) {
  Command command = root.Add("valuefinder", "Find who gets nothing, or only something weak");
  auto arguments = std::make_shared<ValueArguments>();
  command.Argument("PLACEMENT", arguments->placement, "The placement's name");
  command.Option("--segment NAME", arguments->segment, "Its members alone, not everybody");
  command.Option("--sample N", arguments->sample, "Look at so many people, not at all");
  command.Option("--propensity P", arguments->propensity, "What is less likely is weak (0)");
  command.Option("--net-value V", arguments->net_value, "What is not worth more is weak (0)");
  command.Option("--smallest N", arguments->smallest, "People in a cohort (1 of 100, or 20)");
  command.Option("--lang CODE", arguments->language, "Of texts: en or es (en)");
  command.Example("batuta valuefinder web.home.hero --segment gold");
  command.Run([arguments](Session& session) { return Find(session, *arguments); });
}

}  // namespace batuta::server
