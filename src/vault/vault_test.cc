#include "vault/vault.h"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "log/posix_disk.h"
#include "log/sim_disk.h"
#include "store/test_folder.h"

namespace batuta::vault {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

constexpr base::Time kNow{1'700'000'000'000'000};

MasterKey Key(char letter) { return *MasterKey::FromBytes(std::string(32, letter)); }

// Every test runs on the machine's disk and on the simulated one.
class VaultTest : public testing::TestWithParam<store::FileAccess> {
 protected:
  bool IsDirect() const { return GetParam() == store::FileAccess::direct; }
  base::Disk& disk() { return IsDirect() ? static_cast<base::Disk&>(posix_disk_) : sim_disk_; }
  std::string Path() const { return folder_.path() + "/vault"; }

  Vault::Options Options() {
    return {.path = Path(),
            .disk = &disk(),
            .access = GetParam(),
            .master_key = Key('m'),
            .cached_keys = 256};
  }
  std::unique_ptr<Vault> Open() {
    auto opened = Vault::Open(shared_, Options());
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  absl::Status OpenError() { return Vault::Open(shared_, Options()).status(); }

  // All bytes of all files below the folder, by path.
  std::vector<std::pair<std::string, std::string>> Files(const std::string& folder) {
    std::vector<std::pair<std::string, std::string>> files;
    const auto names = disk().List(folder);
    for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
      const std::string path = folder + "/" + name;
      for (auto& below : Files(path)) files.push_back(std::move(below));
      const auto content = base::ReadFile(disk(), path);
      if (content.ok()) files.emplace_back(path, *content);
    }
    return files;
  }
  // The paths of the files that hold the bytes.
  std::vector<std::string> FilesWith(std::string_view bytes) {
    std::vector<std::string> found;
    for (const auto& [path, content] : Files(Path())) {
      if (content.find(bytes) != std::string::npos) found.push_back(path);
    }
    return found;
  }
  // The wrapped form of the owner's first key, from the journal, right after a Sync: name, two
  // bytes of lengths, generation, nonce, wrapped key.
  std::string WrappedKey(const base::IdentifierHash& owner) {
    const std::string name = "k" + owner.ToBytes() + std::string("\0\0\0\1", 4);
    for (const auto& [path, content] : Files(Path())) {
      const size_t at = content.find(name);
      if (path.find("/journal-") == std::string::npos || at == std::string::npos) continue;
      return content.substr(at + name.size() + 2 + 4 + 12, 32);
    }
    ADD_FAILURE() << "no journal holds the key";
    return "";
  }
  void Replace(const std::string& path, const std::string& content) {
    ASSERT_TRUE(base::ReplaceFile(disk(), path, content).ok());
  }

  const store::TestFolder folder_;
  log::PosixDisk posix_disk_;
  log::SimDisk sim_disk_;
  store::SharedResources shared_{{.block_cache_bytes = 8 << 20, .write_buffer_bytes = 8 << 20}};
};

INSTANTIATE_TEST_SUITE_P(Files, VaultTest,
                         testing::Values(store::FileAccess::direct,
                                         store::FileAccess::through_disk),
                         [](const auto& files) {
                           return files.param == store::FileAccess::direct ? "Direct"
                                                                           : "ThroughDisk";
                         });

TEST_P(VaultTest, UnsealsWhatItSealed) {
  const auto vault = Open();
  const auto owner = vault->HashIdentifier("email", "ana@example.com");
  for (const std::string& text : {std::string(), std::string("ana"), std::string(5000, 'x')}) {
    const auto sealed = vault->Seal(owner, text, "traits.name");
    ASSERT_TRUE(sealed.ok());
    EXPECT_EQ(sealed->epoch(), 1u);
    EXPECT_EQ(sealed->key(), owner.ToBytes());
    EXPECT_EQ(*vault->Unseal(*sealed, "traits.name"), text);
  }
}

TEST_P(VaultTest, TheHubKeepsItsIdSeedAndHashes) {
  auto vault = Open();
  const auto hub = vault->HubId();
  const auto seed = vault->HubSeed();
  const auto identifier = vault->HashIdentifier("email", "a");
  const auto value = vault->HashValue("a");
  vault.reset();
  vault = Open();
  EXPECT_EQ(vault->HubId(), hub);
  EXPECT_EQ(vault->HubSeed(), seed);
  EXPECT_EQ(vault->HashIdentifier("email", "a"), identifier);
  EXPECT_EQ(vault->HashValue("a"), value);
  EXPECT_NE(value, static_cast<const base::Id128&>(identifier));
}

TEST_P(VaultTest, HashesTellTypesAndValuesApart) {
  const auto vault = Open();
  EXPECT_EQ(vault->HashIdentifier("email", "a"), vault->HashIdentifier("email", "a"));
  EXPECT_NE(vault->HashIdentifier("email", "a"), vault->HashIdentifier("email", "b"));
  EXPECT_NE(vault->HashIdentifier("phone", "1"), vault->HashIdentifier("email", "1"));
  EXPECT_NE(vault->HashIdentifier("a", "bc"), vault->HashIdentifier("ab", "c"));
}

TEST_P(VaultTest, EqualValuesHaveEqualHashesAndDifferentBoxes) {
  const auto vault = Open();
  const auto a = *vault->Seal({{1, 1}}, "same", "f");
  const auto b = *vault->Seal({{2, 2}}, "same", "g");
  const auto c = *vault->Seal({{1, 1}}, "other", "f");
  EXPECT_EQ(a.equality(), b.equality());
  EXPECT_EQ(a.equality(), vault->HashValue("same").ToBytes());
  EXPECT_NE(a.equality(), c.equality());
  EXPECT_NE(a.box(), vault->Seal({{1, 1}}, "same", "f")->box());
}

TEST_P(VaultTest, AValueOpensOnlyInItsOwnField) {
  const auto vault = Open();
  const auto sealed = *vault->Seal({{1, 1}}, "ana", "traits.name");
  EXPECT_EQ(vault->Unseal(sealed, "traits.city").status().code(), StatusCode::kDataLoss);
}

TEST_P(VaultTest, AValueOpensOnlyWithItsOwnOwnerAndEpoch) {
  const auto vault = Open();
  auto sealed = *vault->Seal({{1, 1}}, "ana", "f");
  ASSERT_TRUE(vault->Seal({{2, 2}}, "eva", "f").ok());
  sealed.set_key(base::Id128{2, 2}.ToBytes());
  EXPECT_EQ(vault->Unseal(sealed, "f").status().code(), StatusCode::kDataLoss);
  sealed.set_key(base::Id128{1, 1}.ToBytes());
  sealed.set_epoch(2);
  EXPECT_EQ(vault->Unseal(sealed, "f").status().code(), StatusCode::kDataLoss);
}

TEST_P(VaultTest, AnyFlippedBitOfABoxIsNoticed) {
  const auto vault = Open();
  const auto sealed = *vault->Seal({{1, 1}}, "ana", "f");
  for (size_t bit = 0; bit < sealed.box().size() * 8; ++bit) {
    auto changed = sealed;
    char& byte = (*changed.mutable_box())[bit / 8];
    byte = static_cast<char>(byte ^ (1 << bit % 8));
    EXPECT_EQ(vault->Unseal(changed, "f").status().code(), StatusCode::kDataLoss) << bit;
  }
}

TEST_P(VaultTest, ShortAndEmptyBoxesAreNoticed) {
  const auto vault = Open();
  auto sealed = *vault->Seal({{1, 1}}, "ana", "f");
  sealed.set_box(sealed.box().substr(0, 20));
  EXPECT_EQ(vault->Unseal(sealed, "f").status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(vault->Unseal(base::Sealed(), "f").status().code(), StatusCode::kDataLoss);
}

TEST_P(VaultTest, KeysAreThereAfterSyncAndReopening) {
  std::vector<base::Sealed> values;
  {
    const auto vault = Open();
    for (uint64_t i = 0; i < 3000; ++i) {
      const base::IdentifierHash owner{{i << 50, i}};
      values.push_back(*vault->Seal(owner, absl::StrCat("v", i), "f"));
    }
    ASSERT_TRUE(vault->Sync().ok());
    ASSERT_TRUE(vault->Verify().ok());
  }
  const auto vault = Open();
  for (size_t i = 0; i < values.size(); ++i) {
    const auto opened = vault->Unseal(values[i], "f");
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(*opened, absl::StrCat("v", i));
  }
  // More keys than the cache holds: the owner keeps the key it has.
  EXPECT_EQ(*vault->Unseal(*vault->Seal({{0, 0}}, "again", "f"), "f"), "again");
  EXPECT_EQ(*vault->Unseal(values[0], "f"), "v0");
}

TEST_P(VaultTest, WhatWasErasedCannotBeUnsealedAlsoAfterReopening) {
  auto vault = Open();
  const base::IdentifierHash ana{{1, 1}}, eva{{1, 2}}, far{{~uint64_t{0}, 3}};
  const auto of_ana = *vault->Seal(ana, "ana", "f");
  const auto of_eva = *vault->Seal(eva, "eva", "f");
  const auto of_far = *vault->Seal(far, "far", "f");
  ASSERT_TRUE(vault->Sync().ok());
  const std::vector<base::IdentifierHash> erased = {ana, far, ana};
  ASSERT_TRUE(vault->Erase(erased, kNow).ok());
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vault->Unseal(of_ana, "f").status(), absl::NotFoundError("erased"));
    EXPECT_EQ(vault->Unseal(of_far, "f").status(), absl::NotFoundError("erased"));
    EXPECT_EQ(*vault->Unseal(of_eva, "f"), "eva");  // the neighbour on the same shelf
    EXPECT_TRUE(vault->IsErased(ana, 1));
    EXPECT_FALSE(vault->IsErased(ana, 2));
    EXPECT_FALSE(vault->IsErased(eva, 1));
    vault.reset();
    vault = Open();
  }
}

TEST_P(VaultTest, TheNextSealAfterAnErasureOpensANewEpoch) {
  auto vault = Open();
  const base::IdentifierHash ana{{1, 1}};
  const auto old_value = *vault->Seal(ana, "old", "f");
  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow).ok());
  const auto new_value = *vault->Seal(ana, "new", "f");
  ASSERT_TRUE(vault->Sync().ok());
  EXPECT_EQ(new_value.epoch(), 2u);
  vault.reset();
  vault = Open();
  EXPECT_EQ(*vault->Unseal(new_value, "f"), "new");
  EXPECT_EQ(vault->Unseal(old_value, "f").status(), absl::NotFoundError("erased"));
  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow + base::Seconds(1)).ok());
  EXPECT_EQ(vault->Seal(ana, "newest", "f")->epoch(), 3u);
}

