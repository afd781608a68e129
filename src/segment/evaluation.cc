#include "segment/evaluation.h"

#include <optional>
#include <utility>

#include "base/status.h"
#include "expr/operators.h"
#include "rule/list.h"

namespace batuta::segment {

// A person, the time, and the names of the segments that the person is in.
class Evaluation::Source : public expr::AttributeSource {
 public:
  Source(const Evaluation& evaluation, const rule::Meaning& meaning)
      : evaluation_(evaluation), person_(meaning, {.profile = kNobody}, &evaluation.plan_) {}

  void Bind(const rule::PersonState& person, const Memberships& memberships) {
    person_.Bind(person);
    identity_ = person.identity;
    memberships_ = &memberships;
    now_ = person.now;
  }
  void set_now(base::Time now) { now_ = now; }
  base::Time now() const { return now_; }

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
    const auto own = ReadOwn(attribute, scratch);
    return own.has_value() ? *own : person_.Read(attribute, scratch);
  }
  expr::Value ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                       expr::Scratch& scratch) const override {
    const auto own = ReadOwn(attribute, scratch);
    return own.has_value() ? *own : person_.ReadSlot(slot, attribute, scratch);
  }
  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override {
    if (!rule::ListOf(table).has_value()) {
      return table::Lookup(*evaluation_.tables_, table, key, scratch);
    }
    return rule::LookupList(*evaluation_.tables_, table, identity_, scratch);
  }

 private:
  inline static const profile::Profile kNobody;

  std::optional<expr::Value> ReadOwn(const expr::Attribute& attribute,
                                     expr::Scratch& scratch) const {
    if (attribute.variable == "now") return rule::TimeValue(now_.micros);
    const bool is_segments = attribute.variable == "person" && !attribute.fields.empty() &&
                             attribute.fields[0] == "segments";
    if (!is_segments) return std::nullopt;
    expr::Value value = Names(scratch);
    for (size_t i = 1; i < attribute.fields.size(); ++i) {
      value = expr::Select(value, attribute.fields[i], scratch);
    }
    return value;
  }

  expr::Value Names(expr::Scratch& scratch) const {
    std::vector<expr::Value> names;
    for (const Membership& membership : *memberships_) {
      const auto index = evaluation_.FindEdition(membership.edition());
      if (!index.has_value()) continue;
      names.push_back(expr::Value::Text(evaluation_.segments().all()[*index].name));
    }
    if (!scratch.Charge(names.size() + 1)) return expr::Scratch::OverBudget();
    return expr::Value::List(scratch.arena.Copy(std::span<const expr::Value>(names)));
  }

  const Evaluation& evaluation_;
  rule::PersonSource person_;
  const identity::PersonIdentity* identity_ = nullptr;
  const Memberships* memberships_ = nullptr;
  base::Time now_;
};

Evaluation::Evaluation(std::shared_ptr<const Segments> segments, const rule::Meaning& meaning)
    : segments_(std::move(segments)),
      plan_(segments_->table(), meaning),
      source_(std::make_unique<Source>(*this, meaning)),
      activation_(segments_->table(), *source_),
      evaluator_(rule::kRuleBudget) {}

Evaluation::~Evaluation() = default;

void Evaluation::UseEditions(std::vector<uint64_t> editions) {
  BATUTA_CHECK(editions.size() == segments_->all().size());
  editions_ = std::move(editions);
  by_edition_.clear();
  for (uint32_t i = 0; i < editions_.size(); ++i) by_edition_[editions_[i]] = i;
}

void Evaluation::UseTables(std::shared_ptr<const table::Tables> tables) {
  tables_ = std::move(tables);
  activation_.Clear();
}

std::optional<uint32_t> Evaluation::FindEdition(uint64_t edition) const {
  const auto found = by_edition_.find(edition);
  return found == by_edition_.end() ? std::nullopt : std::optional(found->second);
}

void Evaluation::Bind(const rule::PersonState& person, const Memberships& memberships) {
  source_->Bind(person, memberships);
  activation_.Clear();
}

void Evaluation::Changed() { activation_.Clear(); }

expr::Value Evaluation::Evaluate(const expr::Program& program) {
  return evaluator_.Evaluate(program, activation_);
}

bool Evaluation::Fits(const Segment& segment) { return Judge(*segment.rule) == rule::OUTCOME_TRUE; }

rule::Outcome Evaluation::Judge(const rule::Rule& rule) {
  return rule::Judge(rule, activation_, evaluator_);
}

std::vector<rule::Leaf> Evaluation::Explain(const rule::Rule& rule) {
  return rule::Explain(rule, segments_->table(), activation_, evaluator_);
}

base::Time Evaluation::NextTurn(const Segment& segment) {
  const rule::Turns& turns = segment.rule->turns();
  if (turns.empty()) return base::kDistantFuture;
  const base::Time now = source_->now();
  const base::Time next = turns.Next(now, [this](const expr::Program& program, base::Time at) {
    source_->set_now(at);
    activation_.Clear();
    return evaluator_.Evaluate(program, activation_);
  });
  source_->set_now(now);
  activation_.Clear();
  return next;
}

}  // namespace batuta::segment
