// The candidates of a trace as they are logged, which is most of a decision's bytes. Internal to
// this folder: Serialize and Parse of decide.h are the ways in.
//
// One candidate after the other, each by what differs from the one before: a word of flags says
// which parts follow. Candidates stand by their names, so those of neighbours begin alike, and a
// treatment mostly begins as its action; most of the rest is the same for many.
#pragma once

#include <string>
#include <string_view>

#include "decision/decision.pb.h"

namespace batuta::decision {

using Candidates = google::protobuf::RepeatedPtrField<CandidateTrace>;

// Equal candidates give equal bytes.
std::string PackCandidates(const Candidates& candidates);
// False if the bytes are not what PackCandidates gives; `candidates`, which must be empty, then
// holds any part of them.
bool UnpackCandidates(std::string_view bytes, Candidates& candidates);

}  // namespace batuta::decision
