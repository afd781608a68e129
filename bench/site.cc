#include "bench/site.h"

#include <cstdio>

#include "absl/strings/escaping.h"
#include "base/status.h"
#include "base/text.h"
#include "bench/load.h"

namespace batuta::bench {
namespace {

constexpr int kActions = 20;

// One placement, twenty actions that everybody is eligible for, and a cap that nobody reaches.
std::string Company() {
  std::string text =
      "kind: hub\nname: default\nspec: {currency: MXN, timeZone: America/Mexico_City}\n---\n"
      "kind: placement\nname: web.home.hero\nspec: {channel: web, slots: 1, exposure: impression, "
      "choice: {method: squarecb, floor: 0.02}}\n---\n"
      "kind: policy\nname: seldom\nspec: {cap: {scope: person, max: 1000, window: 7d}}\n";
  for (int i = 0; i < kActions; ++i) {
    text += base::StrCat(
        "---\nkind: action\nname: offer-", i, "\nspec: {title: Offer ", i,
        ", class: service, value: {amount: \"", 10 + i,
        ".00\", currency: MXN}, cost: {amount: "
        "\"0.10\", currency: MXN}, eligible: \"person.traits.country == 'MX' && "
        "person.traits.plan in ['gold', 'silver']\", accept: {event: Order Completed}, window: "
        "7d}\n"
        "---\nkind: treatment\nname: offer-",
        i, "-web\nspec: {action: offer-", i,
        ", channel: web, placements: [web.home.hero], variants: [{name: a, content: {headline: "
        "\"Offer ",
        i, "\"}}]}\n");
  }
  return text;
}

}  // namespace

Site::Site(BenchHub& hub) {
  auto api = api::Api::Create(hub.hub(), {});
  BATUTA_CHECK_OK(api.status());
  api_ = *std::move(api);
  auto keys = api_->CreateFirstKeys();
  BATUTA_CHECK_OK(keys.status());
  write_ = "Basic " + absl::Base64Escape(keys->write_key + ":");
  secret_ = "Bearer " + keys->secret_key;
  auto server = http::Server::Start({}, api_->Hooks());
  BATUTA_CHECK_OK(server.status());
  server_ = *std::move(server);
  Apply(Company());
}

void Site::Apply(const std::string& yaml) {
  const std::string applied =
      Load(port(), 1).Ask(PostRequest("/v1/resources:apply", secret_, yaml, "application/yaml"));
  if (!applied.starts_with("HTTP/1.1 20")) std::fprintf(stderr, "%s\n", applied.c_str());
  BATUTA_CHECK(applied.starts_with("HTTP/1.1 20"), "the company is valid");
}

}  // namespace batuta::bench
