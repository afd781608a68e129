// How the files of this folder add their routes, and who may use each. Internal to this folder.
#pragma once

#include <functional>
#include <string_view>

#include "api/core.h"
#include "api/exchange.h"
#include "http/message.h"

namespace batuta::api {

// Who may pass. Beside those named, nobody.
struct Access {
  enum class Door {
    kOpen,    // everybody
    kIngest,  // write and browser keys, which may also stand in the body
    kScope,   // secret keys that have the scope
    kSecret,  // secret keys; the handler looks at what they may
  };
  Door door = Door::kScope;
  std::string_view scope = "";
  bool browser = false;  // browser keys too, from pages of any origin
};

using Handler = std::function<void(const ExchangePtr&)>;

void AddRoute(Core& core, http::Method method, std::string_view pattern, Access access,
              Handler handler);

void AddIngestRoutes(Core& core);
void AddDecisionRoutes(Core& core);
void AddOutcomeRoutes(Core& core);
void AddImportRoutes(Core& core);
void AddPeopleRoutes(Core& core);
void AddTimelineRoutes(Core& core);
void AddRejectionRoutes(Core& core);
void AddFeatureRoutes(Core& core);
void AddSegmentRoutes(Core& core);
void AddConstraintRoutes(Core& core);
void AddHoldoutRoutes(Core& core);
void AddModelRoutes(Core& core);
void AddExampleRoutes(Core& core);
void AddPopulationRoutes(Core& core);
void AddPreviewRoutes(Core& core);
void AddValueRoutes(Core& core);
void AddBatchRoutes(Core& core);
void AddTableRoutes(Core& core);
void AddListRoutes(Core& core);
void AddResourceRoutes(Core& core);
void AddApplyRoutes(Core& core);
void AddRuleRoutes(Core& core);
void AddJobRoutes(Core& core);
void AddSimulationRoutes(Core& core);
void AddKeyRoutes(Core& core);
void AddAdminRoutes(Core& core);
void AddAuditRoutes(Core& core);
void AddHealthRoutes(Core& core);

// The largest body of a path, as sent and decompressed.
size_t BodyLimitOf(const ApiOptions& options, std::string_view path);

// The answer for a request whose body need not be read: overload, a full disk, a key that is not
// valid.
std::optional<http::Response> Admit(Core& core, const http::RequestHead& head);

// The preflight of a browser.
std::optional<http::Response> Preflight(const http::Request& request, std::string_view allow);

}  // namespace batuta::api
