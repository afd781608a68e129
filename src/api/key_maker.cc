#include "api/key_maker.h"

#include <utility>

#include "api/ask.h"
#include "api/audit.h"

namespace batuta::api {
namespace {

void Store(Core& core, engine::ApiKey key, const engine::Audit& audit, KeyDone done) {
  const base::RecordId request = core.hub.DrawId();
  engine::KeyAsk ask;
  ask.set_request_id(request.ToBytes());
  *ask.mutable_key() = key;
  log::Entry entry = NewEntry(core, core.hub.runtime().control(), engine::RecordType::kKeyAsk,
                              ask.SerializeAsString());
  Ask(
      core, std::move(entry), request,
      [&core, key = std::move(key), done = std::move(done)](const auto& stored) {
        if (!stored.ok()) return done(stored.status());
        core.keys.Refresh([key, done] { done(key); });
      },
      &audit);
}

}  // namespace

void MakeKey(Core& core, const KeyWish& wish, MadeDone done) {
  const DrawnKey drawn = DrawKey(wish.kind);
  engine::ApiKey key;
  key.set_id(drawn.id);
  key.set_hash(Sha256(drawn.secret));
  key.set_kind(wish.kind);
  key.set_source(wish.source);
  for (const std::string& scope : wish.scopes) key.add_scopes(scope);
  key.set_created_at(core.hub.clock().Wall().micros);
  key.set_expires_at(wish.expires_at.micros);
  key.set_title(wish.title);
  key.set_events_per_second(wish.events_per_second);
  Store(core, std::move(key), AuditOf(kCreateKey, wish.by, drawn.id),
        [secret = drawn.secret, done = std::move(done)](const auto& stored) {
          if (!stored.ok()) return done(stored.status());
          done(MadeKey{*stored, secret});
        });
}

void RevokeKey(Core& core, engine::ApiKey key, std::string_view by, KeyDone done) {
  key.set_revoked(true);
  const engine::Audit audit = AuditOf(kRevokeKey, by, key.id());
  Store(core, std::move(key), audit, std::move(done));
}

}  // namespace batuta::api
