// What the clients of a simulated hub do: events in batches, some sent again, requests for
// decisions, outcomes, erasures.
//
// Draws the specs of what is said, which are the same whatever happens to the hub; and makes
// records of them, as ingest does, with the keys and ids of the hub that is running.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/value.pb.h"
#include "engine/runtime_hub.h"
#include "log/record.h"
#include "profile/apply.h"
#include "simulation/plan.h"

namespace batuta::simulation {

struct ConsentSpec {
  std::string purpose;
  profile::ConsentStatus status = profile::CONSENT_GRANTED;
  std::string address;  // an e-mail; empty: about the person
};

// Values that identify nobody: ingest marks them.
inline constexpr std::string_view kNobody = "nobody";

struct EventSpec {
  uint32_t person = 0;
  std::string source = "web";
  std::string message_id;
  uint64_t payload = 0;  // tells another payload under the same message id
  profile::EventType type = profile::EventType::kTrack;
  std::string name;
  base::Fields properties;
  base::Time time;
  std::vector<std::pair<std::string, std::string>> identifiers;  // type, value
  bool asserted = false;
  std::vector<std::pair<std::string, int>> traits;  // -1: null
  std::vector<ConsentSpec> consents;
  std::string group;
  bool left_group = false;
};

class Workload {
 public:
  Workload(const Plan& plan, base::Random& dice) : plan_(plan), dice_(dice) {}

  // One request of events; they are stored together or not at all.
  std::vector<EventSpec> NextBatch(base::Time now);
  // Somebody's identifier, to ask for a decision or an erasure.
  std::pair<std::string, std::string> AnyIdentifier();

 private:
  EventSpec NextEvent(base::Time now);
  void SayOtherwise(EventSpec& event);
  uint32_t AnyPerson();
  std::string OwnMail(uint32_t person);
  void AddIdentifiers(uint32_t person, EventSpec& event);
  void AddContent(uint32_t person, EventSpec& event);
  void AddRandomEvent(EventSpec& event);

  const Plan& plan_;
  base::Random& dice_;
  uint64_t next_message_ = 0;
  std::vector<EventSpec> sent_;  // the latest, to be sent again
};

engine::EraseAsk MakeErasure(engine::Hub& hub, const base::RecordId& request,
                             const std::pair<std::string, std::string>& identifier);
identity::EventIdentifier MakeIdentifier(engine::Hub& hub,
                                         const std::pair<std::string, std::string>& identifier);
log::Entry MakeEvent(engine::Hub& hub, const EventSpec& spec);
base::PartitionId HomeOf(engine::Hub& hub, const std::pair<std::string, std::string>& identifier);

}  // namespace batuta::simulation
