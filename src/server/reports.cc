#include "server/reports.h"

#include <limits>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"

namespace batuta::server {
namespace {

std::string PathOf(std::string_view plural, const std::string& name) {
  return base::StrCat("/v1/", plural, "/", PercentEncode(name), ":report");
}

}  // namespace

absl::StatusOr<std::vector<base::Value>> ReportsOf(const Session& session,
                                                   std::string_view plural) {
  BATUTA_ASSIGN_OR_RETURN(ApiClient client, ApiClient::Create(session));
  BATUTA_ASSIGN_OR_RETURN(const auto resources, client.List(base::StrCat("/v1/", plural),
                                                            std::numeric_limits<size_t>::max()));
  std::vector<base::Value> reports;
  for (const base::Value& resource : resources) {
    const std::string& name = base::Find(resource.object(), "name")->text();
    BATUTA_ASSIGN_OR_RETURN(base::Value report, client.Get(PathOf(plural, name)));
    reports.push_back(std::move(report));
  }
  return reports;
}

ExitCode ShowReport(const Session& session, std::string_view plural, const std::string& name) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto report = client->Get(PathOf(plural, name));
  if (!report.ok()) return session.Fail(report.status());
  session.output.Object(*report);
  return ExitCode::kOk;
}

}  // namespace batuta::server
