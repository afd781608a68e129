// API keys: what one looks like, what it may do, and the set of those that are valid now.
//
//     bat_<kind>_<id>_<43 characters of base 62>_<6 of checksum>
//
// The whole text is the secret. The hub keeps its SHA-256 only; with more than 250 random bits in
// it no slow hash is needed. The prefix and the checksum let scanners find keys that leaked, and
// typing errors be told from keys that are unknown.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "base/time.h"
#include "engine/record.pb.h"
#include "engine/runtime.h"

namespace batuta::api {

// write: ingest only. browser: ingest, and decisions for the person that the request carries; both
// are public by design. secret: what its scopes say.
inline constexpr std::string_view kWriteKind = "write";
inline constexpr std::string_view kBrowserKind = "browser";
inline constexpr std::string_view kSecretKind = "secret";

// What secret keys can be allowed.
absl::Span<const std::string> Scopes();

struct DrawnKey {
  std::string id;      // 12 characters
  std::string secret;  // the whole text; shown once
};
DrawnKey DrawKey(std::string_view kind);

// The id in a key's text; nothing if it is no key, or is misspelt.
std::optional<std::string> KeyIdOf(std::string_view secret);

std::string Sha256(std::string_view text);

bool HasScope(const engine::ApiKey& key, std::string_view scope);

// The keys of the hub, as the control partition knows them. Thread-safe.
class KeyKeeper {
 public:
  explicit KeyKeeper(engine::Runtime& runtime) : runtime_(runtime) {}

  // Reads the control partition's keys, then calls `done` on that partition's thread.
  void Refresh(std::function<void()> done);

  // Null if the key is unknown, misspelt, revoked or expired.
  std::shared_ptr<const engine::ApiKey> Check(std::string_view secret, base::Time now) const;
  std::shared_ptr<const engine::ApiKey> Find(std::string_view id) const;
  std::vector<std::shared_ptr<const engine::ApiKey>> All() const;  // by id

 private:
  using Keys = std::map<std::string, std::shared_ptr<const engine::ApiKey>, std::less<>>;
  std::shared_ptr<const Keys> Now() const;

  engine::Runtime& runtime_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Keys> keys_ ABSL_GUARDED_BY(mutex_) = std::make_shared<Keys>();
};

}  // namespace batuta::api
