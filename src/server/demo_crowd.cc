#include "server/demo_crowd.h"

#include <chrono>

#include "base/math.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::server {
namespace {

constexpr base::Duration kNap = base::Millis(100);       // how long an ending may go unnoticed
constexpr base::Duration kBehindMax = base::Seconds(1);  // visits older than that are left out
constexpr size_t kBatch = 100;

void Sleep(base::Duration span) {
  std::this_thread::sleep_for(std::chrono::microseconds(span.micros));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Crowd>> Crowd::Start(CrowdOptions options) {
  std::unique_ptr<Crowd> crowd(new Crowd(std::move(options)));
  for (int i = 0; i < kCrowdThreads; ++i) {
    VisitorOptions visitor = crowd->options_.visitor;
    base::StrAppend(&visitor.name, "-", i);
    BATUTA_ASSIGN_OR_RETURN(DemoApi api, DemoApi::Create(crowd->options_.url, crowd->options_.keys,
                                                         *visitor.ledger, *visitor.clock));
    crowd->visitors_.push_back(std::make_unique<Visitor>(std::move(visitor), std::move(api)));
  }
  for (const auto& visitor : crowd->visitors_) {
    crowd->threads_.emplace_back([&crowd = *crowd, &visitor = *visitor] { crowd.Play(visitor); });
  }
  return crowd;
}

void Crowd::Stop() {
  ending_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Crowd::Play(Visitor& visitor) {
  base::Clock& clock = *options_.visitor.clock;
  const double mean_micros = 1e6 * kCrowdThreads / options_.visits_per_second;
  base::Duration next = clock.Monotonic();
  while (!ending_) {
    const base::Duration left{next.micros - clock.Monotonic().micros};
    if (left > base::Duration{}) {
      Sleep(std::min(left, kNap));
      continue;
    }
    visitor.Visit();
    // Customers come independently of each other: the gaps are exponential.
    const double gap = -base::Log(1 - visitor.random().Uniform()) * mean_micros;
    next.micros += static_cast<int64_t>(gap);
    const base::Duration now = clock.Monotonic();
    if (now.micros - next.micros > kBehindMax.micros) next = now;
  }
}

absl::Status LoadBankFiles(const Truth& truth, DemoApi& api) {
  std::vector<std::string> calls;
  for (uint64_t number = 0; number < truth.people; ++number) {
    const Customer who = MakeCustomer(truth.seed, number);
    if (who.is_prospect) continue;
    Call call{.type = "identify",
              .name = "",
              .message_id = base::StrCat("crm-", who.user_id),
              .at = truth.began,
              .user_id = who.user_id,
              .anonymous_id = "",
              .device_id = ""};
    call.traits = TraitsJson(who);
    calls.push_back(CallJson(call));
    if (calls.size() < kBatch) continue;
    BATUTA_RETURN_IF_ERROR(api.SendBatch("crm", calls));
    calls.clear();
  }
  return api.SendBatch("crm", calls);
}

}  // namespace batuta::server