// Whoever asks again after a crash does not know that it was done.
TEST_P(VaultTest, AskingForTheSameErasureAgainLeavesNewerKeysAlone) {
  auto vault = Open();
  const base::IdentifierHash ana{{1, 1}};
  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow).ok());
  const auto sealed = *vault->Seal(ana, "new", "f");
  ASSERT_TRUE(vault->Sync().ok());
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(vault->Erase({&ana, 1}, kNow).ok());
    EXPECT_EQ(*vault->Unseal(sealed, "f"), "new");
    vault.reset();
    vault = Open();
  }
}

TEST_P(VaultTest, ErasingWhoIsUnknownEndsTheFirstEpoch) {
  const auto vault = Open();
  const base::IdentifierHash nobody{{5, 5}};
  ASSERT_TRUE(vault->Erase({&nobody, 1}, kNow).ok());
  EXPECT_EQ(vault->Seal(nobody, "x", "f")->epoch(), 2u);
}

// The keys are drawn from a known source, so the test knows them.
TEST_P(VaultTest, NoFileHoldsADestroyedKeyRawOrWrapped) {
  std::vector<std::string> drawn;
  Vault::Options options = Options();
  base::Random random(1, {2, 3}, "test", "entropy");
  options.entropy = [&](std::span<uint8_t> bytes) {
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Below(256));
    drawn.emplace_back(bytes.begin(), bytes.end());
  };
  const auto vault = *Vault::Open(shared_, options);
  const base::IdentifierHash ana{{0x1122334455667788, 0x99aabbccddeeff00}};
  const base::IdentifierHash neighbour{{0x1122334455667788, 1}};
  drawn.clear();
  ASSERT_TRUE(vault->Seal(ana, "ana", "f").ok());
  const std::string raw_key = drawn.front();
  ASSERT_EQ(raw_key.size(), 32u);
  ASSERT_TRUE(vault->Seal(neighbour, "neighbour", "f").ok());
  ASSERT_TRUE(vault->Sync().ok());

  const std::string wrapped = WrappedKey(ana);
  ASSERT_FALSE(FilesWith(wrapped).empty());

  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow).ok());
  EXPECT_THAT(FilesWith(raw_key), testing::IsEmpty());
  EXPECT_THAT(FilesWith(wrapped), testing::IsEmpty());
  EXPECT_TRUE(vault->Sync().ok());
}

