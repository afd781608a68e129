#include "decision/packed_candidates.h"

#include <algorithm>
#include <cstdint>

#include "base/encoding.h"
#include "base/text.h"
#include "decision/packing.h"

namespace batuta::decision {
namespace {

// The parts of a candidate, in the order in which they follow the flags: those first that differ
// most often, so that most words of flags are short. What may be absent follows wherever it is
// there; all else where it is not as before.
enum class Part : uint32_t {
  kAlpha,
  kBeta,
  kNetValue,
  kValue,
  kScore,
  kGroup,
  kTreatment,
  kReason,  // and the stage
  kContributions,
  kNatural,
  kNaturalScore,
  kDeclared,
  kRest,  // what has a message of its own
  kIssue,
  kVariant,
  kKind,  // the class, quiet hours, whether it is mandatory and may be explored
  kCost,
  kLever,
  kMaturity,
  kNotBefore,
  kEnds,
  kValued,
  kWorth,
};

constexpr uint32_t Flag(Part part) { return uint32_t{1} << static_cast<uint32_t>(part); }

// What a treatment is called beside its action: how much it shares, and what follows.
struct Beside {
  explicit Beside(const CandidateTrace& candidate)
      : shared(SharedPrefix(candidate.treatment(), candidate.action())),
        all(shared == candidate.action().size()),
        more(std::string_view(candidate.treatment()).substr(shared)) {}
  // Whether it is made of its action as the other is of its own.
  friend bool operator==(const Beside& a, const Beside& b) {
    return a.more == b.more && a.all == b.all && (a.all || a.shared == b.shared);
  }

