// All commands of the binary. Each is a file of its own, command_….cc, and one line in main.cc.
#pragma once

#include "server/command.h"

namespace batuta::server {

void AddServe(Command& root);
void AddConfig(Command& root);
void AddApply(Command& root);
void AddPeople(Command& root);
void AddDecide(Command& root);
void AddDemo(Command& root);
void AddEval(Command& root);
void AddExplain(Command& root);
void AddReplay(Command& root);
void AddValueFinder(Command& root);
void AddWhatIf(Command& root);
void AddErase(Command& root);
void AddRejections(Command& root);
void AddAudit(Command& root);
void AddFeature(Command& root);
void AddBudget(Command& root);
void AddCapacity(Command& root);
void AddAgreement(Command& root);
void AddHoldout(Command& root);
void AddModel(Command& root);
void AddModelTrain(Command& model);
void AddPopulation(Command& root);
void AddSegment(Command& root);
void AddTable(Command& root);
void AddStats(Command& root);
void AddJobs(Command& root);
void AddKeys(Command& root);
void AddImport(Command& root);
void AddBackup(Command& root);
void AddRestore(Command& root);
void AddLog(Command& root);
void AddOpe(Command& root);
void AddOpenApi(Command& root);
void AddVersion(Command& root);
void AddCompletion(Command& root, const CommandLine& line);

}  // namespace batuta::server
