#include "engine/example_rows.h"

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"

namespace batuta::engine {
namespace {

constexpr size_t kChoiceBytes = 18 + sizeof(uint32_t);  // decision, slot
constexpr size_t kTimeBytes = sizeof(uint64_t);

// Encoded so that what is earlier comes first.
uint64_t Ascending(base::Time time) {
  return static_cast<uint64_t>(time.micros) ^ (uint64_t{1} << 63);
}

}  // namespace

std::string ExamplesOf(const ModelKey& model) {
  return PartitionState::KeyOf(RowKind::kExample, model.bytes);
}

std::string FromTime(const std::string& examples, base::Time time) {
  base::ByteWriter writer;
  writer.Raw(examples);
  writer.U64(Ascending(time));
  return writer.Take();
}

std::string KeyOfExample(const learn::TrainingMessage& training) {
  BATUTA_CHECK(training.decision().size() == kChoiceBytes - sizeof(uint32_t));
  base::ByteWriter writer;
  writer.Raw(FromTime(
      ExamplesOf(ModelKey::Of(training.values().model(), training.action(), training.placement())),
      base::Time{training.example_time()}));
  writer.Raw(training.decision());
  writer.U32(training.slot());
  return writer.Take();
}

base::Time TimeOfExample(std::string_view key) {
  BATUTA_CHECK(key.size() >= kTimeBytes + kChoiceBytes);
  base::ByteReader reader(key.substr(key.size() - kTimeBytes - kChoiceBytes));
  return base::Time{static_cast<int64_t>(reader.U64() ^ (uint64_t{1} << 63))};
}

uint32_t ShapeOf(std::span<const uint32_t> predictor_keys) {
  base::ByteWriter writer;
  for (const uint32_t key : predictor_keys) writer.U32(key);
  return static_cast<uint32_t>(base::Hash64(writer.bytes()));
}

std::string VisitExamples(PartitionState& state, std::string_view model, const std::string& after,
                          absl::FunctionRef<bool(const KeptExample&)> visit) {
  base::ByteWriter writer;
  writer.Bytes(model);
  const std::string all = PartitionState::KeyOf(RowKind::kExample, writer.bytes());
  std::string last;
  state.rows.Scan(after.empty() ? all : after + '\0', "",
                  [&](std::string_view key, std::string_view bytes) {
                    if (!key.starts_with(all)) return false;
                    ExampleRow row;
                    BATUTA_CHECK(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
                                 "a stored example does not parse");
                    base::ByteReader names(key.substr(all.size()));
                    const std::string_view action = names.Bytes();
                    const std::string_view placement = names.Bytes();
                    last = std::string(key);
                    return visit({action, placement, TimeOfExample(key), row});
                  });
  return last;
}

}  // namespace batuta::engine
