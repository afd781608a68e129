#include "server/demo_truth.h"

#include <filesystem>
#include <fstream>
#include <string_view>

#include "base/hash.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/demo_customer.h"
#include "server/demo_taste.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

constexpr std::string_view kActions[] = {
    "car-insurance",       "credit-card-gold", "credit-card-zero", "fee-waiver",
    "fraud-alert-setup",   "investment-fund",  "limit-increase",   "mobile-top-up-cashback",
    "mortgage-simulation", "payroll-loan",     "remittances",      "savings-goal"};
constexpr std::string_view kSpots[] = {"web.home.hero", "app.inbox", "call_center.screen"};

// Six decimals: enough to see, and short.
double Rounded(double p) { return static_cast<double>(static_cast<int64_t>(p * 1e6 + 0.5)) / 1e6; }

void WriteCustomer(uint64_t seed, const Customer& customer, base::JsonWriter& json) {
  json.BeginObject();
  json.Key("userId");
  json.String(customer.user_id);
  json.Key("segment");
  json.String(customer.segment);
  json.Key("incomeBand");
  json.String(customer.income_band);
  json.Key("ageBand");
  json.String(customer.age_band);
  json.Key("accepts");
  json.BeginObject();
  for (const std::string_view action : kActions) {
    json.Key(action);
    json.BeginArray();
    for (const std::string_view spot : kSpots) {
      json.Number(Rounded(AcceptProbability(seed, customer, action, spot)));
    }
    json.EndArray();
  }
  json.EndObject();
  json.EndObject();
}

std::string CustomersJson(uint64_t seed, uint64_t people) {
  base::JsonWriter json;
  json.BeginArray();
  for (uint64_t number = 0; number < people; ++number) {
    WriteCustomer(seed, MakeCustomer(seed, number), json);
  }
  json.EndArray();
  return json.Take();
}

absl::Status Write(const std::string& path, const Truth& truth) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("about");
  json.String(
      "What each simulated customer truly accepts, in the order of the placements. Only the demo "
      "reads this; the hub does not.");
  json.Key("seed");
  json.Uint(truth.seed);
  json.Key("people");
  json.Uint(truth.people);
  json.Key("began");
  json.String(base::FormatRfc3339(truth.began));
  json.Key("placements");
  json.BeginArray();
  for (const std::string_view spot : kSpots) json.String(spot);
  json.EndArray();
  json.Key("customers");
  json.Raw(CustomersJson(truth.seed, truth.people));
  json.EndObject();
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::binary);
  file << json.Take() << '\n';
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(draft, path, error);
  if (!file || error) return absl::InternalError(base::StrCat("cannot write ", path));
  return absl::OkStatus();
}

uint64_t CountAt(const base::Fields& fields, std::string_view name) {
  const base::Value* value = base::Find(fields, name);
  const bool is_count = value != nullptr && value->number() >= 0 && value->number() < 9e15;
  return is_count ? static_cast<uint64_t>(value->number()) : 0;
}

absl::StatusOr<Truth> Read(const std::string& text, const std::string& path) {
  const auto damaged = absl::FailedPreconditionError(
      base::StrCat(path,
                   " is not what its seed gives: it was changed, or made by another version; "
                   "begin in a new folder with --data"));
  const auto root = base::ParseJson(text);
  if (!root.ok()) return damaged;
  const base::Value* began = base::Find(root->object(), "began");
  const auto began_at = base::ParseTime(began == nullptr ? "" : began->text());
  const base::Value* customers = base::Find(root->object(), "customers");
  Truth truth;
  truth.seed = CountAt(root->object(), "seed");
  truth.people = CountAt(root->object(), "people");
  if (!began_at.ok() || customers == nullptr || truth.people > kPeopleMax) return damaged;
  truth.began = *began_at;
  if (base::ToJson(*customers) != CustomersJson(truth.seed, truth.people)) return damaged;
  return truth;
}

}  // namespace

absl::StatusOr<Truth> OpenTruth(const std::string& path, const TruthWish& wish) {
  const auto text = ReadText(path);
  if (absl::IsNotFound(text.status())) {
    Truth truth;
    truth.seed = wish.seed.value_or(truth.seed);
    truth.people = wish.people.value_or(truth.people);
    truth.began = wish.now;
    truth.is_new = true;
    BATUTA_RETURN_IF_ERROR(Write(path, truth));
    return truth;
  }
  BATUTA_ASSIGN_OR_RETURN(const Truth truth, Read(*text, path));
  if (wish.seed.value_or(truth.seed) != truth.seed ||
      wish.people.value_or(truth.people) != truth.people) {
    return absl::FailedPreconditionError(
        base::StrCat("the people of this folder are the ", truth.people, " of seed ", truth.seed,
                     "; leave --people and --seed out, or begin in a new folder with --data"));
  }
  return truth;
}

}  // namespace batuta::server
