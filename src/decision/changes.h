// What would have changed a decision: single edits of what it was made of, tried in a declared
// order under the same draws, with nothing else happening.
//
// An edit is told only if the pipeline, run again on the edited inputs, answers otherwise. The
// order: a consent given; a wish not stated; time passing; another value of an action; another fact
// about the person or the context; no holdout; no block. Within a kind: the order of the candidates
// and of the conditions of their rules; of the values of actions those worth most first. So the
// first that is found is the smallest. Pure; changes nothing.
#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time.h"
#include "base/value.pb.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"
#include "decision/explain.h"
#include "decision/person_view.h"
#include "learn/models.h"
#include "policy/contact.pb.h"

namespace batuta::decision {

// Where an edit leads the pipeline to ask for what the decision had not read: the person and the
// models as they are now. What is null is not known. All must outlive the search.
struct Present {
  const PersonView* person = nullptr;
  const policy::ContactState* contacts = nullptr;  // with the zone of the person
  absl::TimeZone zone = absl::UTCTimeZone();
  const learn::ModelView* models = nullptr;
};

// Something that the pipeline asked for beyond the trace.
struct Need {
  enum class Kind : uint8_t { kFact, kConsent, kPreference, kPolicy, kZone, kModel };
  Kind kind = Kind::kFact;
  std::string name = {};  // a path; a purpose; "topic x"; a policy; ""; an action
  friend auto operator<=>(const Need&, const Need&) = default;
};

enum class EditKind : uint8_t { kConsent, kPreference, kTime, kWorth, kFact, kHoldout, kBlock };

struct Edit {
  EditKind kind = EditKind::kConsent;
  std::string name = {};  // purpose; "channel x"; ""; action; path; holdout; policy
  base::Time at = {};     // of kTime: when it is decided
  int64_t worth_micros = 0;
  // Of a fact: what it would have to be, of which `value` is the nearest. No value: to be absent.
  std::string comparison = {};
  base::Value value = {};
};

struct Change {
  Edit edit;
  std::vector<Chosen> chosen;  // by slot
  std::set<Need> looked_up;    // in the present, as the decision had not asked for it
};

struct Untried {
  Edit edit;
  std::set<Need> missing;
};

struct Changes {
  std::vector<Change> found;     // in the declared order; at most kChangesMax
  std::vector<Untried> untried;  // as the trace does not hold what would have been asked
  std::vector<Edit> vain;        // tried before the first that was found, and without effect
  uint64_t runs = 0;             // of the pipeline
};
inline constexpr size_t kChangesMax = 8;

// The edits after which a slot holds another action, or with `wanted` those after which that action
// is chosen; none if it is. FailedPrecondition or InvalidArgument when the decision cannot be made
// again as it was: by another engine version, with other definitions, damaged.
absl::StatusOr<Changes> FindChanges(const Decision& decision, const Catalogue& catalogue,
                                    const Present& present, std::string_view wanted = "");

// {smallest?, others[], untried[], runs}, each with a sentence.
base::Value ToValue(const Changes& changes, const Decision& decision, Language language);

// "With consent for marketing on email, it would be gold-card."
std::string ChangeText(const Change& change, const Decision& decision, Language language);

}  // namespace batuta::decision
