#include "identity/simulated_hub.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "gtest/gtest.h"
#include "identity/guards.h"
#include "identity/refs.h"
#include "identity/routing.h"

namespace batuta::identity {
namespace {

constexpr int64_t kSecond = 1'000'000;
// For each identifier on an event. The worlds of the tests need a tenth of it.
constexpr uint64_t kMostDeliveries = 40;

}  // namespace

base::IdentifierHash HashOf(const NamedIdentifier& identifier) {
  return {base::Hash128(identifier.type + ":" + identifier.value, 7)};
}

SimulatedHub::SimulatedHub(uint16_t partition_count, Settings settings, uint64_t seed)
    : settings_(std::move(settings)),
      random_(seed),
      partitions_(partition_count),
      channels_(static_cast<size_t>(partition_count) * partition_count),
      slow_(channels_.size()) {
  for (size_t i = 0; i < slow_.size(); ++i) slow_[i] = random_() % 3 == 0;
}

Context SimulatedHub::NextRecord(base::PartitionId partition) {
  const uint64_t offset = ++partitions_[base::Index(partition)].offset;
  // Log time runs slowly, so that refusals are not asked again unless a test lets days pass.
  return {.settings = settings_,
          .log_time = base::Time{static_cast<int64_t>(deliveries_ + 1)},
          .position = {partition, base::Offset{offset}},
          .partition_count = static_cast<uint16_t>(partitions_.size())};
}

void SimulatedHub::Ingest(const NamedEvent& named) {
  EventIdentifiers event;
  for (const NamedIdentifier& identifier : named.identifiers) {
    EventIdentifier& added = *event.add_identifiers();
    added.set_type(identifier.type);
    *added.mutable_hash() = ToRef(HashOf(identifier));
    added.set_blocked(identifier.value == "blocked");
    names_[HashOf(identifier)] = identifier;
  }
  SortForRouting(event);
  const auto home =
      HomeOf(FromRef(event.identifiers(0).hash()), static_cast<uint16_t>(partitions_.size()));
  const int number = events_++;
  carried_ += static_cast<uint64_t>(event.identifiers_size());
  if (!ChooseAnchor(event)) return;
  const Context context = NextRecord(home);
  event.set_asserted(named.asserted);
  event.set_record_id(base::Id128{1, static_cast<uint64_t>(number + 1)}.ToBytes());
  *event.mutable_provenance()->mutable_moment() =
      MomentOf(base::Time{named.time * kSecond}, context.position);
  event.mutable_provenance()->set_source("test");
  if (named.asserted) {
    for (const auto& a : named.identifiers) {
      for (const auto& b : named.identifiers) Assert(a, b);
    }
  }
  Parcel parcel{.message = {}, .event = event, .number = number, .to = {}};
  const auto anchor_home =
      HomeOf(FromRef(event.identifiers(static_cast<int>(event.anchor())).hash()),
             static_cast<uint16_t>(partitions_.size()));
  if (anchor_home == home) {
    DeliverEvent(home, std::move(parcel), context);
  } else {
    Send(home, anchor_home, std::move(parcel));
  }
}

void SimulatedHub::Assert(const NamedIdentifier& a, const NamedIdentifier& b) {
  asserted_.insert({HashOf(a), HashOf(b)});
  asserted_.insert({HashOf(b), HashOf(a)});
}

void SimulatedHub::Erase(const NamedIdentifier& identifier) {
  const auto home = HomeOf(HashOf(identifier), static_cast<uint16_t>(partitions_.size()));
  const auto& rows = partitions_[base::Index(home)].rows;
  const auto found = rows.find(HashOf(identifier));
  if (found == rows.end() || !found->second.has_person()) return;
  ++carried_;
  Outbox outbox;
  outbox.ToPerson(found->second.person()).mutable_erase_person();
  SendAll(home, outbox);
}

void SimulatedHub::Send(base::PartitionId from, base::PartitionId to, Parcel parcel) {
  const size_t index = base::Index(from) * partitions_.size() + base::Index(to);
  channels_[index].push_back(std::move(parcel));
}

void SimulatedHub::SendAll(base::PartitionId from, Outbox& outbox) {
  for (Outgoing& outgoing : outbox.messages()) {
    if (outgoing.message.has_offer_answer() && !outgoing.message.offer_answer().accepted()) {
      ++rejections_;
    }
    Send(from, outgoing.destination,
         {.message = std::move(outgoing.message), .event = {}, .number = 0, .to = {}});
  }
}

bool SimulatedHub::DeliverOne() {
  std::vector<size_t> busy;
  for (size_t i = 0; i < channels_.size(); ++i) {
    if (!channels_[i].empty()) busy.push_back(i);
  }
  if (busy.empty()) return false;
  // Some channels are slow, so that a message can be overtaken by a long conversation of others.
  size_t index = busy[random_() % busy.size()];
  for (int tries = 0; slow_[index] && tries < 8; ++tries) index = busy[random_() % busy.size()];
  Parcel parcel = std::move(channels_[index].front());
  channels_[index].pop_front();
  Deliver(base::PartitionId{static_cast<uint16_t>(index % partitions_.size())}, std::move(parcel));
  return true;
}

void SimulatedHub::Deliver(base::PartitionId at, Parcel parcel) {
  ++deliveries_;
  ASSERT_LT(deliveries_, kMostDeliveries * carried_) << "the messages do not end";
  const Context context = NextRecord(at);
  if (!parcel.message.has_value()) return DeliverEvent(at, std::move(parcel), context);
  if (parcel.message->has_to_person()) {
    return DeliverToPerson(at, *std::move(parcel.message), context);
  }
  auto& rows = partitions_[base::Index(at)].rows;
  const base::IdentifierHash hash = FromRef(parcel.message->to_identifier());
  Outbox outbox;
  IdentifierRow& row = rows[hash];
  OnIdentifierMessage(row, *parcel.message, context, outbox);
  if (IsRemovable(row)) rows.erase(hash);
  SendAll(at, outbox);
}

void SimulatedHub::DeliverEvent(base::PartitionId at, Parcel parcel, const Context& context) {
  if (parcel.to.has_value()) {
    const base::PersonId to = *parcel.to;
    return ApplyEvent(at, to, std::move(parcel), context);
  }
  Partition& partition = partitions_[base::Index(at)];
  const EventIdentifier& anchor = parcel.event.identifiers(static_cast<int>(parcel.event.anchor()));
  IdentifierRow& row = partition.rows[FromRef(anchor.hash())];
  const Routed routed = RouteEvent(row, parcel.event, context);
  if (routed.created) {
    const bool is_new =
        partition.persons
            .emplace(routed.person, CreatePerson(routed.person, row, parcel.event, context))
            .second;
    ASSERT_TRUE(is_new) << "a person's id was given twice";
  }
  if (routed.person.partition == at && !routed.by_message) {
    ApplyEvent(at, routed.person, std::move(parcel), context);
  } else {
    parcel.to = routed.person;
    Send(at, routed.person.partition, std::move(parcel));
  }
}

void SimulatedHub::ApplyEvent(base::PartitionId at, const base::PersonId& to, Parcel parcel,
                              const Context& context) {
  Partition& partition = partitions_[base::Index(at)];
  PersonIdentity& person = partition.persons.at(to);
  Outbox outbox;
  const EventVerdict verdict = OnEvent(person, parcel.event, context, outbox);
  CheckLimits(person);
  SendAll(at, outbox);
  switch (verdict.fate) {
    case EventFate::kApplied:
      ASSERT_TRUE(applied_.emplace(parcel.number, to).second) << "an event was applied twice";
      partition.other_rows[to] += absl::StrCat(parcel.number, ";");
      return;
    case EventFate::kForwarded:
      parcel.to = verdict.forward_to;
      return Send(at, verdict.forward_to.partition, std::move(parcel));
    case EventFate::kReroute:
      ++reroutes_;
      parcel.to.reset();
      parcel.event.set_rerouted(true);
      const HashRef& anchor =
          parcel.event.identifiers(static_cast<int>(parcel.event.anchor())).hash();
      const auto home = HomeOf(FromRef(anchor), static_cast<uint16_t>(partitions_.size()));
      return Send(at, home, std::move(parcel));
  }
}

void SimulatedHub::DeliverToPerson(base::PartitionId at, IdentityMessage message,
                                   const Context& context) {
  Partition& partition = partitions_[base::Index(at)];
  const base::PersonId id = FromRef(message.to_person());
  PersonIdentity& person = partition.persons.at(id);
  Outbox outbox;
  const Outcome outcome = OnPersonMessage(person, std::move(message), context, outbox);
  switch (outcome.change) {
    case PersonChange::kMergedAway: {
      ++merges_;
      Absorb& absorb = *outbox.messages().at(outcome.absorb_index).message.mutable_absorb();
      absorb.set_rows(std::exchange(partition.other_rows[id], ""));
      break;
    }
    case PersonChange::kAbsorbed:
      partition.other_rows[id] += outcome.rows;
      break;
    case PersonChange::kErased:
      partition.other_rows[id].clear();
      break;
    default:
      break;
  }
  CheckLimits(person);
  SendAll(at, outbox);
}

// Counts again, in the plainest way: every identifier held, claimed or reserved, with the earliest
// time at which anyone listed it.
void SimulatedHub::CheckLimits(const PersonIdentity& person) const {
  struct Seen {
    std::string type;
    int64_t added = 0;
    bool counted = false;
  };
  std::map<base::IdentifierHash, Seen> seen;
  const auto see = [&seen](const HashRef& hash, const std::string& type, int64_t added,
                           bool counted) {
    const auto [found, is_new] = seen.try_emplace(FromRef(hash), Seen{type, added, counted});
    found->second.added = std::min(found->second.added, added);
    found->second.counted |= counted;
  };
  uint64_t merged = static_cast<uint64_t>(person.absorbed_size());
  for (const auto& each : person.identifiers()) {
    see(each.hash(), each.type(), each.added_at(), each.ruling() == HELD || each.unanswered() > 0);
  }
  for (const auto& reservation : person.reservations()) {
    merged += 1 + reservation.merges();
    for (const auto& each : reservation.identifiers()) {
      see(each.hash(), each.type(), each.added_at(0), each.counted());
    }
  }
  std::map<std::string, std::vector<int64_t>> times;
  std::map<std::string, std::set<base::IdentifierHash>> unique;
  size_t total = 0;
  for (const auto& [hash, each] : seen) {
    if (!each.counted) continue;
    ++total;
    times[each.type].push_back(each.added);
    if (settings_.Of(each.type).unique) unique[each.type].insert(hash);
  }
  ASSERT_LE(merged, settings_.max_merges());
  ASSERT_LE(total, settings_.max_identifiers());
  for (const auto& [type, added] : times) {
    const TypeSettings& rules = settings_.Of(type);
    if (rules.unique) continue;
    for (const int64_t from : added) {
      const auto within = std::count_if(added.begin(), added.end(), [&](int64_t time) {
        return rules.window.micros == 0 || (time >= from && time - from < rules.window.micros);
      });
      ASSERT_LE(within, rules.limit) << type << " of " << person.ShortDebugString();
    }
  }
  for (const auto& [type, hashes] : unique) CheckUnique(hashes, type);
}

// All values of a unique type on one person hang together by what sources asserted.
void SimulatedHub::CheckUnique(const std::set<base::IdentifierHash>& unique,
                               const std::string& type) const {
  std::set<base::IdentifierHash> reached = {*unique.begin()};
  std::vector<base::IdentifierHash> work = {*unique.begin()};
  while (!work.empty()) {
    const base::IdentifierHash from = work.back();
    work.pop_back();
    for (const auto& [a, b] : asserted_) {
      if (a == from && reached.insert(b).second) work.push_back(b);
    }
  }
  for (const base::IdentifierHash& hash : unique) {
    ASSERT_TRUE(reached.contains(hash)) << "two values of " << type << " that nobody asserted";
  }
}

void SimulatedHub::Quiesce() {
  while (DeliverOne()) {
    if (testing::Test::HasFatalFailure()) return;
  }
  CheckRows();
  CheckPersons();
  CheckWeakHolders();
  CheckOtherRows();
}

const PersonIdentity& SimulatedHub::RootOf(const PersonRef& ref) const {
  base::PersonId id = FromRef(ref);
  for (;;) {
    const PersonIdentity& person = Person(id);
    if (!person.has_merged_into()) return person;
    const base::PersonId next = FromRef(person.merged_into());
    EXPECT_TRUE(base::IsStronger(next, id)) << "tombstones do not lead upwards";
    id = next;
  }
}

void SimulatedHub::CheckRows() const {
  std::map<base::IdentifierHash, int> holders;
  for (const auto& partition : partitions_) {
    for (const auto& [id, person] : partition.persons) {
      for (const auto& each : person.identifiers()) {
        if (each.ruling() == HELD) ++holders[FromRef(each.hash())];
      }
    }
  }
  for (const auto& partition : partitions_) {
    for (const auto& [hash, row] : partition.rows) {
      ASSERT_EQ(row.waiting_size(), 0) << "a claim was not answered";
      const PersonIdentity& root = RootOf(row.person());
      ASSERT_FALSE(root.erased()) << "an identifier points to an erased person";
      const PersonIdentifier* entry = FindIdentifier(root, row.hash());
      ASSERT_TRUE(entry != nullptr && entry->ruling() == HELD && entry->seq() == row.seq());
      ASSERT_EQ(holders[hash], 1) << "an identifier has two holders";
      holders.erase(hash);
    }
  }
  ASSERT_TRUE(holders.empty()) << "a person holds what does not point back";
}

void SimulatedHub::CheckPersons() const {
  for (const auto& partition : partitions_) {
    for (const auto& [id, person] : partition.persons) {
      ASSERT_FALSE(HasUnsettledLinks(person)) << id.ToString();
      ASSERT_EQ(IsTombstone(person) && person.identifiers_size() > 0, false);
      ASSERT_TRUE(std::is_sorted(
          person.identifiers().begin(), person.identifiers().end(),
          [](const auto& a, const auto& b) { return Compare(a.hash(), b.hash()) < 0; }));
    }
  }
}

// Whoever was recognised on a weak identifier last has it, unless its claim was against a limit.
void SimulatedHub::CheckWeakHolders() const {
  for (const auto& partition : partitions_) {
    for (const auto& [id, person] : partition.persons) {
      for (const auto& each : person.identifiers()) {
        if (!settings_.Of(each.type()).weak || each.ruling() == HELD || each.ruling() == NONE) {
          continue;
        }
        Counted counted;
        counted.set_type(each.type());
        *counted.mutable_hash() = each.hash();
        counted.add_added_at(each.added_at());
        counted.set_counted(true);
        if (JudgeAddition(Tally(person), {&counted, 1}, false, settings_).has_value()) continue;
        ASSERT_TRUE(Compare(each.last_linked(), each.holder_claimed_at()) <= 0)
            << "a newer use did not win the identifier";
      }
    }
  }
}

// What the engine attached to an absorption has arrived where the person went, and only there.
void SimulatedHub::CheckOtherRows() const {
  std::map<base::PersonId, std::set<int>> expected;
  for (const auto& [number, id] : applied_) {
    const PersonIdentity& root = RootOf(ToRef(id));
    if (!root.erased()) expected[FromRef(root.id())].insert(number);
  }
  for (const auto& partition : partitions_) {
    for (const auto& [id, rows] : partition.other_rows) {
      std::set<int> found;
      std::istringstream numbers(rows);
      for (std::string number; std::getline(numbers, number, ';');) {
        ASSERT_TRUE(found.insert(std::stoi(number)).second) << "a row was absorbed twice";
      }
      ASSERT_EQ(found, expected[id]) << id.ToString();
    }
  }
}

base::PersonId SimulatedHub::PersonOf(const NamedIdentifier& identifier) const {
  const auto home = HomeOf(HashOf(identifier), static_cast<uint16_t>(partitions_.size()));
  const auto& rows = partitions_[base::Index(home)].rows;
  const auto found = rows.find(HashOf(identifier));
  if (found == rows.end() || !found->second.has_person()) return {};
  return FromRef(RootOf(found->second.person()).id());
}

const PersonIdentity& SimulatedHub::Person(const base::PersonId& id) const {
  return partitions_[base::Index(id.partition)].persons.at(id);
}

IdentifierStatus SimulatedHub::StatusAt(const base::PersonId& id,
                                        const NamedIdentifier& identifier) const {
  const PersonIdentifier* entry = FindIdentifier(Person(id), ToRef(HashOf(identifier)));
  return entry == nullptr ? IdentifierStatus::kDemoted : StatusOf(*entry);
}

std::vector<base::PersonId> SimulatedHub::Living() const {
  std::vector<base::PersonId> living;
  for (const auto& partition : partitions_) {
    for (const auto& [id, person] : partition.persons) {
      if (!IsTombstone(person)) living.push_back(id);
    }
  }
  return living;
}

std::set<std::set<NamedIdentifier>> SimulatedHub::Groups() const {
  std::map<base::PersonId, std::set<NamedIdentifier>> by_person;
  for (const auto& [hash, name] : names_) {
    const base::PersonId person = PersonOf(name);
    if (!person.IsZero()) by_person[person].insert(name);
  }
  std::set<std::set<NamedIdentifier>> groups;
  for (auto& [id, group] : by_person) groups.insert(std::move(group));
  return groups;
}

}  // namespace batuta::identity
