#include "decision/explain.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "decision/explain_value.h"
#include "decision/explain_words.h"
#include "decision/holdouts.h"
#include "decision/offered.h"
#include "decision/slot_trace.h"
#include "learn/predictor_code.h"
#include "policy/constraints.h"
#include "policy/policies.h"

namespace batuta::decision {
namespace {

using base::BooleanValue;
using base::NumberValue;
using base::TextValue;
using base::Value;

double Mean(const CandidateTrace& c) { return c.alpha() / (c.alpha() + c.beta()); }

std::string Money(int64_t micros, const Decision& decision) {
  const std::string amount = base::FormatAmount(micros);
  return decision.currency().empty() ? amount : base::StrCat(amount, " ", decision.currency());
}

// What became of one candidate in each slot.
Value SlotsOf(size_t candidate, const Decision& decision, Language language) {
  const Trace& trace = decision.trace();
  List slots;
  for (int s = 0; s < trace.slots_size(); ++s) {
    const SlotTrace& slot = trace.slots(s);
    Object entry;
    entry.Add("slot", static_cast<double>(s));
    for (const Drop& drop : slot.drops()) {
      if (drop.candidate() != candidate) continue;
      entry.Add("reason", ReasonCode(drop.reason()));
      entry.Add("why", ReasonText(drop.reason(), drop.operands(), language));
    }
    const auto left = LeftFor(trace, s);
    const auto found = std::find(left.begin(), left.end(), candidate);
    if (found != left.end()) {
      entry.Add("probability", slot.probabilities(static_cast<int>(found - left.begin())));
      entry.Add("chosen", BooleanValue(slot.chosen() == candidate + 1));
    }
    slots.Add(entry.Take());
  }
  return slots.Take();
}

bool WasScored(const CandidateTrace& candidate) { return candidate.alpha() > 0; }

Value Leaves(const CandidateTrace& candidate, Language language) {
  List leaves;
  for (const rule::Leaf& leaf : candidate.operands().leaves()) {
    leaves.Add(rule::ToValue(leaf, language));
  }
  return leaves.Take();
}

// The factors that the lever is the product of.
Value Levers(const CandidateTrace& candidate) {
  List levers;
  for (const LeverTrace& lever : candidate.levers()) {
    Object entry;
    entry.Add("level", LevelCode(lever.level()));
    if (!lever.name().empty()) entry.Add("name", lever.name());
    entry.Add("factor", lever.factor());
    levers.Add(entry.Take());
  }
  return levers.Take();
}

// What is added for agreements that are behind.
Value Boosts(const CandidateTrace& candidate, const Decision& decision) {
  List boosts;
  for (const BoostTrace& boost : candidate.boosts()) {
    boosts.Add(Object()
                   .Add("agreement", boost.agreement())
                   .Add("amount", Money(boost.micros(), decision))
                   .Take());
  }
  return boosts.Take();
}

// What a predictor was, as far as its code tells: numbers nearly, symbols if the decision names
// them.
void AddPredictorValue(uint64_t code, const CandidateTrace& candidate, const Decision& decision,
                       Object& out) {
  if (code == learn::kMissingCode) {
    out.Add("missing", BooleanValue(true));
  } else if (learn::IsNumber(code)) {
    out.Add("value", learn::ValueOfOrder(learn::OrderOf(code)));
  } else if (const std::string_view text = SymbolOf(candidate, code); !text.empty()) {
    out.Add("value", text);
  } else {
    for (const learn::SymbolText& symbol : decision.predictors().texts()) {
      if (symbol.code() == code) out.Add("value", symbol.text());
    }
  }
}

// How an adaptive model came to its belief.
Value ModelEntry(const CandidateTrace& candidate, const Decision& decision, Language language) {
  const Trace& trace = decision.trace();
  Object entry;
  entry.Add("name", decision.predictors().model())
      .Add("maturity", candidate.maturity())
      .Add("score", candidate.score());
  // Of many candidates only the best have them.
  if (candidate.contributions().empty()) return entry.Take();
  List contributions;
  OfferedValues offered(decision.predictors());
  const learn::PredictorValues& values = offered.Of(candidate);
  const int count =
      std::min({candidate.contributions_size(), trace.predictors_size(), values.codes_size()});
  for (int i = 0; i < count; ++i) {
    if (candidate.contributions(i) == 0) continue;
    Object one;
    one.Add("predictor", trace.predictors(i));
    AddPredictorValue(values.codes(i), candidate, decision, one);
    one.Add("logOdds", candidate.contributions(i) / 1000.0);
    contributions.Add(one.Take());
  }
  return entry.Add("why", ContributionsText(candidate, trace, language))
      .Add("contributions", contributions.Take())
      .Take();
}

Value ChosenList(const Decision& decision) {
  List list;
  for (int s = 0; s < decision.chosen_size(); ++s) {
    const Chosen& chosen = decision.chosen(s);
    Object entry;
    entry.Add("slot", static_cast<double>(s));
    if (chosen.nothing()) {
      entry.Add("nothing", BooleanValue(true));
    } else {
      entry.Add("action", chosen.action());
      entry.Add("treatment", chosen.treatment());
      entry.Add("variant", chosen.variant());
      entry.Add("netValue", chosen.net_value());
      if (chosen.not_before() != 0) {
        entry.Add("notBefore", base::FormatRfc3339(base::Time{chosen.not_before()}));
      }
    }
    entry.Add("probability", chosen.probability());
    list.Add(entry.Take());
  }
  return list.Take();
}

Value NothingEntry(const Decision& decision) {
  List probabilities;
  for (const SlotTrace& slot : decision.trace().slots()) {
    probabilities.Add(NumberValue(slot.probabilities(slot.probabilities_size() - 1)));
  }
  return Object().Add("netValue", 0.0).Add("probabilities", probabilities.Take()).Take();
}

Value HoldoutEntry(const Decision& decision, Language language) {
  const Trace& trace = decision.trace();
  List would;
  for (const SlotTrace& slot : trace.without_holdout()) {
    Object entry;
    const bool nothing = slot.chosen() == 0;
    if (nothing) {
      entry.Add("nothing", BooleanValue(true));
    } else {
      const CandidateTrace& c = trace.candidates(static_cast<int>(slot.chosen()) - 1);
      entry.Add("action", c.action());
      entry.Add("treatment", c.treatment());
      entry.Add("variant", c.variant());
    }
    would.Add(entry.Take());
  }
  Object out;
  out.Add("name", decision.holdout());
  out.Add("arm", ArmCode(decision.arm()));
  out.Add("why", HoldoutText(decision, language));
  out.Add("wouldHaveChosen", would.Take());
  const std::vector<HoldoutInForce> in_force = HoldoutsInForce(decision);
  if (in_force.size() <= 1) return out.Take();
  List all;
  for (const HoldoutInForce& one : in_force) {
    all.Add(Object()
                .Add("name", one.read->name())
                .Add("arm", ArmCode(one.read->arm()))
                .Add("why", HoldoutText(*one.read, language))
                .Take());
  }
  out.Add("all", all.Take());
  return out.Take();
}

Value ExplorationEntry(const Exploration& exploration) {
  Object entry;
  entry.Add("method", MethodCode(exploration.method()));
  entry.Add("floor", exploration.floor());
  if (exploration.method() == THOMPSON) {
    entry.Add("draws", static_cast<double>(exploration.draws()));
  }
  if (exploration.method() == SQUARECB) {
    entry.Add("gammaScale", exploration.gamma_scale());
    entry.Add("gammaExponent", exploration.gamma_exponent());
    entry.Add("examples", static_cast<double>(exploration.examples()));
  }
  return entry.Take();
}

Value CountedList(const PolicyTrace& policy) {
  const bool prefers =
      static_cast<policy::PolicyKind>(policy.kind()) == policy::PolicyKind::kPreferChannel;
  List counted;
  for (const PolicyReading& reading : policy.readings()) {
    Object entry;
    entry.Add("of", reading.scope_value());
    entry.Add("count", static_cast<double>(reading.ages_size()));
    if (prefers) {
      const auto& weights = reading.weights();
      const auto accepted = weights.size() - std::count(weights.begin(), weights.end(), 0);
      entry.Add("accepted", static_cast<double>(accepted));
      entry.Add("usualRate", static_cast<double>(reading.usual()) / 1e6);
    }
    counted.Add(entry.Take());
  }
  return counted.Take();
}

// What the policy allows and what it counted, in the words of its resource.
void AddLimits(const PolicyTrace& policy, Object& entry) {
  entry.Add("scope", policy::ScopeName(static_cast<policy::Scope>(policy.scope())));
  if (policy.half_life() != 0) {
    entry.Add("limit", static_cast<double>(policy.limit()) / 1e6);
    entry.Add("halfLife", base::FormatDuration(base::Duration{policy.half_life()}));
  } else {
    entry.Add("limit", static_cast<double>(policy.limit()));
  }
  if (policy.calendar() != 0) {
    entry.Add("per", policy::CalendarName(static_cast<policy::Calendar>(policy.calendar())));
  } else if (policy.half_life() == 0) {
    entry.Add("window", base::FormatDuration(base::Duration{policy.window()}));
  }
  entry.Add("counted", CountedList(policy));
}

Value PolicyList(const Decision& decision) {
  const auto text_at = [&](int64_t after) {
    return base::FormatRfc3339(base::Time{decision.log_time()} + base::Duration{after});
  };
  List list;
  for (const PolicyTrace& policy : decision.trace().policies()) {
    const auto kind = static_cast<policy::PolicyKind>(policy.kind());
    Object entry;
    entry.Add("policy", policy.name());
    entry.Add("kind", policy::KindName(kind));
    if (kind == policy::PolicyKind::kQuiet) {
      const bool is_quiet = !policy.quiet().empty() && policy.quiet(0).ends_in() > 0;
      if (is_quiet) entry.Add("until", text_at(policy.quiet(0).ends_in()));
    } else if (kind == policy::PolicyKind::kBlock || kind == policy::PolicyKind::kCoolDown) {
      entry.Add(kind == policy::PolicyKind::kBlock ? "segment" : "event", policy.subject());
      entry.Add("holds", BooleanValue(policy.holds()));
      if (policy.held_for() != 0) entry.Add("until", text_at(policy.held_for()));
    } else {
      AddLimits(policy, entry);
    }
    list.Add(entry.Take());
  }
  return list.Take();
}

// The constraints that concerned a candidate.
Value ConstraintList(const Decision& decision) {
  List list;
  for (const LeaseTrace& lease : decision.trace().leases()) {
    const auto kind = static_cast<policy::ConstraintKind>(lease.key().kind());
    const auto amount = [&](int64_t number) {
      return kind == policy::ConstraintKind::kBudget ? TextValue(Money(number, decision))
                                                     : NumberValue(static_cast<double>(number));
    };
    Object entry;
    entry.Add("constraint", lease.key().name());
    entry.Add("kind", policy::ConstraintKindName(kind));
    entry.Add("per", policy::PerName(static_cast<policy::Per>(lease.key().per())));
    // An agreement need not have a limit.
    if (lease.limit() < policy::kLargestLimit) {
      entry.Add("limit", amount(lease.limit()));
      entry.Add("leftInLease", amount(lease.left()));
    }
    if (lease.share() != 0) {
      entry.Add("share", amount(lease.share()));
      entry.Add("taken", amount(lease.taken()));
      entry.Add("boost", Money(lease.boost(), decision));
    }
    if (lease.short_from() != 0) {
      entry.Add("notToBeHad", amount(lease.short_from()));
      entry.Add("why", lease.paced() ? "paced" : "exhausted");
    }
    if (lease.ends_in() != 0) {
      entry.Add("until", base::FormatRfc3339(base::Time{decision.log_time()} +
                                             base::Duration{lease.ends_in()}));
    }
    list.Add(entry.Take());
  }
  return list.Take();
}

Value PreferencesRead(const Trace& trace) {
  List list;
  for (const PreferenceRead& read : trace.preferences()) {
    Object entry;
    entry.Add("kind", read.kind());
    entry.Add("name", read.name());
    if (read.kind() == "pause") entry.Add("until", base::FormatRfc3339(base::Time{read.until()}));
    list.Add(entry.Take());
  }
  return list.Take();
}

Value ValuesRead(const Trace& trace) {
  List list;
  for (const rule::Seen& seen : trace.values()) list.Add(rule::ToValue(seen));
  return list.Take();
}

Value ConsentsRead(const Trace& trace) {
  List list;
  for (const ConsentRead& read : trace.consents()) {
    const std::string_view state = read.state() == CONSENT_GRANTED        ? "granted"
                                   : read.state() == CONSENT_DENIED_STATE ? "denied"
                                                                          : "unknown";
    list.Add(Object().Add("purpose", read.purpose()).Add("state", state).Take());
  }
  return list.Take();
}

Value Versions(const Decision& decision) {
  return Object()
      .Add("definitions", static_cast<double>(decision.definitions_version()))
      .Add("models", static_cast<double>(decision.model_version()))
      .Add("engine", decision.engine_version())
      .Take();
}

}  // namespace

Value ConsideredEntry(size_t index, const Decision& decision, Language language) {
  const CandidateTrace& candidate = decision.trace().candidates(static_cast<int>(index));
  Object entry;
  entry.Add("action", candidate.action());
  if (!candidate.group().empty()) entry.Add("group", candidate.group());
  if (!candidate.issue().empty()) entry.Add("issue", candidate.issue());
  entry.Add("treatment", candidate.treatment());
  entry.Add("variant", candidate.variant());
  entry.Add("result", ReasonCode(candidate.reason()));
  if (candidate.reason() == ADMISSIBLE) {
    entry.Add("why", AdmissibleText(candidate, decision, language));
  } else {
    entry.Add("stage", StageCode(candidate.stage()));
    if (candidate.stage() <= SUITABLE) entry.Add("level", LevelCode(candidate.operands().level()));
    entry.Add("why", ReasonText(candidate.reason(), candidate.operands(), language));
    if (!candidate.operands().leaves().empty()) entry.Add("rule", Leaves(candidate, language));
  }
  if (candidate.mandatory()) entry.Add("mandatory", BooleanValue(true));
  if (candidate.explore_never()) entry.Add("explore", "never");
  if (!WasScored(candidate)) return entry.Take();
  entry.Add("propensity", Object()
                              .Add("mean", Mean(candidate))
                              .Add("alpha", candidate.alpha())
                              .Add("beta", candidate.beta())
                              .Take());
  if (candidate.has_score()) entry.Add("model", ModelEntry(candidate, decision, language));
  if (decision.trace().incremental()) entry.Add("natural", candidate.natural());
  entry.Add("value", Money(candidate.value_micros(), decision));
  if (candidate.has_declared_micros()) {
    entry.Add("learnedValue", Object()
                                  .Add("declared", Money(candidate.declared_micros(), decision))
                                  .Add("acceptances", candidate.valued())
                                  .Take());
  }
  entry.Add("lever", candidate.lever());
  if (!candidate.levers().empty()) entry.Add("levers", Levers(candidate));
  entry.Add("cost", Money(candidate.cost_micros(), decision));
  if (!candidate.boosts().empty()) entry.Add("boosts", Boosts(candidate, decision));
  entry.Add("netValue", candidate.net_value());
  if (candidate.reason() == ADMISSIBLE) entry.Add("slots", SlotsOf(index, decision, language));
  return entry.Take();
}

Value Explain(const Decision& decision, Language language) {
  const Trace& trace = decision.trace();
  Object out;
  out.Add("decisionId", base::DecisionId::FromBytes(decision.id()).ToString());
  out.Add("personId", base::PersonId::FromBytes(decision.person()).ToString());
  out.Add("placement", decision.placement());
  out.Add("channel", decision.channel());
  out.Add("time", base::FormatRfc3339(base::Time{decision.log_time()}));
  out.Add("identity", decision.identity() == SETTLED ? "settled" : "settling");
  if (decision.dry_run()) out.Add("dryRun", BooleanValue(true));
  out.Add("summary", Summary(decision, language));
  out.Add("chosen", ChosenList(decision));
  if (decision.ask_again_at() != 0) {
    out.Add("askAgainAt", base::FormatRfc3339(base::Time{decision.ask_again_at()}));
  }
  out.Add("slateProbability", decision.slate_probability());
  if (decision.arm() != NO_HOLDOUT) out.Add("holdout", HoldoutEntry(decision, language));
  if (decision.has_imported()) out.Add("imported", ImportedValue(decision));
  List considered;
  for (int i = 0; i < trace.candidates_size(); ++i) {
    considered.Add(ConsideredEntry(static_cast<size_t>(i), decision, language));
  }
  out.Add("considered", decision.has_imported() ? ImportedCandidates(decision) : considered.Take());
  out.Add("nothing", NothingEntry(decision));
  out.Add("exploration", decision.has_imported() ? Object().Add("method", "imported").Take()
                                                 : ExplorationEntry(trace.exploration()));
  out.Add("policies", PolicyList(decision));
  if (!trace.leases().empty()) out.Add("constraints", ConstraintList(decision));
  out.Add("consents", ConsentsRead(trace));
  if (!trace.preferences().empty()) out.Add("preferences", PreferencesRead(trace));
  out.Add("values", ValuesRead(trace));
  out.Add("versions", Versions(decision));
  return out.Take();
}

std::string Summary(const Decision& decision, Language language) {
  if (decision.has_imported()) return ImportedSummary(decision, language);
  const bool spanish = language == Language::kSpanish;
  const Trace& trace = decision.trace();
  const auto admissible =
      std::count_if(trace.candidates().begin(), trace.candidates().end(),
                    [](const CandidateTrace& c) { return c.reason() == ADMISSIBLE; });
  if (decision.chosen().empty()) return "";
  const Chosen& first = decision.chosen(0);
  const std::string what = first.nothing() ? (spanish ? "nada" : "nothing") : first.action();
  const std::string counts =
      spanish ? base::StrCat(admissible, " de ", trace.candidates_size(), " candidatas admisibles")
              : base::StrCat(admissible, " of ", trace.candidates_size(), " candidates admissible");
  std::string text = base::StrCat(what, spanish ? ", con probabilidad " : ", with probability ",
                                  ShortNumber(first.probability()), ": ", counts);
  if (decision.arm() != NO_HOLDOUT) {
    base::StrAppend(&text, ". ", HoldoutText(decision, language));
  } else {
    base::StrAppend(&text, ".");
  }
  return text;
}

}  // namespace batuta::decision
