#include "feature/sample_features.h"

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "feature/spec.h"

namespace batuta::feature {
namespace {

using Texts = std::vector<std::string>;

NaiveValue OfNumber(const std::optional<double>& number) {
  return number ? NaiveValue(*number) : NaiveValue();
}
NaiveValue OfText(const std::optional<std::string>& text) {
  return text ? NaiveValue(*text) : NaiveValue();
}

NaivePrograms MakePrograms() {
  NaivePrograms programs;
  auto& events = programs.events;
  events["e.properties.total"] = [](const NaiveEvent& e) { return OfNumber(e.total); };
  events["e.properties.channel"] = [](const NaiveEvent& e) { return OfText(e.channel); };
  events["e.properties.sku"] = [](const NaiveEvent& e) { return OfText(e.sku); };
  events["e.source"] = [](const NaiveEvent& e) { return NaiveValue(e.source); };
  events["e.properties.total > 50.0"] = [](const NaiveEvent& e) {
    return NaiveValue(e.total && *e.total > 50);
  };
  events["e.properties.channel == \"web\" || e.properties.total < 10.0"] = [](const NaiveEvent& e) {
    return NaiveValue((e.channel && *e.channel == "web") || (e.total && *e.total < 10));
  };
  events["has(e.properties.sku)"] = [](const NaiveEvent& e) {
    return NaiveValue(e.sku.has_value());
  };
  events["e.source == \"shop\""] = [](const NaiveEvent& e) {
    return NaiveValue(e.source == "shop");
  };
  events["e.properties.total < 1000.0 && e.properties.total > -1000.0"] = [](const NaiveEvent& e) {
    return NaiveValue(e.total && *e.total < 1000 && *e.total > -1000);
  };
  auto& lines = programs.lines;
  lines["p.sku"] = [](const NaiveEvent&, const NaiveLine& p) { return NaiveValue(p.sku); };
  lines["p.price"] = [](const NaiveEvent&, const NaiveLine& p) { return NaiveValue(p.price); };
  lines["p.price * p.quantity"] = [](const NaiveEvent&, const NaiveLine& p) {
    return NaiveValue(p.price * p.quantity);
  };
  lines["p.price > 20.0"] = [](const NaiveEvent&, const NaiveLine& p) {
    return NaiveValue(p.price > 20);
  };
  lines["e.source == \"shop\" && p.quantity > 1.0"] = [](const NaiveEvent& e, const NaiveLine& p) {
    return NaiveValue(e.source == "shop" && p.quantity > 1);
  };
  return programs;
}

const Texts kNames = {R"("A")", R"("B")", R"("A", "B")", R"("page")", R"("page: Home", "C")", ""};
const Texts kDurations = {"1h", "36h", "7d", "30d", "3d12h"};
const Texts kWheres = {R"(.where(x, 50 < x.properties.total))",
                       R"(.where(e, e.properties.total < 10.0 || e.properties.channel == "web"))",
                       R"(.where(ev, has(ev.properties.sku)))", R"(.where(e, e.source == "shop"))"};

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

std::string RandomWindow(base::Random& random, bool may_be_ever) {
  switch (random.Below(may_be_ever ? 8 : 7)) {
    case 0:
      return ".today()";
    case 1:
      return ".thisWeek()";
    case 2:
      return ".thisMonth()";
    case 3:
      return base::StrCat(".lastDays(", 1 + random.Below(9), ")");
    case 7:
      return "";
    default:
      return base::StrCat(".within(", Quoted(OneOf(random, kDurations)), ")");
  }
}

std::string RandomPattern(base::Random& random) {
  static const Texts kShapes = {
      R"(events("A").not_followed_by("B", "6h"))",
      R"(events("A").not_followed_by("B", "2d", a, b, b.properties.sku == a.properties.sku))",
      R"(sequence("1d", step(a, "A"), step(b, "B")))",
      R"(sequence("3d", step(a, "A", a.properties.total > 50.0), step(b, "B", b.properties.sku == a.properties.sku)))",
      R"(sequence("4d", step(a, "A"), step(b, ["A", "B"], b.properties.sku == a.properties.sku), step(c, "page", c.source == b.source)))",
      R"(sequence("4d", step(a, []), step(b, "B"), step(c, "A", c.properties.sku == b.properties.sku)).not_followed_by("C", "1d", n, n.source == c.source))",
      R"(sequence("7d", step(a, "A"), step(b, "A", has(b.properties.sku)), step(c, "B", a.properties.channel == c.properties.channel)))"};
  static const Texts kAggregates = {".count()", ".exists()",     ".first()",
                                    ".last()",  ".days_since()", ".rate(\"7d\")"};
  const std::string shape = OneOf(random, kShapes);
  const std::string& aggregate = OneOf(random, kAggregates);
  const bool is_rate = aggregate.substr(0, 5) == ".rate";
  // A window has to be longer than what must not follow.
  std::string window =
      random.Below(2) == 0 || is_rate ? ".within(\"7d\")" : RandomWindow(random, true);
  if (window.substr(0, 7) == ".within") window = ".within(\"9d\")";
  return shape + window + aggregate;
}

std::string RandomLines(base::Random& random, bool is_idempotent) {
  std::string text = base::StrCat("events(", OneOf(random, kNames), ")");
  text += RandomWindow(random, !is_idempotent);
  if (random.Below(3) == 0) text += OneOf(random, kWheres);
  text += ".each(e.properties.products)";
  if (random.Below(3) == 0) text += ".where(line, line.price > 20)";
  if (random.Below(4) == 0) text += ".where(e, p, p.quantity > 1.0 && e.source == \"shop\")";
  // Two conditions on lines are one that the table does not know.
  if (text.find("line.price") != text.npos && text.find("quantity") != text.npos) {
    text.resize(text.find(".where(e, p"));
  }
  static const Texts kAggregates = {".count()",           ".sum(p, p.quantity * p.price)",
                                    ".max(p, p.price)",   ".distinct(p, p.sku)",
                                    ".avg(p, p.price)",   ".last(p, p.sku)",
                                    ".first(p, p.price)", ".top(p, p.sku)"};
  return text + OneOf(random, kAggregates);
}

}  // namespace

const NaivePrograms& SamplePrograms() {
  static const auto* programs = new NaivePrograms(MakePrograms());
  return *programs;
}

std::string RandomSpecText(base::Random& random, bool is_idempotent) {
  const uint64_t shape = random.Below(10);
  if (shape < 2) return RandomPattern(random);
  if (shape == 2) return RandomLines(random, is_idempotent);
  static const Texts kTotals = {".count()", ".sum(e, e.properties.total)",
                                ".avg(e, e.properties.total)"};
  static const Texts kAny = {".min(e, e.properties.total)",
                             ".max(e, e.properties.total)",
                             ".first()",
                             ".first(e, e.properties.channel)",
                             ".last()",
                             ".last(e, e.properties.total)",
                             ".distinct(e, e.properties.channel)",
                             ".exists()",
                             ".days_since()",
                             ".top(e, e.properties.channel)",
                             ".top_share(e, e.properties.total)",
                             ".preferred_hour()",
                             ".once_per(\"15m\").preferred_hour()",
                             ".once_per(\"1d\").count()",
                             ".once_per(\"1d\").top(e, e.properties.channel)",
                             ".sessions(\"30m\")",
                             ".sessions(\"5h\")",
                             ".sessions(\"2d\")"};
  static const Texts kWindowed = {".first_ever()", ".count()", ".sum(e, e.properties.total)",
                                  ".avg(e, e.properties.total)"};
  static const Texts kWithin = {".trend()",
                                ".rate()",
                                ".rate(\"7d\")",
                                ".drift(\"50m\", e, e.properties.channel)",
                                ".hour_drift(\"30m\")",
                                ".once_per(\"1h\").hour_drift(\"10m\")"};
  std::string text = base::StrCat("events(", OneOf(random, kNames), ")");
  const std::string where = random.Below(2) == 0 ? OneOf(random, kWheres) : "";
  switch (random.Below(5)) {
    case 0:
      if (!is_idempotent && random.Below(3) == 0) {
        if (random.Below(2) == 0) return text + where + ".approx_decay(\"10d\")";
        // Great numbers that cancel would leave nothing but roundings.
        return text + ".where(e, e.properties.total < 1000.0 && e.properties.total > -1000.0)" +
               ".approx_decay(\"3d\", e, e.properties.total)";
      }
      if (!is_idempotent) return text + where + OneOf(random, kTotals);
      return text + where + OneOf(random, kAny);
    case 1:
      return base::StrCat(text, ".within(", Quoted(OneOf(random, kDurations)), ")", where,
                          OneOf(random, kWithin));
    case 2:
      return text + RandomWindow(random, false) + where + OneOf(random, kWindowed);
    default:
      return text + RandomWindow(random, true) + where + OneOf(random, kAny);
  }
}

NaiveEvent RandomEvent(base::Random& random, int64_t time) {
  static const Texts kEvents = {"A", "A", "B", "B", "C", "page: Home", "page: Cart", "D"};
  NaiveEvent event;
  event.name = OneOf(random, kEvents);
  if (event.name.substr(0, 5) == "page:") event.kind = "page";
  event.source = random.Below(3) == 0 ? "shop" : "web";
  event.time = time;
  event.identity = IdentityOf(event.source, base::StrCat(random.Bits()));
  static const std::vector<double> kTotals = {0.1, 0.2, 0.3, 19.99, 50.0, 1e16, 1e-3, 75.5};
  if (random.Below(4) != 0) {
    const double total = OneOf(random, kTotals);
    event.total = random.Below(4) == 0 ? -total : total;
  }
  static const Texts kChannels = {"web", "email", "push"};
  if (random.Below(3) != 0) event.channel = OneOf(random, kChannels);
  static const Texts kSkus = {"s1", "s2", "s3"};
  if (random.Below(3) != 0) event.sku = OneOf(random, kSkus);
  for (uint64_t i = random.Below(4); i > 0 && event.name == "B"; --i) {
    event.lines.push_back({.sku = OneOf(random, kSkus),
                           .price = OneOf(random, kTotals),
                           .quantity = static_cast<double>(1 + random.Below(3))});
  }
  return event;
}

SampleEvent::SampleEvent(const NaiveEvent& from) : naive(from) {
  if (from.total) base::SetField(properties, "total", base::NumberValue(*from.total));
  if (from.channel) base::SetField(properties, "channel", base::TextValue(*from.channel));
  if (from.sku) base::SetField(properties, "sku", base::TextValue(*from.sku));
  base::Value lines;
  for (const NaiveLine& line : from.lines) {
    base::Fields& fields = *lines.mutable_list()->add_values()->mutable_object();
    base::SetField(fields, "sku", base::TextValue(line.sku));
    base::SetField(fields, "price", base::NumberValue(line.price));
    base::SetField(fields, "quantity", base::NumberValue(line.quantity));
  }
  if (!from.lines.empty()) base::SetField(properties, "products", std::move(lines));
}

Event SampleEvent::event() const {
  return {.name = naive.name,
          .kind = naive.kind,
          .source = naive.source,
          .time = {naive.time},
          .identity = naive.identity,
          .properties = &properties,
          .context = nullptr};
}

absl::Status SampleHistory::Visit(base::Time after,
                                  absl::FunctionRef<void(const Event&)> visit) const {
  for (const SampleEvent& event : events_) {
    if (event.event().time > after) visit(event.event());
  }
  return absl::OkStatus();
}

NaiveValue NaiveOf(const expr::Value& value) {
  switch (value.kind()) {
    case expr::Kind::kBool:
      return value.AsBool();
    case expr::Kind::kInt:
      return value.AsInt();
    case expr::Kind::kDouble:
      return value.AsDouble();
    case expr::Kind::kString:
      return std::string(value.AsText());
    case expr::Kind::kTimestamp:
      return base::StrCat("@", value.seconds() * 1'000'000 + value.nanos() / 1000);
    default:
      BATUTA_CHECK(value.is_error() && value.code() == expr::ErrorCode::kAbsent);
      return {};
  }
}

}  // namespace batuta::feature
