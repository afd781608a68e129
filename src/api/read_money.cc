#include "api/read_money.h"

#include <string>

namespace batuta::api {

std::optional<base::Money> ReadMoneyMember(ObjectReader& body, std::string_view name,
                                           std::vector<http::ProblemError>& errors) {
  const base::Value* value = body.Object(name);
  if (value == nullptr) return std::nullopt;
  ObjectReader money(*value, body.PointerTo(name), errors);
  const std::string amount_text = money.Text("amount", Need::kRequired);
  const std::string currency_text = money.Text("currency", Need::kRequired);
  money.Finish();
  const auto amount = base::ParseAmount(amount_text);
  if (!amount.ok() && !amount_text.empty()) {
    money.Error("amount", "not_an_amount", "an amount is a text such as \"12.30\"");
  }
  const auto currency = base::ParseCurrency(currency_text);
  if (!currency.ok() && !currency_text.empty()) {
    money.Error("currency", "not_a_currency", "a currency is 3 capital letters, such as MXN");
  }
  if (!amount.ok() || !currency.ok()) return std::nullopt;
  return base::Money{.micros = *amount, .currency = *currency};
}

}  // namespace batuta::api
