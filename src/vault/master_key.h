// The one secret that opens a vault: 32 bytes, kept apart from the vault and from every backup.
//
// Whoever loses it loses all personal data of the hub; nothing here can bring it back.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace batuta::vault {

// Wiped from memory when it goes.
class MasterKey {
 public:
  static constexpr size_t kSize = 32;

  MasterKey() = default;
  MasterKey(const MasterKey&) = default;
  MasterKey& operator=(const MasterKey&) = default;
  ~MasterKey();

  // From 64 hexadecimal digits; space around them is ignored.
  static absl::StatusOr<MasterKey> Parse(std::string_view text);
  static absl::StatusOr<MasterKey> FromBytes(std::string_view bytes);  // exactly 32
  // Drawn from the operating system.
  static absl::StatusOr<MasterKey> Draw();

  std::string_view bytes() const;
  std::string ToHex() const;

 private:
  std::array<uint8_t, kSize> bytes_{};
};

// Reads the key from a file of 64 hexadecimal digits. NotFound if there is none; FailedPrecondition
// if others than its owner may read or write it (the mode must be 0600 or 0400).
absl::StatusOr<MasterKey> LoadMasterKey(const std::string& path);

// Draws a key and writes it to a new file with mode 0600, durable on return. AlreadyExists if there
// is a file of that name: it is never replaced.
absl::StatusOr<MasterKey> CreateMasterKey(const std::string& path);

}  // namespace batuta::vault
