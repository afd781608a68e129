#include "api/audit.h"

#include <utility>
#include <vector>

#include "api/ask.h"
#include "engine/record.h"

namespace batuta::api {
namespace {

// Entries are never refused once they are queued, so their number is bounded here.
constexpr double kMaxPressure = 1.0;

}  // namespace

engine::Audit AuditOf(std::string_view action, std::string_view key, std::string object) {
  engine::Audit audit;
  audit.set_action(std::string(action));
  audit.set_key(std::string(key));
  audit.set_object(std::move(object));
  return audit;
}

log::Entry AuditEntry(Core& core, const engine::Audit& audit) {
  return NewEntry(core, core.hub.runtime().control(), engine::RecordType::kAudit,
                  audit.SerializeAsString());
}

absl::Status QueueAudit(Core& core, const engine::Audit& audit) {
  engine::Runtime& runtime = core.hub.runtime();
  if (runtime.Pressure() > kMaxPressure) {
    return absl::ResourceExhaustedError("too much waits to be written");
  }
  std::vector<log::Entry> entries;
  entries.push_back(AuditEntry(core, audit));
  runtime.AppendInternal(std::move(entries));
  return absl::OkStatus();
}

}  // namespace batuta::api
