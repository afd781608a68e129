// The one binary: server and command line.
#include "base/thread.h"
#include "server/commands.h"

namespace {

// Tools for the hub's people first, then what its operator needs.
void AddAll(batuta::server::CommandLine& line) {
  using namespace batuta::server;  // NOLINT(google-build-using-namespace): the list of commands
  Command root = line.root();
  root.Example("batuta serve");
  root.Example("batuta apply resources/ --dry-run");
  root.Example("batuta people show email:ana@uno.mx");
  AddServe(root);
  AddDemo(root);
  AddApply(root);
  AddImport(root);
  AddPeople(root);
  AddDecide(root);
  AddEval(root);
  AddExplain(root);
  AddReplay(root);
  AddValueFinder(root);
  AddWhatIf(root);
  AddErase(root);
  AddRejections(root);
  AddAudit(root);
  AddFeature(root);
  AddModel(root);
  AddBudget(root);
  AddCapacity(root);
  AddAgreement(root);
  AddHoldout(root);
  AddPopulation(root);
  AddSegment(root);
  AddTable(root);
  AddStats(root);
  AddJobs(root);
  AddKeys(root);
  AddBackup(root);
  AddRestore(root);
  AddLog(root);
  AddOpe(root);
  AddConfig(root);
  AddOpenApi(root);
  AddVersion(root);
  AddCompletion(root, line);
}

}  // namespace

int main(int argc, char** argv) {
  batuta::base::TrustTheOrderOfLocks();
  batuta::server::CommandLine line;
  AddAll(line);
  return static_cast<int>(line.Run(argc, argv));
}
