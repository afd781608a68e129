// Random features, events and histories for tests, with what their programs mean.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "base/random.h"
#include "base/value.pb.h"
#include "expr/value.h"
#include "feature/event.h"
#include "feature/naive_features.h"

namespace batuta::feature {

// What the texts of RandomSpecText mean.
const NaivePrograms& SamplePrograms();

// Any aggregate, window and condition; `is_idempotent`: one whose events may be taken twice.
std::string RandomSpecText(base::Random& random, bool is_idempotent);

// A random event at that time.
NaiveEvent RandomEvent(base::Random& random, int64_t time);

// The same event as the library wants it. Owns what `Event` points to.
struct SampleEvent {
  explicit SampleEvent(const NaiveEvent& from);
  Event event() const;

  NaiveEvent naive;
  base::Fields properties;
};

// Events that are kept elsewhere. Borrows them.
class SampleHistory : public EventHistory {
 public:
  explicit SampleHistory(const std::vector<SampleEvent>& events) : events_(events) {}
  absl::Status Visit(base::Time after, absl::FunctionRef<void(const Event&)> visit) const override;

 private:
  const std::vector<SampleEvent>& events_;
};

// What the library says, as the naive evaluator would say it. Requires: a feature's value, or
// absent.
NaiveValue NaiveOf(const expr::Value& value);

template <typename T>
const T& OneOf(base::Random& random, const std::vector<T>& choices) {
  return choices[random.Below(choices.size())];
}

}  // namespace batuta::feature
