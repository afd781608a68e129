#include "server/demo_taste.h"

#include "base/hash.h"
#include "base/math.h"
#include "base/random.h"

namespace batuta::server {
namespace {

// Log odds, and what is added to them for those whom it fits.
struct Taste {
  std::string_view action;
  double odds;
  double rich = 0;     // income high or top
  double young = 0;    // up to 35
  double premium = 0;  // of the segment premium
  double leaving = 0;  // times the risk of churn
  double app = 0;
  double call = 0;
};

constexpr Taste kTastes[] = {
    {.action = "credit-card-gold", .odds = -1.5, .rich = 0.4, .premium = 0.6, .call = 0.5},
    {.action = "credit-card-zero", .odds = -1.2, .young = 0.6, .app = 0.2},
    {.action = "payroll-loan", .odds = -1.2, .rich = -0.4, .young = 0.2, .call = 0.4},
    {.action = "car-insurance", .odds = -2.4, .rich = 0.3, .young = -0.3, .call = 0.3},
    {.action = "savings-goal", .odds = -2.0, .young = 0.3, .app = 0.3},
    {.action = "investment-fund", .odds = -1.4, .rich = 0.3, .young = -0.3, .call = 0.6},
    {.action = "remittances", .odds = -2.8, .rich = -0.3},
    {.action = "mobile-top-up-cashback", .odds = -2.4, .young = 0.6, .app = 0.4},
    {.action = "mortgage-simulation", .odds = -3.6, .rich = 0.3, .young = 0.2},
    {.action = "fraud-alert-setup", .odds = -2.3, .app = 0.3, .call = 0.2},
    {.action = "fee-waiver", .odds = -0.4, .leaving = 1.0, .call = 0.4},
    {.action = "limit-increase", .odds = -1.0, .rich = 0.3, .app = 0.2},
};

// How much customers of the same circumstances differ, in log odds.
constexpr double kWhim = 0.7;

Taste TasteFor(std::string_view action) {
  for (const Taste& taste : kTastes) {
    if (taste.action == action) return taste;
  }
  const double part = static_cast<double>(base::Hash64(action) % 1000) / 1000;
  return {.action = action, .odds = -3 + 2 * part};
}

}  // namespace

double Logistic(double x) { return 1 / (1 + base::Exp(-x)); }

double AcceptProbability(uint64_t seed, const Customer& customer, std::string_view action,
                         std::string_view placement) {
  const Taste taste = TasteFor(action);
  const bool is_rich = customer.income_band == "high" || customer.income_band == "top";
  const bool is_young = customer.age_band == "18-25" || customer.age_band == "26-35";
  base::Random random(seed, {0, customer.number}, "demo-whim", action);
  double odds = taste.odds + kWhim * base::Normal(random);
  if (is_rich) odds += taste.rich;
  if (is_young) odds += taste.young;
  if (customer.segment == "premium") odds += taste.premium;
  if (placement.starts_with("app.")) odds += taste.app;
  if (placement.starts_with("call_center.")) odds += taste.call;
  odds += taste.leaving * customer.churn_risk;
  return Logistic(odds);
}

}  // namespace batuta::server
