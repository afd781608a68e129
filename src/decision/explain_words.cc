#include "decision/explain_words.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/math.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "decision/holdouts.h"
#include "rule/explain.h"

namespace batuta::decision {
namespace {

// A sentence in both languages; "$purpose", "$seen" and so on are filled in.
struct Sentence {
  std::string_view english;
  std::string_view spanish;
};

// Of what contact policies and the person's wishes hold back.
Sentence SentenceForPolicy(Reason reason) {
  switch (reason) {
    case SUPPRESSED:
      return {
          "Policy $policy pauses it after $seen refusals ($limit are enough); it passes again "
          "from $at.",
          "La política $policy la pausa tras $seen rechazos (bastan $limit); vuelve a pasar "
          "desde el $at."};
    case CAPPED:
      return {"Policy $policy allows $limit contacts and counted $seen; it passes again from $at.",
              "La política $policy permite $limit contactos y contó $seen; vuelve a pasar desde el "
              "$at."};
    case TOO_SOON:
      return {"Policy $policy wants more time since the contact before; it passes again from $at.",
              "La política $policy pide más tiempo desde el contacto anterior; vuelve a pasar "
              "desde el $at."};
    case QUIET:
      return {"Policy $policy keeps quiet hours until $at.",
              "La política $policy guarda horas de silencio hasta el $at."};
    case BLOCKED:
      return {"The person is in the segment $subject, which policy $policy blocks.",
              "La persona está en el segmento $subject, que la política $policy bloquea."};
    case COOLING_DOWN:
      return {"Policy $policy lets it rest after the event $subject; it passes again from $at.",
              "La política $policy la deja descansar tras el evento $subject; vuelve a pasar desde "
              "el $at."};
    case UNDER_PRESSURE:
      return {
          "Policy $policy allows a contact pressure of $limit; it is $seen, and this would add "
          "$adds. It passes again from $at.",
          "La política $policy permite una presión de contacto de $limit; es de $seen y esto "
          "sumaría $adds. Vuelve a pasar desde el $at."};
    case LESS_WELCOME:
      return {
          "The person accepts $seen % of what comes this way and $adds % on $subject; policy "
          "$policy wants at least $limit % of that. From $at on it passes in any case.",
          "La persona acepta el $seen % de lo que le llega por aquí y el $adds % por $subject; la "
          "política $policy pide al menos el $limit % de eso. Desde el $at pasa en todo caso."};
    case EXHAUSTED:
      return {
          "The $subject $policy allows $limit$period and has $left left; this would take $adds.",
          "$subject $policy permite $limit$period y le queda $left; esto tomaría $adds."};
    case PACED:
      return {
          "The $subject $policy is spread evenly$period: $left of it is left for now, and this "
          "would take $adds.",
          "$subject $policy se reparte por igual$period: por ahora le queda $left, y esto tomaría "
          "$adds."};
    case EXCLUSIVE:
      return {"The agreement $policy $exclusive.", "El acuerdo $policy $exclusive."};
    case UNWANTED:
      return {"The person does not want this: $subject.", "La persona no quiere esto: $subject."};
    case PAUSED:
      return {"The person wants a pause$channel until $at.",
              "La persona quiere una pausa$channel hasta el $at."};
    default:
      return {"", ""};
  }
}

Sentence SentenceFor(Reason reason) {
  switch (reason) {
    case ADMISSIBLE:
      return {"It took part in the choice.", "Participó en la elección."};
    case NOT_STARTED:
      return {"It starts on $at.", "Empieza el $at."};
    case ENDED:
      return {"It ended on $at.", "Terminó el $at."};
    case RULE_FALSE:
      return {"Its rule does not hold: $rule.", "Su regla no se cumple: $rule."};
    case RULE_UNKNOWN:
      return {"Its rule cannot be told: $rule.", "Su regla no se puede evaluar: $rule."};
    case RULE_FAILED:
      return {"Its rule went wrong: $rule.", "Su regla falló: $rule."};
    case CONSENT_DENIED:
      return {"The person has denied consent for $purpose on this channel.",
              "La persona negó su consentimiento para $purpose en este canal."};
    case CONSENT_MISSING:
      return {"The person has not given consent for $purpose on this channel.",
              "La persona no ha dado su consentimiento para $purpose en este canal."};
    case HELD_OUT:
      return {"The person belongs to the holdout $policy, which $heldOut.",
              "La persona pertenece al grupo de control $policy, que $heldOut."};
    case ALREADY_CHOSEN:
      return {"An earlier slot of this decision holds the same action.",
              "Un espacio anterior de esta decisión ya tiene la misma acción."};
    case NOT_ASKED:
      return {"The request asked for other actions alone.",
              "La petición solo pedía otras acciones."};
    case SLATE_FULL:
      return {
          "Earlier slots of this decision hold $seen of its $level, and at most $limit may be "
          "there.",
          "Los espacios anteriores de esta decisión ya tienen $seen de su $level, y puede "
          "haber $limit como máximo."};
    default:
      return SentenceForPolicy(reason);
  }
}

// The same of a group or an issue that the action belongs to.
Sentence SentenceForFamily(Reason reason) {
  switch (reason) {
    case NOT_STARTED:
      return {"Its $level starts on $at.", "Su $level empieza el $at."};
    case ENDED:
      return {"Its $level ended on $at.", "Su $level terminó el $at."};
    case RULE_FALSE:
      return {"The rule of its $level does not hold: $rule.",
              "La regla de su $level no se cumple: $rule."};
    case RULE_UNKNOWN:
      return {"The rule of its $level cannot be told: $rule.",
              "La regla de su $level no se puede evaluar: $rule."};
    case RULE_FAILED:
      return {"The rule of its $level went wrong: $rule.", "La regla de su $level falló: $rule."};
    default:
      return SentenceFor(reason);
  }
}

// Of a cool-down that holds because nothing can be told of the event.
constexpr Sentence kUntoldEvent{
    "Policy $policy lets it rest after the event $subject, and it is not known yet whether that "
    "happened.",
    "La política $policy la deja descansar tras el evento $subject, y aún no se sabe si ocurrió."};

Sentence PickSentence(Reason reason, const Operands& operands) {
  const bool has_no_end = base::Time{operands.at()} == base::kDistantFuture;
  if (reason == COOLING_DOWN && has_no_end) return kUntoldEvent;
  return operands.level() == ACTION_LEVEL ? SentenceFor(reason) : SentenceForFamily(reason);
}

std::string LevelText(const Operands& operands, Language language) {
  return base::StrCat(LevelName(operands.level(), language), " ", operands.level_name());
}

std::string TimeText(int64_t micros, Language language) {
  if (base::Time{micros} == base::kDistantFuture) {
    return language == Language::kSpanish ? "nunca" : "never";
  }
  return base::FormatRfc3339(base::Time{micros});
}

bool IsOfConstraint(Reason reason) { return reason == EXHAUSTED || reason == PACED; }

// What a pressure counts is in millionths, and what a budget does; rates are told in percent.
std::string CountText(int64_t count, Reason reason, const Operands& operands) {
  if (IsOfConstraint(reason) && operands.subject() == "budget") return base::FormatAmount(count);
  if (reason == LESS_WELCOME) return ShortNumber(static_cast<double>((count + 500) / 1000) / 10);
  if (reason != UNDER_PRESSURE) return base::StrCat(count);
  return ShortNumber(static_cast<double>(count) / 1e6);
}

// Of a constraint that has less than this left.
std::string LeftText(Reason reason, const Operands& operands, Language language) {
  const bool is_spanish = language == Language::kSpanish;
  if (operands.seen() <= 1) return is_spanish ? "nada" : "nothing";
  return base::StrCat(is_spanish ? "menos de " : "less than ",
                      CountText(operands.seen(), reason, operands));
}

// What a holdout keeps people from.
std::string HeldOutText(const Operands& operands, Language language) {
  const bool is_spanish = language == Language::kSpanish;
  if (operands.subject().empty()) return is_spanish ? "no recibe marketing" : "gets no marketing";
  if (operands.subject() == LevelCode(ACTION_LEVEL)) {
    return is_spanish ? "no recibe esta acción" : "does not get this action";
  }
  return base::StrCat(is_spanish ? "no recibe nada del " : "gets nothing of the ",
                      LevelText(operands, language));
}

// How an agreement keeps a competitor away.
std::string ExclusiveText(const Operands& operands, Language language) {
  const bool is_spanish = language == Language::kSpanish;
  if (operands.subject() == "placement") {
    return is_spanish ? "reserva este espacio frente a esta competidora"
                      : "has this placement without this competitor";
  }
  return base::StrCat(is_spanish ? "no la deja junto a " : "does not let it stand beside ",
                      operands.level_name());
}

std::string ChannelText(const Operands& operands, Language language) {
  if (operands.subject().empty()) return "";
  return base::StrCat(language == Language::kSpanish ? " en " : " on ", operands.subject());
}

// A preference as people say it; the kind of a constraint.
std::string SubjectText(Reason reason, const Operands& operands, Language language) {
  if (language != Language::kSpanish) return operands.subject();
  if (IsOfConstraint(reason)) {
    if (operands.subject() == "agreement") return "El acuerdo";
    return operands.subject() == "budget" ? "El presupuesto" : "La capacidad";
  }
  return reason == UNWANTED ? PreferenceName(operands.subject(), language) : operands.subject();
}

// Of a constraint whose period ends.
std::string PeriodText(const Operands& operands, Language language) {
  if (operands.at() == 0) return "";
  return base::StrCat(language == Language::kSpanish ? " hasta el " : " until ",
                      TimeText(operands.at(), language));
}

std::string RuleText(const Operands& operands, Language language) {
  return rule::LeavesText({operands.leaves().begin(), operands.leaves().end()}, language);
}

std::string_view Pick(const Sentence& sentence, Language language) {
  return language == Language::kSpanish ? sentence.spanish : sentence.english;
}

}  // namespace

std::string_view Pick(Language language, std::string_view english, std::string_view spanish) {
  return language == Language::kSpanish ? spanish : english;
}

std::string_view LevelName(Level level, Language language) {
  if (level == ACTION_LEVEL) return Pick(language, LevelCode(level), "acción");
  return Pick(language, LevelCode(level), level == ISSUE_LEVEL ? "asunto" : "grupo");
}

std::string PreferenceName(std::string_view subject, Language language) {
  if (language != Language::kSpanish) return std::string(subject);
  return absl::StrReplaceAll(base::AbslView(subject),
                             {{"channel ", "canal "}, {"topic ", "tema "}});
}

std::string StageCode(Stage stage) {
  switch (stage) {
    case ELIGIBLE:
      return "eligible";
    case APPLICABLE:
      return "applicable";
    case SUITABLE:
      return "suitable";
    case ALLOWED:
      return "allowed";
    case PROPENSITY:
      return "propensity";
    case ARBITRATION:
      return "arbitration";
    case CHOICE:
      return "choice";
    default:
      return "";
  }
}

std::string ReasonCode(Reason reason) {
  switch (reason) {
    case ADMISSIBLE:
      return "admissible";
    case EXHAUSTED:
      return "exhausted";
    case PACED:
      return "paced";
    case EXCLUSIVE:
      return "exclusive";
    case NOT_STARTED:
      return "notStarted";
    case ENDED:
      return "ended";
    case RULE_FALSE:
      return "ruleFalse";
    case RULE_UNKNOWN:
      return "ruleUnknown";
    case RULE_FAILED:
      return "ruleFailed";
    case CONSENT_DENIED:
      return "consentDenied";
    case CONSENT_MISSING:
      return "consentMissing";
    case HELD_OUT:
      return "heldOut";
    case SUPPRESSED:
      return "suppressed";
    case CAPPED:
      return "capped";
    case TOO_SOON:
      return "tooSoon";
    case QUIET:
      return "quiet";
    case BLOCKED:
      return "blocked";
    case COOLING_DOWN:
      return "coolingDown";
    case UNDER_PRESSURE:
      return "underPressure";
    case LESS_WELCOME:
      return "lessWelcome";
    case UNWANTED:
      return "unwanted";
    case PAUSED:
      return "paused";
    case ALREADY_CHOSEN:
      return "alreadyChosen";
    case SLATE_FULL:
      return "slateFull";
    case NOT_ASKED:
      return "notAsked";
    default:
      return "";
  }
}

std::string_view LevelCode(Level level) {
  if (level == ISSUE_LEVEL) return "issue";
  return level == GROUP_LEVEL ? "group" : "action";
}

std::string MethodCode(ChoiceMethod method) {
  if (method == SQUARECB) return "squarecb";
  return method == THOMPSON ? "thompson" : "greedy";
}

std::string ArmCode(HoldoutArm arm) {
  switch (arm) {
    case NOTHING_ARM:
      return "none";
    case RANDOM_ARM:
      return "random";
    case PROPENSITY_ARM:
      return "propensity";
    case NO_LEVERS_ARM:
      return "noLevers";
    default:
      return "";
  }
}

std::string ReasonText(Reason reason, const Operands& operands, Language language) {
  return absl::StrReplaceAll(base::AbslView(Pick(PickSentence(reason, operands), language)),
                             {{"$rule", RuleText(operands, language)},
                              {"$level", LevelText(operands, language)},
                              {"$heldOut", HeldOutText(operands, language)},
                              {"$exclusive", ExclusiveText(operands, language)},
                              {"$purpose", operands.purpose()},
                              {"$policy", operands.policy()},
                              {"$seen", CountText(operands.seen(), reason, operands)},
                              {"$left", LeftText(reason, operands, language)},
                              {"$limit", CountText(operands.limit(), reason, operands)},
                              {"$adds", CountText(operands.adds(), reason, operands)},
                              {"$period", PeriodText(operands, language)},
                              {"$subject", SubjectText(reason, operands, language)},
                              {"$channel", ChannelText(operands, language)},
                              {"$at", TimeText(operands.at(), language)}});
}

std::string AdmissibleText(const CandidateTrace& candidate, const Decision& decision,
                           Language language) {
  const std::string& currency = decision.currency();
  const double mean = candidate.alpha() / (candidate.alpha() + candidate.beta());
  const Sentence sentence{
      "It took part: it is accepted with a probability of $mean %, so it is worth $net net.",
      "Participó: se acepta con una probabilidad de $mean %, así que vale $net netos."};
  std::string text = absl::StrReplaceAll(
      base::AbslView(Pick(sentence, language)),
      {{"$mean", ShortNumber(mean * 100)},
       {"$net",
        absl::StripSuffix(base::StrCat(ShortNumber(candidate.net_value()), " ", currency), " ")}});
  if (decision.trace().incremental()) {
    const Sentence forgone{" Of these, $natural % would accept without being shown it.",
                           " De estos, el $natural % aceptaría sin que se le mostrara."};
    text += absl::StrReplaceAll(base::AbslView(Pick(forgone, language)),
                                {{"$natural", ShortNumber(candidate.natural() * 100)}});
  }
  for (const BoostTrace& boost : candidate.boosts()) {
    const Sentence added{" Of that, $boost are added for the agreement $name, which is behind.",
                         " De eso, $boost se suman por el acuerdo $name, que va atrasado."};
    text += absl::StrReplaceAll(
        base::AbslView(Pick(added, language)),
        {{"$name", boost.agreement()},
         {"$boost", absl::StripSuffix(
                        base::StrCat(base::FormatAmount(boost.micros()), " ", currency), " ")}});
  }
  if (candidate.not_before() != 0) text += PutOffText(candidate.not_before(), language);
  return text;
}

std::string PutOffText(int64_t not_before, Language language) {
  const Sentence sentence{" Quiet hours put it off until $at.",
                          " Las horas de silencio lo aplazan hasta el $at."};
  return absl::StrReplaceAll(base::AbslView(Pick(sentence, language)),
                             {{"$at", TimeText(not_before, language)}});
}

std::string ContributionsText(const CandidateTrace& candidate, const Trace& trace,
                              Language language) {
  constexpr size_t kNamed = 3;
  std::vector<std::pair<int32_t, std::string_view>> sides[2];  // for it, against it; by size
  const int count = std::min(candidate.contributions_size(), trace.predictors_size());
  for (int i = 0; i < count; ++i) {
    const int32_t thousandths = candidate.contributions(i);
    if (thousandths == 0) continue;
    sides[thousandths > 0 ? 0 : 1].emplace_back(std::abs(thousandths), trace.predictors(i));
  }
  const Sentence names[] = {{"For it: ", "A favor: "}, {"Against it: ", "En contra: "}};
  std::string text;
  for (size_t side = 0; side < 2; ++side) {
    auto& found = sides[side];
    if (found.empty()) continue;
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    if (found.size() > kNamed) found.resize(kNamed);
    base::StrAppend(&text, text.empty() ? "" : " ", Pick(names[side], language));
    for (size_t i = 0; i < found.size(); ++i) {
      base::StrAppend(&text, i == 0 ? "" : ", ", found[i].second, side == 0 ? " (+" : " (-",
                      ShortNumber(found[i].first / 1000.0), ")");
    }
    base::StrAppend(&text, ".");
  }
  if (!text.empty()) return text;
  return std::string(
      Pick({"No predictor tells this person apart.", "Ningún predictor distingue a esta persona."},
           language));
}

namespace {

Sentence SentenceForArm(const HoldoutRead& read) {
  switch (read.arm()) {
    case RANDOM_ARM:
      return {
          "The person belongs to the holdout $name: what is admissible is chosen at random.",
          "La persona pertenece al grupo de control $name: se elige al azar entre lo admisible."};
    case PROPENSITY_ARM:
      return {
          "The person belongs to the holdout $name: only the probability of acceptance counts, no "
          "value, no lever and no cost.",
          "La persona pertenece al grupo de control $name: solo cuenta la probabilidad de "
          "aceptación, sin valor, palanca ni costo."};
    case NO_LEVERS_ARM:
      return {"The person belongs to the holdout $name: the choice is made without levers.",
              "La persona pertenece al grupo de control $name: se elige sin palancas."};
    default:
      if (read.has_only()) {
        return {
            "The person belongs to the holdout $name: it keeps something out, and all else "
            "competes.",
            "La persona pertenece al grupo de control $name: deja algo fuera y lo demás compite."};
      }
      return {"The person belongs to the holdout $name: no marketing is offered.",
              "La persona pertenece al grupo de control $name: no se ofrece marketing."};
  }
}

}  // namespace

std::string HoldoutText(const HoldoutRead& read, Language language) {
  return absl::StrReplaceAll(base::AbslView(Pick(SentenceForArm(read), language)),
                             {{"$name", read.name()}});
}

std::string HoldoutText(const Decision& decision, Language language) {
  std::string text;
  for (const HoldoutInForce& one : HoldoutsInForce(decision)) {
    base::StrAppend(&text, text.empty() ? "" : " ", HoldoutText(*one.read, language));
  }
  if (!text.empty()) return text;
  // Of an engine by which a holdout was in force also where it was about nothing.
  for (const HoldoutRead& read : decision.trace().holdouts()) {
    if (read.name() == decision.holdout()) return HoldoutText(read, language);
  }
  return text;
}

std::string ShortNumber(double number) {
  if (!(number > -9e14 && number < 9e14)) return base::StrCat(number);
  const bool negative = number < 0;
  const double shifted = (negative ? -number : number) * 10000 + 0.5;
  const auto scaled = static_cast<int64_t>(shifted);
  std::string text = base::StrCat(scaled / 10000);
  if (scaled % 10000 != 0) {
    std::string decimals = base::StrCat(scaled % 10000 + 10000).substr(1);
    while (decimals.back() == '0') decimals.pop_back();
    base::StrAppend(&text, ".", decimals);
  }
  return negative && scaled != 0 ? base::StrCat("-", text) : text;
}

}  // namespace batuta::decision
