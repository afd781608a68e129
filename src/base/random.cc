#include "base/random.h"

#include <cstring>
#include <limits>

#include "absl/container/fixed_array.h"
#include "base/hash.h"
#include "base/math.h"
#include "base/status.h"

namespace batuta::base {
namespace {

constexpr double kTwoToMinus53 = 0x1p-53;
constexpr size_t kLongestVarint = 10;

// What a stream is named by is written as ByteWriter does, but for the most part without taking
// memory: a decision names one for each of its candidates.
char* PutWord(uint64_t word, char* at) {
  const uint64_t swapped = __builtin_bswap64(word);
  std::memcpy(at, &swapped, sizeof swapped);
  return at + sizeof swapped;
}

char* PutText(std::string_view text, char* at) {
  size_t size = text.size();
  for (; size >= 0x80; size >>= 7) *at++ = static_cast<char>(size | 0x80);
  *at++ = static_cast<char>(size);
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

uint32_t Low(uint64_t word) { return static_cast<uint32_t>(word); }
uint32_t High(uint64_t word) { return static_cast<uint32_t>(word >> 32); }

// In (0, 1): safe to take the logarithm of.
double OpenUniform(Random& random) {
  return (static_cast<double>(random.Bits() >> 12) + 0.5) * 0x1p-52;
}

// The logarithm of a Gamma draw: below shape 1, ln G(shape) = ln G(shape + 1) + ln(U) / shape
// (Marsaglia and Tsang, section 6), which cannot underflow.
double LogGammaDraw(Random& random, double shape) {
  if (shape >= 1) return Log(Gamma(random, shape));
  const double larger = Log(Gamma(random, shape + 1));
  return larger + Log(OpenUniform(random)) / shape;
}

}  // namespace

namespace internal {

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  // The multipliers, key increments and number of rounds of the paper.
  constexpr uint64_t kMultiplier0 = 0xD2511F53;
  constexpr uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kIncrement0 = 0x9E3779B9;
  constexpr uint32_t kIncrement1 = 0xBB67AE85;
  constexpr int kRoundCount = 10;
  for (int round = 0; round < kRoundCount; ++round) {
    const uint64_t product0 = kMultiplier0 * counter[0];
    const uint64_t product1 = kMultiplier1 * counter[2];
    counter = {High(product1) ^ counter[1] ^ key[0], Low(product1),
               High(product0) ^ counter[3] ^ key[1], Low(product0)};
    key[0] += kIncrement0;
    key[1] += kIncrement1;
  }
  return counter;
}

}  // namespace internal

Random::Random(uint64_t hub_seed, const Id128& id, std::string_view purpose,
               std::string_view name) {
  absl::FixedArray<char, 192> bytes(3 * sizeof(uint64_t) + 2 * kLongestVarint + purpose.size() +
                                    name.size());
  char* end = bytes.data();
  for (const uint64_t word : {hub_seed, id.high, id.low}) end = PutWord(word, end);
  for (const std::string_view text : {purpose, name}) end = PutText(text, end);
  const Id128 stream = Hash128({bytes.data(), static_cast<size_t>(end - bytes.data())});
  key_ = {Low(stream.high), High(stream.high)};
  stream_ = stream.low;
}

uint64_t Random::Bits() {
  if (left_ == 0) {
    const std::array<uint32_t, 4> block =
        internal::Philox4x32({Low(block_), High(block_), Low(stream_), High(stream_)}, key_);
    ++block_;
    words_ = {uint64_t{block[1]} << 32 | block[0], uint64_t{block[3]} << 32 | block[2]};
    left_ = 2;
  }
  --left_;
  return words_[left_ == 1 ? 0 : 1];
}

double Random::Uniform() { return static_cast<double>(Bits() >> 11) * kTwoToMinus53; }

uint64_t Random::Below(uint64_t count) {
  BATUTA_CHECK(count > 0);
  // Lemire, "Fast random integer generation in an interval" (2019): the upper half of a product,
  // with the few lower halves refused that would favour some results.
  const uint64_t refused_below = (0 - count) % count;
  while (true) {
    const unsigned __int128 product = static_cast<unsigned __int128>(Bits()) * count;
    if (static_cast<uint64_t>(product) >= refused_below)
      return static_cast<uint64_t>(product >> 64);
  }
}

double Normal(Random& random) {
  while (true) {
    const double u = 2 * random.Uniform() - 1;
    const double v = 2 * random.Uniform() - 1;
    const double square = u * u + v * v;
    if (square < 1 && square > 0) return u * Sqrt(-2 * Log(square) / square);
  }
}

double Gamma(Random& random, double shape) {
  BATUTA_CHECK(shape > 0 && shape < std::numeric_limits<double>::infinity());
  if (shape < 1) return Exp(LogGammaDraw(random, shape));
  const double d = shape - 1.0 / 3;
  const double c = 1 / Sqrt(9 * d);
  while (true) {
    const double x = Normal(random);
    const double t = 1 + c * x;
    const double v = t * t * t;
    if (v > 0 && Log(OpenUniform(random)) < 0.5 * x * x + d - d * v + d * Log(v)) return d * v;
  }
}

double Beta(Random& random, double a, double b) {
  if (a >= 1 && b >= 1) {
    const double x = Gamma(random, a);
    const double y = Gamma(random, b);
    return x / (x + y);
  }
  BATUTA_CHECK(a > 0 && b > 0);
  const double log_x = LogGammaDraw(random, a);
  const double log_y = LogGammaDraw(random, b);
  return 1 / (1 + Exp(log_y - log_x));
}

}  // namespace batuta::base
