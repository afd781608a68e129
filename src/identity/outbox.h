// What a step of the protocol is given, and what it sends.
//
// A step is one call for one record of a partition's log. It changes only the row it is given; all
// else it wants changed, it asks for by messages, which the engine delivers exactly once and in
// order per (source, destination), to the own partition as well.
#pragma once

#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "identity/identity.pb.h"
#include "identity/settings.h"

namespace batuta::identity {

struct Context {
  const Settings& settings;
  base::Time log_time;
  base::Position position;  // of the record being applied, in the log of this partition
  uint16_t partition_count = 1;
};

struct Outgoing {
  base::PartitionId destination{};
  IdentityMessage message;
};

// The messages of one step, in the order of their sending.
class Outbox {
 public:
  // A message to a person, at the person's home, or to an identifier, at the identifier's.
  IdentityMessage& ToPerson(const PersonRef& person);
  IdentityMessage& ToIdentifier(const HashRef& hash, const Context& context);
  // Passes a message on as it is.
  void Forward(const PersonRef& person, IdentityMessage message);

  std::vector<Outgoing>& messages() { return messages_; }
  const std::vector<Outgoing>& messages() const { return messages_; }

 private:
  std::vector<Outgoing> messages_;
};

}  // namespace batuta::identity
