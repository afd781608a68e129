// Asks the rules of segments of one person after the other.
//
// Reads what it is bound to, keeps nothing of it, decides nothing. Not thread-safe; one a thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "expr/activation.h"
#include "expr/evaluate.h"
#include "rule/explain.h"
#include "rule/person.h"
#include "segment/membership.h"
#include "segment/segments.h"
#include "table/content.h"

namespace batuta::segment {

class Evaluation {
 public:
  // `meaning` is of the same definitions, and lives as long as this.
  Evaluation(std::shared_ptr<const Segments> segments, const rule::Meaning& meaning);
  ~Evaluation();

  const Segments& segments() const { return *segments_; }

  // The editions of the segments that count, parallel to segments().all(). Without, none does.
  void UseEditions(std::vector<uint64_t> editions);
  std::span<const uint64_t> editions() const { return editions_; }
  // What rules look rows up in from now on; without, tables are empty.
  void UseTables(std::shared_ptr<const table::Tables> tables);
  // The index of the segment whose edition it is; nothing if it counts no more.
  std::optional<uint32_t> FindEdition(uint64_t edition) const;

  // The person that is asked about from now on. All is borrowed until the next Bind, and may change
  // meanwhile if Changed() is called. What a rule asks of other segments it finds in `memberships`.
  void Bind(const rule::PersonState& person, const Memberships& memberships);
  void Changed();

  expr::Value Evaluate(const expr::Program& program);
  // Whether the person fits the rule. What is unknown is no.
  bool Fits(const Segment& segment);
  rule::Outcome Judge(const rule::Rule& rule);
  std::vector<rule::Leaf> Explain(const rule::Rule& rule);

  // The first time after now at which the rule may say otherwise though nothing happens;
  // kDistantFuture if time has no part in it. Changes of features are not looked for.
  base::Time NextTurn(const Segment& segment);

 private:
  class Source;

  std::shared_ptr<const Segments> segments_;
  const rule::ReadPlan plan_;
  std::unique_ptr<Source> source_;
  expr::Activation activation_;
  expr::Evaluator evaluator_;
  std::shared_ptr<const table::Tables> tables_ = std::make_shared<const table::Tables>();
  std::vector<uint64_t> editions_;
  absl::flat_hash_map<uint64_t, uint32_t> by_edition_;
};

}  // namespace batuta::segment
