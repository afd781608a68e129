// What a checkpoint and a read cost.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "store/database.h"
#include "store/test_folder.h"

namespace batuta::store {
namespace {

std::string Key(uint64_t i) {
  return absl::StrCat(absl::Hex(i * 0x9E3779B97F4A7C15, absl::kZeroPad16));
}

// One iteration: a checkpoint of people of 1 kB.
void WritePeople(benchmark::State& state) {
  const TestFolder folder;
  SharedResources shared({});
  const auto database = *Database::Open(shared, {.path = folder.path() + "/p", .hub = {1, 2}});
  uint64_t next = 0, offset = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Batch batch;
    for (int64_t i = 0; i < state.range(0); ++i) {
      std::string value(1000, 'x');
      value.replace(0, 16, Key(next));
      batch.Put(Table::people, Key(next++ % 1'000'000), std::move(value));
    }
    state.ResumeTiming();
    if (!database->Write(batch, base::Offset{++offset}).ok()) state.SkipWithError("write");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(WritePeople)->Arg(100)->Arg(16'000)->Unit(benchmark::kMillisecond)->UseRealTime();

void GetPerson(benchmark::State& state) {
  const TestFolder folder;
  SharedResources shared({.block_cache_bytes = 256 << 20});
  const auto database = *Database::Open(shared, {.path = folder.path() + "/p", .hub = {1, 2}});
  constexpr uint64_t kPeople = 100'000;
  Batch batch;
  for (uint64_t i = 0; i < kPeople; ++i) batch.Put(Table::people, Key(i), std::string(1000, 'x'));
  if (!database->Write(batch, base::Offset{1}).ok()) state.SkipWithError("write");
  uint64_t at = 0;
  const uint64_t first = state.range(0) == 0 ? 0 : kPeople;  // 1: absent keys
  for (auto _ : state) {
    at = (at + 7919) % kPeople;
    benchmark::DoNotOptimize(database->Get(Table::people, Key(first + at)));
  }
}
BENCHMARK(GetPerson)->Arg(0)->Arg(1);

}  // namespace
}  // namespace batuta::store

BENCHMARK_MAIN();
