// The people of a benchmark, and what they send: bodies as a tracking library writes them.
//
// Every person has a user id, and an anonymous id whose home is another partition than the user
// id's: an event that carries the anonymous id alone is forwarded to the person. Making bodies is
// the load generator's work and is never measured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "vault/vault.h"

namespace batuta::bench {

// Whose turn it is: each person as often as the others, or the k-th person in proportion to 1/k.
class Draw {
 public:
  Draw(size_t people, bool zipf);
  size_t Next(base::Random& random) const;

 private:
  size_t people_;
  std::vector<double> cumulative_;  // empty: uniform
};

// Bodies of batches, one behind the other in one piece of memory that can be given back at once.
class Bodies {
 public:
  std::string_view at(size_t i) const {
    return std::string_view(bytes_).substr(starts_[i], starts_[i + 1] - starts_[i]);
  }
  size_t size() const { return starts_.size() - 1; }
  int64_t bytes() const { return static_cast<int64_t>(bytes_.capacity()); }
  size_t forwarded() const { return forwarded_; }  // events that will be

 private:
  friend class Crowd;
  std::string bytes_;
  std::vector<size_t> starts_ = {0};
  size_t forwarded_ = 0;
};

struct Traffic {
  size_t events = 0;
  size_t batch = 100;
  double forwarded = 0.3;
  bool zipf = true;
  size_t first = 0;  // of the persons who send
};

class Crowd {
 public:
  Crowd(const vault::Vault& vault, uint16_t partitions, size_t people);

  size_t size() const { return suffixes_.size(); }
  std::string UserId(size_t person) const;
  std::string AnonymousId(size_t person) const;

  // The persons [first, last) state who they are.
  Bodies Introductions(size_t first, size_t last, size_t batch);
  Bodies Events(const Traffic& traffic);
  // One event, as a body of its own or as a part of a batch.
  std::string Event(size_t person, bool anonymously);

 private:
  std::string NextMessageId();
  void Begin(Bodies& bodies, size_t events) const;
  static void End(Bodies& bodies);

  std::vector<uint8_t> suffixes_;  // of the anonymous ids
  base::Random random_;
  uint64_t messages_ = 0;
};

}  // namespace batuta::bench
