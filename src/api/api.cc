#include "api/api.h"

#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "api/api_key.h"
#include "api/core.h"
#include "api/key_maker.h"
#include "api/routes.h"
#include "base/status.h"

namespace batuta::api {

Api::Api(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Api::~Api() = default;

absl::StatusOr<std::unique_ptr<Api>> Api::Create(engine::Hub& hub, ApiOptions options) {
  auto core = std::make_unique<Core>(hub, std::move(options));
  BATUTA_RETURN_IF_ERROR(core->jobs.Clear());
  AddIngestRoutes(*core);
  AddDecisionRoutes(*core);
  AddOutcomeRoutes(*core);
  AddImportRoutes(*core);
  AddPeopleRoutes(*core);
  AddTimelineRoutes(*core);
  AddRejectionRoutes(*core);
  AddFeatureRoutes(*core);
  AddSegmentRoutes(*core);
  AddConstraintRoutes(*core);
  AddHoldoutRoutes(*core);
  AddModelRoutes(*core);
  AddExampleRoutes(*core);
  AddPopulationRoutes(*core);
  AddTableRoutes(*core);
  AddListRoutes(*core);
  AddPreviewRoutes(*core);
  AddValueRoutes(*core);
  AddBatchRoutes(*core);
  AddResourceRoutes(*core);
  AddApplyRoutes(*core);
  AddRuleRoutes(*core);
  AddJobRoutes(*core);
  AddSimulationRoutes(*core);
  AddKeyRoutes(*core);
  AddAdminRoutes(*core);
  AddAuditRoutes(*core);
  AddHealthRoutes(*core);
  core->router.OnOptions(Preflight);
  absl::Notification read;
  core->definitions.Refresh([&] { core->keys.Refresh([&read] { read.Notify(); }); });
  read.WaitForNotification();
  return std::unique_ptr<Api>(new Api(std::move(core)));
}

http::ServerHooks Api::Hooks() {
  Core& core = *core_;
  return {.handler =
              [&core](http::Request&& request, http::Responder&& responder) {
                core.router.Handle(std::move(request), std::move(responder));
              },
          .admission = [&core](const http::RequestHead& head) { return Admit(core, head); },
          .body_limit = [&core](std::string_view path) { return BodyLimitOf(core.options, path); }};
}

void Api::ShowServerCounters(std::function<http::ServerCounters()> counters) {
  core_->server_counters = std::move(counters);
}

void Api::StopJobs() { core_->jobs.Stop(); }

void Api::EndStart() { core_->started = true; }

absl::StatusOr<FirstKeys> Api::CreateFirstKeys() {
  if (!core_->keys.All().empty()) {
    return absl::FailedPreconditionError("the hub has keys already");
  }
  FirstKeys made;
  const auto make = [this](const KeyWish& wish, std::string& secret) {
    absl::Notification done;
    absl::Status status;
    MakeKey(*core_, wish, [&](const absl::StatusOr<MadeKey>& key) {
      status = key.status();
      if (key.ok()) secret = key->secret;
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  };
  const KeyWish all = {.kind = std::string(kSecretKind),
                       .title = "The first key",
                       .scopes = {Scopes().begin(), Scopes().end()}};
  BATUTA_RETURN_IF_ERROR(make(all, made.secret_key));
  KeyWish write = {.kind = std::string(kWriteKind), .title = "The first key", .source = "default"};
  BATUTA_RETURN_IF_ERROR(make(write, made.write_key));
  write.kind = std::string(kBrowserKind);
  BATUTA_RETURN_IF_ERROR(make(write, made.browser_key));
  return made;
}

}  // namespace batuta::api
