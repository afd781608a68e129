// What the policies of a trace read, and the probabilities of its slots, as they are logged.
// Internal to this folder: Serialize and Parse of decide.h are the ways in.
//
// Several policies count the same contacts, for actions whose names begin alike: each moment is
// written once, and a name by what it shares with the one before. Probabilities that are equal, as
// they are while nothing is known yet, are written once with their number.
#pragma once

#include <string>
#include <string_view>

#include "decision/decision.pb.h"

namespace batuta::decision {

// Equal readings and probabilities give equal bytes.
std::string PackReadings(const Trace& trace);

// Moves what PackReadings has written to `aside`, which has nothing of it, and back.
void MoveReadings(Trace& trace, Trace& aside);
void MoveReadingsBack(Trace& aside, Trace& trace);

// Fills the policies and slots of `trace`, which are those that were packed. False if the bytes are
// not what PackReadings gives for them; `trace` then holds any part of them.
bool UnpackReadings(std::string_view bytes, Trace& trace);

}  // namespace batuta::decision
