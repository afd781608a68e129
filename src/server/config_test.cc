#include "server/config.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

namespace batuta::server {
namespace {

using testing::HasSubstr;

std::string WriteToml(const std::string& text) {
  const std::string path = testing::TempDir() + "config_test.toml";
  std::ofstream(path) << text;
  return path;
}

TEST(Config, LaterStatementsWin) {
  const auto config =
      Config::Create({StatedSetting{"listen", "a:1", "file"}, {"listen", "b:2", "env"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Text("listen"), "b:2");
  EXPECT_EQ(config->Number("partitions"), 8U);
}

TEST(Config, OptionsAreOverTheEnvironmentIsOverTheFile) {
  const std::string file =
      WriteToml("listen = \"file:1\"\nworkers = 3\n[memory]\ncache = \"1GiB\"\n");
  setenv("BATUTA_MEMORY_CACHE", "2GiB", 1);
  setenv("BATUTA_LISTEN", "env:2", 1);
  const auto config = LoadConfig(file, {{"listen", "option:3", "--listen"}});
  unsetenv("BATUTA_MEMORY_CACHE");
  unsetenv("BATUTA_LISTEN");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Text("listen"), "option:3");
  EXPECT_EQ(config->Number("memory.cache"), uint64_t{2} << 30);
  EXPECT_EQ(config->Number("workers"), 3U);
}

TEST(Config, AnUnknownNameIsAnErrorWithItsPlaceAndASuggestion) {
  const auto config = LoadConfig(WriteToml("\n[memory]\ncahce = \"1GiB\"\n"), {});
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()),
              HasSubstr("config_test.toml:3: there is no setting \"memory.cahce\"; did you mean "
                        "memory.cache?"));
}

TEST(Config, AValueOfTheWrongKindSaysWhereItStands) {
  for (const char* text : {"workers = 0", "workers = \"many\"", "workers = 1.5",
                           "[log]\nsegment = \"big\"", "[checkpoint]\nevery = \"soon\""}) {
    const auto config = LoadConfig(WriteToml(text), {});
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr("config_test.toml:")) << text;
  }
}

TEST(Config, BrokenTomlIsAnErrorWithItsPlace) {
  const auto config = LoadConfig(WriteToml("workers = = 2\n"), {});
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("config_test.toml:1:"));
}

TEST(Config, AFileThatWasNamedMustBeThere) {
  EXPECT_EQ(LoadConfig("nowhere.toml", {}).status().code(), absl::StatusCode::kNotFound);
}

TEST(Config, WhatIsPrintedReadsBackTheSame) {
  const auto config =
      Config::Create({StatedSetting{"data", "a \"b\" \\c", "x"}, {"checkpoint.every", "90s", "x"}});
  ASSERT_TRUE(config.ok()) << config.status();
  const auto again = LoadConfig(WriteToml(config->ToToml()), {});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Text("data"), "a \"b\" \\c");
  EXPECT_EQ(again->Duration("checkpoint.every"), base::Seconds(90));
  EXPECT_EQ(again->Number("log.segment"), uint64_t{64} << 20);
}

TEST(Config, SizesHaveUnits) {
  EXPECT_EQ(*ParseBytes("64MiB"), uint64_t{64} << 20);
  EXPECT_EQ(*ParseBytes("1 GB"), 1'000'000'000U);
  EXPECT_EQ(*ParseBytes("4096"), 4096U);
  EXPECT_FALSE(ParseBytes("99999999999999TiB").ok());
  EXPECT_FALSE(ParseBytes("-1").ok());
  EXPECT_FALSE(ParseBytes("").ok());
}

}  // namespace
}  // namespace batuta::server
