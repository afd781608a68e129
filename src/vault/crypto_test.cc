// The building blocks against published vectors and their own promises.
#include <string>

#include "base/ids.h"
#include "gtest/gtest.h"
#include "vault/aead.h"
#include "vault/entropy.h"
#include "vault/key_cache.h"
#include "vault/keyed_hash.h"

namespace batuta::vault {
namespace {

KeyBytes KeyOf(std::string_view bytes) {
  KeyBytes key{};
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

std::string Hex(const KeyBytes& key) {
  return base::EncodeHex({reinterpret_cast<const char*>(key.data()), key.size()});
}

// A key shorter than a block is padded with zeros (RFC 2104), so the keys of these vectors fit
// into 32.
TEST(KeyedHash, AgreesWithRfc4231) {
  EXPECT_EQ(Hex(KeyedHash(KeyOf(std::string(20, '\x0b'))).Hash("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(KeyedHash(KeyOf("Jefe")).Hash("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(KeyedHash(KeyOf(std::string(20, '\xaa'))).Hash(std::string(50, '\xdd'))),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

TEST(KeyedHash, OfPartsIsTheHashOfTheirWhole) {
  const KeyedHash hash(KeyOf("k"));
  EXPECT_EQ(hash.Hash128("ab", "c"), hash.Hash128("abc"));
}

// Test case 16 of the GCM specification (McGrew and Viega): AES-256 with additional data.
TEST(Aead, AgreesWithTheGcmSpecification) {
  const KeyBytes key =
      KeyOf(*base::DecodeHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  Nonce nonce;
  const std::string nonce_bytes = *base::DecodeHex("cafebabefacedbaddecaf888");
  std::copy(nonce_bytes.begin(), nonce_bytes.end(), nonce.begin());
  const std::string plaintext = *base::DecodeHex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
      "b525b16aedf5aa0de657ba637b39");
  const std::string bound = *base::DecodeHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string box = SealBox(key, nonce, bound, plaintext);
  EXPECT_EQ(
      base::EncodeHex(box.substr(kNonceBytes)),
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
      "828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(OpenBox(key, box, bound), plaintext);
}

TEST(Aead, RefusesAnotherKeyOrBound) {
  const std::string box = SealBox(KeyOf("a"), Nonce{}, "bound", "text");
  EXPECT_EQ(OpenBox(KeyOf("a"), box, "bound"), "text");
  EXPECT_EQ(OpenBox(KeyOf("b"), box, "bound"), std::nullopt);
  EXPECT_EQ(OpenBox(KeyOf("a"), box, "other"), std::nullopt);
  EXPECT_EQ(OpenBox(KeyOf("a"), "short", "bound"), std::nullopt);
}

TEST(Entropy, GivesNoBytesTwice) {
  std::array<uint8_t, 16> first{}, second{};
  std::array<uint8_t, 5000> large{};
  SystemEntropy(first);
  SystemEntropy(second);
  SystemEntropy(large);
  EXPECT_NE(first, second);
  EXPECT_NE(std::count(large.begin(), large.end(), 0), 5000);
}

TEST(KeyCache, DropsWhatWasUsedLongestAgo) {
  KeyCache cache(2);
  const base::IdentifierHash a{{1, 0}}, b{{2, 0}}, c{{3, 0}};
  cache.Put(a, KeyOf("a"));
  cache.Put(b, KeyOf("b"));
  ASSERT_NE(cache.Find(a), nullptr);
  cache.Put(c, KeyOf("c"));
  EXPECT_EQ(cache.Find(b), nullptr);
  EXPECT_EQ(*cache.Find(a), KeyOf("a"));
  EXPECT_EQ(*cache.Find(c), KeyOf("c"));
  cache.Remove(a);
  EXPECT_EQ(cache.Find(a), nullptr);
  cache.Put(c, KeyOf("d"));
  EXPECT_EQ(*cache.Find(c), KeyOf("d"));
  EXPECT_EQ(cache.size(), 1u);
}

}  // namespace
}  // namespace batuta::vault
