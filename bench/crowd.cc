#include "bench/crowd.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "identity/refs.h"
#include "log/system_clock.h"

namespace batuta::bench {
namespace {

constexpr std::array<std::string_view, 8> kNames = {
    "Product Viewed", "Product Added",  "Product List Viewed", "Order Completed",
    "Cart Viewed",    "Coupon Entered", "Article Read",        "Store Located"};

constexpr size_t kEventBytes = 620;

}  // namespace

Draw::Draw(size_t people, bool zipf) : people_(people) {
  if (!zipf) return;
  double sum = 0;
  for (size_t k = 1; k <= people; ++k) {
    sum += 1.0 / static_cast<double>(k);
    cumulative_.push_back(sum);
  }
}

size_t Draw::Next(base::Random& random) const {
  if (cumulative_.empty()) return random.Below(people_);
  const double at = random.Uniform() * cumulative_.back();
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), at);
  return static_cast<size_t>(found - cumulative_.begin());
}

Crowd::Crowd(const vault::Vault& vault, uint16_t partitions, size_t people)
    : random_(1, base::Id128{0, static_cast<uint64_t>(log::SystemClock().Wall().micros)}, "bench",
              "") {
  suffixes_.resize(people);
  for (size_t i = 0; i < people; ++i) {
    const auto home = identity::HomeOf(vault.HashIdentifier("user_id", UserId(i)), partitions);
    while (partitions > 1 && identity::HomeOf(vault.HashIdentifier("anonymous_id", AnonymousId(i)),
                                              partitions) == home) {
      ++suffixes_[i];
    }
  }
}

std::string Crowd::UserId(size_t person) const { return base::StrCat("customer-", person); }

std::string Crowd::AnonymousId(size_t person) const {
  return base::StrCat("5f0c7a52-9d1e-", person, "-", static_cast<int>(suffixes_[person]));
}

std::string Crowd::NextMessageId() {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "ajs-next-%016llx%08llx",
                static_cast<unsigned long long>(random_.Bits()),
                static_cast<unsigned long long>(++messages_));
  return text.data();
}

void Crowd::Begin(Bodies& bodies, size_t events) const {
  // Room for what the JSON parser may read behind the last body.
  bodies.bytes_.reserve(events * kEventBytes + 4096);
}

void Crowd::End(Bodies& bodies) {
  bodies.bytes_.back() = ']';  // in place of the last comma
  bodies.bytes_ += '}';
  bodies.starts_.push_back(bodies.bytes_.size());
}

Bodies Crowd::Introductions(size_t first, size_t last, size_t batch) {
  Bodies bodies;
  Begin(bodies, last - first);
  for (size_t begin = first; begin < last; begin += batch) {
    bodies.bytes_ += R"({"batch":[)";
    for (size_t i = begin; i < std::min(begin + batch, last); ++i) {
      bodies.bytes_ += base::StrCat(
          R"({"type":"identify","userId":")", UserId(i), R"(","anonymousId":")", AnonymousId(i),
          R"(","messageId":")", NextMessageId(), R"(","traits":{"firstName":"Ana","lastName":)",
          R"("Pérez","country":"MX","plan":"gold","city":"Puebla","visits":)", i % 97,
          R"(},"context":{"ip":"203.0.113.9","locale":"es-MX"}},)");
    }
    End(bodies);
  }
  return bodies;
}

std::string Crowd::Event(size_t person, bool anonymously) {
  const std::string who = anonymously ? base::StrCat(R"("anonymousId":")", AnonymousId(person))
                                      : base::StrCat(R"("userId":")", UserId(person));
  return base::StrCat(
      R"({"type":"track","event":")", kNames[random_.Below(kNames.size())], "\",", who,
      R"(","messageId":")", NextMessageId(),
      R"(","properties":{"orderId":"o-51829","total":123.45,"currency":"MXN","coupon":"",)"
      R"("category":"Hogar","url":"https://tienda.example/p/128","products":[{"sku":"a-1",)"
      R"("quantity":2,"price":50.5},{"sku":"b-22","quantity":1,"price":22.45}]},"context":)"
      R"({"library":{"name":"analytics.js","version":"npm:next-1.70.0"},"locale":"es-MX",)"
      R"("ip":"203.0.113.9","page":{"path":"/p/128","title":"Lámpara","referrer":""}}})");
}

Bodies Crowd::Events(const Traffic& traffic) {
  const Draw draw(size() - traffic.first, traffic.zipf);
  Bodies bodies;
  Begin(bodies, traffic.events);
  for (size_t begin = 0; begin < traffic.events; begin += traffic.batch) {
    bodies.bytes_ += R"({"batch":[)";
    for (size_t i = begin; i < std::min(begin + traffic.batch, traffic.events); ++i) {
      const bool anonymously = random_.Uniform() < traffic.forwarded;
      bodies.forwarded_ += anonymously;
      bodies.bytes_ += Event(traffic.first + draw.Next(random_), anonymously);
      bodies.bytes_ += ',';
    }
    End(bodies);
  }
  BATUTA_CHECK(bodies.bytes_.capacity() > bodies.bytes_.size() + 64);
  return bodies;
}

}  // namespace batuta::bench
