#include "vault/hub_secrets.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/status.h"
#include "vault/keyed_hash.h"

namespace batuta::vault {

namespace {

constexpr std::string_view kMagic = "BATUTA-VAULT";
constexpr uint32_t kFormat = 1;
constexpr char kPurpose[] = "hub secrets";

std::string_view View(const KeyBytes& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

KeyBytes ReadKey(base::ByteReader& reader) {
  KeyBytes key{};
  const std::string_view bytes = reader.Raw(kKeyBytes);
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

std::string HeaderFor(const base::Id128& hub) {
  base::ByteWriter header;
  header.Raw(kMagic);
  header.U32(kFormat);
  header.Raw(hub.ToBytes());
  return header.Take();
}

}  // namespace

HubSecrets::~HubSecrets() {
  Wipe(identifiers);
  Wipe(values);
  Wipe(ledger);
}

KeyBytes MasterKeyFor(const MasterKey& master_key, std::string_view purpose) {
  KeyBytes master{};
  const std::string_view bytes = master_key.bytes();
  std::copy(bytes.begin(), bytes.end(), master.begin());
  const KeyBytes derived = DeriveKey(master, purpose);
  Wipe(master);
  return derived;
}

HubSecrets DrawHubSecrets(const std::function<void(std::span<uint8_t>)>& entropy) {
  HubSecrets secrets;
  std::array<uint8_t, 24> drawn{};
  entropy(drawn);
  base::ByteReader reader({reinterpret_cast<const char*>(drawn.data()), drawn.size()});
  secrets.hub = base::Id128::FromBytes(reader.Raw(16));
  secrets.seed = reader.U64();
  entropy(secrets.identifiers);
  entropy(secrets.values);
  entropy(secrets.ledger);
  return secrets;
}

absl::Status SaveHubSecrets(base::Disk& disk, const std::string& path, const HubSecrets& secrets,
                            const MasterKey& master_key, const Nonce& nonce) {
  base::ByteWriter inside;
  inside.U64(secrets.seed);
  inside.Raw(View(secrets.identifiers));
  inside.Raw(View(secrets.values));
  inside.Raw(View(secrets.ledger));
  std::string plaintext = inside.Take();
  const std::string header = HeaderFor(secrets.hub);
  base::ByteWriter file;
  file.Raw(header);
  file.Raw(SealBox(MasterKeyFor(master_key, kPurpose), nonce, header, plaintext));
  file.U32(base::Crc32c(file.bytes()));
  Wipe(plaintext);
  return base::ReplaceFile(disk, path, file.bytes());
}

absl::StatusOr<HubSecrets> LoadHubSecrets(base::Disk& disk, const std::string& path,
                                          const MasterKey& master_key) {
  BATUTA_ASSIGN_OR_RETURN(const std::string content, base::ReadFile(disk, path));
  base::ByteReader reader(content);
  const bool is_ours = reader.Raw(kMagic.size()) == kMagic;
  const uint32_t format = reader.U32();
  if (is_ours && reader.ok() && format > kFormat) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " has format ", format, ", made by a newer release; this one reads ", kFormat));
  }
  const std::string_view hub = reader.Raw(16);
  const size_t tail = 4;
  const bool is_long_enough = is_ours && reader.ok() && reader.rest().size() > kBoxOverhead + tail;
  if (!is_long_enough ||
      base::Crc32c(std::string_view(content).substr(0, content.size() - tail)) !=
          base::ByteReader(std::string_view(content).substr(content.size() - tail)).U32()) {
    return absl::DataLossError(
        absl::StrCat(path, " is damaged; restore the vault from its backup"));
  }
  HubSecrets secrets;
  secrets.hub = base::Id128::FromBytes(hub);
  const std::string_view box = reader.rest().substr(0, reader.rest().size() - tail);
  std::optional<std::string> plaintext =
      OpenBox(MasterKeyFor(master_key, kPurpose), box, HeaderFor(secrets.hub));
  if (!plaintext) {
    return absl::FailedPreconditionError(
        absl::StrCat("the master key does not open ", path,
                     ": it is not the one that this vault was made with"));
  }
  base::ByteReader inside(*plaintext);
  secrets.seed = inside.U64();
  secrets.identifiers = ReadKey(inside);
  secrets.values = ReadKey(inside);
  secrets.ledger = ReadKey(inside);
  const bool is_whole = inside.ok() && inside.AtEnd();
  Wipe(*plaintext);
  if (is_whole) return secrets;
  return absl::DataLossError(absl::StrCat(path, " holds something else than a hub's secrets"));
}

}  // namespace batuta::vault
