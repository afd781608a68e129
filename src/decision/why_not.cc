#include "decision/why_not.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/explain_value.h"
#include "decision/explain_words.h"
#include "decision/holdouts.h"
#include "decision/slot_trace.h"

namespace batuta::decision {
namespace {

using base::Value;
using Words = std::vector<std::pair<absl::string_view, std::string>>;

std::string Say(Language language, std::string_view english, std::string_view spanish,
                const Words& words) {
  return absl::StrReplaceAll(base::AbslView(language == Language::kSpanish ? spanish : english),
                             words);
}

std::string Net(double value, const Decision& decision) {
  return std::string(
      absl::StripSuffix(base::StrCat(ShortNumber(value), " ", decision.currency()), " "));
}

// How far a candidate came: what took part came furthest.
int Reach(const CandidateTrace& candidate) {
  return candidate.reason() == ADMISSIBLE ? static_cast<int>(CHOICE) + 1
                                          : static_cast<int>(candidate.stage());
}

// A candidate in the first slot that it was left for.
struct Contest {
  int slot = 0;
  double probability = 0;
  double winner_probability = 0;
  const CandidateTrace* winner = nullptr;  // null: nothing
};

std::optional<Contest> ContestOf(size_t index, const Trace& trace) {
  for (int s = 0; s < trace.slots_size(); ++s) {
    const SlotTrace& slot = trace.slots(s);
    const std::vector<size_t> left = LeftFor(trace, s);
    const auto found = std::find(left.begin(), left.end(), index);
    if (found == left.end()) continue;
    Contest contest{.slot = s,
                    .probability = slot.probabilities(static_cast<int>(found - left.begin()))};
    if (slot.chosen() == 0) {
      contest.winner_probability = slot.probabilities(slot.probabilities_size() - 1);
      return contest;
    }
    const auto winner = std::find(left.begin(), left.end(), slot.chosen() - 1);
    contest.winner = &trace.candidates(static_cast<int>(slot.chosen()) - 1);
    if (winner != left.end()) {
      contest.winner_probability = slot.probabilities(static_cast<int>(winner - left.begin()));
    }
    return contest;
  }
  return std::nullopt;
}

// Why something that could never be drawn could not.
std::string HopelessText(const CandidateTrace& candidate, const Contest& contest,
                         const Decision& decision, Language language) {
  const CandidateTrace* winner = contest.winner;
  const Words words = {{"$net", Net(candidate.net_value(), decision)},
                       {"$winner", winner == nullptr ? "" : winner->action()},
                       {"$best", winner == nullptr ? "" : Net(winner->net_value(), decision)}};
  if (winner != nullptr && winner->mandatory()) {
    return Say(language, "It took part, but $winner is mandatory, and so goes before all else.",
               "Participó, pero $winner es obligatoria y va antes que todo lo demás.", words);
  }
  if (winner == nullptr) {
    return Say(
        language, "It took part, worth $net net, but doing nothing, worth 0, is what was chosen.",
        "Participó, con un valor neto de $net, pero se eligió no hacer nada, que vale 0.", words);
  }
  if (candidate.explore_never()) {
    return Say(language,
               "It took part, worth $net net, but it is never explored, and $winner with $best net "
               "was there.",
               "Participó, con un valor neto de $net, pero nunca se explora, y estaba $winner con "
               "$best netos.",
               words);
  }
  return Say(language,
             "It took part, worth $net net, but only the best is taken, and $winner is worth $best "
             "net.",
             "Participó, con un valor neto de $net, pero solo se toma la mejor, y $winner vale "
             "$best netos.",
             words);
}

// Of what lost where the policy of a holdout has chosen.
std::string LostUnderText(const HoldoutRead& holdout, const Contest& contest, Language language) {
  const Words words = {{"$holdout", holdout.name()}, {"$own", ShortNumber(contest.probability)}};
  if (holdout.arm() == RANDOM_ARM) {
    return Say(language,
               "It took part, but under the holdout $holdout the choice is made at random: it had "
               "a probability of $own.",
               "Participó, pero en el grupo de control $holdout se elige al azar: tenía una "
               "probabilidad de $own.",
               words);
  }
  if (holdout.arm() == PROPENSITY_ARM) {
    return Say(language,
               "It took part, but under the holdout $holdout only the probability of acceptance "
               "counts: it had a probability of $own of being chosen.",
               "Participó, pero en el grupo de control $holdout solo cuenta la probabilidad de "
               "aceptación: tenía una probabilidad de $own de ser elegida.",
               words);
  }
  return Say(language,
             "It took part, but under the holdout $holdout levers do not count: it had a "
             "probability of $own.",
             "Participó, pero en el grupo de control $holdout las palancas no cuentan: tenía una "
             "probabilidad de $own.",
             words);
}

std::string LostText(size_t index, const Decision& decision, Language language) {
  const CandidateTrace& candidate = decision.trace().candidates(static_cast<int>(index));
  const auto contest = ContestOf(index, decision.trace());
  if (!contest) return AdmissibleText(candidate, decision, language);
  const std::vector<HoldoutInForce> in_force = HoldoutsInForce(decision);
  const HoldoutInForce* policy = PolicyOf(in_force);
  if (policy != nullptr) return LostUnderText(*policy->read, *contest, language);
  if (contest->probability == 0) return HopelessText(candidate, *contest, decision, language);
  const CandidateTrace* winner = contest->winner;
  const Words words = {{"$net", Net(candidate.net_value(), decision)},
                       {"$own", ShortNumber(contest->probability)},
                       {"$other", ShortNumber(contest->winner_probability)},
                       {"$winner", winner == nullptr ? "" : winner->action()},
                       {"$best", winner == nullptr ? "" : Net(winner->net_value(), decision)}};
  if (winner == nullptr) {
    return Say(language,
               "It took part, worth $net net, with a probability of $own; the draw fell on doing "
               "nothing, which had $other.",
               "Participó, con un valor neto de $net y una probabilidad de $own; el sorteo cayó en "
               "no hacer nada, que tenía $other.",
               words);
  }
  if (winner->action() == candidate.action()) {
    return AdmissibleText(candidate, decision, language);
  }
  return Say(language,
             "It took part, worth $net net, with a probability of $own; the draw fell on $winner, "
             "worth $best net, which had $other.",
             "Participó, con un valor neto de $net y una probabilidad de $own; el sorteo cayó en "
             "$winner, con un valor neto de $best, que tenía $other.",
             words);
}

struct Verdict {
  std::string_view code;
  std::string why;
};

// Of an action that was no candidate.
Verdict VerdictOfStranger(const Decision& decision, std::string_view action,
                          const KnownActions& known, Language language) {
  std::vector<std::string> names;
  for (const CandidateTrace& candidate : decision.trace().candidates()) {
    names.push_back(candidate.action());
  }
  const std::string near = base::Suggest(action, names);
  const Words words = {{"$action", std::string(action)},
                       {"$placement", decision.placement()},
                       {"$near", near},
                       {"$version", base::StrCat(decision.definitions_version())}};
  if (known.then == nullptr) {
    return {"unknown",
            Say(language,
                "$action was no candidate at $placement. Whether it existed cannot be told: "
                "definitions $version are not kept any more.",
                "$action no era candidata en $placement. No se puede saber si existía: las "
                "definiciones $version ya no se guardan.",
                words)};
  }
  if (known.then->FindAction(action) != nullptr) {
    return {"no_treatment",
            Say(language, "$action existed, but had no treatment for $placement.",
                "$action existía, pero no tenía tratamiento para $placement.", words)};
  }
  std::string why = Say(language, "There was no action $action in definitions $version.",
                        "No había ninguna acción $action en las definiciones $version.", words);
  if (known.now != nullptr && known.now->FindAction(action) != nullptr) {
    why += Say(language, " It came later.", " Llegó después.", words);
  } else if (!near.empty()) {
    why += Say(language, " Did you mean $near?", " ¿Quiso decir $near?", words);
  }
  return {"no_action", std::move(why)};
}

Verdict VerdictOf(size_t index, const Decision& decision, Language language) {
  const CandidateTrace& candidate = decision.trace().candidates(static_cast<int>(index));
  for (int s = 0; s < decision.chosen_size(); ++s) {
    if (decision.chosen(s).action() != candidate.action()) continue;
    return {"chosen", Say(language, "It was chosen, in slot $slot.",
                          "Fue elegida, en el espacio $slot.", {{"$slot", base::StrCat(s)}})};
  }
  if (candidate.reason() == ADMISSIBLE) return {"lost", LostText(index, decision, language)};
  return {"excluded", ReasonText(candidate.reason(), candidate.operands(), language)};
}

}  // namespace

Value WhyNot(const Decision& decision, std::string_view action, const KnownActions& known,
             Language language) {
  const Trace& trace = decision.trace();
  List considered;
  std::optional<size_t> furthest;
  for (int i = 0; i < trace.candidates_size(); ++i) {
    if (trace.candidates(i).action() != action) continue;
    const auto index = static_cast<size_t>(i);
    considered.Add(ConsideredEntry(index, decision, language));
    const bool is_further = !furthest || Reach(trace.candidates(i)) >
                                             Reach(trace.candidates(static_cast<int>(*furthest)));
    if (is_further) furthest = index;
  }
  const Verdict verdict = furthest ? VerdictOf(*furthest, decision, language)
                                   : VerdictOfStranger(decision, action, known, language);
  Object out;
  out.Add("action", action);
  out.Add("verdict", verdict.code);
  if (verdict.code == "excluded") {
    const CandidateTrace& candidate = trace.candidates(static_cast<int>(*furthest));
    out.Add("stage", StageCode(candidate.stage()));
    out.Add("result", ReasonCode(candidate.reason()));
  }
  out.Add("why", verdict.why);
  out.Add("considered", considered.Take());
  return out.Take();
}

bool HoldsNothing(const Decision& decision) {
  return std::any_of(decision.chosen().begin(), decision.chosen().end(),
                     [](const Chosen& chosen) { return chosen.nothing(); });
}

Value WhyNothing(const Decision& decision, Language language) {
  const Trace& trace = decision.trace();
  std::map<std::pair<Stage, Reason>, int> counts;
  int admissible = 0;
  double best = 0;
  for (const CandidateTrace& candidate : trace.candidates()) {
    if (candidate.reason() != ADMISSIBLE) {
      ++counts[{candidate.stage(), candidate.reason()}];
      continue;
    }
    best = admissible++ == 0 ? candidate.net_value() : std::max(best, candidate.net_value());
  }
  const SlotTrace* slot = nullptr;  // the first that holds nothing
  for (const SlotTrace& one : trace.slots()) {
    if (slot == nullptr && one.chosen() == 0) slot = &one;
  }
  const double probability =
      slot == nullptr ? 1 : slot->probabilities(slot->probabilities_size() - 1);
  const Words words = {{"$all", base::StrCat(trace.candidates_size())},
                       {"$left", base::StrCat(admissible)},
                       {"$best", Net(best, decision)},
                       {"$p", ShortNumber(probability)}};
  std::string why;
  if (trace.candidates().empty()) {
    why =
        Say(language, "The placement had no candidates.", "El espacio no tenía candidatas.", words);
  } else if (admissible == 0) {
    why = Say(language, "None of $all candidates was allowed to take part.",
              "Ninguna de $all candidatas pudo participar.", words);
  } else if (slot != nullptr && slot->probabilities_size() == 1) {
    why = Say(language, "Earlier slots left no candidate for this one.",
              "Los espacios anteriores no dejaron candidatas para este.", words);
  } else if (best <= 0) {
    why = Say(language,
              "$left of $all candidates took part, but none was worth more than doing nothing (the "
              "best $best net); doing nothing had a probability of $p.",
              "Participaron $left de $all candidatas, pero ninguna valía más que no hacer nada (la "
              "mejor, $best netos); no hacer nada tenía una probabilidad de $p.",
              words);
  } else {
    why =
        Say(language,
            "$left of $all candidates took part, the best worth $best net; the draw fell on doing "
            "nothing, which had a probability of $p.",
            "Participaron $left de $all candidatas, la mejor con un valor neto de $best; el "
            "sorteo cayó en no hacer nada, que tenía una probabilidad de $p.",
            words);
  }
  List stages;
  for (const auto& [where, count] : counts) {
    stages.Add(Object()
                   .Add("stage", StageCode(where.first))
                   .Add("result", ReasonCode(where.second))
                   .Add("count", static_cast<double>(count))
                   .Take());
  }
  return Object().Add("why", why).Add("stages", stages.Take()).Take();
}

}  // namespace batuta::decision