TEST_P(VaultTest, AnErasureInTablesOfSeveralLevelsLeavesNothing) {
  const auto vault = Open();
  const base::IdentifierHash ana{{0x1122334455667788, 0x99aa}};
  std::string wrapped;
  for (uint64_t round = 0; round < 4; ++round) {
    if (round == 1) {
      ASSERT_TRUE(vault->Seal(ana, "ana", "f").ok());
    }
    for (uint64_t i = 0; i < 500; ++i) {
      ASSERT_TRUE(vault->Seal({{(i * 4 + round) << 50, round}}, "x", "f").ok());
    }
    ASSERT_TRUE(vault->Sync().ok());
    if (round == 1) wrapped = WrappedKey(ana);
    // Purging writes the tables, so that each round's keys are in files of their own.
    const base::IdentifierHash other{{round + 1, 0}};
    ASSERT_TRUE(vault->Erase({&other, 1}, kNow).ok());
  }
  ASSERT_FALSE(FilesWith(wrapped).empty());
  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow).ok());
  EXPECT_THAT(FilesWith(wrapped), testing::IsEmpty());
  EXPECT_TRUE(vault->Verify().ok());
}

TEST_P(VaultTest, ErasingManyAtOnceKeepsTheRest) {
  const auto vault = Open();
  std::vector<base::Sealed> values;
  std::vector<base::IdentifierHash> erased;
  for (uint64_t i = 0; i < 400; ++i) {
    const base::IdentifierHash owner{{i << 55, i}};
    values.push_back(*vault->Seal(owner, "x", "f"));
    if (i % 3 == 0) erased.push_back(owner);
  }
  ASSERT_TRUE(vault->Sync().ok());
  ASSERT_TRUE(vault->Erase(erased, kNow).ok());
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(vault->Unseal(values[i], "f").status().code(),
              i % 3 == 0 ? StatusCode::kNotFound : StatusCode::kOk);
  }
}

