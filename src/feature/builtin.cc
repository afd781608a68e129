#include "feature/builtin.h"

namespace batuta::feature {
namespace {

// The channel of a reply to a message, by the name of the event as the tracking specs have it.
#define BATUTA_REPLIES                                                           \
  R"(events("Email Opened", "Email Link Clicked", "Push Notification Tapped", )" \
  R"("SMS Link Clicked", "In-App Message Clicked", "WhatsApp Message Read").within("90d"))"
#define BATUTA_REPLY_CHANNEL                                                           \
  R"(e, e.name.startsWith("Email") ? "email" : e.name.startsWith("Push") ? "push" : )" \
  R"(e.name.startsWith("SMS") ? "sms" : e.name.startsWith("In-App") ? "in_app" : "whatsapp")"

constexpr BuiltinFeature kBuiltins[] = {
    {"age", "Age", "years",
     "Completed years, by the year of birth: those that the person has for certain all year.",
     "age(person.traits.birth_year)"},
    {"age_band", "Age band", "",
     "0-12, 13-17, 18-24, 25-34, 35-44, 45-54, 55-64 or 65+, by that age.",
     "age_band(person.traits.birth_year)"},
    {"channel_affinity", "Channel affinity", "",
     "The channel whose messages the person replied to most in 90 days.",
     BATUTA_REPLIES ".top(" BATUTA_REPLY_CHANNEL ")"},
    {"channel_affinity_share", "Channel affinity, share", "share",
     "The share of that channel in all replies.",
     BATUTA_REPLIES ".top_share(" BATUTA_REPLY_CHANNEL ")"},
    {"device_drift", "Device drift", "distance",
     "How far the use of devices in 30 days is from that in 365 days: 0 the same, 1 all different.",
     R"(events().within("365d").once_per("1d").drift("30d", e, e.context.device.type))"},
    {"engagement_score", "Engagement score", "points",
     "From 0 to 100: E / (E + 10), E the sum of orders (weight 10), products added (3) and pages "
     "(0.5), each halved after 30 days.",
     R"(cel.bind(points, 10.0 * events("Order Completed").approx_decay("30d") + 3.0 * events("Product Added").approx_decay("30d") + 0.5 * events("page", "screen").approx_decay("30d"), 100.0 * points / (points + 10.0)))"},
    {"frequency", "Frequency", "orders", "Orders in 365 days.",
     R"(events("Order Completed").within("365d").count())"},
    {"hour_drift", "Hour drift", "distance",
     "How far the hours of activity in 30 days are from those in 90 days.",
     R"(events().within("90d").once_per("15m").hour_drift("30d"))"},
    {"monetary_value", "Monetary value", "", "The mean total of the orders in 365 days.",
     R"(events("Order Completed").within("365d").avg(e, e.properties.total))"},
    {"preferred_device", "Preferred device", "", "The kind of device used on most days of 90.",
     R"(events().within("90d").once_per("1d").top(e, e.context.device.type))"},
    {"preferred_hour", "Preferred hour", "hour",
     "The local hour with most active quarters of an hour in 90 days.",
     R"(events().within("90d").once_per("15m").preferred_hour())"},
    {"recency", "Recency", "days", "Days since the last order.",
     R"(events("Order Completed").days_since())"},
    {"revenue", "Revenue", "", "The sum of the totals of all orders ever.",
     R"(events("Order Completed").sum(e, e.properties.total))"},
    {"sessions", "Sessions", "sessions",
     "Visits in 30 days; a visit ends after 30 minutes without an event.",
     R"(events().within("30d").sessions("30m"))"},
};

#undef BATUTA_REPLIES
#undef BATUTA_REPLY_CHANNEL

}  // namespace

std::span<const BuiltinFeature> BuiltinFeatures() { return kBuiltins; }

}  // namespace batuta::feature
