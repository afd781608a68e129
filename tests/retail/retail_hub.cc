// A hub that lives through the table "Online Retail" on a clock of its own and says, at five
// moments, what it knows of every customer:
//
//     retail_hub TABLE.csv.gz COMPANY.yaml [--defined-late]
//
// Prints lines of moment, customer, "feature" or "segment", name and value, separated by tabs; of
// segments those that the customer is in. With --defined-late the resources come at the last
// moment, and what they say of all the time before is found from the history; only that moment is
// printed.
//
// An invoice is one event, "Order Completed" or "Order Cancelled" (numbers that begin with C), at
// the time of its first row. Rows without a customer are left out.
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "connect/csv.h"
#include "connect/text_file.h"
#include "engine/hub_testing.h"
#include "engine/person_traits.h"
#include "expr/value_json.h"
#include "feature/catalogue.h"
#include "segment/membership.h"

namespace batuta::retail {
namespace {

constexpr const char* kMoments[] = {"2011-02-01T00:00:00Z", "2011-04-15T12:00:00Z",
                                    "2011-06-30T08:15:00Z", "2011-08-31T23:59:59Z",
                                    "2011-10-19T00:00:00Z"};

struct Invoice {
  base::Time time;
  std::string customer;
  bool is_cancelled = false;
  double total = 0;  // thousandths of a pound
  base::ValueList products;
};

// "2.55" in thousandths: 2550. Prices have at most three decimals.
int64_t Thousandths(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  int64_t value = 0;
  int decimals = -1;
  for (const char c : text) {
    if (c == '.') {
      decimals = 0;
      continue;
    }
    BATUTA_CHECK(c >= '0' && c <= '9');
    if (decimals >= 3) {
      BATUTA_CHECK(c == '0', "a price has more than three decimals");
      continue;
    }
    value = value * 10 + (c - '0');
    if (decimals >= 0) ++decimals;
  }
  for (int i = std::max(decimals, 0); i < 3; ++i) value *= 10;
  return is_negative ? -value : value;
}

base::Value LineOf(const std::vector<std::string>& row, double amount) {
  base::Value line;
  base::SetField(*line.mutable_object(), "sku", base::TextValue(row[1]));
  base::SetField(*line.mutable_object(), "quantity", base::NumberValue(std::stod(row[3])));
  base::SetField(*line.mutable_object(), "amount", base::NumberValue(amount));
  return line;
}

// By time, then by number.
std::vector<Invoice> ReadInvoices(const std::string& path) {
  auto file = connect::TextFile::Open(path);
  BATUTA_CHECK_OK(file.status());
  connect::CsvReader reader(*file, ',');
  connect::CsvRow row;
  std::map<std::pair<std::string, std::string>, Invoice> invoices;
  for (bool is_head = true;; is_head = false) {
    const auto more = reader.Next(row);
    BATUTA_CHECK_OK(more.status());
    if (!*more) break;
    BATUTA_CHECK(row.problem.empty() && row.fields.size() == 8);
    const std::string& customer = row.fields[6];
    if (is_head || customer.empty()) continue;
    const auto time = base::ParseTime(row.fields[4].replace(10, 1, "T") + "Z");
    BATUTA_CHECK_OK(time.status());
    const auto amount = static_cast<double>(std::stoll(row.fields[3]) * Thousandths(row.fields[5]));
    Invoice& invoice = invoices[{row.fields[0], customer}];
    if (invoice.customer.empty() || *time < invoice.time) invoice.time = *time;
    invoice.customer = customer;
    invoice.is_cancelled = row.fields[0].starts_with('C');
    invoice.total += amount;
    *invoice.products.add_values() = LineOf(row.fields, amount);
  }
  std::vector<Invoice> sorted;
  for (auto& [key, invoice] : invoices) sorted.push_back(std::move(invoice));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Invoice& a, const Invoice& b) { return a.time < b.time; });
  return sorted;
}

