// Erasures that the vault knows of and the state does not, which is older.
//
// The ledger holds keyed hashes and epochs, so whom it means is seen by the seals: a person whose
// identifier was last sealed under a destroyed key was there before the erasure. Who came with that
// identifier later has it sealed under a key of a later epoch.
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/runtime_hub.h"
#include "identity/refs.h"

namespace batuta::engine {
namespace {

constexpr int kRounds = 100;  // one for a person, and one more for each merge that was under way

using ErasedEpochs = std::map<base::IdentifierHash, uint32_t>;  // the last one of each

// A weak identifier may have come to the erased person, and its key have gone with them, after the
// backup showed it with somebody else. So it does not speak against who has firmer ones.
bool WasErased(const identity::PersonIdentity& person, const ErasedEpochs& erased,
               const identity::Settings& settings) {
  bool has_firm = false;
  bool has_erased = false;
  for (const identity::PersonIdentifier& identifier : person.identifiers()) {
    if (identifier.ruling() != identity::HELD) continue;
    const bool is_firm = !settings.Of(identifier.type()).weak;
    const auto entry = erased.find(identity::FromRef(identifier.hash()));
    const bool is_erased = entry != erased.end() && identifier.value().epoch() <= entry->second;
    if (is_firm && is_erased) return true;
    has_firm |= is_firm;
    has_erased |= is_erased;
  }
  return has_erased && !has_firm;
}

// The living person who has the identifier, if any, and their id.
const PersonRow* HolderOf(Runtime& runtime, const base::IdentifierHash& identifier,
                          base::PersonId& person) {
  Fold& home = runtime.partition(identity::HomeOf(identifier, runtime.partitions())).fold();
  const identity::IdentifierRow* row = home.state().identifiers.Find(identifier);
  if (row == nullptr || !row->has_person()) return nullptr;
  person = identity::FromRef(row->person());
  while (true) {
    const PersonRow* found = runtime.partition(person.partition).fold().state().people.Find(person);
    if (found == nullptr || !found->identity().has_merged_into()) return found;
    person = identity::FromRef(found->identity().merged_into());
  }
}

}  // namespace

void Hub::StepUntilQuiet() {
  for (bool worked = true; worked;) {
    worked = runtime_->StepCommit();
    for (uint16_t p = 0; p <= partitions(); ++p) {
      worked |= runtime_->StepPartition(base::PartitionId{p});
    }
    worked |= runtime_->StepCheckpoint();
    worked |= StepOutbox();
  }
}

absl::StatusOr<size_t> Hub::EraseListed() {
  BATUTA_CHECK(!housekeeper_.joinable());
  BATUTA_ASSIGN_OR_RETURN(const std::vector<vault::Erasure> listed, vault_->Erasures());
  ErasedEpochs erased;
  for (const vault::Erasure& entry : listed) {
    uint32_t& epoch = erased[entry.owner];
    epoch = std::max(epoch, entry.epoch);
  }
  size_t count = 0;
  for (int round = 0; round < kRounds; ++round) {
    StepUntilQuiet();
    std::set<base::PersonId> people;
    std::vector<log::Entry> entries;
    for (const auto& [owner, epoch] : erased) {
      base::PersonId person;
      const PersonRow* row = HolderOf(*runtime_, owner, person);
      if (row == nullptr || people.contains(person)) continue;
      const base::PartitionId home = identity::HomeOf(owner, partitions());
      const Definitions& definitions = runtime_->partition(home).fold().definitions();
      if (!WasErased(row->identity(), erased, definitions.identity)) continue;
      people.insert(person);
      EraseAsk ask;
      ask.set_identifier(owner.ToBytes());
      entries.push_back({.partition = home,
                         .type = static_cast<uint8_t>(RecordType::kEraseAsk),
                         .stamp = options_.clock->Wall(),
                         .id = DrawId(),
                         .payload = ask.SerializeAsString()});
    }
    if (entries.empty()) return count;
    count += entries.size();
    runtime_->AppendInternal(std::move(entries));
  }
  return absl::InternalError("people whom the ledger lists are still there after their erasure");
}

}  // namespace batuta::engine
