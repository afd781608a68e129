#include "policy/constraints.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/encoding.h"
#include "base/status.h"
#include "feature/local_calendar.h"
#include "resource/reader.h"

namespace batuta::policy {
namespace {

using resource::Reader;

constexpr int64_t kHour = base::Hours(1).micros;
// An even pace goes up in so many steps,
constexpr int64_t kSteps = 1000;
// and is so many of them ahead.
constexpr int64_t kHeadStart = 10;

Per ParsePer(std::string_view name) {
  for (const Per per : {Per::kHour, Per::kDay, Per::kWeek, Per::kMonth}) {
    if (name == PerName(per)) return per;
  }
  return Per::kCampaign;
}

Constraint ReadCommon(const resource::Resource& resource, ConstraintKind kind) {
  const Reader spec(resource.spec);
  const Reader only = spec.Object("only");
  return {.name = resource.key.name,
          .kind = kind,
          .per = ParsePer(spec.Text("per")),
          .even = spec.Text("pace") == "even",
          .starts = spec.TimeField("starts", base::kDistantPast),
          .ends = spec.TimeField("ends", base::kDistantFuture),
          .only = {.actions = only.Texts("actions"),
                   .groups = only.Texts("groups"),
                   .issues = only.Texts("issues"),
                   .channels = only.Texts("channels")}};
}

// Offsets of zones change at their own times, so the hour is that of the clock as it stands now.
Period HourOf(base::Time now, const absl::TimeZone& zone) {
  const int64_t offset = int64_t{zone.At(absl::FromUnixMicros(now.micros)).offset} * 1'000'000;
  const int64_t local = now.micros + offset;
  const int64_t into = ((local % kHour) + kHour) % kHour;
  const base::Time start{now.micros - into};
  return {.start = start, .end = start + base::Hours(1)};
}

Period DaysOf(Per per, base::Time now, const absl::TimeZone& zone) {
  const feature::LocalDay today = feature::DayOf(now.micros, zone);
  feature::LocalDay first = today;
  feature::LocalDay next = today + 1;
  if (per == Per::kWeek) {
    first = feature::MondayOf(today);
    next = first + 7;
  } else if (per == Per::kMonth) {
    first = feature::FirstOfMonth(today);
    next = feature::FirstOfNextMonth(today);
  }
  return {.start = base::Time{feature::StartOf(first, zone)},
          .end = base::Time{feature::StartOf(next, zone)}};
}

// The time over which an even pace spreads the limit.
struct Course {
  __int128 start = 0;
  __int128 length = 0;  // 0: it is not spread
};

Course CourseOf(const Constraint& constraint, const LeaseKey& key, base::Time ends) {
  if (!constraint.even) return {};
  const bool is_campaign = constraint.per == Per::kCampaign;
  const base::Time start = is_campaign ? constraint.starts : base::Time{key.start()};
  const base::Time end = is_campaign ? constraint.ends : ends;
  if (start == base::kDistantPast || end == base::kDistantFuture || end <= start) return {};
  const __int128 length = static_cast<__int128>(end.micros) - start.micros;
  return {.start = start.micros, .length = length};
}

}  // namespace

std::string_view ConstraintKindName(ConstraintKind kind) {
  switch (kind) {
    case ConstraintKind::kBudget:
      return "budget";
    case ConstraintKind::kCapacity:
      return "capacity";
    case ConstraintKind::kAgreement:
      return "agreement";
  }
  return "";
}

std::string_view PerName(Per per) {
  switch (per) {
    case Per::kCampaign:
      return "campaign";
    case Per::kHour:
      return "hour";
    case Per::kDay:
      return "day";
    case Per::kWeek:
      return "week";
    case Per::kMonth:
      return "month";
  }
  return "";
}

bool Constraint::AllowsAs(const Constraint& other) const {
  return limit == other.limit && per == other.per && even == other.even && starts == other.starts &&
         ends == other.ends;
}

int64_t UseOf(const Constraint& constraint, const Offer& offer, int64_t cost) {
  if (!Fits(constraint.only, offer)) return 0;
  if (constraint.kind != ConstraintKind::kBudget) return 1;
  return std::clamp<int64_t>(cost, 0, constraint.limit + 1);
}

Period PeriodOf(const Constraint& constraint, base::Time now, const absl::TimeZone& zone) {
  Period period;
  if (constraint.per == Per::kCampaign) {
    period = {.start = constraint.starts, .end = constraint.ends};
  } else if (constraint.per == Per::kHour) {
    period = HourOf(now, zone);
  } else {
    period = DaysOf(constraint.per, now, zone);
  }
  period.is_open = constraint.starts <= now && now < constraint.ends;
  return period;
}

LeaseKey KeyOf(const Constraint& constraint, const Period& period) {
  LeaseKey key;
  key.set_kind(static_cast<uint32_t>(constraint.kind));
  key.set_name(constraint.name);
  key.set_per(static_cast<uint32_t>(constraint.per));
  // A campaign is one period, also when its dates are moved.
  if (constraint.per != Per::kCampaign) key.set_start(period.start.micros);
  return key;
}

std::string Encode(const LeaseKey& key) {
  base::ByteWriter writer;
  writer.U8(static_cast<uint8_t>(key.kind()));
  writer.Raw(key.name());
  writer.U8(0);  // no name has it
  writer.U8(static_cast<uint8_t>(key.per()));
  writer.U64(static_cast<uint64_t>(key.start()) ^ (uint64_t{1} << 63));
  return writer.Take();
}

LeaseKey DecodeLeaseKey(std::string_view bytes) {
  constexpr size_t kTail = 10;
  BATUTA_CHECK(bytes.size() > kTail + 1);
  LeaseKey key;
  key.set_kind(static_cast<uint8_t>(bytes.front()));
  key.set_name(std::string(bytes.substr(1, bytes.size() - kTail - 1)));
  base::ByteReader reader(bytes.substr(bytes.size() - kTail));
  BATUTA_CHECK(reader.U8() == 0);
  key.set_per(reader.U8());
  key.set_start(static_cast<int64_t>(reader.U64() ^ (uint64_t{1} << 63)));
  BATUTA_CHECK(reader.ok() && reader.AtEnd());
  return key;
}

int64_t AllowedAt(const Constraint& constraint, const LeaseKey& key, base::Time ends,
                  base::Time now) {
  const auto [start, length] = CourseOf(constraint, key, ends);
  if (length == 0) return constraint.limit;
  const __int128 age = std::clamp<__int128>(now.micros - start, 0, length);
  const __int128 steps = std::min<__int128>(age * kSteps / length + kHeadStart, kSteps);
  return static_cast<int64_t>(constraint.limit * steps / kSteps);
}

base::Time AllowsFrom(const Constraint& constraint, const LeaseKey& key, base::Time ends,
                      int64_t amount) {
  if (amount > constraint.limit) return base::kDistantFuture;
  const auto [start, length] = CourseOf(constraint, key, ends);
  if (length == 0 || amount <= 0) return base::kDistantPast;
  const __int128 steps =
      (static_cast<__int128>(amount) * kSteps + constraint.limit - 1) / constraint.limit;
  const __int128 behind = std::max<__int128>(steps - kHeadStart, 0);
  return base::Time{static_cast<int64_t>(start + (behind * length + kSteps - 1) / kSteps)};
}

Constraints Constraints::Compile(const resource::ResourceSet& resources) {
  Constraints compiled;
  for (const resource::Resource* budget : resources.OfKind("budget")) {
    Constraint constraint = ReadCommon(*budget, ConstraintKind::kBudget);
    constraint.limit = Reader(budget->spec).MoneyField("limit").micros;
    compiled.all_.push_back(std::move(constraint));
  }
  for (const resource::Resource* capacity : resources.OfKind("capacity")) {
    Constraint constraint = ReadCommon(*capacity, ConstraintKind::kCapacity);
    constraint.limit = Reader(capacity->spec).Integer("max");
    compiled.all_.push_back(std::move(constraint));
  }
  for (const resource::Resource* agreement : resources.OfKind("agreement")) {
    const Reader spec(agreement->spec);
    Constraint constraint = ReadCommon(*agreement, ConstraintKind::kAgreement);
    constraint.limit = spec.Integer("atMost", kLargestLimit);
    constraint.at_least = spec.Integer("atLeast", 0);
    if (spec.Has("boost")) constraint.boost = spec.MoneyField("boost").micros;
    compiled.all_.push_back(std::move(constraint));
  }
  std::sort(compiled.all_.begin(), compiled.all_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
  });
  return compiled;
}

const Constraint* Constraints::Find(const LeaseKey& key) const {
  const Constraint* found = Find(static_cast<ConstraintKind>(key.kind()), key.name());
  if (found == nullptr || static_cast<uint32_t>(found->per) != key.per()) return nullptr;
  return found;
}

const Constraint* Constraints::Find(ConstraintKind kind, std::string_view name) const {
  for (const Constraint& constraint : all_) {
    if (constraint.kind == kind && constraint.name == name) return &constraint;
  }
  return nullptr;
}

}  // namespace batuta::policy
