// Fuzzes the taking of tracking calls. Each body is refused as a whole, or becomes one record per
// event; a record can always be read by the fold; and what an accepted event says is what the hub's
// own JSON parser reads in the same body, sealed or not.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "connect/ingest.h"
#include "engine/record.h"
#include "engine/row.pb.h"
#include "fuzz/input.h"
#include "log/sim_disk.h"
#include "resource/derived_fact.h"
#include "store/shared_resources.h"

namespace batuta::connect {
namespace {

constexpr base::Time kNow{1'767'225'600'000'000};  // 2026-01-01
constexpr const char* kTypes[] = {"", "identify", "track", "page", "screen", "group", "alias"};
constexpr size_t kEventsMax = 100;

// A vault and what else a body is taken with. Made anew now and then, as the vault gets a key for
// each identifier that any input names.
class World {
 public:
  World() {
    auto master = vault::MasterKey::FromBytes(std::string(32, 'k'));
    BATUTA_CHECK_OK(master.status());
    auto opened = vault::Vault::Open(shared_, {.path = "/vault",
                                               .disk = &disk_,
                                               .access = store::FileAccess::through_disk,
                                               .master_key = *master,
                                               .entropy = [this](std::span<uint8_t> bytes) {
                                                 for (uint8_t& byte : bytes) {
                                                   byte = static_cast<uint8_t>(random_.Bits());
                                                 }
                                               }});
    BATUTA_CHECK_OK(opened.status());
    vault_ = *std::move(opened);
  }
  vault::Vault& vault() { return *vault_; }

  absl::StatusOr<Ingested> Take(std::string_view body, std::string_view type) {
    padded_.assign(body);
    padded_.resize(body.size() + simdjson::SIMDJSON_PADDING, '\0');
    const IngestOptions options = {.event = {.vault = *vault_,
                                             .identity = identity_,
                                             .classification = classification_,
                                             .source = "fuzz",
                                             .received_at = kNow},
                                   .partitions = 4,
                                   .type = type,
                                   .events_max = kEventsMax};
    return Ingest(parser_, {padded_.data(), body.size()}, options,
                  [this] { return base::RecordId{{random_.Bits(), random_.Bits()}}; });
  }

 private:
  store::SharedResources shared_{
      {.block_cache_bytes = size_t{1} << 20, .write_buffer_bytes = size_t{8} << 20}};
  log::SimDisk disk_;
  base::Random random_{1, base::Id128{}, "fuzz", ""};
  std::unique_ptr<vault::Vault> vault_;
  identity::Settings identity_;
  resource::Classification classification_;
  simdjson::dom::parser parser_;
  std::string padded_;
};

// Compares what events hold with what their body says.
class Comparison {
 public:
  explicit Comparison(vault::Vault& vault) : vault_(vault) {}

  void Fields(const base::Fields& taken, const base::Fields& said, const std::string& path) {
    int derived = 0;
    for (const base::Field& field : taken.fields()) {
      const base::Value* value = base::Find(said, field.name());
      if (value == nullptr && IsDerived(field, path)) {
        ++derived;
        continue;
      }
      BATUTA_CHECK(value != nullptr, path);
      Value(field.value(), *value, base::StrCat(path, ".", field.name()));
    }
    BATUTA_CHECK(taken.fields_size() == said.fields_size() + derived, path);
  }

 private:
  // A fact beside what was said; never sealed.
  static bool IsDerived(const base::Field& field, std::string_view path) {
    const resource::DerivedFact* fact = resource::FindFact(field.name());
    if (fact == nullptr || (path != "traits" && path != "properties")) return false;
    const base::Value& value = field.value();
    return value.has_null() || (fact->is_number ? value.has_number() : value.has_text());
  }

  void Value(const base::Value& taken, const base::Value& said, const std::string& path) {
    if (taken.has_sealed()) {
      const auto plain = vault_.Unseal(taken.sealed(), path);
      BATUTA_CHECK(plain.ok(), path);
      const auto value = base::ParseJson(*plain);
      BATUTA_CHECK(value.ok() && base::Equal(*value, said), path);
    } else if (taken.has_object()) {
      BATUTA_CHECK(said.has_object(), path);
      Fields(taken.object(), said.object(), path);
    } else if (taken.has_list()) {
      const int count = taken.list().values_size();
      BATUTA_CHECK(said.has_list() && said.list().values_size() == count, path);
      for (int i = 0; i < count; ++i) Value(taken.list().values(i), said.list().values(i), path);
    } else {
      BATUTA_CHECK(base::Equal(taken, said), path);
    }
  }

  vault::Vault& vault_;
};

void CheckMember(vault::Vault& vault, const base::Fields& taken, const base::Fields& call,
                 const std::string& name) {
  const base::Value* said = base::Find(call, name);
  const bool is_said = said != nullptr && said->has_object();
  Comparison(vault).Fields(taken, is_said ? said->object() : base::Fields(), name);
}

base::Fields Decode(const std::string& bytes) {
  base::Fields fields;
  BATUTA_CHECK(fields.ParseFromString(bytes), "fields of a record do not parse");
  return fields;
}

// An event goes on within messages, and its traits into the rows of persons: a few levels deeper
// than in its own record, and they must be readable there.
void CheckTravels(const engine::Event& event) {
  engine::Message message;
  *message.mutable_event()->mutable_event() = event;
  BATUTA_CHECK(engine::Message().ParseFromString(message.SerializeAsString()),
               "an event's message does not parse");
  engine::PersonRow row;
  for (const base::Field& field : event.traits().fields()) {
    *row.mutable_profile()->add_traits()->add_statements()->mutable_value() = field.value();
  }
  BATUTA_CHECK(engine::PersonRow().ParseFromString(row.SerializeAsString()),
               "a person's row does not parse");
}

void CheckEntry(World& world, const log::Entry& entry, const base::Value* call) {
  if (entry.type == static_cast<uint8_t>(engine::RecordType::kRejection)) {
    engine::Rejection rejection;
    BATUTA_CHECK(rejection.ParseFromString(entry.payload), "a rejection does not parse");
    BATUTA_CHECK(!rejection.code().empty());
    return;
  }
  engine::Event event;
  BATUTA_CHECK(event.ParseFromString(entry.payload), "an event's record does not parse");
  BATUTA_CHECK(event.identifiers().identifiers_size() > 0 && !event.message_id().empty());
  CheckTravels(event);
  const base::Fields properties = Decode(event.properties());
  const base::Fields context = Decode(event.context());
  if (call == nullptr) return;
  BATUTA_CHECK(call->has_object());
  CheckMember(world.vault(), event.traits(), call->object(), "traits");
  CheckMember(world.vault(), properties, call->object(), "properties");
  CheckMember(world.vault(), context, call->object(), "context");
}

// What the hub's parser refuses and the other one takes: no more than these.
void CheckRefusal(const absl::Status& refused) {
  const std::string message(refused.message());
  const bool is_known =
      message.find("twice") != std::string::npos || message.find("too deep") != std::string::npos;
  BATUTA_CHECK(is_known, message);
}

// A batch is taken apart if one of its events is not JSON.
bool HasBrokenEvent(const Ingested& taken) {
  for (const RejectedEvent& event : taken.rejected) {
    if (event.refusal.code == "not_json" || event.refusal.code == "too_deep") return true;
  }
  return false;
}

void CheckBody(World& world, std::string_view body, std::string_view type) {
  const auto taken = world.Take(body, type);
  if (!taken.ok()) {
    BATUTA_CHECK(absl::IsInvalidArgument(taken.status()));
    return;
  }
  const auto said = base::ParseJson(body);
  if (!said.ok() && !(type.empty() && HasBrokenEvent(*taken))) CheckRefusal(said.status());
  const base::Value* batch = nullptr;
  if (said.ok() && type.empty()) {
    batch = base::Find(said->object(), "batch");
    BATUTA_CHECK(batch != nullptr && batch->has_list());
    BATUTA_CHECK(static_cast<size_t>(batch->list().values_size()) == taken->entries.size());
  }
  BATUTA_CHECK(taken->entries.size() <= kEventsMax && (type.empty() || taken->entries.size() == 1));
  for (size_t i = 0; i < taken->entries.size(); ++i) {
    const base::Value* call = batch != nullptr ? &batch->list().values(static_cast<int>(i))
                              : said.ok()      ? &*said
                                               : nullptr;
    CheckEntry(world, taken->entries[i], call);
  }
}

}  // namespace
}  // namespace batuta::connect

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::connect;
  constexpr uint64_t kInputsPerWorld = 10'000;
  static World* world = nullptr;  // not destroyed at the end, when what RocksDB needs is gone
  static uint64_t inputs = 0;
  if (inputs++ % kInputsPerWorld == 0) {
    delete world;
    world = new World();
  }
  batuta::fuzz::Input input(data, size);
  const std::string_view type = kTypes[input.U8() % std::size(kTypes)];
  CheckBody(*world, input.rest(), type);
  return 0;
}
