#include "server/demo_run.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "log/system_clock.h"
#include "server/client.h"
#include "server/demo_child.h"
#include "server/demo_crowd.h"
#include "server/demo_keys.h"
#include "server/demo_screen.h"
#include "server/demo_view.h"
#include "server/signals.h"

namespace batuta::server {
namespace {

constexpr base::Duration kStartMax = base::Minutes(2);  // a restart may have much to fold
constexpr base::Duration kPageEvery = base::Millis(500);
constexpr base::Duration kLineEvery = base::Seconds(5);
constexpr base::Duration kHubEvery = base::Seconds(2);
constexpr base::Duration kScoreSpan = base::Seconds(15);
constexpr double kVisitsPerDay = 0.5;  // of one customer

// Whether somebody wants the demo to end; waits for it as long as `span`.
bool WaitForEnd(base::Duration span) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  timespec time = {};
  time.tv_sec = span.micros / 1'000'000;
  time.tv_nsec = span.micros % 1'000'000 * 1000;
  return sigtimedwait(&signals, nullptr, &time) > 0;
}

// From here on another Ctrl-C ends the demo at once.
void LetSignalsThrough() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

uint64_t CountIn(const base::Value& object, std::string_view name) {
  const base::Value* value = base::Find(object.object(), name);
  return value == nullptr || value->number() < 0 ? 0 : static_cast<uint64_t>(value->number());
}

class Demo {
 public:
  Demo(const Session& session, const DemoOptions& options)
      : session_(session), options_(options), ledger_(kScoreSpan) {}

  ExitCode Run() {
    BlockEndingSignals();
    absl::Status prepared = Prepare();
    if (prepared.ok() && !is_ending_) prepared = Live();
    absl::Status ended = absl::OkStatus();
    LetSignalsThrough();
    if (child_.has_value()) {
      session_.Say("Ending the hub.");
      ended = child_->End();
    }
    if (!prepared.ok()) return session_.Fail(prepared);
    if (!ended.ok()) return session_.Fail(ended);
    if (child_.has_value()) {
      session_.Say(base::StrCat("Everything is kept in ", session_.data,
                                "; the same command goes on from there."));
    }
    return ExitCode::kOk;
  }

 private:
  bool has_own_hub() const { return child_.has_value(); }

  absl::Status Prepare() {
    const bool starts_hub = session_.server.empty();
    if (session_.data.empty()) session_.data = "demo-data";
    const bool applies = starts_hub || options_.resources_stated;
    if (applies) BATUTA_RETURN_IF_ERROR(ReadResources());
    std::error_code error;
    std::filesystem::create_directories(session_.data, error);
    TruthWish wish{.seed = std::nullopt, .people = std::nullopt, .now = clock_.Wall()};
    if (options_.seed >= 0) wish.seed = static_cast<uint64_t>(options_.seed);
    if (options_.people > 0) wish.people = static_cast<uint64_t>(options_.people);
    BATUTA_ASSIGN_OR_RETURN(truth_, OpenTruth(session_.data + "/truth.json", wish));
    if (starts_hub) BATUTA_RETURN_IF_ERROR(StartHub());
    BATUTA_RETURN_IF_ERROR(WaitUntilReady());
    if (is_ending_) return absl::OkStatus();
    BATUTA_ASSIGN_OR_RETURN(ApiClient admin, ApiClient::Create(session_));
    admin_ = std::make_unique<ApiClient>(std::move(admin));
    if (applies) {
      session_.Say(base::StrCat("Applying the resources of ", options_.resources, "."));
      BATUTA_RETURN_IF_ERROR(admin_->Post("/v1/resources:apply", ApplyBody(company_)).status());
    }
    return TakeKeys();
  }

  absl::Status ReadResources() {
    BATUTA_ASSIGN_OR_RETURN(company_, ReadCompany(options_.resources));
    Quicken(company_, base::Seconds(options_.day_seconds));
    return absl::OkStatus();
  }

  absl::Status StartHub() {
    const std::string address = FreeAddress("127.0.0.1", 8480);
    session_.server = "http://" + address;
    std::vector<std::string> arguments = {"batuta",      "serve",    "--data",
                                          session_.data, "--listen", address};
    if (!session_.config.empty()) arguments.insert(arguments.end(), {"--config", session_.config});
    session_.Say(base::StrCat("Starting a hub in ", session_.data, " at ", session_.server));
    BATUTA_ASSIGN_OR_RETURN(ChildHub child,
                            ChildHub::Start(arguments, session_.data + "/demo-hub.log"));
    child_.emplace(std::move(child));
    return absl::OkStatus();
  }

