// The words of explanations, in each language.
#pragma once

#include <string>

#include "decision/decision.pb.h"
#include "decision/explain.h"

namespace batuta::decision {

// Stable codes, the same in every language: "eligible", "capped", "squarecb", …
std::string StageCode(Stage stage);
std::string ReasonCode(Reason reason);
std::string_view LevelCode(Level level);  // "action", "group", "issue"
std::string MethodCode(ChoiceMethod method);
std::string ArmCode(HoldoutArm arm);

// The one that is in the language.
std::string_view Pick(Language language, std::string_view english, std::string_view spanish);

// "group", "grupo".
std::string_view LevelName(Level level, Language language);
// What a person does not want, as people say it: "channel email" is "canal email".
std::string PreferenceName(std::string_view subject, Language language);

// Why a candidate fell out: "Policy weekly allows 3 contacts in its window and counted 3; it lets
// this through again from 2026-11-29T10:00:00Z."
std::string ReasonText(Reason reason, const Operands& operands, Language language);

// What an admissible candidate was: "It took part: accepted with 4.2 %, worth 3.10 MXN net."
std::string AdmissibleText(const CandidateTrace& candidate, const Decision& decision,
                           Language language);

// " Quiet hours put it off until 2026-11-29T14:00:00Z.", to be put behind another sentence.
std::string PutOffText(int64_t not_before, Language language);

// What an adaptive model saw in the person: "For it: age (+0.68), plan (+0.31). Against it:
// campaign (-0.47)." The three that say most on either side, in log odds.
std::string ContributionsText(const CandidateTrace& candidate, const Trace& trace,
                              Language language);

// The holdout in force, in one sentence.
// A sentence for each holdout that is in force; for one.
std::string HoldoutText(const Decision& decision, Language language);
std::string HoldoutText(const HoldoutRead& read, Language language);

// "0.9508" or "95.08"; at most four decimals, without trailing zeros.
std::string ShortNumber(double number);

}  // namespace batuta::decision
