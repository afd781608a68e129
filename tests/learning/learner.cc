#include "learning/learner.h"

#include <utility>

#include "base/ids.h"
#include "base/time.h"
#include "learn/adaptive_model.h"
#include "learn/adaptive_publish.h"
#include "learn/beta_model.h"

namespace batuta::learning {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};

}  // namespace

Learner::Learner(Method method, const std::vector<std::string>& predictors,
                 learn::FtrlSettings settings)
    : method_(method), predictors_(predictors), settings_(std::move(settings)) {
  beta_.set_action("offer");
  adaptive_.set_model("offer");
  adaptive_.set_action("offer");
  adaptive_.set_placement("here");
  adaptive_.set_half_life(base::Days(180).micros);
}

learn::Opinion Learner::Ask(const learn::PredictorValues& values) const {
  return models_.Judge("offer", "here", values);
}

void Learner::Learn(const Example& example, uint64_t number) {
  const learn::Opinion opinion = Ask(example.values);
  learn::TrainingMessage message;
  message.set_action("offer");
  message.set_placement("here");
  message.set_level(learn::ACCEPTED_LEVEL);
  message.set_positive(example.positive);
  message.set_weight_micros(1'000'000);
  message.set_example_time(kNow.micros);
  message.set_decision(base::Id128{number, 1}.ToBytes());
  message.set_predicted(opinion.belief.Mean());
  if (opinion.is_adaptive) message.set_score(opinion.score);
  *message.mutable_values() = example.values;
  learn::Train(beta_, message, {});
  if (method_ == Method::kFtrl) {
    learn::TrainFtrl(adaptive_, message, settings_);
  } else {
    learn::TrainAdaptive(adaptive_, message);
  }
  if (learn::IsWorthPublishing(adaptive_)) Publish();
}

void Learner::Publish() {
  learn::PublishedModels update;
  update.set_version(++version_);
  update.add_actions("offer");
  for (const learn::PublishedModel& model : learn::Publish(beta_, {.now = kNow})) {
    *update.add_models() = model;
  }
  adaptive_.set_published_at(adaptive_.taught());
  if (method_ == Method::kFtrl) {
    learn::SettleFtrl(adaptive_, predictors_, settings_, kNow);
    *update.add_adaptive() = learn::PublishFtrl(adaptive_, predictors_, settings_, kNow);
  } else {
    learn::Settle(adaptive_, predictors_, kNow);
    *update.add_adaptive() = learn::PublishAdaptive(adaptive_, predictors_, kNow);
  }
  models_ = models_.With(update);
}

const learn::PublishedAdaptive& Learner::model() const {
  return models_.adaptive().begin()->second->model();
}

}  // namespace batuta::learning