TEST_P(VaultTest, ARestoredBackupForgetsAgainWhatTheLedgerLists) {
  auto vault = Open();
  const base::IdentifierHash ana{{1, 1}}, eva{{2, 2}};
  const auto of_ana = *vault->Seal(ana, "ana", "f");
  const auto of_eva = *vault->Seal(eva, "eva", "f");
  ASSERT_TRUE(vault->Sync().ok());
  ASSERT_TRUE(vault->Backup(folder_.path() + "/backup").ok());
  EXPECT_EQ(vault->Backup(folder_.path() + "/backup").code(), StatusCode::kAlreadyExists);
  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow).ok());

  Vault::Options options = Options();
  options.path = folder_.path() + "/backup";
  auto restored = *Vault::Open(shared_, options);
  EXPECT_EQ(*restored->Unseal(of_ana, "f"), "ana");
  EXPECT_EQ(*restored->ApplyLedger(vault->LedgerPath()), 1u);
  EXPECT_EQ(*restored->ApplyLedger(vault->LedgerPath()), 0u);
  EXPECT_EQ(restored->Unseal(of_ana, "f").status(), absl::NotFoundError("erased"));
  EXPECT_EQ(*restored->Unseal(of_eva, "f"), "eva");
  restored.reset();
  restored = *Vault::Open(shared_, options);
  EXPECT_EQ(restored->Unseal(of_ana, "f").status(), absl::NotFoundError("erased"));
  EXPECT_EQ(restored->Seal(ana, "x", "f")->epoch(), 2u);
}

