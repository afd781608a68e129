// All segments of one version of the resources, compiled, and which of them a change of a person
// may concern.
//
// A segment's definition has an id: a hash of its name, its rule, and all that gives the rule its
// meaning (the traits that it reads, the segments that it asks for). Another meaning is another id,
// whose members have to be found anew; a new title is not. Immutable; shared by any threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/activation.h"
#include "profile/survivorship.h"
#include "resource/problem.h"
#include "resource/set.h"
#include "rule/compile.h"
#include "rule/person.h"
#include "rule/turns.h"
#include "rule/vocabulary.h"

namespace batuta::segment {

struct Segment {
  std::string name;
  uint64_t id = 0;
  std::shared_ptr<const rule::Rule> rule;
  rule::Turns turns;            // when the passing of time alone changes it
  std::vector<uint32_t> needs;  // the segments that its rule asks for; all before this one
  std::vector<uint32_t> users;  // those that ask for this one; all after it
};

// What of a person a rule may read, but for traits, which are told apart by name.
enum class Facet : uint8_t { kIdentifiers, kConsents, kPreferences, kGroups, kSeen };
inline constexpr size_t kFacets = 5;

class Segments {
 public:
  // Appends what is wrong to `problems` and leaves those segments out, and whoever asks for them.
  // `rules` must live as long as what is made.
  static std::shared_ptr<const Segments> Compile(const resource::ResourceSet& resources,
                                                 const rule::Vocabulary& vocabulary,
                                                 const profile::Rules& rules,
                                                 std::vector<resource::Problem>& problems);

  // Each after those that it needs; otherwise by name.
  std::span<const Segment> all() const { return segments_; }
  // Null if there is none.
  const Segment* Find(std::string_view name) const;

  // Indexes of the segments whose rules read that, ascending.
  std::span<const uint32_t> OfTrait(std::string_view name) const;
  std::span<const uint32_t> OfFacet(Facet facet) const;
  std::span<const uint32_t> WithTurns() const { return with_turns_; }

  const expr::AttributeTable& table() const { return table_; }
  const rule::ReadPlan& plan() const { return *plan_; }
  const profile::Rules& rules() const { return *rules_; }

 private:
  friend class SegmentCompiler;
  Segments() = default;
  void Index();

  const profile::Rules* rules_ = nullptr;
  std::vector<Segment> segments_;
  expr::AttributeTable table_;
  std::unique_ptr<const rule::ReadPlan> plan_;
  std::map<std::string, uint32_t, std::less<>> by_name_;
  std::map<std::string, std::vector<uint32_t>, std::less<>> by_trait_;
  std::vector<uint32_t> by_facet_[kFacets];
  std::vector<uint32_t> with_turns_;
};

}  // namespace batuta::segment
