// Gives each process of a test program a folder of its own for testing::TempDir(), removed when it
// ends: tests run side by side, and from several checkouts at once.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "batuta-gtest-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      std::perror(name.c_str());
      std::exit(1);
    }
    path_ = name;
    setenv("TEST_TMPDIR", (path_ + "/").c_str(), 1);
  }
  ~TempFolder() {
    std::error_code ignored;  // what is left behind fails no test
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

 private:
  std::string path_;
};

const TempFolder temp_folder;

}  // namespace
