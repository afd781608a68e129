#include "api/batch_names.h"

#include <algorithm>
#include <optional>

#include "api/opener.h"
#include "api/people_walk.h"
#include "engine/fold.h"
#include "identity/person_protocol.h"

namespace batuta::api {
namespace {

constexpr size_t kPeoplePerTurn = 128;

// Somebody, with what is sealed of each type; nothing of who is gone.
struct Named {
  BatchItem* item = nullptr;
  std::vector<std::optional<base::Sealed>> values = {};
};

const identity::PersonIdentifier* Newest(const identity::PersonIdentity& person,
                                         std::string_view type) {
  const identity::PersonIdentifier* newest = nullptr;
  for (const identity::PersonIdentifier& one : person.identifiers()) {
    const bool is_theirs = identity::StatusOf(one) == identity::IdentifierStatus::kConfirmed;
    if (!is_theirs || one.type() != type) continue;
    if (newest == nullptr || one.last_seen() > newest->last_seen()) newest = &one;
  }
  return newest;
}

// The people of one partition, in the order of their rows.
class NamesOfPartition {
 public:
  void Add(BatchItem& item) { named_.push_back({.item = &item}); }
  void Sort() {
    std::sort(named_.begin(), named_.end(),
              [](const Named& a, const Named& b) { return a.item->id < b.item->id; });
  }

  // Reads some more of them. False when all are read.
  bool Read(engine::Fold& fold, const std::vector<std::string>& types) {
    const size_t count = std::min(kPeoplePerTurn, named_.size() - next_);
    std::vector<base::PersonId> ids;
    for (size_t i = 0; i < count; ++i) ids.push_back(named_[next_ + i].item->id);
    engine::PersonRow scratch;
    ReadLiving(fold, ids, scratch, [&](size_t i, const engine::PersonRow& row) {
      for (const std::string& type : types) {
        auto& value = named_[next_ + i].values.emplace_back();
        const identity::PersonIdentifier* newest = Newest(row.identity(), type);
        if (newest != nullptr) value = newest->value();
      }
    });
    next_ += count;
    return next_ < named_.size();
  }

  const std::vector<Named>& all() const { return named_; }

 private:
  std::vector<Named> named_;
  size_t next_ = 0;
};

bool HasChoice(const BatchItem& item) {
  return std::any_of(item.decision.chosen().begin(), item.decision.chosen().end(),
                     [](const decision::Chosen& chosen) { return !chosen.nothing(); });
}

}  // namespace

absl::Status ReadIdentifiers(Core& core, JobContext& context, const std::vector<std::string>& types,
                             std::vector<BatchItem>& items) {
  if (types.empty()) return absl::OkStatus();
  std::vector<NamesOfPartition> parts(core.hub.partitions());
  for (BatchItem& item : items) {
    item.identifiers.assign(types.size(), "");
    if (HasChoice(item)) parts[base::Index(item.id.partition)].Add(item);
  }
  for (NamesOfPartition& part : parts) part.Sort();
  BATUTA_RETURN_IF_ERROR(context.OnPartitions([&](engine::Fold& fold) -> Turn {
    return parts[base::Index(fold.settings().partition)].Read(fold, types);
  }));
  Opener opener(core.hub.vault(), /*may_see=*/true);
  for (const NamesOfPartition& part : parts) {
    for (const Named& named : part.all()) {
      for (size_t i = 0; i < named.values.size(); ++i) {
        if (!named.values[i].has_value()) continue;
        // Of somebody who is erased just now it is masked, which is no text.
        named.item->identifiers[i] = opener.OpenText(*named.values[i], types[i]).text();
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace batuta::api
