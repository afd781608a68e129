// A naive hub, written from what the hub promises: which events count, who is one person, and what
// is known of them. It knows no partitions but for log time and dedup, no messages and no protocol.
//
// What it says of people holds in worlds without guards and without erasures, whatever the
// interleaving; what it says of deduplication, requests, definitions and keys always.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/record.pb.h"
#include "log/record.h"

namespace batuta::simulation {

class Model {
 public:
  struct Person {
    std::set<std::string> identifiers;             // hashes' bytes
    std::map<std::string, double> traits;          // those that are not null
    std::map<std::string, uint64_t> counters;      // by event name; "page"
    std::multimap<std::string, int64_t> tracked;   // event times by event name
    std::multimap<std::string, int64_t> repeated;  // of these, accepted again after their window
    std::map<std::pair<std::string, std::string>, int> consents;  // purpose, address → status
    std::map<std::string, bool> groups;                           // hash → left
  };

  // A request for a decision, by its id: how often it was not a repetition, and the messages by
  // which it was decided.
  struct Asked {
    uint64_t accepted = 0;
    std::set<std::tuple<uint32_t, uint64_t, uint32_t>> made;
  };
  // The set of definitions in force.
  struct Defined {
    uint64_t version = 0;
    std::string bytes;
  };

  // Every record of a partition, in order; the partitions in any order.
  void Take(const log::Record& record);

  uint64_t accepted() const { return static_cast<uint64_t>(events_.size()); }
  uint64_t duplicates() const { return duplicates_; }
  uint64_t mismatches() const { return mismatches_; }
  uint64_t after_window() const { return after_window_; }  // accepted again
  const std::map<std::string, Asked>& asked() const { return asked_; }
  const Defined& defined() const { return defined_; }
  const std::map<std::string, std::string>& keys() const { return keys_; }  // by id, as stored
  // The audit trail: offset in the control log and entry.
  const std::vector<std::pair<uint64_t, std::string>>& audits() const { return audits_; }
  const std::set<std::string>& blocked() const { return blocked_; }  // hashes' bytes
  // The persons whom the records taken so far make.
  std::vector<Person> People() const;
  // The newest traits stated of a group, by its hash; numbers only.
  std::map<std::string, double> GroupTraits(const std::string& group) const;

 private:
  using Order = std::tuple<int64_t, int64_t, uint32_t, uint64_t>;  // event time, log time, place
  struct Accepted {
    engine::Event event;
    Order order;
    std::string somebody;    // one of its identifiers that is not blocked
    bool is_repeat = false;  // the same was accepted before, and is forgotten
  };
  struct Seen {
    int64_t log_time = 0;
    uint64_t payload = 0;
  };
  template <typename Value>
  using Newest = std::map<std::string, std::pair<Order, Value>>;

  void TakeEvent(const log::Record& record, int64_t log_time);
  void TakeDecisionAsk(const log::Record& record, int64_t log_time);
  void TakeMessage(const log::Record& record);
  void TakeDefinitions(const log::Record& record);
  static Person Describe(const std::vector<const Accepted*>& events);

  std::map<uint32_t, int64_t> log_time_;
  std::map<std::tuple<uint32_t, std::string, std::string, std::string>, Seen> seen_;
  std::vector<Accepted> events_;
  std::set<std::string> imported_;   // ids of requests
  std::set<std::string> asked_for_;  // identifiers of requests for decisions make persons, too
  std::set<std::string> blocked_;
  std::map<std::pair<uint32_t, std::string>, int64_t> keyed_requests_;  // last accepted at
  std::map<std::string, Asked> asked_;
  Defined defined_;
  std::map<std::string, std::string> keys_;
  std::vector<std::pair<uint64_t, std::string>> audits_;
  uint64_t duplicates_ = 0;
  uint64_t mismatches_ = 0;
  uint64_t after_window_ = 0;
};

}  // namespace batuta::simulation
