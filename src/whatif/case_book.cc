#include "whatif/case_book.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "decision/decide.h"
#include "decision/lifecycle.h"
#include "engine/decision_inputs.h"
#include "identity/refs.h"

namespace batuta::whatif {
namespace {

template <typename Message>
bool Same(const google::protobuf::RepeatedPtrField<Message>& some,
          const google::protobuf::RepeatedPtrField<Message>& others) {
  return std::equal(some.begin(), some.end(), others.begin(), others.end(),
                    [](const Message& one, const Message& other) {
                      return one.SerializeAsString() == other.SerializeAsString();
                    });
}

bool IsAnswered(const decision::OpenSlot& slot) {
  return slot.clicked_at() != 0 || slot.stage() == policy::ACCEPTED ||
         slot.stage() == policy::REJECTED;
}

}  // namespace

bool CaseChoice::IsSameAs(const CaseChoice& other) const {
  return slot == other.slot && action == other.action && treatment == other.treatment &&
         variant == other.variant;
}

const CaseChoice* CaseSide::Find(uint32_t slot) const {
  for (const CaseChoice& choice : choices) {
    if (choice.slot == slot) return &choice;
  }
  return nullptr;
}

template <typename Count>
void CaseBook::CountIn(const Case& one, const std::string& action, Count count) {
  if (!one.is_counted) return;
  count(counted_.actions[{"", action, one.channel}]);
  for (const std::string& segment : one.segments) {
    count(counted_.actions[{segment, action, one.channel}]);
  }
}

// ---- The question

void CaseBook::Open(engine::Fold& fold, const engine::Decided& decided) {
  if (decided.request.has_imported()) return;
  Case& one = cases_[base::DecisionId::FromBytes(decided.made.id())];
  one.is_asked = true;
  const std::optional<RealState> real = std::exchange(one.real, std::nullopt);
  const std::vector<std::string_view> in = fold.SegmentsOf(decided.row);
  const auto is_in = [&in](const std::string& segment) {
    return std::find(in.begin(), in.end(), segment) != in.end();
  };
  one.is_counted = scope_.segment.empty() || is_in(scope_.segment);
  if (!one.is_counted) return;
  std::copy_if(scope_.segments.begin(), scope_.segments.end(), std::back_inserter(one.segments),
               is_in);
  if (real.has_value()) Estimate(fold, decided, *real);
}

// What the other course would decide about the person with the contacts that they really had. (Of
// decisions for which the real course waited longer than the other one nothing is kept.)
void CaseBook::Estimate(engine::Fold& fold, const engine::Decided& decided, const RealState& real) {
  const base::DecisionId& id = real.decision;
  if (!sample_.Wants(id)) return;
  if (real.contacts.SerializeAsString() == decided.row.contacts().SerializeAsString() &&
      Same(real.holdouts, decided.row.holdouts())) {
    return sample_.AddOther(id, decided.made);
  }
  engine::PersonRow row = decided.row;
  *row.mutable_contacts() = real.contacts;
  *row.mutable_holdouts() = real.holdouts;
  engine::DecisionInputs subject(fold, {.person = decided.person,
                                        .row = row,
                                        .state = decided.state,
                                        .decision = id,
                                        .models = fold.models()});
  subject.inputs().identity = decided.made.identity();
  decision::Decision made;
  // What was just decided can be decided again.
  BATUTA_CHECK_OK(decision::Decide(decided.request, subject.inputs(), made));
  sample_.AddOther(id, made);
}

// ---- The answer

void CaseBook::Make(Course course, const decision::Decision& made, Case& one) {
  CaseSide& side = one.sides[course];
  side.is_made = true;
  one.channel = made.channel();
  for (int i = 0; i < made.chosen_size(); ++i) {
    const decision::Chosen& chosen = made.chosen(i);
    if (chosen.nothing()) continue;
    CaseChoice& choice = side.choices.emplace_back();
    choice.slot = static_cast<uint32_t>(i);
    choice.action = chosen.action();
    choice.treatment = chosen.treatment();
    choice.variant = chosen.variant();
    if (i >= made.trace().slots_size() || made.trace().slots(i).chosen() == 0) continue;
    const decision::CandidateTrace& candidate =
        made.trace().candidates(static_cast<int>(made.trace().slots(i).chosen()) - 1);
    choice.cost = candidate.cost_micros();
    choice.value = candidate.value_micros();
  }
  side.is_over = side.choices.empty();
  if (one.is_counted) CountDecision(made, course, one.segments, counted_);
}

void CaseBook::OnRealAsked(RealState state) {
  Case& one = cases_[state.decision];
  if (!one.is_asked) one.real = std::move(state);
}

void CaseBook::OnRealMade(const identity::PersonRef& person, const decision::Decision& made) {
  if (made.has_imported()) return;
  const base::DecisionId id = base::DecisionId::FromBytes(made.id());
  Case& one = cases_[id];
  // The other course has not answered: it may yet, or refuses.
  if (!one.is_asked)
    one.is_counted = scope_.segment.empty() && made.log_time() >= scope_.from.micros;
  if (one.is_counted) {
    ++counted_.decisions;
    people_.insert(identity::FromRef(person));
  }
  Make(kReal, made, one);
  if (one.is_counted) sample_.AddReal(id, made);
}

std::vector<uint32_t> CaseBook::OnOtherMade(const engine::DecisionMade& record) {
  decision::Decision made;
  BATUTA_CHECK(decision::Parse(record.decision(), made), "a decision does not parse");
  if (made.has_imported()) return {};
  const base::DecisionId id = base::DecisionId::FromBytes(made.id());
  Case& one = cases_[id];
  Make(kOther, made, one);
  const CaseSide& real = one.sides[kReal];
  CaseSide& other = one.sides[kOther];
  std::vector<uint32_t> replaced;
  for (CaseChoice& choice : other.choices) {
    const CaseChoice* was = real.Find(choice.slot);
    choice.is_replaced = was == nullptr || !was->IsSameAs(choice);
    if (choice.is_replaced) replaced.push_back(choice.slot);
  }
  const bool is_changed = !replaced.empty() || real.choices.size() != other.choices.size();
  if (is_changed && one.is_counted) {
    ++counted_.changed;
    affected_.insert(identity::FromRef(record.person()));
  }
  CloseIfOver(id);
  return replaced;
}

// ---- What came of it

void CaseBook::Follow(Course course, const decision::OpenDecision& open) {
  const base::DecisionId id = base::DecisionId::FromBytes(open.decision());
  const auto found = cases_.find(id);
  if (found == cases_.end()) return;  // decided before
  Case& one = found->second;
  for (const decision::OpenSlot& slot : open.slots()) {
    for (CaseChoice& choice : one.sides[course].choices) {
      if (choice.slot != slot.slot()) continue;
      if (slot.stage() >= policy::EXPOSED && !std::exchange(choice.is_shown, true)) {
        CountShown(course, slot, choice, one);
      }
      if (course == kReal) NoteAnswer(id, slot, choice, one);
    }
  }
  one.sides[course].is_over = decision::IsOver(open);
  CloseIfOver(id);
}

void CaseBook::CountShown(Course course, const decision::OpenSlot& open, const CaseChoice& choice,
                          const Case& one) {
  CountIn(one, choice.action, [&](PerCourse<ActionCount>& counts) {
    ++counts[course].shown;
    counts[course].spent += choice.cost;
  });
  if (!one.is_counted) return;
  if (course == kOther && choice.is_replaced) ++counted_.passed;
  for (const policy::Stake& hold : open.holds()) {
    counted_.constraints[{hold.key().kind(), hold.key().name()}][course] += hold.amount();
  }
}

void CaseBook::NoteAnswer(const base::DecisionId& id, const decision::OpenSlot& open,
                          CaseChoice& choice, const Case& one) {
  if (!IsAnswered(open)) return;
  if (!std::exchange(choice.is_answered, true) && one.is_counted) {
    const CaseChoice* other = one.sides[kOther].Find(choice.slot);
    if (other == nullptr || other->is_replaced) ++counted_.dropped;
  }
  if (open.stage() != policy::ACCEPTED || std::exchange(choice.is_accepted, true)) return;
  CountIn(one, choice.action, [](PerCourse<ActionCount>& counts) { ++counts[kReal].accepted; });
  if (choice.slot != 0) return;
  const bool is_stated = open.value_micros() != 0 && open.currency() == counted_.currency;
  sample_.Accept(id, is_stated ? open.value_micros() : choice.value);
}

void CaseBook::CloseIfOver(const base::DecisionId& id) {
  const auto found = cases_.find(id);
  const PerCourse<CaseSide>& sides = found->second.sides;
  const bool is_over = std::all_of(sides.begin(), sides.end(), [](const CaseSide& side) {
    return side.is_made && side.is_over;
  });
  if (!is_over) return;
  CountUnseen(found->second);
  cases_.erase(found);
}

void CaseBook::CountUnseen(const Case& one) {
  if (!one.is_counted) return;
  for (const CaseChoice& choice : one.sides[kOther].choices) {
    const bool is_empty_there = one.sides[kReal].Find(choice.slot) == nullptr;
    if (!choice.is_shown && is_empty_there) ++counted_.unseen;
  }
}

Comparison CaseBook::Compare() {
  for (const auto& [id, one] : cases_) {
    CountUnseen(one);
    const bool is_missing = one.sides[kReal].is_made && !one.sides[kOther].is_made;
    if (one.is_counted && is_missing) ++counted_.not_made;
  }
  counted_.people = people_.size();
  counted_.affected = affected_.size();
  sample_.WriteTo(counted_);
  return counted_;
}

}  // namespace batuta::whatif
