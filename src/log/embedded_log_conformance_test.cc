#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "log/embedded_log.h"
#include "log/log_conformance.h"
#include "log/posix_disk.h"
#include "log/sim_disk.h"

namespace batuta::log {
namespace {

class EmbeddedHarness final : public LogHarness {
 public:
  EmbeddedHarness(std::unique_ptr<base::Disk> disk, std::string folder)
      : disk_(std::move(disk)), folder_(std::move(folder)) {
    Open();
  }
  ~EmbeddedHarness() override {
    log_.reset();
    if (folder_.starts_with('/')) std::filesystem::remove_all(folder_);
  }
  Log& log() override { return *log_; }
  void Restart() override {
    BATUTA_CHECK_OK(log_->Close());
    Open();
  }

 private:
  void Open() {
    log_.reset();
    auto log = EmbeddedLog::Open({.disk = disk_.get(),
                                  .clock = &clock_,
                                  .folder = folder_,
                                  .hub = {1, 2},
                                  .segment_bytes = 1 << 16,
                                  .reserve_bytes = 1 << 12,
                                  .watermark_interval = base::Seconds(1),
                                  .fatal = {}});
    BATUTA_CHECK_OK(log.status());
    log_ = *std::move(log);
  }

  const std::unique_ptr<base::Disk> disk_;
  const std::string folder_;
  base::ManualClock clock_;
  std::unique_ptr<EmbeddedLog> log_;
};

std::unique_ptr<LogHarness> OnSimDisk() {
  return std::make_unique<EmbeddedHarness>(std::make_unique<SimDisk>(), "log");
}

std::unique_ptr<LogHarness> OnPosixDisk() {
  std::string folder = testing::TempDir() + "batuta-log-XXXXXX";
  BATUTA_CHECK(::mkdtemp(folder.data()) != nullptr);
  return std::make_unique<EmbeddedHarness>(std::make_unique<PosixDisk>(), folder);
}

INSTANTIATE_TEST_SUITE_P(EmbeddedOnSimDisk, LogConformance, testing::Values(OnSimDisk));
INSTANTIATE_TEST_SUITE_P(EmbeddedOnPosixDisk, LogConformance, testing::Values(OnPosixDisk));

}  // namespace
}  // namespace batuta::log
