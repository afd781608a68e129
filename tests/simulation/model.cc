#include "simulation/model.h"

#include <algorithm>
#include <functional>

#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "engine/record.h"
#include "resource/set.h"
#include "simulation/failure.h"

namespace batuta::simulation {
namespace {

constexpr int64_t kSevenDays = int64_t{7} * 86'400 * 1'000'000;

std::string HashBytes(const identity::HashRef& hash) {
  std::string bytes;
  for (const uint64_t half : {hash.high(), hash.low()}) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(half >> shift));
  }
  return bytes;
}

// Of two consents stated at the same time the more restrictive one decides.
int Restriction(int status) { return status; }

}  // namespace

void Model::Take(const log::Record& record) {
  int64_t& log_time =
      log_time_.try_emplace(base::Index(record.position.partition), record.stamp.micros)
          .first->second;
  log_time = std::max(log_time, record.stamp.micros);
  log_time = std::max<int64_t>(log_time, 0);
  switch (static_cast<engine::RecordType>(record.type)) {
    case engine::RecordType::kEvent:
      return TakeEvent(record, log_time);
    case engine::RecordType::kDecisionAsk:
      return TakeDecisionAsk(record, log_time);
    case engine::RecordType::kMessage:
      return TakeMessage(record);
    case engine::RecordType::kDefinitionsAsk:
      return TakeDefinitions(record);
    case engine::RecordType::kKeyAsk: {
      engine::KeyAsk ask;
      Require(ask.ParseFromString(record.payload), "a change of a key does not parse");
      keys_[ask.key().id()] = ask.key().SerializeAsString();
      return;
    }
    case engine::RecordType::kAudit:
      audits_.emplace_back(base::Number(record.position.offset), record.payload);
      return;
    default:
      return;
  }
}

// A request with a key of its own counts once within the window.
void Model::TakeDecisionAsk(const log::Record& record, int64_t log_time) {
  engine::DecisionAsk ask;
  Require(ask.ParseFromString(record.payload), "a request for a decision does not parse");
  const std::string& id = ask.request().request_id();
  if (!ask.request().idempotency_key().empty()) {
    const auto key = std::make_pair(uint32_t{base::Index(record.position.partition)}, id);
    const auto known = keyed_requests_.find(key);
    if (known != keyed_requests_.end() && log_time - known->second < kSevenDays) return;
    keyed_requests_[key] = log_time;
  }
  if (ask.request().has_imported() && !imported_.insert(id).second) return;  // taken once, for ever
  asked_for_.insert(HashBytes(ask.person().identifier().hash()));
  if (!ask.request().dry_run()) ++asked_[id].accepted;
}

void Model::TakeMessage(const log::Record& record) {
  engine::Message message;
  Require(message.ParseFromString(record.payload), "a message does not parse");
  if (!message.has_made() || message.made().offset() != 0) return;
  decision::Decision made;
  Require(decision::ParseWithoutTrace(message.made().decision(), made),
          "a decision does not parse");
  const auto id = base::DecisionId::FromBytes(made.id());
  asked_[id.record.ToBytes()].made.insert({message.source(), message.offset(), message.number()});
}

// Of two who change the same version the first one succeeds.
void Model::TakeDefinitions(const log::Record& record) {
  engine::DefinitionsAsk ask;
  Require(ask.ParseFromString(record.payload), "a change of definitions does not parse");
  if (ask.replaces() != defined_.version) return;
  const auto set = resource::ResourceSet::Decode(ask.resources());
  Require(set.ok() && set->version() >= defined_.version, "definitions go back");
  defined_ = {.version = set->version(), .bytes = ask.resources()};
}

void Model::TakeEvent(const log::Record& record, int64_t log_time) {
  Accepted accepted;
  engine::Event& event = accepted.event;
  Require(event.ParseFromString(record.payload), "an event does not parse");
  const uint32_t partition = base::Index(record.position.partition);
  const auto key = std::make_tuple(partition, event.source(), event.message_id(),
                                   HashBytes(event.identifiers().identifiers(0).hash()));
  const auto known = seen_.find(key);
  if (known != seen_.end() && log_time - known->second.log_time < kSevenDays) {
    ++duplicates_;
    if (known->second.payload != event.payload_hash()) ++mismatches_;
    return;
  }
  if (known != seen_.end()) ++after_window_;
  accepted.is_repeat = known != seen_.end() && known->second.payload == event.payload_hash();
  seen_[key] = {log_time, event.payload_hash()};
  const int64_t event_time = std::min<int64_t>(event.event_time(), log_time);
  accepted.order = {event_time, log_time, partition, base::Number(record.position.offset)};
  for (const auto& identifier : event.identifiers().identifiers()) {
    if (identifier.blocked()) {
      blocked_.insert(HashBytes(identifier.hash()));
    } else {
      accepted.somebody = HashBytes(identifier.hash());
    }
  }
  events_.push_back(std::move(accepted));
}

