// What the rules of one decision read: the person, the context of the request, the time of the log
// and rows of tables; written into the trace as it is read. Internal to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/value.pb.h"
#include "decision/decision.pb.h"
#include "decision/person_view.h"
#include "expr/activation.h"
#include "rule/aggregates.h"

namespace batuta::decision {

class Situation : public expr::AttributeSource {
 public:
  // All must live as long as this. Without a context its attributes are asked of the person too: in
  // a replay both are in the trace.
  // Aggregates are in the trace under the texts that people write for them. Without a trace nothing
  // is written down.
  Situation(const PersonView& person, const base::Fields* context, base::Time now,
            const rule::AggregateTexts& texts, Trace* trace)
      : person_(person), context_(context), now_(now), texts_(texts), trace_(trace) {}

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override;
  expr::Value ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                       expr::Scratch& scratch) const override;
  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override;

 private:
  expr::Value Context(const expr::Attribute& attribute, expr::Scratch& scratch) const;
  std::string NameOf(const expr::Attribute& attribute) const;
  expr::Value Record(std::string path, const expr::Value& value) const;

  const PersonView& person_;
  const base::Fields* context_;
  base::Time now_;
  const rule::AggregateTexts& texts_;
  Trace* trace_;
};

}  // namespace batuta::decision
