// The hash that ties each group of the log, and each block of the archive, to all that came before
// it.
//
// A CRC finds damaged bytes; the chain finds whole pieces that are old, misplaced or exchanged. It
// is the first 128 bits of BLAKE2b-512 (RFC 7693). No key: it proves nothing about who wrote the
// bytes.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/ids.h"

namespace batuta::log {

// The hash of `previous` followed by the pieces.
base::Id128 ChainHash(const base::Id128& previous, std::initializer_list<std::string_view> pieces);

// Where the chain of the hub's log, or of one of its archives, begins.
base::Id128 ChainOrigin(const base::Id128& hub, std::string_view purpose);

}  // namespace batuta::log
