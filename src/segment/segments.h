// All segments of one version of the resources, compiled, and which of them a change of a person
// may concern.
//
// A segment's definition has an id: a hash of its name, its rule, and all that gives the rule its
// meaning (the traits and features that it reads, the segments that it asks for). Another meaning
// is another id, whose members have to be found anew; a new title is not. Immutable; shared by any
// threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "expr/activation.h"
#include "feature/spec.h"
#include "resource/problem.h"
#include "resource/set.h"
#include "rule/compile.h"
#include "rule/vocabulary.h"

namespace batuta::segment {

struct Segment {
  std::string name;
  uint64_t id = 0;
  std::shared_ptr<const rule::Rule> rule;
  std::set<std::string> traits;  // that it reads, itself or by features
  // The numbers of the aggregates that it reads, also by the names of features; ascending.
  std::vector<uint64_t> features;
  std::vector<uint32_t> needs;  // the segments that its rule asks for; all before this one
  std::vector<uint32_t> users;  // those that ask for this one; all after it
  // Those that its rule looks up in, or that of a segment it asks for, also as lists and
  // populations are kept; sorted.
  std::vector<std::string> tables;
};

// What of a person a rule may read, but for traits, which are told apart by name.
enum class Facet : uint8_t { kIdentifiers, kConsents, kPreferences, kGroups, kSeen };
inline constexpr size_t kFacets = 5;

class Segments {
 public:
  // Appends what is wrong to `problems` and leaves those segments out, and whoever asks for them.
  static std::shared_ptr<const Segments> Compile(const resource::ResourceSet& resources,
                                                 const rule::Vocabulary& vocabulary,
                                                 std::vector<resource::Problem>& problems);

  // Each after those that it needs; otherwise by name.
  std::span<const Segment> all() const { return segments_; }
  // Null if there is none.
  const Segment* Find(std::string_view name) const;

  // Indexes of the segments whose rules read that, ascending.
  std::span<const uint32_t> OfTrait(std::string_view name) const;
  std::span<const uint32_t> OfFacet(Facet facet) const;
  // Of a feature, by its number.
  std::span<const uint32_t> OfFeature(uint64_t number) const;
  // Whose rules look up in that table themselves.
  std::span<const uint32_t> OfTable(std::string_view table) const;
  // Those that turn at times of their own; those that read any feature.
  std::span<const uint32_t> WithTurns() const { return with_turns_; }
  std::span<const uint32_t> WithFeatures() const { return with_features_; }

  // What their rules ask of populations for.
  rule::Tops Tops() const;
  // The aggregates that have to be kept for them.
  std::vector<feature::FeatureSpec> Aggregates() const;

  const expr::AttributeTable& table() const { return table_; }

 private:
  friend class SegmentCompiler;
  Segments() = default;
  void Index();

  std::vector<Segment> segments_;
  expr::AttributeTable table_;
  std::map<std::string, uint32_t, std::less<>> by_name_;
  std::map<std::string, std::vector<uint32_t>, std::less<>> by_trait_;
  std::map<std::string, std::vector<uint32_t>, std::less<>> by_table_;
  absl::flat_hash_map<uint64_t, std::vector<uint32_t>> by_feature_;
  std::vector<uint32_t> by_facet_[kFacets];
  std::vector<uint32_t> with_turns_;
  std::vector<uint32_t> with_features_;
};

}  // namespace batuta::segment
