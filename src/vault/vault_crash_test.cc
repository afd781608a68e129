// The vault's promises under loss of power at every disk operation.
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gtest/gtest.h"
#include "log/sim_disk.h"
#include "vault/vault.h"

namespace batuta::vault {
namespace {

constexpr base::Time kNow{1'700'000'000'000'000};
struct PowerLoss {};

class VaultCrashTest : public testing::Test {
 protected:
  Vault::Options Options(uint64_t seed) {
    const auto random = std::make_shared<base::Random>(seed, base::Id128{1, 2}, "test", "entropy");
    return {.path = "hub/vault",
            .disk = &disk_,
            .access = store::FileAccess::through_disk,
            .master_key = *MasterKey::FromBytes(std::string(32, 'm')),
            .cached_keys = 64,
            .entropy = [random](std::span<uint8_t> bytes) {
              for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random->Below(256));
            }};
  }
  // From the n-th disk operation on there is no power. True if it came to that.
  template <typename Work>
  bool CutPower(uint64_t n, uint64_t seed, Work work) {
    uint64_t calls = 0;
    disk_.SetHook([&](log::DiskCall, const std::string&) {
      if (++calls >= n) throw PowerLoss();
    });
    bool was_cut = false;
    try {
      work();
    } catch (const PowerLoss&) {
      was_cut = true;
    }
    disk_.SetHook(nullptr);
    disk_.Crash(seed);
    return was_cut;
  }

  log::SimDisk disk_;
  store::SharedResources shared_{{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20}};
};

TEST_F(VaultCrashTest, AVaultCutOffWhileItIsMadeIsMadeInTheEnd) {
  bool was_cut = true;
  uint64_t cuts = 0;
  for (uint64_t n = 1; was_cut; n += 1 + n / 16) {
    disk_.~SimDisk();
    new (&disk_) log::SimDisk();
    was_cut = CutPower(n, n, [&] { ASSERT_TRUE(Vault::Open(shared_, Options(n)).ok()); });
    cuts += was_cut ? 1 : 0;
    const auto vault = Vault::Open(shared_, Options(n + 1));
    ASSERT_TRUE(vault.ok()) << n << ": " << vault.status();
    EXPECT_FALSE((*vault)->HubId().IsZero());
  }
  EXPECT_GT(cuts, 20u);
}

TEST_F(VaultCrashTest, KeysOfAcknowledgedGroupsAreThereAndErasuresHold) {
  auto opened = Vault::Open(shared_, Options(1));
  ASSERT_TRUE(opened.ok());
  std::unique_ptr<Vault> vault = *std::move(opened);
  struct Value {
    base::Sealed sealed;
    std::string text;
    enum { kKept, kPerhapsErased, kErased } state = kKept;
  };
  std::vector<Value> acknowledged;
  base::Random random(3, {1, 1}, "test", "work");
  uint64_t cuts = 0;
  for (uint64_t round = 0; round < 60; ++round) {
    std::vector<Value> group;
    const base::IdentifierHash victim{{random.Below(4) << 54, random.Below(4)}};
    const auto belongs_to_victim = [&](const Value& value) {
      return value.sealed.key() == victim.ToBytes();
    };
    const bool was_cut = CutPower(1 + random.Below(120), round, [&] {
      for (int i = 0; i < 6; ++i) {
        const base::IdentifierHash owner{{random.Below(4) << 54, random.Below(4)}};
        const std::string text = absl::StrCat(round, "/", i);
        group.push_back({*vault->Seal(owner, text, "f"), text});
      }
      ASSERT_TRUE(vault->Sync().ok());
      for (Value& value : group) acknowledged.push_back(std::move(value));
      for (Value& value : acknowledged) {
        if (belongs_to_victim(value) && value.state == Value::kKept) {
          value.state = Value::kPerhapsErased;
        }
      }
      const base::Time when = kNow + base::Seconds(static_cast<int64_t>(round));
      ASSERT_TRUE(vault->Erase({&victim, 1}, when).ok());
      for (Value& value : acknowledged) {
        if (belongs_to_victim(value)) value.state = Value::kErased;
      }
      vault.reset();
    });
    cuts += was_cut ? 1 : 0;
    vault.reset();
    auto again = Vault::Open(shared_, Options(round + 2));
    ASSERT_TRUE(again.ok()) << round << ": " << again.status();
    vault = *std::move(again);
    ASSERT_TRUE(vault->Verify().ok());
    for (Value& value : acknowledged) {
      const auto text = vault->Unseal(value.sealed, "f");
      if (absl::IsNotFound(text.status()) && value.state != Value::kKept) {
        value.state = Value::kErased;
        continue;
      }
      ASSERT_NE(value.state, Value::kErased) << "was erased, and is back";
      ASSERT_TRUE(text.ok()) << round << ": " << text.status();
      ASSERT_EQ(*text, value.text);
      value.state = Value::kKept;
    }
  }
  EXPECT_GT(cuts, 20u);
}

TEST_F(VaultCrashTest, TheSameCallsDoTheSameDiskOperations) {
  std::vector<std::string> runs[2];
  for (std::vector<std::string>& run : runs) {
    log::SimDisk disk;
    disk.SetHook([&](log::DiskCall call, const std::string& path) {
      run.push_back(absl::StrCat(static_cast<int>(call), " ", path));
    });
    Vault::Options options = Options(7);
    options.disk = &disk;
    const auto vault = *Vault::Open(shared_, options);
    for (uint64_t i = 0; i < 200; ++i) {
      ASSERT_TRUE(vault->Seal({{i << 52, i}}, "x", "f").ok());
      if (i % 50 != 0) continue;
      const base::IdentifierHash owner{{i << 52, i}};
      ASSERT_TRUE(vault->Sync().ok());
      ASSERT_TRUE(vault->Erase({&owner, 1}, kNow).ok());
    }
    disk.SetHook(nullptr);
  }
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace batuta::vault
