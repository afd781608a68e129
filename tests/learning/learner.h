// The models of one action at one placement, taught as the hub teaches them: every example is
// predicted before it is learned from, and versions are published when they are worth it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/adaptive.pb.h"
#include "learn/ftrl.h"
#include "learn/model.pb.h"
#include "learn/models.h"
#include "learning/data.h"

namespace batuta::learning {

enum class Method { kAdaptive, kFtrl };

class Learner {
 public:
  Learner(Method method, const std::vector<std::string>& predictors,
          learn::FtrlSettings settings = {});

  learn::Opinion Ask(const learn::PredictorValues& values) const;
  // Requires: `number` names the example.
  void Learn(const Example& example, uint64_t number);
  void Publish();

  const learn::PublishedAdaptive& model() const;

 private:
  Method method_;
  std::vector<std::string> predictors_;
  learn::FtrlSettings settings_;
  learn::ModelState beta_;
  learn::AdaptiveState adaptive_;
  learn::Models models_;
  uint64_t version_ = 0;
};

}  // namespace batuta::learning
