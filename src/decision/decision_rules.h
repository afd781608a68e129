// The rules of one decision, asked of its person: what several of them read is read once, and a
// rule that stands above several actions is asked once. Internal to this folder.
#pragma once

#include <map>

#include "decision/catalogue.h"
#include "decision/person_view.h"
#include "decision/situation.h"
#include "expr/activation.h"
#include "expr/evaluate.h"
#include "learn/models.h"
#include "policy/caps.h"
#include "rule/compile.h"
#include "rule/explain.h"

namespace batuta::decision {

class DecisionRules {
 public:
  // Both must outlive it.
  DecisionRules(const expr::AttributeTable& attributes, const Situation& situation);

  rule::Outcome Judge(const rule::Rule& rule);
  // The same; the answer is kept.
  rule::Outcome JudgeOnce(const rule::Rule& rule);
  // Writes the leaves that made the outcome.
  void Explain(const rule::Rule& rule, Operands& operands);
  // The time that the rule's attribute of `feature` holds; kDistantPast if there is none.
  base::Time TimeIn(const rule::Rule& rule);

 private:
  const expr::AttributeTable& attributes_;
  expr::Activation activation_;
  expr::Evaluator evaluator_;
  std::map<const rule::Rule*, rule::Outcome> known_;  // only looked up
};

// What the catalogue's policies look up of the person. Blocks and cool-downs of which nothing can
// be told hold: nobody is contacted because the events of before are not counted yet.
class PersonLookups : public policy::Lookups {
 public:
  struct Facts {
    const Catalogue& catalogue;
    DecisionRules& rules;
    // Null where nobody asks for preferred channels, or nothing is known.
    const PersonView* person = nullptr;
    const learn::ModelView* models = nullptr;
  };
  explicit PersonLookups(const Facts& facts) : facts_(facts) {}
  policy::Hold HoldOf(size_t policy) const override;
  // Over all placements on the channel.
  int64_t UsualOn(std::string_view channel) const override;
  bool Wants(std::string_view channel) const override;

 private:
  const Facts facts_;
};

}  // namespace batuta::decision
