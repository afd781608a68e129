#include "population/declaration.h"

#include <utility>

#include "absl/strings/str_split.h"
#include "expr/calendar.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::population {
namespace {

// "03:30".
int MinuteOf(std::string_view clock) {
  const auto digit = [clock](size_t at) { return clock[at] - '0'; };
  return (digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4);
}

// The zone that is said, else the company's, else UTC.
absl::TimeZone ZoneOf(const resource::Reader& spec, const resource::ResourceSet& resources) {
  const resource::Resource* hub = resources.Find("hub", resource::kSingletonName);
  const std::string company =
      hub == nullptr ? "" : resource::Reader(hub->spec).Text("timeZone", "UTC");
  return expr::FindZone(spec.Text("zone", company)).value_or(absl::UTCTimeZone());
}

}  // namespace

std::vector<std::string> Declaration::fields() const {
  if (!feature.empty()) return {feature};
  std::vector<std::string> fields = absl::StrSplit(trait, '.');
  fields.insert(fields.begin(), "traits");
  return fields;
}

Declaration Declaration::Of(const resource::Resource& resource,
                            const resource::ResourceSet& resources) {
  const resource::Reader spec(resource.spec);
  Declaration declaration{.name = resource.key.name,
                          .feature = spec.Text("feature"),
                          .trait = spec.Text("trait"),
                          .where = spec.Text("where"),
                          .reversed = spec.Bool("reversed"),
                          .schedule = {}};
  declaration.schedule.every = spec.DurationField("every");
  if (spec.Has("at")) declaration.schedule.minute_of_day = MinuteOf(spec.Text("at"));
  declaration.schedule.zone = ZoneOf(spec, resources);
  return declaration;
}

std::vector<Declaration> Declaration::AllOf(const resource::ResourceSet& resources) {
  std::vector<Declaration> all;
  for (const resource::Resource* one : resources.OfKind("population")) {
    all.push_back(Of(*one, resources));
  }
  return all;
}

}  // namespace batuta::population
