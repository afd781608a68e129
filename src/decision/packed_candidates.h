// The candidates of a trace as they are logged, which is most of a decision's bytes. Internal to
// this folder: Serialize and Parse of decide.h are the ways in.
//
// One candidate after the other, each by what differs from the one before: a word of flags says
// which parts follow. Candidates stand by their names, so those of neighbours begin alike, and a
// treatment mostly begins as its action; most of the rest is the same for many, and the net value
// mostly follows of the rest.
#pragma once

#include <string>
#include <string_view>

#include "decision/decision.pb.h"

namespace batuta::decision {

// Equal candidates of equal traces give equal bytes.
std::string PackCandidates(const Trace& trace);
// Adds the candidates to `trace`, which has none and is otherwise what it was when they were
// packed. False if the bytes are not what PackCandidates gives; `trace` then holds any part of
// them.
bool UnpackCandidates(std::string_view bytes, Trace& trace);

}  // namespace batuta::decision