  absl::Status WaitUntilReady() {
    http::ClientOptions client_options;
    client_options.timeout = base::Seconds(2);
    BATUTA_ASSIGN_OR_RETURN(http::Client client,
                            http::Client::Create(session_.server, client_options));
    const base::Duration begin = clock_.Monotonic();
    while (clock_.Monotonic().micros - begin.micros < kStartMax.micros) {
      const auto ready = client.Send({.method = http::Method::kGet, .target = "/readyz"});
      if (ready.ok() && ready->status == http::Status::kOk) return absl::OkStatus();
      if (has_own_hub() && !child_->IsRunning()) {
        return absl::UnavailableError(
            base::StrCat("the hub did not start:\n", child_->LastLines()));
      }
      is_ending_ = WaitForEnd(base::Millis(100));
      if (is_ending_) return absl::OkStatus();
    }
    return absl::UnavailableError(base::StrCat("no hub is ready at ", session_.server));
  }

  absl::Status TakeKeys() {
    if (!options_.write_key.empty()) {
      keys_.secret = admin_->key();
      keys_.write[""] = options_.write_key;
      return absl::OkStatus();
    }
    const std::string path = has_own_hub() ? session_.data + "/demo-keys.json" : "";
    BATUTA_ASSIGN_OR_RETURN(keys_, TakeDemoKeys(*admin_, path));
    return absl::OkStatus();
  }

  double VisitsPerSecond() const {
    if (options_.visits_per_second > 0) return static_cast<double>(options_.visits_per_second);
    const double visits = static_cast<double>(truth_.people) * kVisitsPerDay /
                          static_cast<double>(options_.day_seconds);
    return std::clamp(visits, 1.0, 200.0);
  }

  absl::Status Live() {
    session_.Say(base::StrCat(truth_.is_new ? "Loading" : "Checking", " the bank's files: ",
                              Grouped(truth_.people), " customers and prospects."));
    BATUTA_ASSIGN_OR_RETURN(DemoApi loader,
                            DemoApi::Create(session_.server, keys_, ledger_, clock_));
    BATUTA_RETURN_IF_ERROR(LoadBankFiles(truth_, loader));
    CrowdOptions crowd_options;
    crowd_options.url = session_.server;
    crowd_options.keys = keys_;
    crowd_options.visits_per_second = VisitsPerSecond();
    crowd_options.visitor = {.truth = truth_,
                             .name = base::StrCat("visit-", clock_.Wall().micros),
                             .company = &company_,
                             .ledger = &ledger_,
                             .clock = &clock_};
    if (!company_.documents.empty() && options_.day_seconds < 86'400) {
      session_.Say(base::StrCat("A day of the company's contact rules lasts ", options_.day_seconds,
                                " seconds here."));
    }
    PrintCurls("Try in another terminal:");
    BATUTA_ASSIGN_OR_RETURN(const auto crowd, Crowd::Start(std::move(crowd_options)));
    begin_ = clock_.Monotonic();
    const absl::Status watched = Watch();
    crowd->Stop();
    Finish();
    return watched;
  }

  // Shows what happens until it is time to end.
  absl::Status Watch() {
    Screen screen(options_.plain);
    base::Duration next_look = begin_;
    const base::Duration every = screen.is_live() ? kPageEvery : kLineEvery;
    while (!TimeIsUp()) {
      if (has_own_hub() && !child_->IsRunning()) {
        return absl::UnavailableError(base::StrCat("the hub ended:\n", child_->LastLines()));
      }
      const DemoScene scene = LookNow(screen.width(), next_look);
      if (screen.is_live()) {
        screen.Draw(Page(scene));
      } else if (scene.elapsed >= base::Seconds(1)) {
        screen.Print(Line(scene));
      }
      const base::Duration left = TimeLeft();
      if (WaitForEnd(std::min(scene.elapsed < base::Seconds(1) ? base::Seconds(1) : every, left))) {
        break;
      }
    }
    return absl::OkStatus();
  }

