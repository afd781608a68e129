#include "server/demo_visit.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "server/demo_taste.h"

namespace batuta::server {
namespace {

constexpr double kTwice = 0.02;
constexpr double kLate = 0.02;
constexpr size_t kDelayedMax = 200;
// Full explanations are long: so many a second are enough to keep score.
constexpr int kExplainedPerSecond = 25;
// How likely a customer still looks at the offer of each slot.
constexpr double kLooks[] = {1.0, 0.7, 0.5};
// Of those who do not accept, how many say so.
constexpr double kSaysNo = 0.65;

constexpr std::string_view kPages[] = {"Inicio", "Tarjetas",  "Créditos", "Seguros",
                                       "Ahorro", "Inversión", "Ayuda"};
constexpr std::string_view kScreens[] = {"Resumen", "Movimientos", "Transferir", "Pagar servicios"};
constexpr std::string_view kProducts[] = {"Tarjeta de crédito", "Seguro de auto",
                                          "Fondo de inversión", "Crédito hipotecario",
                                          "Cuenta de ahorro"};

template <size_t n>
std::string_view Any(base::Random& random, const std::string_view (&names)[n]) {
  return names[random.Below(n)];
}

}  // namespace

Visitor::Visitor(VisitorOptions options, DemoApi api)
    : options_(std::move(options)),
      api_(std::move(api)),
      random_(options_.truth.seed, base::Hash128(options_.name), "demo-visits", "") {}

void Visitor::Visit() {
  const Customer who = MakeCustomer(options_.truth.seed, random_.Below(options_.truth.people));
  outcome_.clear();
  const double way = random_.Uniform();
  if (way < 0.55) {
    BrowseTheWeb(who);
  } else if (way < 0.88 && !who.is_prospect) {
    OpenTheApp(who);
  } else if (!who.is_prospect) {
    Telephone(who);
  } else {
    BrowseTheWeb(who);
  }
  options_.ledger->AddVisit();
}

void Visitor::BrowseTheWeb(const Customer& who) {
  Scene scene{.who = who,
              .source = "web",
              .user_id = "",
              .anonymous_id = who.cookie,
              .device_id = "",
              .calls = {}};
  if (Chance(0.12)) scene.anonymous_id = who.second_cookie;
  // Somebody cleared the cookies: the site takes them for new until they log in.
  if (Chance(0.01)) {
    scene.anonymous_id = base::StrCat("web-", options_.name, "-", random_.Bits() % 1'000'000'000);
  }
  for (uint64_t pages = 1 + random_.Below(3); pages > 0; --pages) {
    Do(scene, "page", Any(random_, kPages));
  }
  if (Chance(0.4)) Do(scene, "track", "Product Viewed");
  const bool logs_in = Chance(0.65);
  if (logs_in) LogIn(scene);
  if (!Send(scene)) return;
  if (logs_in || Chance(0.3)) AskAt(scene, "web.home.hero");
  if (logs_in) DoBusiness(scene);
  Send(scene);
}

void Visitor::OpenTheApp(const Customer& who) {
  Scene scene{.who = who,
              .source = "app",
              .user_id = who.user_id,
              .anonymous_id = "",
              .device_id = who.device,
              .calls = {}};
  Do(scene, "track", "Application Opened");
  for (uint64_t screens = 1 + random_.Below(3); screens > 0; --screens) {
    Do(scene, "screen", Any(random_, kScreens));
  }
  if (!Send(scene)) return;
  AskAt(scene, "app.inbox");
  DoBusiness(scene);
  Send(scene);
}

void Visitor::Telephone(const Customer& who) {
  Scene scene{.who = who,
              .source = "call_center",
              .user_id = who.user_id,
              .anonymous_id = "",
              .device_id = "",
              .calls = {}};
  Do(scene, "track", "Call Started");
  if (!Send(scene)) return;
  AskAt(scene, "call_center.screen");
  Do(scene, "track", "Call Ended");
  Send(scene);
}

void Visitor::Do(Scene& scene, std::string_view type, std::string_view name) {
  Call call{.type = type,
            .name = name,
            .message_id = "",
            .at = options_.clock->Wall(),
            .user_id = scene.user_id,
            .anonymous_id = scene.anonymous_id,
            .device_id = scene.device_id};
  if (name == "Product Viewed") {
    call.properties.emplace_back("product", std::string(Any(random_, kProducts)));
  }
  Add(scene, std::move(call));
}

void Visitor::Add(Scene& scene, Call call) {
  call.message_id = base::StrCat(options_.name, "-", calls_made_++);
  std::string json = CallJson(call);
  const bool may_delay = delayed_.size() < kDelayedMax;
  if (may_delay && call.type != "identify" && Chance(kLate)) {
    call.at = call.at - base::Minutes(static_cast<int64_t>(5 + random_.Below(600)));
    delayed_.emplace_back(scene.source, CallJson(call));
    options_.ledger->AddLate();
    return;
  }
  if (may_delay && Chance(kTwice)) {
    delayed_.emplace_back(scene.source, json);
    options_.ledger->AddTwice();
  }
  scene.calls.push_back(std::move(json));
}

void Visitor::LogIn(Scene& scene) {
  scene.user_id = scene.who.user_id;
  Call call{.type = "identify",
            .name = "",
            .message_id = "",
            .at = options_.clock->Wall(),
            .user_id = scene.user_id,
            .anonymous_id = scene.anonymous_id,
            .device_id = scene.device_id};
  // Whoever the bank does not know yet fills in the form.
  call.traits =
      scene.who.is_prospect ? TraitsJson(scene.who) : "{\"preferred_language\":\"es-MX\"}";
  Add(scene, std::move(call));
}

void Visitor::DoBusiness(Scene& scene) {
  if (Chance(0.25)) {
    Call call{.type = "track",
              .name = Chance(0.6) ? "Payment Made" : "Order Completed",
              .message_id = "",
              .at = options_.clock->Wall(),
              .user_id = scene.user_id,
              .anonymous_id = scene.anonymous_id,
              .device_id = scene.device_id};
    call.amount = static_cast<double>(50 + random_.Below(400'000)) / 100;
    Add(scene, std::move(call));
  }
  if (!Chance(0.004)) return;
  Call call{.type = "track",
            .name = "Consent Changed",
            .message_id = "",
            .at = options_.clock->Wall(),
            .user_id = scene.user_id,
            .anonymous_id = scene.anonymous_id,
            .device_id = scene.device_id};
  call.properties = {{"purpose", "marketing"}, {"status", Chance(0.75) ? "granted" : "withdrawn"}};
  Add(scene, std::move(call));
}

bool Visitor::Send(Scene& scene) {
  if (!delayed_.empty() && delayed_.front().first == scene.source && Chance(0.5)) {
    scene.calls.push_back(std::move(delayed_.front().second));
    delayed_.pop_front();
  } else if (!delayed_.empty()) {
    std::rotate(delayed_.begin(), delayed_.begin() + 1, delayed_.end());
  }
  const bool sent = api_.SendBatch(scene.source, scene.calls).ok();
  scene.calls.clear();
  return sent;
}

bool Visitor::MayExplain() {
  const base::Duration now = options_.clock->Monotonic();
  if (now.micros - explain_second_.micros >= base::Seconds(1).micros) {
    explain_second_ = now;
    explained_ = 0;
  }
  return ++explained_ <= kExplainedPerSecond;
}

void Visitor::AskAt(Scene& scene, std::string_view placement) {
  const bool is_known = !scene.user_id.empty();
  auto answer = api_.Decide(DecisionJson(is_known ? "userId" : "anonymousId",
                                         is_known ? scene.user_id : scene.anonymous_id, placement,
                                         MayExplain() ? "full" : "none"));
  if (!answer.ok()) return;
  KeepScore(scene.who, placement, *answer);
  for (const Offered& offer : answer->offers) {
    const bool looks = offer.slot < std::size(kLooks) && Chance(kLooks[offer.slot]);
    if (looks) Face(scene, placement, *answer, offer);
  }
  Show(scene, placement, *answer);
}

void Visitor::Face(Scene& scene, std::string_view placement, const Answer& answer,
                   const Offered& offer) {
  const bool is_call = placement.starts_with("call_center.");
  if (!is_call && !api_.Report(answer.id, "impression", offer.slot).ok()) return;
  const double wants = AcceptProbability(options_.truth.seed, scene.who, offer.action, placement);
  const bool accepts = Chance(wants);
  options_.ledger->AddSeen(answer.is_random_arm, accepts);
  std::string_view outcome = "looked away";
  if (accepts) {
    outcome = Accept(scene, answer, offer);
  } else if (Chance(kSaysNo)) {
    static_cast<void>(api_.Report(answer.id, "reject", offer.slot));
    outcome = "said no";
  }
  if (outcome_.empty() || accepts) outcome_ = base::StrCat(outcome, " (", offer.title, ")");
}

// Some channels report acceptance; of others the hub learns by what the customer then does.
std::string_view Visitor::Accept(Scene& scene, const Answer& answer, const Offered& offer) {
  const auto event = options_.company->accept_events.find(offer.action);
  const bool has_event = event != options_.company->accept_events.end();
  if (has_event && !scene.user_id.empty() && Chance(0.3)) {
    Do(scene, "track", event->second);
    return "accepted, by what they did";
  }
  if (!scene.source.starts_with("call")) {
    static_cast<void>(api_.Report(answer.id, "click", offer.slot));
  }
  static_cast<void>(api_.Report(answer.id, "accept", offer.slot));
  return "accepted";
}

void Visitor::KeepScore(const Customer& who, std::string_view placement, Answer& answer) {
  for (Admissible& offer : answer.admissible) {
    offer.probability = AcceptProbability(options_.truth.seed, who, offer.action, placement);
  }
  const bool counts = answer.is_explained && !answer.is_random_arm && !answer.is_held_out &&
                      !answer.admissible.empty();
  if (counts) {
    options_.ledger->AddScore(Judge(answer.admissible, answer.chosen), options_.clock->Monotonic());
  }
}

void Visitor::Show(const Scene& scene, std::string_view placement, const Answer& answer) {
  if (answer.reason.empty() || answer.offers.empty()) return;
  LastDecision last;
  last.id = answer.id;
  last.who = scene.user_id.empty() ? base::StrCat("somebody on the web (", scene.anonymous_id, ")")
                                   : base::StrCat(scene.who.first_name, " ", scene.who.last_name,
                                                  " (", scene.user_id, ")");
  last.where = std::string(placement);
  for (const Offered& offer : answer.offers) {
    base::StrAppend(&last.offers, last.offers.empty() ? "" : " · ", offer.title);
  }
  last.reason = answer.reason;
  last.outcome = outcome_.empty() ? "did not look" : outcome_;
  options_.ledger->SetLast(std::move(last));
}

}  // namespace batuta::server
