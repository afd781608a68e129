// What operators ask for: backups, checkpoints, the hash of the state, and the hub's tallies.
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/audit.h"
#include "api/object_reader.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"

namespace batuta::api {
namespace {

void Stats(const ExchangePtr& exchange) {
  Gather<engine::Tallies>(
      exchange->core(), [](engine::Fold& fold) { return fold.state().self.tallies(); },
      [exchange](const std::vector<engine::Tallies>& parts) {
        engine::Tallies sum;
        for (const engine::Tallies& part : parts) {
          sum.set_events(sum.events() + part.events());
          sum.set_duplicates(sum.duplicates() + part.duplicates());
          sum.set_mismatches(sum.mismatches() + part.mismatches());
          sum.set_rejections(sum.rejections() + part.rejections());
          // Of one partition it may be below zero: people merge across partitions.
          sum.set_people(sum.people() + part.people());
          sum.set_merges(sum.merges() + part.merges());
          sum.set_decisions(sum.decisions() + part.decisions());
          sum.set_accepted(sum.accepted() + part.accepted());
          sum.set_erasures(sum.erasures() + part.erasures());
        }
        Core& core = exchange->core();
        ObjectBuilder out;
        out.AddCount("events", sum.events());
        out.AddCount("duplicates", sum.duplicates());
        out.AddCount("mismatches", sum.mismatches());
        out.AddCount("rejections", sum.rejections());
        out.AddCount("people", sum.people());
        out.AddCount("merges", sum.merges());
        out.AddCount("decisions", sum.decisions());
        out.AddCount("accepted", sum.accepted());
        out.AddCount("erasures", sum.erasures());
        out.AddCount("definitionsVersion", core.definitions.Now()->definitions->version());
        out.AddCount("partitions", core.hub.partitions());
        exchange->Json(base::ToJson(out.Take()));
      });
}

void StatsAfterSettling(const ExchangePtr& exchange) {
  AfterSettling(exchange, [exchange] { Stats(exchange); });
}

void Backup(const ExchangePtr& exchange) {
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) return exchange->FailNotJson(root.status());
  std::vector<http::ProblemError> errors;
  ObjectReader body(*root, "", errors);
  const std::string path = body.Text("path", Need::kRequired);
  if (!path.empty() && !path.starts_with('/')) {
    body.Error("path", "not_absolute", "an absolute path of a folder that does not exist yet");
  }
  body.Finish();
  if (!errors.empty()) return exchange->Fail(std::move(errors));
  const absl::Status audited =
      QueueAudit(exchange->core(), AuditOf(kBackUp, exchange->key()->id(), path));
  if (!audited.ok()) return exchange->Fail(audited);
  InBackground(exchange, [exchange, path] {
    const absl::Status done = exchange->core().hub.Backup(path);
    if (absl::IsAlreadyExists(done) || absl::IsFailedPrecondition(done)) {
      return exchange->Fail(http::Status::kConflict, "backup_refused",
                            base::StrCat(done.message()));
    }
    if (!done.ok()) {
      return exchange->Fail(http::Status::kInternalServerError, "backup_failed",
                            base::StrCat("The backup could not be written: ", done.message()));
    }
    exchange->Json(base::ToJson(ObjectBuilder().Add("path", path).Take()));
  });
}

void Checkpoint(const ExchangePtr& exchange) {
  exchange->core().hub.runtime().RequestCheckpoints();
  exchange->Json("{\"requested\":true}", http::Status::kAccepted);
}

// Each partition's at its own moment: the sum says something only while nothing is appended.
void StateHash(const ExchangePtr& exchange) {
  using Parts = std::vector<base::Id128>;
  const auto answer = [exchange](const Parts& parts) {
    base::Id128 sum;
    ListBuilder list;
    for (const base::Id128& part : parts) {
      sum.high += part.high;
      sum.low += part.low;
      list.Add(base::TextValue(base::EncodeHex(part.ToBytes())));
    }
    exchange->Json(base::ToJson(ObjectBuilder()
                                    .Add("stateHash", base::EncodeHex(sum.ToBytes()))
                                    .Add("partitions", list.Take())
                                    .Take()));
  };
  Core& core = exchange->core();
  AfterSettling(exchange, [&core, answer] {
    Gather<base::Id128>(
        core, [](engine::Fold& fold) { return fold.StateHash(); },
        [&core, answer](Parts parts) {
          engine::Runtime& runtime = core.hub.runtime();
          runtime.Run(runtime.control(), [answer, parts](engine::Fold& fold) {
            Parts all = parts;
            all.push_back(fold.StateHash());
            answer(all);
          });
        });
  });
}

}  // namespace

void AddAdminRoutes(Core& core) {
  constexpr Access kAdmin = {.scope = "admin"};
  AddRoute(core, http::Method::kGet, "/v1/stats", kAdmin, StatsAfterSettling);
  AddRoute(core, http::Method::kPost, "/v1/admin:backup", kAdmin, Backup);
  AddRoute(core, http::Method::kPost, "/v1/admin:checkpoint", kAdmin, Checkpoint);
  AddRoute(core, http::Method::kGet, "/v1/admin/state-hash", kAdmin, StateHash);
}

}  // namespace batuta::api