std::vector<Model::Person> Model::People() const {
  std::map<std::string, std::string> leader;
  const std::function<std::string(const std::string&)> find = [&](const std::string& one) {
    std::string at = one;
    while (leader.try_emplace(at, at).first->second != at) at = leader.at(at);
    return leader[one] = at;
  };
  for (const std::string& hash : asked_for_) find(hash);
  for (const Accepted& one : events_) {
    for (const auto& identifier : one.event.identifiers().identifiers()) {
      if (identifier.blocked()) continue;
      const std::string from = find(HashBytes(identifier.hash()));
      leader[from] = find(one.somebody);
    }
  }
  std::map<std::string, std::vector<const Accepted*>> events;
  for (const Accepted& one : events_) {
    events[find(one.somebody)].push_back(&one);
  }
  std::map<std::string, Person> people;
  std::vector<std::string> all;
  for (const auto& [hash, unused] : leader) all.push_back(hash);
  for (const std::string& hash : all) people[find(hash)].identifiers.insert(hash);
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::pair<Order, int>>>
      of_addresses;
  for (const Accepted& one : events_) {
    for (const engine::ConsentFact& fact : one.event.consents()) {
      if (fact.address().empty()) continue;
      auto& newest = of_addresses[fact.address()][{fact.purpose(), fact.address()}];
      const auto rank = [](const Order& order, int status) {
        return std::make_tuple(std::get<0>(order), Restriction(status), order);
      };
      if (newest.second == 0 ||
          rank(newest.first, newest.second) < rank(one.order, fact.status())) {
        newest = {one.order, fact.status()};
      }
    }
  }
  std::vector<Person> result;
  for (auto& [name, person] : people) {
    Person described = Describe(events[name]);
    described.identifiers = person.identifiers;
    for (const std::string& hash : described.identifiers) {
      for (const auto& [key, consent] : of_addresses[hash]) {
        described.consents[key] = consent.second;
      }
    }
    result.push_back(std::move(described));
  }
  return result;
}

Model::Person Model::Describe(const std::vector<const Accepted*>& events) {
  Person person;
  Newest<std::pair<bool, double>> traits;
  Newest<bool> groups;
  std::map<std::string, std::pair<Order, int>> consents;
  for (const Accepted* one : events) {
    const engine::Event& event = one->event;
    if (event.type() == 2) {
      ++person.counters[event.name()];
      person.tracked.emplace(event.name(), std::get<0>(one->order));
      if (one->is_repeat) person.repeated.emplace(event.name(), std::get<0>(one->order));
    }
    if (event.type() == 3) {
      ++person.counters["page"];
      if (!event.name().empty()) ++person.counters["page: " + event.name()];
    }
    if (event.has_group()) {
      auto& newest = groups[event.group().group()];
      if (newest.first <= one->order) newest = {one->order, event.group().left()};
    } else {
      for (const auto& field : event.traits().fields()) {
        auto& newest = traits[field.name()];
        const bool has_value = field.value().kind_case() == base::Value::kNumber;
        if (newest.first <= one->order) {
          newest = {one->order, {has_value, field.value().number()}};
        }
      }
    }
    for (const engine::ConsentFact& fact : event.consents()) {
      if (!fact.address().empty()) continue;
      auto& newest = consents[fact.purpose()];
      const auto is_later = [&] {
        const int64_t known_time = std::get<0>(newest.first);
        const int64_t time = std::get<0>(one->order);
        if (time != known_time) return time > known_time;
        if (fact.status() != newest.second) {
          return Restriction(fact.status()) > Restriction(newest.second);
        }
        return one->order > newest.first;
      };
      if (newest.second == 0 || is_later()) newest = {one->order, fact.status()};
    }
  }
  for (const auto& [name, newest] : traits) {
    if (newest.second.first) person.traits[name] = newest.second.second;
  }
  for (const auto& [hash, newest] : groups) person.groups[hash] = newest.second;
  for (const auto& [purpose, newest] : consents) person.consents[{purpose, ""}] = newest.second;
  return person;
}

std::map<std::string, double> Model::GroupTraits(const std::string& group) const {
  Newest<double> newest;
  for (const Accepted& one : events_) {
    if (!one.event.has_group() || one.event.group().group() != group) continue;
    for (const auto& field : one.event.traits().fields()) {
      auto& known = newest[field.name()];
      if (known.first <= one.order) known = {one.order, field.value().number()};
    }
  }
  std::map<std::string, double> traits;
  for (const auto& [name, value] : newest) traits[name] = value.second;
  return traits;
}

}  // namespace batuta::simulation
