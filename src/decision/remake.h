// A logged decision made once more with something otherwise, under the same draws. Internal to this
// folder.
//
// What the pipeline asks is answered from the trace, as long as the decision had asked for it. What
// it had not, as the pipeline now comes to where it did not come then, is looked up in the present
// if that is given, and noted; else it is noted as missing, and the result must not be believed.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "decision/catalogue.h"
#include "decision/changes.h"
#include "decision/decision.pb.h"
#include "policy/contact.pb.h"

namespace batuta::decision {

// What is otherwise beside what stands in the trace.
struct Twist {
  std::optional<base::Time> now = {};  // when it is decided
  std::string worth_of = {};           // the action that is worth `worth_micros`
  int64_t worth_micros = 0;
  std::string without_block = {};  // the policy
  std::string changed_path = {};   // in the trace: predictors that read it are read anew
};

struct Remade {
  Decision decision;         // but for what its trace says of policies and values
  std::set<Need> looked_up;  // in the present
  std::set<Need> missing;
};

class Remaker {
 public:
  // FailedPrecondition or InvalidArgument when the decision cannot be made again as it was. All
  // that is given must outlive it.
  static absl::StatusOr<Remaker> Of(const Decision& logged, const Catalogue& catalogue,
                                    const Present& present);

  // `inputs` is the logged decision, with another trace. Pure.
  Remade Make(const Decision& inputs, const Twist& twist) const;

 private:
  friend class RemakePerson;
  friend class RemakeHistory;
  // What the decision asked for and a trace does not show where the answer was empty.
  struct Asked {
    std::set<std::pair<std::string, std::string>> preferences = {};
    std::set<std::pair<size_t, std::string>> counts = {};  // policy, value of its scope
    std::set<std::pair<size_t, int64_t>> quiet = {};       // policy, time
  };

  Remaker(const Decision& logged, const Catalogue& catalogue, const Present& present);
  Remade MakeFrom(const Decision& inputs, const Twist& twist, Asked* gather) const;

  const Decision& logged_;
  const Catalogue& catalogue_;
  const Placement* placement_ = nullptr;
  Present present_;
  policy::ContactState contacts_;  // those of the present that were there then
  Asked asked_;
};

}  // namespace batuta::decision
