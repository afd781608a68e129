// The sample company's resources, with the days of its rules made short: a cap of three contacts a
// week would silence everybody within the first minutes of a demo.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "resource/document.h"

namespace batuta::server {

struct Company {
  std::vector<resource::Document> documents;
  // The event that accepts an action, for those that state one.
  std::map<std::string, std::string, std::less<>> accept_events;
};

// Reads all YAML files of a folder, in the order of their names.
absl::StatusOr<Company> ReadCompany(const std::string& folder);

// `span` when a day lasts `day`; never below ten seconds.
base::Duration Quickened(base::Duration span, base::Duration day);

// Shortens the spans of policies, and those after which placements give a choice up. A day of 24
// hours changes nothing.
void Quicken(Company& company, base::Duration day);

// As `POST /v1/resources:apply` takes it.
std::string ApplyBody(const Company& company);

}  // namespace batuta::server
