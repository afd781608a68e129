// How a wrapped key lies in the key store.
//
// Its name is a letter, the owner's hash and the epoch, so that the names sort by shelf, owner and
// epoch. Its content is the generation of the shelf's key and the box. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "vault/aead.h"
#include "vault/shelves.h"

namespace batuta::vault {

std::string RecordKey(const base::IdentifierHash& owner, uint32_t epoch);
// Requires: made by RecordKey.
base::IdentifierHash RecordOwner(std::string_view record_key);
uint32_t RecordEpoch(std::string_view record_key);

// The range of a shelf's names: begin included, end not.
std::string RecordKeyBegin(size_t shelf);
std::string RecordKeyEnd(size_t shelf);

std::string MakeRecord(const Shelves::Key& shelf, const Nonce& nonce, std::string_view record_key,
                       const KeyBytes& key);
uint32_t RecordGeneration(std::string_view record);  // 0 if it is none
// Nothing if it was changed, renamed, or belongs to another shelf key.
std::optional<KeyBytes> OpenRecord(const Shelves::Key& shelf, std::string_view record_key,
                                   std::string_view record);

}  // namespace batuta::vault
