// Makes the golden log anew, or says what the one that is there folds to now.
//
//     golden_make --new      lives the history and replaces log/ and expected.txt
//     golden_make --fold     folds log/ as it is and prints what expected.txt should then say
//
// Run from the top of the source tree.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/status.h"
#include "golden/golden_log.h"
#include "golden/history.h"

namespace batuta::golden {
namespace {

void MakeNew() {
  engine::TestHub hub({.partitions = kPartitions, .seed = 1});
  Live(hub);
  std::filesystem::remove_all(kLogFolder);
  std::filesystem::create_directories(kLogFolder);
  const auto names = hub.disk().List("/hub/log");
  BATUTA_CHECK_OK(names.status());
  for (const std::string& name : *names) {
    if (!name.ends_with(".seg") && name != "watermark") continue;
    const auto content = base::ReadFile(hub.disk(), "/hub/log/" + name);
    BATUTA_CHECK_OK(content.status());
    std::ofstream(std::filesystem::path(kLogFolder) / name, std::ios::binary) << *content;
  }
  Expected expected = {
      .hub = hub.hub().vault().HubId(), .hub_seed = hub.hub().vault().HubSeed(), .states = {}};
  for (uint16_t i = 0; i <= kPartitions; ++i) {
    expected.states.push_back(hub.FoldOf(base::PartitionId{i}).StateHash());
  }
  std::ofstream(kExpectedFile) << expected.ToText();
}

int PrintFold() {
  auto expected = ReadExpected();
  BATUTA_CHECK_OK(expected.status());
  const auto records = ReadRecords(expected->hub, expected->states.size());
  BATUTA_CHECK_OK(records.status());
  expected->states = Folded(*records, expected->hub_seed).States();
  std::fputs(expected->ToText().c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace batuta::golden

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what == "--fold") return batuta::golden::PrintFold();
  if (what != "--new") {
    std::fputs("usage: golden_make --new | --fold\n", stderr);
    return 2;
  }
  batuta::golden::MakeNew();
  return 0;
}
