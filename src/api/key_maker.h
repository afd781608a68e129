// Makes and revokes API keys. Internal to this folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/core.h"
#include "base/time.h"
#include "engine/record.pb.h"

namespace batuta::api {

// `by` is the id of the key that asks for it; empty for the hub itself.
struct KeyWish {
  std::string by = "";
  std::string kind;
  std::string title = "";
  std::string source = "";
  std::vector<std::string> scopes = {};
  base::Time expires_at = {};      // zero: never
  uint64_t events_per_second = 0;  // 0: as the hub's setting says
};

using KeyDone = std::function<void(const absl::StatusOr<engine::ApiKey>&)>;

struct MadeKey {
  engine::ApiKey key;
  std::string secret;  // kept nowhere
};
using MadeDone = std::function<void(const absl::StatusOr<MadeKey>&)>;

// The key is valid when `done` is called with it.
void MakeKey(Core& core, const KeyWish& wish, MadeDone done);

// From `done` on the key is refused.
void RevokeKey(Core& core, engine::ApiKey key, std::string_view by, KeyDone done);

}  // namespace batuta::api
