// What the naive model says, held against what the partitions hold.
#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "engine/person_traits.h"
#include "feature/catalogue.h"
#include "identity/refs.h"
#include "profile/view.h"
#include "simulation/company.h"
#include "simulation/failure.h"
#include "simulation/invariants.h"

namespace batuta::simulation {

using engine::PersonRow;

void Invariants::CheckRecords(const Model& model, bool erasures) const {
  uint64_t events = 0, duplicates = 0, mismatches = 0, people = 0;
  for (uint16_t p = 0; p < partitions_; ++p) {
    const engine::Tallies& tallies = folds_(base::PartitionId{p}).state().self.tallies();
    events += tallies.events();
    duplicates += tallies.duplicates();
    people += tallies.people();
    mismatches += tallies.mismatches();
  }
  Require(events == model.accepted(),
          base::StrCat(events, " events were taken; the model says ", model.accepted()));
  Require(
      duplicates == model.duplicates() && mismatches == model.mismatches(),
      base::StrCat(duplicates, " duplicates and ", mismatches, " with another payload; the model ",
                   "says ", model.duplicates(), " and ", model.mismatches()));
  uint64_t living = 0;
  ForEachPerson([&](const base::PersonId&, const PersonRow& row) {
    if (!row.identity().has_merged_into() && !row.identity().erased()) ++living;
  });
  Require(living == people, base::StrCat(living, " persons live; ", people, " were counted"));
  for (const auto& [id, asked] : model.asked()) {
    Require(asked.made.size() <= asked.accepted,
            "a request was decided more often than it was made");
    Require(erasures || asked.accepted == 0 || !asked.made.empty(), "a request was never decided");
  }
  for (uint16_t p = 0; p <= partitions_; ++p) {
    const engine::Definitions& now = folds_(base::PartitionId{p}).definitions();
    Require(now.version() == model.defined().version &&
                (now.version() == 0 || now.resources.Encode() == model.defined().bytes),
            base::StrCat("partition ", p, " has other definitions than were published"));
  }
  engine::PartitionState& control = folds_(base::PartitionId{partitions_}).state();
  for (const auto& [id, key] : model.keys()) {
    const auto stored = control.GetRow<engine::ApiKey>(engine::RowKind::kApiKey, id);
    Require(stored.has_value() && stored->SerializeAsString() == key, "an API key is another");
  }
  size_t audited = 0;
  control.ScanRows(engine::RowKind::kAudit, [&](std::string_view, std::string_view bytes) {
    engine::AuditRow row;
    Require(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "damaged");
    Require(audited < model.audits().size(), "the audit trail has an entry too many");
    const auto& [offset, entry] = model.audits()[audited++];
    Require(row.offset() == offset && row.entry().SerializeAsString() == entry,
            base::StrCat("entry ", audited, " of the audit trail is another"));
    return true;
  });
  Require(audited == model.audits().size(),
          base::StrCat("the audit trail has ", audited, " entries of ", model.audits().size()));
}

void Invariants::CheckCounts(const Model& model) const {
  uint64_t expected = 0;
  for (const Model::Person& person : model.People()) {
    for (const auto& [name, count] : person.counters) expected += count;
  }
  uint64_t found = 0;
  ForEachPerson([&](const base::PersonId&, const PersonRow& row) {
    for (const profile::Counter& counter : row.profile().counters()) found += counter.count();
  });
  Require(found == expected,
          base::StrCat("persons count ", found, " events; ", expected, " were accepted"));
}

void Invariants::CheckAgainst(const Model& model) const {
  CheckCounts(model);
  const std::vector<Model::Person> people = model.People();
  size_t living = 0;
  ForEachPerson([&](const base::PersonId&, const PersonRow& row) {
    if (!row.identity().has_merged_into()) ++living;
  });
  Require(living == people.size(),
          base::StrCat("there are ", living, " persons; the model has ", people.size()));
  for (const Model::Person& expected : people) {
    const PersonRow* found = HolderOf(*expected.identifiers.begin());
    Require(found != nullptr, "an identifier of an accepted event is nobody's");
    for (const std::string& hash : expected.identifiers) {
      Require(HolderOf(hash) == found, "two identifiers of one person are two persons'");
    }
    Compare(expected, *found, model);
  }
  for (const std::string& hash : model.blocked()) {
    Require(HolderOf(hash) == nullptr, "a blocked identifier is somebody's");
  }
}

namespace {

// How many events of the name there were after that time; of all names if it is empty.
int64_t CountOf(const std::multimap<std::string, int64_t>& events, std::string_view name,
                base::Time after) {
  return std::count_if(events.begin(), events.end(), [&](const auto& event) {
    return (name.empty() || event.first == name) && event.second > after.micros;
  });
}

}  // namespace

// What the company's features say, and who is in its segments on them, counted anew. Partitions'
// log times may be apart when the clock has jumped; what is over by the latest of them may be
// forgotten by whoever was there.
void Invariants::CheckFeatures(const Model::Person& expected, const PersonRow& found) const {
  const base::PersonId id = identity::FromRef(found.identity().id());
  engine::Fold& fold = folds_(id.partition);
  const engine::Definitions& definitions = fold.definitions();
  const base::Time now = fold.log_time();
  const base::Time latest = LatestLogTime();
  const std::string who = id.ToString();
  Require(fold.MissingFeatures(found).empty(), who + " has features that are not found, at rest");
  feature::CatalogueReader reader(definitions.features);
  const auto read = [&](std::string_view name) {
    const feature::NamedFeature* feature = definitions.features->Find(name);
    Require(feature != nullptr, "a feature of the company is not defined");
    Require(
        fold.IsFeatureComplete(feature::NumberOf(*feature::ParseSpec(feature->expression).spec)),
        feature->expression + " is not complete at rest");
    return reader.Read(*feature, found.features(),
                       engine::MomentOf(definitions, found.profile(), now),
                       engine::PersonTraits(definitions.rules, found.profile()));
  };
  const auto count = [&](std::string_view event, base::Time after) {
    return CountOf(expected.tracked, event, after);
  };
  // Of an event that was accepted twice, long after each other, a window tells one.
  const auto is_between = [&](int64_t told, std::string_view event, base::Duration window) {
    const base::Time after = latest - window;
    return told >= count(event, after) - CountOf(expected.repeated, event, after) &&
           told <= count(event, now - window);
  };
  Require(read("bought").AsInt() == count("Bought", base::kDistantPast),
          base::StrCat(who, " bought ", count("Bought", base::kDistantPast), " times, not ",
                       read("bought").AsInt()));
  Require(is_between(read("bought_2d").AsInt(), "Bought", base::Days(2)),
          who + " bought more or less in two days");
  // events("Bought").within("3d").count()
  const std::string& text = definitions.features->Find(kChangingFeature)->expression;
  const std::string event = text.substr(8, text.find('"', 8) - 8);
  const base::Duration window = base::Days(std::stoi(text.substr(text.rfind("within(\"") + 8)));
  Require(is_between(read(kChangingFeature).AsInt(), event, window),
          base::StrCat(who, ": ", text, " was found otherwise: ", read(kChangingFeature).AsInt(),
                       " instead of ", count(event, latest - window), " to ",
                       count(event, now - window)));
  const auto active = [&](base::Time time) {
    return count("Bought", time - base::Hours(3)) + count("Viewed", time - base::Hours(3)) > 0;
  };
  const bool is_active = read("active_3h").AsBool();
  Require(is_active == active(now) || is_active == active(latest), who + " is active or not");
  int64_t last_viewed = 0;
  for (const auto& [name, time] : expected.tracked) {
    if (name == "Viewed") last_viewed = std::max(last_viewed, time);
  }
  const expr::Value last = read("last_viewed");
  const int64_t told = last.is_error() ? 0 : last.seconds() * 1'000'000 + last.nanos() / 1000;
  Require(told == last_viewed, who + " viewed last at another time");
  const std::vector<std::string_view> segments = fold.SegmentsOf(found);
  const auto is_in = [&](std::string_view name) {
    return std::find(segments.begin(), segments.end(), name) != segments.end();
  };
  const auto check = [&](std::string_view name, bool fits) {
    Require(is_in(name) == fits,
            base::StrCat(who, fits ? " is missing in " : " is wrongly in ", name));
  };
  check("regulars", read("bought_2d").AsInt() >= 2);
  check("cooling", !is_active && read("bought").AsInt() >= 1);
  check("away", last_viewed != 0 && now - base::Time{last_viewed} > base::Hours(5));
  const auto looks_more = [&](base::Time viewed, base::Time bought) {
    return count("Viewed", viewed - base::Hours(6)) > count("Bought", bought - base::Hours(6));
  };
  Require(is_in("looking") ? looks_more(now, latest) : !looks_more(latest, now),
          who + " is looking or not");
}

void Invariants::Compare(const Model::Person& expected, const PersonRow& found,
                         const Model& model) const {
  const profile::Profile& profile = found.profile();
  const std::string who = identity::FromRef(found.identity().id()).ToString();
  const profile::Rules rules;
  std::map<std::string, double> traits;
  for (const profile::TraitState& trait : profile.traits()) {
    const base::Value* value = profile::Trait(rules, profile, trait.name());
    if (value != nullptr && !base::IsNull(*value)) traits[trait.name()] = value->number();
  }
  Require(traits == expected.traits, who + " has other traits than the model says");
  std::map<std::string, uint64_t> counters;
  for (const profile::Counter& counter : profile.counters()) {
    counters[counter.name()] = counter.count();
  }
  Require(counters == expected.counters, who + " has other counters than the model says");
  // What is found again of somebody with a long past is found in what their timeline still has.
  if (found.profile().timeline().dropped() == 0) CheckFeatures(expected, found);
  std::map<std::pair<std::string, std::string>, int> consents;
  for (const profile::Consent& consent : profile.consents()) {
    consents[{consent.purpose(), consent.address()}] = consent.status();
  }
  // Of more than are kept the last by name are missing, and no other.
  auto known = expected.consents;
  while (profile.consents_overflow() && known.size() > consents.size()) known.erase(--known.end());
  Require(!profile.consents_overflow() || consents.size() == profile::kMaxConsents,
          who + " has fewer consents than are kept");
  Require(consents == known, who + " has other consents than the model says");
  std::map<std::string, bool> groups;
  for (const profile::Membership& membership : profile.groups()) {
    groups[membership.group()] = membership.left();
    if (membership.left()) continue;
    std::map<std::string, double> copied;
    for (const base::Field& field : membership.copied().traits().fields()) {
      copied[field.name()] = field.value().number();
    }
    Require(copied == model.GroupTraits(membership.group()),
            who + " has an older copy of their group's traits");
  }
  Require(groups == expected.groups, who + " is in other groups than the model says");
}

}  // namespace batuta::simulation
