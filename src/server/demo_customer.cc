#include "server/demo_customer.h"

#include <cstdio>
#include <initializer_list>
#include <string_view>

#include "base/random.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::server {
namespace {

constexpr std::string_view kFirstNames[] = {
    "Ximena",  "Santiago",   "Guadalupe", "Mateo",   "Regina", "Emiliano",  "Fernanda", "Diego",
    "Citlali", "Leonardo",   "Valeria",   "Rodrigo", "Itzel",  "Alejandro", "Renata",   "Joaquín",
    "Paloma",  "Héctor",     "Marisol",   "Andrés",  "Dulce",  "Ramón",     "Yolanda",  "Ernesto",
    "Lucía",   "Cuauhtémoc", "Abril",     "Octavio", "Jimena", "Raúl"};
constexpr std::string_view kLastNames[] = {
    "Hernández", "García", "Martínez",  "López",   "González",  "Rodríguez", "Pérez", "Sánchez",
    "Ramírez",   "Cruz",   "Flores",    "Gómez",   "Morales",   "Vázquez",   "Reyes", "Jiménez",
    "Torres",    "Díaz",   "Gutiérrez", "Mendoza", "Ruiz",      "Aguilar",   "Ortiz", "Castillo",
    "Moreno",    "Chávez", "Juárez",    "Méndez",  "Domínguez", "Guzmán"};
constexpr std::string_view kCities[] = {"Ciudad de México", "Guadalajara", "Monterrey", "Puebla",
                                        "Mérida",           "Querétaro",   "Tijuana",   "León",
                                        "Oaxaca",           "Veracruz"};

struct Weighted {
  std::string_view name;
  double weight;
};

std::string_view Pick(base::Random& random, std::initializer_list<Weighted> options) {
  double left = random.Uniform();
  std::string_view last;
  for (const Weighted& option : options) {
    last = option.name;
    left -= option.weight;
    if (left < 0) break;
  }
  return last;
}

template <size_t n>
std::string_view Any(base::Random& random, const std::string_view (&names)[n]) {
  return names[random.Below(n)];
}

std::string Format(const char* format, uint64_t number) {
  char text[48];
  std::snprintf(text, sizeof(text), format, static_cast<unsigned long long>(number));
  return text;
}

void GiveAddresses(base::Random& random, uint64_t seed, Customer& customer) {
  const uint64_t number = customer.number;
  customer.first_name = Any(random, kFirstNames);
  customer.last_name = Any(random, kLastNames);
  customer.city = Any(random, kCities);
  customer.user_id = Format("sol-%06llu", number);
  customer.email = Format("cliente%06llu@correo.example", number);
  customer.phone = Format("+5255%08llu", 10'000'000 + number);
  const std::string family = Format("%llx", seed);
  customer.cookie = base::StrCat("web-", family, "-", number);
  customer.second_cookie = base::StrCat("tablet-", family, "-", number);
  customer.device = base::StrCat("telefono-", family, "-", number);
}

void GiveCircumstances(base::Random& random, Customer& customer) {
  customer.country = Pick(random, {{"MX", 0.96}, {"US", 0.04}});
  customer.age_band = Pick(
      random, {{"18-25", 0.2}, {"26-35", 0.27}, {"36-50", 0.29}, {"51-65", 0.16}, {"66+", 0.08}});
  customer.income_band =
      Pick(random, {{"low", 0.34}, {"middle", 0.38}, {"high", 0.2}, {"top", 0.08}});
  const bool is_rich = customer.income_band == "high" || customer.income_band == "top";
  const bool is_young = customer.age_band == "18-25";
  customer.segment = is_rich    ? Pick(random, {{"premium", 0.5}, {"preferred", 0.5}})
                     : is_young ? Pick(random, {{"student", 0.5}, {"mass", 0.5}})
                                : Pick(random, {{"mass", 0.7}, {"preferred", 0.3}});
  customer.has_credit_card = random.Uniform() < (is_rich ? 0.6 : 0.3);
  customer.has_payroll = random.Uniform() < 0.45;
  customer.tenure_months = static_cast<int64_t>(random.Below(97));
  customer.churn_risk = static_cast<double>(random.Below(101)) / 100;
  customer.consents = random.Uniform() < 0.88;
  customer.is_prospect = random.Uniform() < 0.2;
}

}  // namespace

Customer MakeCustomer(uint64_t seed, uint64_t number) {
  BATUTA_CHECK(number < 1'000'000, "customers are numbered with six digits");
  base::Random random(seed, {0, number}, "demo-customer", "");
  Customer customer;
  customer.number = number;
  GiveAddresses(random, seed, customer);
  GiveCircumstances(random, customer);
  return customer;
}

}  // namespace batuta::server