  base::Duration Elapsed() { return {clock_.Monotonic().micros - begin_.micros}; }
  base::Duration TimeLeft() {
    if (options_.seconds == 0) return base::Hours(1);
    return {std::max<int64_t>(base::Seconds(options_.seconds).micros - Elapsed().micros, 0)};
  }
  bool TimeIsUp() { return options_.seconds > 0 && TimeLeft() == base::Duration{}; }

  DemoScene LookNow(int width, base::Duration& next_look) {
    DemoScene scene;
    scene.url = session_.server;
    scene.elapsed = Elapsed();
    scene.figures = ledger_.Now();
    scene.width = width;
    const base::Duration now = clock_.Monotonic();
    if (now >= next_look) {
      next_look = base::Duration{now.micros + kHubEvery.micros};
      MeasureRates(scene.figures, now);
      AskHub();
    }
    scene.events_per_second = events_per_second_;
    scene.decisions_per_second = decisions_per_second_;
    scene.hub = hub_;
    return scene;
  }

  void MeasureRates(const Figures& figures, base::Duration now) {
    const double seconds = static_cast<double>(now.micros - measured_at_.micros) / 1e6;
    if (measured_at_ != base::Duration{} && seconds > 0) {
      events_per_second_ = static_cast<double>(figures.events - events_before_) / seconds;
      decisions_per_second_ = static_cast<double>(figures.decisions - decisions_before_) / seconds;
    }
    measured_at_ = now;
    events_before_ = figures.events;
    decisions_before_ = figures.decisions;
  }

  void AskHub() {
    const auto stats = admin_->Get("/v1/stats");
    if (!stats.ok()) {
      ledger_.AddError(base::StrCat("/v1/stats: ", std::string(stats.status().message())));
      return;
    }
    hub_ = HubFigures{CountIn(*stats, "people"), CountIn(*stats, "merges"),
                      CountIn(*stats, "events"), CountIn(*stats, "duplicates")};
  }

  void Finish() {
    base::Duration next_look = clock_.Monotonic();
    const DemoScene scene = LookNow(100, next_look);
    std::printf("\n%s", ClosingSummary(scene).c_str());
    std::fflush(stdout);
    if (!scene.figures.last.id.empty()) last_decision_ = scene.figures.last.id;
    PrintCurls(has_own_hub() ? "With the hub running again, try:" : "Try:");
  }

  // A customer whom the bank knows, so that there is something to see.
  std::string SomeUser() const {
    for (uint64_t number = 0; number < truth_.people; ++number) {
      const Customer who = MakeCustomer(truth_.seed, number);
      if (!who.is_prospect && who.consents && who.country == "MX") return who.user_id;
    }
    return MakeCustomer(truth_.seed, 0).user_id;
  }

  void PrintCurls(std::string_view title) const {
    const std::string user = SomeUser();
    const std::string key = base::StrCat(" -H 'Authorization: Bearer ", keys_.secret, "' ");
    const std::string last =
        last_decision_.empty()
            ? base::StrCat("  curl -s", key, session_.server, "/v1/stats")
            : base::StrCat("  curl -s", key, "'", session_.server, "/v1/decisions/", last_decision_,
                           "/explanation?lang=es'");
    const std::string text =
        base::StrCat("\n", title, "\n  curl -s", key, session_.server, "/v1/people/user_id:", user,
                     "\n  curl -s", key, session_.server, "/v1/decisions -d '",
                     DecisionJson("userId", user, "web.home.hero", "summary"), "'\n", last, "\n\n");
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  Session session_;
  DemoOptions options_;
  log::SystemClock clock_;
  Ledger ledger_;
  Truth truth_;
  Company company_;
  DemoKeys keys_;
  std::optional<ChildHub> child_;
  std::unique_ptr<ApiClient> admin_;
  bool is_ending_ = false;
  base::Duration begin_{};
  std::optional<HubFigures> hub_;
  std::string last_decision_;
  base::Duration measured_at_{};
  uint64_t events_before_ = 0;
  uint64_t decisions_before_ = 0;
  double events_per_second_ = 0;
  double decisions_per_second_ = 0;
};

}  // namespace

ExitCode RunDemo(const Session& session, const DemoOptions& options) {
  return Demo(session, options).Run();
}

}  // namespace batuta::server