TEST_P(VaultTest, RefusesAnotherMasterKey) {
  Open().reset();
  Vault::Options options = Options();
  options.master_key = Key('x');
  const absl::Status status = Vault::Open(shared_, options).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the master key does not open"));
}

TEST_P(VaultTest, RefusesToMakeAVaultWhereDataIsWaitingForOne) {
  Vault::Options options = Options();
  options.if_absent = Vault::IfAbsent::refuse;
  const absl::Status status = Vault::Open(shared_, options).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("restore the vault"));
}

TEST_P(VaultTest, RefusesWhenAPartIsMissing) {
  Open().reset();
  for (const char* part : {"/ledger", "/shelves", "/secrets", "/keys/tables/CURRENT"}) {
    const std::string path = Path() + part;
    const std::string content = *base::ReadFile(disk(), path);
    ASSERT_TRUE(disk().Remove(path).ok());
    const absl::Status status = OpenError();
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << part << " " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("restore")) << part;
    Replace(path, content);
    EXPECT_TRUE(OpenError().ok()) << part;
  }
}

TEST_P(VaultTest, RefusesALedgerOlderThanItsKeys) {
  auto vault = Open();
  const std::string ledger_before = *base::ReadFile(disk(), vault->LedgerPath());
  const std::string path = vault->LedgerPath();
  const base::IdentifierHash ana{{1, 1}};
  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow).ok());
  vault.reset();
  Replace(path, ledger_before);
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("restore its newest copy"));
}

TEST_P(VaultTest, RefusesDamagedSecretsShelvesAndLedgers) {
  auto vault = Open();
  const base::IdentifierHash ana{{1, 1}};
  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow).ok());
  ASSERT_TRUE(vault->Erase({&ana, 1}, kNow + base::Seconds(1)).ok());
  vault.reset();
  for (const auto& [part, at] :
       {std::pair("/secrets", 40), {"/shelves", 3 * 1024 + 20}, {"/ledger", 30}}) {
    const std::string path = Path() + part;
    const std::string content = *base::ReadFile(disk(), path);
    std::string damaged = content;
    damaged[static_cast<size_t>(at)] ^= 4;
    Replace(path, damaged);
    EXPECT_EQ(OpenError().code(), StatusCode::kDataLoss) << part;
    Replace(path, content);
    EXPECT_TRUE(OpenError().ok()) << part;
  }
}

TEST_P(VaultTest, AKeyThatIsMissingWithoutErasureIsNotCalledErased) {
  const auto vault = Open();
  base::Sealed sealed = *vault->Seal({{1, 1}}, "x", "f");
  sealed.set_key(base::Id128{9, 9}.ToBytes());
  EXPECT_EQ(vault->Unseal(sealed, "f").status().code(), StatusCode::kDataLoss);
}

TEST_P(VaultTest, ThreadsSealSyncAndEraseTogether) {
  const auto vault = Open();
  // The simulated disk does RocksDB's work inside the calls of one thread at a time.
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (uint64_t i = 0; i < 300; ++i) {
        const base::IdentifierHash owner{{(i % 50) << 54, i % 7}};
        const auto sealed = vault->Seal(owner, absl::StrCat(i), "f");
        ASSERT_TRUE(sealed.ok());
        if (i % 20 == 0) {
          ASSERT_TRUE(vault->Sync().ok());
        }
        if (thread == 0 && i % 100 == 50) {
          ASSERT_TRUE(vault->Erase({&owner, 1}, kNow).ok());
        }
        const auto opened = vault->Unseal(*sealed, "f");
        ASSERT_TRUE(opened.ok() || absl::IsNotFound(opened.status())) << opened.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(vault->Sync().ok());
  EXPECT_TRUE(vault->Verify().ok());
}

}  // namespace
}  // namespace batuta::vault
