// The audit trail: who used which key for what has to be accounted for, in the control log.
//
// An act and its entry are one group of the log: neither is there without the other. The entry of a
// reading is queued before the answer leaves, and from then on only the end of the process can lose
// it, until the next commit. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "api/core.h"
#include "engine/record.pb.h"
#include "log/record.h"

namespace batuta::api {

// What is accounted for. Kept in the log: never rename.
inline constexpr std::string_view kReadPerson = "people.read";
inline constexpr std::string_view kReadTimeline = "people.timeline";
inline constexpr std::string_view kErasePerson = "people.erase";
inline constexpr std::string_view kDecideAll = "placements.decideAll";
inline constexpr std::string_view kApplyResources = "resources.apply";
inline constexpr std::string_view kUploadRows = "tables.upload";
inline constexpr std::string_view kComputePopulation = "populations.compute";
inline constexpr std::string_view kCreateKey = "keys.create";
inline constexpr std::string_view kRevokeKey = "keys.revoke";
inline constexpr std::string_view kBackUp = "hub.backup";

// Who did what; `key` is empty for the hub itself.
engine::Audit AuditOf(std::string_view action, std::string_view key, std::string object = {});

// The entry for the group of the act.
log::Entry AuditEntry(Core& core, const engine::Audit& audit);

// Queues the entry of something that is no act of the log. ResourceExhausted: too much waits
// already; what was asked for must not be done then.
absl::Status QueueAudit(Core& core, const engine::Audit& audit);

}  // namespace batuta::api
