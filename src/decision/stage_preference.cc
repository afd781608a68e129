// What the person has stated they want: no marketing or service on a channel or about a topic that
// they refuse, and none at all during a pause. A topic is a tag of the action, its group or its
// issue, or one of their names. Transactional actions are what the person asked for; nobody is left
// without them.
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/text.h"
#include "decision/pipeline.h"

namespace batuta::decision {
namespace {

// The first topic of the action that `is_it`; null if none.
template <typename Predicate>
const std::string* FindTopic(const Action& action, Predicate is_it) {
  const auto among = [&](const Terms& terms, const std::string& name) -> const std::string* {
    for (const std::string& tag : terms.tags) {
      if (is_it(tag)) return &tag;
    }
    return is_it(name) ? &name : nullptr;
  };
  if (const std::string* topic = among(action.terms, action.name)) return topic;
  for (const Family* family : action.families) {
    if (const std::string* topic = among(family->terms, family->name)) return topic;
  }
  return nullptr;
}

// The preferences of one decision; those that refuse are written into the trace.
class Preferences {
 public:
  Preferences(const PersonView& person, Run& run) : person_(person), run_(run) {}

  // Lets the candidate fall out if the person refuses it.
  void Check(const Action& action, CandidateTrace& candidate) {
    const std::string& channel = run_.decision.channel();
    if (!general_) general_ = ReadGeneral(channel);
    if (general_->is_paused) {
      FallOut(candidate, ALLOWED, PAUSED);
      candidate.mutable_operands()->set_subject(std::string(general_->paused));
      return candidate.mutable_operands()->set_at(general_->until);
    }
    if (general_->refuses_channel) return Refuse("channel", channel, candidate);
    const std::string* topic = FindTopic(
        action, [&](const std::string& name) { return Refusal("topic", name) != nullptr; });
    if (topic != nullptr) Refuse("topic", *topic, candidate);
  }

 private:
  // What the person wants whatever is offered.
  struct General {
    bool is_paused = false;
    std::string_view paused = {};  // the channel, "" for all
    int64_t until = 0;
    bool refuses_channel = false;
  };

  General ReadGeneral(std::string_view channel) {
    for (const std::string_view name : {std::string_view(), channel}) {
      if (const PreferenceRead* pause = Refusal("pause", name)) {
        return {.is_paused = true, .paused = name, .until = pause->until()};
      }
    }
    return {.refuses_channel = Refusal("channel", channel) != nullptr};
  }

  static void Refuse(std::string_view kind, const std::string& name, CandidateTrace& candidate) {
    FallOut(candidate, ALLOWED, UNWANTED);
    candidate.mutable_operands()->set_subject(base::StrCat(kind, " ", name));
  }

  // Null if the person does not refuse it.
  const PreferenceRead* Refusal(std::string_view kind, std::string_view name) {
    for (const PreferenceRead& read : run_.trace().preferences()) {
      if (read.kind() == kind && read.name() == name) return &read;
    }
    const StatedPreference stated = person_.Preference(kind, name);
    if (!stated.refuses || (kind == "pause" && stated.until <= run_.now)) return nullptr;
    PreferenceRead& read = *run_.trace().add_preferences();
    read.set_kind(std::string(kind));
    read.set_name(std::string(name));
    read.set_until(stated.until.micros);
    return &read;
  }

  const PersonView& person_;
  Run& run_;
  std::optional<General> general_;  // once it was asked
};

}  // namespace

void StagePreference(const Placement& placement, const PersonView& person, Run& run) {
  Trace& trace = run.trace();
  BATUTA_CHECK(trace.candidates_size() == static_cast<int>(placement.candidates.size()));
  Preferences preferences(person, run);
  for (int i = 0; i < trace.candidates_size(); ++i) {
    CandidateTrace& candidate = *trace.mutable_candidates(i);
    if (!IsAdmissible(candidate) || candidate.action_class() == policy::TRANSACTIONAL) continue;
    preferences.Check(*placement.candidates[static_cast<size_t>(i)].action, candidate);
  }
}

}  // namespace batuta::decision
