// The demo's customers at large: threads that play one visit after the other at a steady rate.
//
// The rate is an upper bound: if the hub is slower, visits are left out, not piled up.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "server/demo_visit.h"

namespace batuta::server {

inline constexpr int kCrowdThreads = 2;

struct CrowdOptions {
  std::string url;
  DemoKeys keys;
  double visits_per_second = 20;
  VisitorOptions visitor;  // the name is a beginning
};

class Crowd {
 public:
  static absl::StatusOr<std::unique_ptr<Crowd>> Start(CrowdOptions options);
  ~Crowd() { Stop(); }

  // Waits for the visits under way.
  void Stop();

 private:
  explicit Crowd(CrowdOptions options) : options_(std::move(options)) {}
  void Play(Visitor& visitor);

  CrowdOptions options_;
  std::atomic<bool> ending_ = false;
  std::vector<std::unique_ptr<Visitor>> visitors_;
  std::vector<std::thread> threads_;
};

// The customers that the bank knows when the demo begins, as its files would be loaded. Sent again
// it changes nothing: the calls have the same ids.
absl::Status LoadBankFiles(const Truth& truth, DemoApi& api);

}  // namespace batuta::server
