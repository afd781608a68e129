// The simulated customers of the demo: who they are, as the bank's files would have it.
//
// A pure function of a seed and the customer's number, so that the same people come back whenever
// the demo is started again. What they like is in demo_taste.h. Names are made up.
#pragma once

#include <cstdint>
#include <string>

namespace batuta::server {

struct Customer {
  uint64_t number = 0;
  std::string user_id;  // "sol-000042"
  std::string first_name;
  std::string last_name;
  std::string email;
  std::string phone;
  std::string city;
  // Fields that the sample company's offers ask about.
  std::string country;      // MX, a few US
  std::string income_band;  // low, middle, high, top
  std::string age_band;     // 18-25, 26-35, 36-50, 51-65, 66+
  std::string segment;      // mass, preferred, premium, student
  bool has_credit_card = false;
  bool has_payroll = false;
  int64_t tenure_months = 0;
  double churn_risk = 0;     // in [0, 1], two decimals
  bool consents = false;     // to marketing, when the demo begins
  bool is_prospect = false;  // not in the bank's files: browses, and may register
  // The browsers and the telephone that the customer comes with.
  std::string cookie;
  std::string second_cookie;
  std::string device;
};

Customer MakeCustomer(uint64_t seed, uint64_t number);

}  // namespace batuta::server
