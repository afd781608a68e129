#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckPlacement(const base::Fields& spec, Findings& findings) {
  const Reader choice = Reader(spec).Object("choice");
  if (choice.Has("draws") && choice.Text("method") != "thompson")
    findings.Error("conflict", "/spec/choice/draws",
                   "\"draws\" has an effect with method: thompson only; leave it out");
}

Schema Choice() {
  return Object(
      {Optional("method", Enum({"squarecb", "thompson", "greedy"})
                              .Default("squarecb")
                              .Describe("How exploring and exploiting are balanced.")),
       Optional("floor", Number().Range(0, 1).Default(0.02).Describe(
                             "The probability in total that is spread evenly over the candidates "
                             "that may be explored.")),
       Optional(
           "draws",
           Integer().Range(1, 100'000).Default(1000).Describe("Posterior draws; for thompson."))});
}

}  // namespace

Kind PlacementKind() {
  return {.name = "placement",
          .plural = "placements",
          .description = "A spot that asks for decisions.",
          .spec = Object(
              {Required("channel", Name().Describe("The channel it belongs to.")),
               Optional("direction", Enum({"inbound", "outbound"})
                                         .Default("inbound")
                                         .Describe("Who speaks first: the person, who looks or "
                                                   "calls, or the company. Quiet hours concern "
                                                   "the company alone.")),
               Optional("slots", Integer().Range(1, 100).Default(1).Describe(
                                     "How many answers it shows at most.")),
               Optional("exposure", Enum({"decision", "impression"})
                                        .Default("impression")
                                        .Describe("Which event says that the person has seen it.")),
               Optional("expiresAfter", Span().Positive().Default("30m").Describe(
                                            "When a reservation without exposure is given back.")),
               Optional("ignoredAfter",
                        Span().Positive().Default("24h").Describe(
                            "When what was seen without an outcome counts as ignored.")),
               Optional("model", Reference("model").Describe(
                                     "The model that says how likely people accept what it shows; "
                                     "without it every action has one rate for all.")),
               Optional("incremental",
                        Boolean().Default(false).Describe(
                            "Whether an acceptance counts only as far as it would not have come "
                            "without being shown anything, which holdouts teach.")),
               Optional("choice", Choice().Describe("How one of the candidates is chosen."))}),
          .check = CheckPlacement};
}

}  // namespace batuta::resource
