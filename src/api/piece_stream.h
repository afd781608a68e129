// A body that is made piece by piece by whoever has it, and no faster than the client takes it:
// bridges rows that come from other threads to a connection that must not block.
//
// At most one piece is being made at a time, and none while more than kAheadBytes wait to be sent.
// When the client goes, nothing more is asked for. Internal to this folder.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "http/message.h"

namespace batuta::api {

struct Piece {
  std::string bytes;  // may be empty
  bool more = true;   // false: the body is complete
};

// Called once, on any thread. An error cuts the connection, so that nobody takes what came for the
// whole.
using PieceDone = std::function<void(absl::StatusOr<Piece>)>;
// Makes the next piece. Called again only after `done` was. One that calls it at once must not give
// empty pieces.
using PieceSource = std::function<void(PieceDone done)>;

inline constexpr size_t kAheadBytes = size_t{256} << 10;

http::BodyStream StreamOf(PieceSource source);

}  // namespace batuta::api
