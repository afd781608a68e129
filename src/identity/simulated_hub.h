// A whole hub as far as identity goes, for tests: partitions, their rows, and channels that keep
// order between any two partitions and no order among themselves.
//
// Every delivery is a record of the destination's log. After every step the changed person is held
// against the limits by a count of its own; Quiesce() delivers everything and checks what must then
// hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "identity/identifier_protocol.h"
#include "identity/identity.pb.h"
#include "identity/person_protocol.h"

namespace batuta::identity {

struct NamedIdentifier {
  std::string type;
  std::string value;
  friend auto operator<=>(const NamedIdentifier&, const NamedIdentifier&) = default;
};

struct NamedEvent {
  int64_t time = 0;  // seconds
  std::vector<NamedIdentifier> identifiers;
  bool asserted = false;
};

base::IdentifierHash HashOf(const NamedIdentifier& identifier);

class SimulatedHub {
 public:
  SimulatedHub(uint16_t partition_count, Settings settings, uint64_t seed);

  // Logs the event at its routing identifier's home; what it sets off is delivered later.
  void Ingest(const NamedEvent& event);
  void Erase(const NamedIdentifier& identifier);  // the person it points to now, if any
  bool DeliverOne();  // of a channel at random; false when all are empty
  void Quiesce();     // delivers everything, then checks

  // Of the identifier as it stands; the zero id when it is nobody's.
  base::PersonId PersonOf(const NamedIdentifier& identifier) const;
  const PersonIdentity& Person(const base::PersonId& id) const;
  IdentifierStatus StatusAt(const base::PersonId& id, const NamedIdentifier& identifier) const;
  std::vector<base::PersonId> Living() const;
  // The identifiers grouped by their persons, each group and the whole sorted.
  std::set<std::set<NamedIdentifier>> Groups() const;
  // Which person each applied event was given to, by the event's number.
  const std::map<int, base::PersonId>& applied() const { return applied_; }
  uint64_t deliveries() const { return deliveries_; }
  uint64_t merges() const { return merges_; }
  uint64_t rejections() const { return rejections_; }
  uint64_t reroutes() const { return reroutes_; }
  // Deliveries per identifier on an event: the bound on messages is checked against this.
  double deliveries_per_identifier() const {
    return static_cast<double>(deliveries_) / static_cast<double>(std::max<uint64_t>(1, carried_));
  }

  // Two user_ids that a source has stated to be one person's.
  void Assert(const NamedIdentifier& a, const NamedIdentifier& b);

 private:
  struct Parcel {
    std::optional<IdentityMessage> message;
    EventIdentifiers event;  // when there is no message
    int number = 0;
    std::optional<base::PersonId> to;  // else to the anchor's row
  };
  struct Partition {
    uint64_t offset = 0;
    std::map<base::IdentifierHash, IdentifierRow> rows;
    std::map<base::PersonId, PersonIdentity> persons;
    std::map<base::PersonId, std::string> other_rows;  // what the engine keeps: names of events
  };

  Context NextRecord(base::PartitionId partition);
  void Send(base::PartitionId from, base::PartitionId to, Parcel parcel);
  void SendAll(base::PartitionId from, Outbox& outbox);
  void Deliver(base::PartitionId at, Parcel parcel);
  void DeliverEvent(base::PartitionId at, Parcel parcel, const Context& context);
  void ApplyEvent(base::PartitionId at, const base::PersonId& to, Parcel parcel,
                  const Context& context);
  void DeliverToPerson(base::PartitionId at, IdentityMessage message, const Context& context);
  void CheckLimits(const PersonIdentity& person) const;
  void CheckUnique(const std::set<base::IdentifierHash>& unique, const std::string& type) const;
  void CheckRows() const;
  void CheckPersons() const;
  void CheckWeakHolders() const;
  void CheckOtherRows() const;
  const PersonIdentity& RootOf(const PersonRef& person) const;

  Settings settings_;
  std::mt19937_64 random_;
  std::vector<Partition> partitions_;
  std::vector<std::deque<Parcel>> channels_;  // [from * count + to]
  std::vector<bool> slow_;                    // the same
  std::map<base::IdentifierHash, NamedIdentifier> names_;
  std::set<std::pair<base::IdentifierHash, base::IdentifierHash>> asserted_;
  std::map<int, base::PersonId> applied_;
  int events_ = 0;
  uint64_t deliveries_ = 0;
  uint64_t merges_ = 0;
  uint64_t rejections_ = 0;
  uint64_t reroutes_ = 0;
  uint64_t carried_ = 0;  // identifiers on events, and erasures
};

}  // namespace batuta::identity
