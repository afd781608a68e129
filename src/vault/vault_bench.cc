// What the vault costs: per hash, per sealed value, per new key, per erasure.
#include <benchmark/benchmark.h>

#include "log/posix_disk.h"
#include "store/test_folder.h"
#include "vault/vault.h"

namespace batuta::vault {
namespace {

struct Bench {
  store::TestFolder folder;
  log::PosixDisk disk;
  store::SharedResources shared{{}};
  std::unique_ptr<Vault> vault =
      *Vault::Open(shared, {.path = folder.path() + "/vault",
                            .disk = &disk,
                            .master_key = *MasterKey::FromBytes(std::string(32, 'm'))});
  uint64_t next = 0;

  // Spread as real hashes are.
  base::IdentifierHash Owner(uint64_t i) const { return {{i * 0x9E3779B97F4A7C15, i}}; }
};

void HashIdentifier(benchmark::State& state) {
  const Bench bench;
  for (auto _ : state) {
    benchmark::DoNotOptimize(bench.vault->HashIdentifier("email", "ana.lopez@example.com"));
  }
}
BENCHMARK(HashIdentifier);

void SealWithCachedKey(benchmark::State& state) {
  const Bench bench;
  const std::string text(30, 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(bench.vault->Seal(bench.Owner(1), text, "traits.name"));
  }
}
BENCHMARK(SealWithCachedKey);

void Unseal(benchmark::State& state) {
  const Bench bench;
  const auto sealed = *bench.vault->Seal(bench.Owner(1), std::string(30, 'x'), "traits.name");
  for (auto _ : state) benchmark::DoNotOptimize(bench.vault->Unseal(sealed, "traits.name"));
}
BENCHMARK(Unseal);

// One iteration: a group of new keys and the sync that makes them durable.
void NewKeysInGroups(benchmark::State& state) {
  Bench bench;
  const int64_t group = state.range(0);
  for (auto _ : state) {
    for (int64_t i = 0; i < group; ++i) {
      benchmark::DoNotOptimize(bench.vault->Seal(bench.Owner(bench.next++), "x", "f"));
    }
    if (!bench.vault->Sync().ok()) state.SkipWithError("sync failed");
  }
  state.SetItemsProcessed(state.iterations() * group);
}
BENCHMARK(NewKeysInGroups)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond)->UseRealTime();
// A million keys, and then the erasure of single ones among them.
void MillionKeysThenErase(benchmark::State& state) {
  Bench bench;
  for (bench.next = 0; bench.next < 1'000'000; ++bench.next) {
    benchmark::DoNotOptimize(bench.vault->Seal(bench.Owner(bench.next), "x", "f"));
    if (bench.next % 10'000 == 9'999 && !bench.vault->Sync().ok()) state.SkipWithError("sync");
  }
  uint64_t victim = 0;
  for (auto _ : state) {
    const base::IdentifierHash owner = bench.Owner(victim += 7919);
    if (!bench.vault->Erase({&owner, 1}, base::Time{0}).ok()) state.SkipWithError("erase");
  }
}
BENCHMARK(MillionKeysThenErase)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(10);

}  // namespace
}  // namespace batuta::vault

BENCHMARK_MAIN();
