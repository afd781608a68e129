#include "vault/aead.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <climits>
#include <memory>

#include "base/status.h"

namespace batuta::vault {

namespace {

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

Context NewContext() {
  // Fetched once per context: looking the cipher up for each box costs more than the encryption.
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  Context context(EVP_CIPHER_CTX_new());
  BATUTA_CHECK(cipher != nullptr && context != nullptr, "OpenSSL has no AES-256-GCM");
  BATUTA_CHECK(EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, 1, nullptr) == 1);
  EVP_CIPHER_free(cipher);
  return context;
}

EVP_CIPHER_CTX* ThreadContext() {
  thread_local const Context context = NewContext();
  return context.get();
}

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* Bytes(std::string& text, size_t at) {
  return reinterpret_cast<uint8_t*>(text.data()) + at;
}

int Length(std::string_view text) {
  BATUTA_CHECK(text.size() <= INT_MAX);
  return static_cast<int>(text.size());
}

}  // namespace

std::string SealBox(const KeyBytes& key, const Nonce& nonce, std::string_view bound,
                    std::string_view plaintext) {
  EVP_CIPHER_CTX* context = ThreadContext();
  std::string box(kBoxOverhead + plaintext.size(), '\0');
  std::copy(nonce.begin(), nonce.end(), box.begin());
  int done = 0, rest = 0;
  const bool ok =
      EVP_CipherInit_ex2(context, nullptr, key.data(), nonce.data(), 1, nullptr) == 1 &&
      EVP_CipherUpdate(context, nullptr, &done, Bytes(bound), Length(bound)) == 1 &&
      EVP_CipherUpdate(context, Bytes(box, kNonceBytes), &done, Bytes(plaintext),
                       Length(plaintext)) == 1 &&
      EVP_CipherFinal_ex(context, Bytes(box, kNonceBytes + plaintext.size()), &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                          Bytes(box, kNonceBytes + plaintext.size())) == 1;
  BATUTA_CHECK(ok && rest == 0, "AES-256-GCM failed");
  return box;
}

std::optional<std::string> OpenBox(const KeyBytes& key, std::string_view box,
                                   std::string_view bound) {
  if (box.size() < kBoxOverhead) return std::nullopt;
  EVP_CIPHER_CTX* context = ThreadContext();
  const std::string_view text = box.substr(kNonceBytes, box.size() - kBoxOverhead);
  std::string tag(box.substr(box.size() - kTagBytes));
  std::string plaintext(text.size() + 1, '\0');  // never empty: OpenSSL needs a place to write to
  int done = 0, rest = 0;
  const bool started =
      EVP_CipherInit_ex2(context, nullptr, key.data(), Bytes(box), 0, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_CipherUpdate(context, nullptr, &done, Bytes(bound), Length(bound)) == 1 &&
      EVP_CipherUpdate(context, Bytes(plaintext, 0), &done, Bytes(text), Length(text)) == 1;
  BATUTA_CHECK(started, "AES-256-GCM failed");
  const bool is_genuine = EVP_CipherFinal_ex(context, Bytes(plaintext, text.size()), &rest) == 1;
  if (!is_genuine) {
    Wipe(plaintext);
    return std::nullopt;
  }
  plaintext.resize(text.size());
  return plaintext;
}

void Wipe(KeyBytes& key) { OPENSSL_cleanse(key.data(), key.size()); }

void Wipe(std::string& bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

}  // namespace batuta::vault
