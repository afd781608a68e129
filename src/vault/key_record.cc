#include "vault/key_record.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/status.h"

namespace batuta::vault {

namespace {

constexpr char kLetter = 'k';
constexpr size_t kRecordKeyBytes = 1 + 16 + 4;

}  // namespace

std::string RecordKey(const base::IdentifierHash& owner, uint32_t epoch) {
  base::ByteWriter writer;
  writer.U8(kLetter);
  writer.U64(owner.high);
  writer.U64(owner.low);
  writer.U32(epoch);
  return writer.Take();
}

base::IdentifierHash RecordOwner(std::string_view record_key) {
  BATUTA_CHECK(record_key.size() == kRecordKeyBytes && record_key[0] == kLetter);
  return base::IdentifierHash::FromBytes(record_key.substr(1, 16));
}

uint32_t RecordEpoch(std::string_view record_key) {
  BATUTA_CHECK(record_key.size() == kRecordKeyBytes && record_key[0] == kLetter);
  return base::ByteReader(record_key.substr(17)).U32();
}

std::string RecordKeyBegin(size_t shelf) {
  BATUTA_CHECK(shelf < Shelves::kCount);
  return RecordKey(Shelves::First(shelf), 0);
}

std::string RecordKeyEnd(size_t shelf) {
  if (shelf + 1 == Shelves::kCount) return std::string(1, kLetter + 1);
  return RecordKeyBegin(shelf + 1);
}

std::string MakeRecord(const Shelves::Key& shelf, const Nonce& nonce, std::string_view record_key,
                       const KeyBytes& key) {
  base::ByteWriter writer;
  writer.U32(shelf.generation);
  writer.Raw(SealBox(shelf.key, nonce, record_key,
                     {reinterpret_cast<const char*>(key.data()), key.size()}));
  return writer.Take();
}

uint32_t RecordGeneration(std::string_view record) { return base::ByteReader(record).U32(); }

std::optional<KeyBytes> OpenRecord(const Shelves::Key& shelf, std::string_view record_key,
                                   std::string_view record) {
  if (record.size() != 4 + kKeyBytes + kBoxOverhead) return std::nullopt;
  std::optional<std::string> opened = OpenBox(shelf.key, record.substr(4), record_key);
  if (!opened) return std::nullopt;
  KeyBytes key;
  std::copy(opened->begin(), opened->end(), key.begin());
  Wipe(*opened);
  return key;
}

}  // namespace batuta::vault