class Shop {
 public:
  Shop(std::vector<Invoice> invoices, std::string company)
      : invoices_(std::move(invoices)),
        company_(std::move(company)),
        hub_({.checkpoint = {.records = 5'000, .age = base::Days(30)},
              .start = *base::ParseTime("2010-12-01T00:00:00Z")}) {}

  void Run(bool defined_late) {
    if (!defined_late) hub_.Define(company_);
    for (const char* moment : kMoments) {
      LiveUntil(*base::ParseTime(moment));
      if (!defined_late) Print(moment);
    }
    if (!defined_late) return;
    hub_.hub().StepArchive();
    hub_.Define(company_);
    Print(kMoments[std::size(kMoments) - 1]);
  }

 private:
  // What happens in one minute is one batch.
  void LiveUntil(base::Time moment) {
    while (next_ < invoices_.size() && invoices_[next_].time <= moment) {
      const base::Time time = invoices_[next_].time;
      hub_.Advance(time - hub_.clock().Wall());
      std::vector<log::Entry> entries;
      for (; next_ < invoices_.size() && invoices_[next_].time == time; ++next_) {
        entries.push_back(EventOf(invoices_[next_]));
      }
      hub_.Append(std::move(entries));
    }
    hub_.Advance(moment - hub_.clock().Wall());
  }

  log::Entry EventOf(const Invoice& invoice) {
    customers_.insert(invoice.customer);
    base::Fields properties;
    base::SetField(properties, "total", base::NumberValue(invoice.total));
    base::Value products;
    *products.mutable_list() = invoice.products;
    base::SetField(properties, "products", products);
    return hub_.Event({.name = invoice.is_cancelled ? "Order Cancelled" : "Order Completed",
                       .identifiers = {{"user_id", invoice.customer}},
                       .properties = properties});
  }

  void Print(const std::string& moment) {
    for (const std::string& customer : customers_) {
      const auto row = hub_.Person("user_id", customer);
      BATUTA_CHECK(row.has_value(), "every customer is a person");
      const engine::Fold& fold = hub_.FoldOf(identity::FromRef(row->identity().id()).partition);
      PrintFeatures(moment, customer, *row, fold);
      for (const resource::Resource* segment : fold.definitions().resources.OfKind("segment")) {
        const std::string& name = segment->key.name;
        if (segment::Find(row->segments(), fold.ActiveEdition(name)) == nullptr) continue;
        std::printf("%s\t%s\tsegment\t%s\t1\n", moment.c_str(), customer.c_str(), name.c_str());
      }
    }
  }

  static void PrintFeatures(const std::string& moment, const std::string& customer,
                            const engine::PersonRow& row, const engine::Fold& fold) {
    const engine::Definitions& definitions = fold.definitions();
    BATUTA_CHECK(fold.MissingFeatures(row).empty(), "the history was read");
    feature::CatalogueReader reader(definitions.features);
    const engine::PersonTraits traits(definitions.rules, row.profile());
    expr::Scratch scratch;
    scratch.Start(expr::kBudgetDefault);
    for (const feature::NamedFeature& named : definitions.features->named()) {
      const expr::Value value =
          reader.Read(named, row.features(),
                      engine::MomentOf(definitions, row.profile(), fold.log_time()), traits);
      const auto json = expr::ToJson(value, scratch);
      std::printf("%s\t%s\tfeature\t%s\t%s\n", moment.c_str(), customer.c_str(), named.name.c_str(),
                  json.has_value() ? base::ToJson(*json).c_str() : "null");
    }
  }

  const std::vector<Invoice> invoices_;
  const std::string company_;
  engine::TestHub hub_;
  size_t next_ = 0;
  std::set<std::string> customers_;
};

std::string TextOf(const char* path) {
  std::ifstream file(path);
  BATUTA_CHECK(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace
}  // namespace batuta::retail

int main(int count, char** words) {
  const bool defined_late = count == 4 && std::string_view(words[3]) == "--defined-late";
  if (count != 3 && !defined_late) {
    std::fputs("usage: retail_hub TABLE.csv.gz COMPANY.yaml [--defined-late]\n", stderr);
    return 2;
  }
  using namespace batuta::retail;  // NOLINT(google-build-using-namespace): the whole program
  Shop(ReadInvoices(words[1]), TextOf(words[2])).Run(defined_late);
  return 0;
}
