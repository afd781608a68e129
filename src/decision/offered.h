// Predictors of what is offered: what a model reads of the action, the treatment and variant, and
// of the slot. Internal to this folder.
//
// They are others for each candidate, so the decision's values have them missing, and each
// candidate has its own codes (CandidateTrace.codes). Slots are learned with and compared without:
// candidates are judged as if each stood in slot 1, so that none is taken for worse because it was
// mostly shown further down; what fills a later slot is judged once more where it stands, and that
// is what its example is taught with (Zinkevich, "Rules of Machine Learning", rule 36).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"
#include "decision/open_decision.pb.h"
#include "decision/pipeline.h"
#include "learn/adaptive.pb.h"

namespace batuta::decision {

// The values of the predictors for one person and one candidate after the other.
class OfferedValues {
 public:
  // Must live as long as this.
  explicit OfferedValues(const learn::PredictorValues& person);
  // In slot 1. Valid until another is asked for.
  const learn::PredictorValues& Of(const CandidateTrace& candidate);
  const learn::PredictorValues& In(uint32_t slot, const CandidateTrace& candidate);

 private:
  const learn::PredictorValues& person_;
  learn::PredictorValues filled_;
};

// Writes into every candidate, which must be those of the placement, what its model reads of it.
void StageOffered(const Catalogue& catalogue, const Placement& placement, base::Time now,
                  Decision& decision);
// Fills the decision's values with what the model reads of an action that another system chose: of
// its treatment and slot nothing is known.
void ReadOffered(const Model& model, const Action* action, const learn::ModelView& models,
                 Decision& decision);

// Judges the choice where it stands, and notes what it is to be taught with.
void JudgeInSlot(Run& run, const CandidateTrace& candidate, uint32_t slot, Chosen& chosen);
// The same of what was withheld.
void NoteOffered(Run& run, const CandidateTrace& candidate, Withheld& withheld);
// The values of an open choice.
learn::PredictorValues ValuesOf(const OpenDecision& open, const OpenSlot& slot);

// Whether the values are those of the candidate, in whatever slot.
bool AreOf(const learn::PredictorValues& values, const CandidateTrace& candidate);
// Whether they are those of the choice.
bool AreOf(const learn::PredictorValues& values, const Chosen& chosen);
// 0 if the model reads none.
uint32_t SlotOf(const learn::PredictorValues& values);

// What the symbol is called, if it is one of what is offered; else "".
std::string_view SymbolOf(const CandidateTrace& candidate, uint64_t code);

}  // namespace batuta::decision