  size_t shared;
  bool all;
  std::string_view more;
};

uint64_t KindOf(const CandidateTrace& candidate) {
  return static_cast<uint64_t>(candidate.action_class()) << 4 |
         static_cast<uint64_t>(candidate.quiet_hours()) << 2 | (candidate.explore_never() ? 2 : 0) |
         (candidate.mandatory() ? 1 : 0);
}

void SetKind(uint64_t kind, CandidateTrace& candidate) {
  candidate.set_action_class(static_cast<policy::ActionClass>(kind >> 4));
  candidate.set_quiet_hours(static_cast<QuietHours>(kind >> 2 & 3));
  candidate.set_explore_never((kind & 2) != 0);
  candidate.set_mandatory((kind & 1) != 0);
}

bool HasRest(const CandidateTrace& candidate) {
  return candidate.has_operands() || !candidate.levers().empty() || !candidate.boosts().empty() ||
         !candidate.codes().empty() || !candidate.numbers().empty();
}

std::string RestOf(const CandidateTrace& candidate) {
  CandidateTrace rest;
  if (candidate.has_operands()) *rest.mutable_operands() = candidate.operands();
  *rest.mutable_levers() = candidate.levers();
  *rest.mutable_boosts() = candidate.boosts();
  *rest.mutable_codes() = candidate.codes();
  *rest.mutable_numbers() = candidate.numbers();
  return rest.SerializeAsString();
}

// What a candidate was worth that took part, of what else is known of it. This is part of how logs
// are read: another way to arbitrate leaves it as it is, and what it gives is written then.
double ExpectedNetValue(bool incremental, const CandidateTrace& candidate) {
  if (candidate.reason() != ADMISSIBLE) return 0;
  const double rate = candidate.alpha() / (candidate.alpha() + candidate.beta());
  const double forgone = incremental ? candidate.natural() : 0;
  double value = static_cast<double>(candidate.value_micros()) / 1e6;
  if (value > 0) value *= candidate.lever();
  int64_t boosts = 0;
  for (const BoostTrace& boost : candidate.boosts()) boosts += boost.micros();
  return (rate - forgone) * value - static_cast<double>(candidate.cost_micros()) / 1e6 +
         static_cast<double>(boosts) / 1e6;
}

// Which parts of the candidate follow.
uint32_t FlagsOf(bool incremental, const CandidateTrace& candidate, const CandidateTrace& before) {
  uint32_t flags = 0;
  const auto set = [&](Part part, bool follows) { flags |= follows ? Flag(part) : 0; };
  set(Part::kAlpha, candidate.alpha() != before.alpha());
  set(Part::kBeta, candidate.beta() != before.beta());
  set(Part::kNetValue, !AreSame(candidate.net_value(), ExpectedNetValue(incremental, candidate)));
  set(Part::kValue, candidate.value_micros() != before.value_micros());
  set(Part::kScore, candidate.has_score());
  set(Part::kGroup, candidate.group() != before.group());
  set(Part::kTreatment, !(Beside(candidate) == Beside(before)));
  set(Part::kReason, candidate.reason() != before.reason() || candidate.stage() != before.stage());
  set(Part::kContributions, !candidate.contributions().empty());
  set(Part::kNatural, candidate.natural() != before.natural());
  set(Part::kNaturalScore, candidate.has_natural_score());
  set(Part::kDeclared, candidate.has_declared_micros());
  set(Part::kRest, HasRest(candidate));
  set(Part::kIssue, candidate.issue() != before.issue());
  set(Part::kVariant, candidate.variant() != before.variant());
  set(Part::kKind, KindOf(candidate) != KindOf(before));
  set(Part::kCost, candidate.cost_micros() != before.cost_micros());
  set(Part::kLever, candidate.lever() != before.lever());
  set(Part::kMaturity, candidate.maturity() != before.maturity());
  set(Part::kNotBefore, candidate.not_before() != before.not_before());
  set(Part::kEnds, candidate.ends() != before.ends());
  set(Part::kValued, candidate.valued() != before.valued());
  set(Part::kWorth, candidate.worth() != before.worth());
  return flags;
}

void Write(bool incremental, const CandidateTrace& candidate, const CandidateTrace& before,
           base::ByteWriter& out) {
  const uint32_t flags = FlagsOf(incremental, candidate, before);
  const auto follows = [&](Part part) { return (flags & Flag(part)) != 0; };
  out.Varint(flags);
  WriteBeside(candidate.action(), before.action(), out);
  if (follows(Part::kAlpha)) out.Double(candidate.alpha());
  if (follows(Part::kBeta)) out.Double(candidate.beta());
  if (follows(Part::kNetValue)) out.Double(candidate.net_value());
  if (follows(Part::kValue)) out.Signed(candidate.value_micros());
  if (follows(Part::kScore)) out.Double(candidate.score());
  if (follows(Part::kGroup)) WriteBeside(candidate.group(), before.group(), out);
  if (follows(Part::kTreatment)) WriteBeside(candidate.treatment(), candidate.action(), out);
  if (follows(Part::kReason)) {
    out.Varint(static_cast<uint64_t>(candidate.stage()));
    out.Varint(static_cast<uint64_t>(candidate.reason()));
  }
  if (follows(Part::kContributions)) {
    out.Varint(static_cast<uint64_t>(candidate.contributions_size()));
    for (const int32_t thousandths : candidate.contributions()) out.Signed(thousandths);
  }
  if (follows(Part::kNatural)) out.Double(candidate.natural());
  if (follows(Part::kNaturalScore)) out.Double(candidate.natural_score());
  if (follows(Part::kDeclared)) out.Signed(candidate.declared_micros());
  if (follows(Part::kRest)) out.Bytes(RestOf(candidate));
  if (follows(Part::kIssue)) WriteBeside(candidate.issue(), before.issue(), out);
  if (follows(Part::kVariant)) out.Bytes(candidate.variant());
  if (follows(Part::kKind)) out.Varint(KindOf(candidate));
  if (follows(Part::kCost)) out.Signed(candidate.cost_micros());
  if (follows(Part::kLever)) out.Double(candidate.lever());
  if (follows(Part::kMaturity)) out.Double(candidate.maturity());
  if (follows(Part::kNotBefore)) out.Signed(candidate.not_before());
  if (follows(Part::kEnds)) out.Signed(candidate.ends());
  if (follows(Part::kValued)) out.Double(candidate.valued());
  if (follows(Part::kWorth)) out.Double(candidate.worth());
}

// Everything of the one before that may stay the same, but for its names.
void Inherit(const CandidateTrace& before, CandidateTrace& candidate) {
  candidate.set_alpha(before.alpha());
  candidate.set_beta(before.beta());
  candidate.set_value_micros(before.value_micros());
  candidate.set_group(before.group());
  candidate.set_stage(before.stage());
  candidate.set_reason(before.reason());
  candidate.set_natural(before.natural());
  candidate.set_issue(before.issue());
  candidate.set_variant(before.variant());
  SetKind(KindOf(before), candidate);
  candidate.set_cost_micros(before.cost_micros());
  candidate.set_lever(before.lever());
  candidate.set_maturity(before.maturity());
  candidate.set_not_before(before.not_before());
  candidate.set_ends(before.ends());
  candidate.set_valued(before.valued());
  candidate.set_worth(before.worth());
}

std::string TreatmentLike(const CandidateTrace& before, const std::string& action) {
  const Beside beside(before);
  const size_t shared = beside.all ? action.size() : std::min(beside.shared, action.size());
  return base::StrCat(std::string_view(action).substr(0, shared), beside.more);
}

bool ReadContributions(base::ByteReader& in, CandidateTrace& candidate) {
  const uint64_t count = in.Varint();
  if (count > in.rest().size()) return false;
  candidate.mutable_contributions()->Reserve(static_cast<int>(count));
  for (uint64_t i = 0; i < count; ++i) {
    const int64_t thousandths = in.Signed();
    if (thousandths != static_cast<int32_t>(thousandths)) return false;
    candidate.add_contributions(static_cast<int32_t>(thousandths));
  }
  return true;
}

// The numbers behind the names.
bool ReadNumbers(uint32_t flags, base::ByteReader& in, CandidateTrace& candidate) {
  const auto follows = [&](Part part) { return (flags & Flag(part)) != 0; };
  if (follows(Part::kKind)) SetKind(in.Varint(), candidate);
  if (follows(Part::kCost)) candidate.set_cost_micros(in.Signed());
  if (follows(Part::kLever)) candidate.set_lever(in.Double());
  if (follows(Part::kMaturity)) candidate.set_maturity(in.Double());
  if (follows(Part::kNotBefore)) candidate.set_not_before(in.Signed());
  if (follows(Part::kEnds)) candidate.set_ends(in.Signed());
  if (follows(Part::kValued)) candidate.set_valued(in.Double());
  if (follows(Part::kWorth)) candidate.set_worth(in.Double());
  return in.ok() && policy::ActionClass_IsValid(candidate.action_class()) &&
         QuietHours_IsValid(candidate.quiet_hours());
}

bool Read(bool incremental, const CandidateTrace& before, base::ByteReader& in,
          CandidateTrace& candidate) {
  const uint64_t word = in.Varint();
  if (word >= uint64_t{2} << static_cast<uint32_t>(Part::kWorth)) return false;
  const auto flags = static_cast<uint32_t>(word);
  const auto follows = [&](Part part) { return (flags & Flag(part)) != 0; };
  candidate.set_action(ReadBeside(before.action(), in));
  Inherit(before, candidate);
  if (follows(Part::kAlpha)) candidate.set_alpha(in.Double());
  if (follows(Part::kBeta)) candidate.set_beta(in.Double());
  if (follows(Part::kNetValue)) candidate.set_net_value(in.Double());
  if (follows(Part::kValue)) candidate.set_value_micros(in.Signed());
  if (follows(Part::kScore)) candidate.set_score(in.Double());
  if (follows(Part::kGroup)) candidate.set_group(ReadBeside(before.group(), in));
  candidate.set_treatment(follows(Part::kTreatment) ? ReadBeside(candidate.action(), in)
                                                    : TreatmentLike(before, candidate.action()));
  if (follows(Part::kReason)) {
    candidate.set_stage(static_cast<Stage>(in.Varint()));
    candidate.set_reason(static_cast<Reason>(in.Varint()));
  }
  if (follows(Part::kContributions) && !ReadContributions(in, candidate)) return false;
  if (follows(Part::kNatural)) candidate.set_natural(in.Double());
  if (follows(Part::kNaturalScore)) candidate.set_natural_score(in.Double());
  if (follows(Part::kDeclared)) candidate.set_declared_micros(in.Signed());
  if (follows(Part::kRest) && !candidate.MergeFromString(std::string(in.Bytes()))) return false;
  if (follows(Part::kIssue)) candidate.set_issue(ReadBeside(before.issue(), in));
  if (follows(Part::kVariant)) candidate.set_variant(std::string(in.Bytes()));
  if (!ReadNumbers(flags, in, candidate)) return false;
  if (!follows(Part::kNetValue)) candidate.set_net_value(ExpectedNetValue(incremental, candidate));
  return Stage_IsValid(candidate.stage()) && Reason_IsValid(candidate.reason());
}

bool HasTexts(const CandidateTrace& candidate) {
  return base::IsValidUtf8(candidate.action()) && base::IsValidUtf8(candidate.group()) &&
         base::IsValidUtf8(candidate.issue()) && base::IsValidUtf8(candidate.treatment()) &&
         base::IsValidUtf8(candidate.variant());
}

}  // namespace

std::string PackCandidates(const Trace& trace) {
  base::ByteWriter out;
  const CandidateTrace* before = &CandidateTrace::default_instance();
  for (const CandidateTrace& candidate : trace.candidates()) {
    Write(trace.incremental(), candidate, *before, out);
    before = &candidate;
  }
  return out.Take();
}

bool UnpackCandidates(std::string_view bytes, Trace& trace) {
  base::ByteReader in(bytes);
  const CandidateTrace* before = &CandidateTrace::default_instance();
  while (!in.AtEnd()) {
    CandidateTrace& candidate = *trace.add_candidates();
    if (!Read(trace.incremental(), *before, in, candidate) || !HasTexts(candidate)) return false;
    before = &candidate;
  }
  return in.ok();
}

}  // namespace batuta::decision
