#include "learning/truth.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "learn/adaptive_model.h"
#include "learn/adaptive_publish.h"
#include "learn/beta_model.h"

namespace batuta::learning {
namespace {

constexpr const char* kPlans[] = {"free", "silver", "gold"};
constexpr const char* kPages[] = {"home", "cart", "help", "news"};
// Between two decisions.
constexpr base::Duration kBetween = base::Minutes(1);

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::string NameOf(size_t action) { return base::StrCat("action-", action); }

std::string ShopYaml(const Truth& truth, std::string_view more) {
  std::string yaml =
      "---\nkind: placement\nname: home\nspec: {channel: web, model: clicks}\n"
      "---\nkind: model\nname: clicks\nspec:\n  predictors:\n"
      "    - {name: plan, value: person.traits.plan}\n"
      "    - {name: age, value: person.traits.age}\n"
      "    - {name: page, value: context.page}\n";
  yaml += more;
  for (size_t action = 0; action < kActions; ++action) {
    yaml += decision::ActionYaml(NameOf(action),
                                 base::StrCat(static_cast<int>(truth.ValueOf(action)), ".00"));
  }
  return yaml;
}

}  // namespace

// ---- Truth

Truth::Truth(uint64_t seed) {
  base::Random random(seed, base::Id128{0, 1}, "tastes", "");
  const auto weight = [&random](double scale) { return scale * (2 * random.Uniform() - 1); };
  for (size_t action = 0; action < kActions; ++action) {
    Taste& taste = tastes_[action];
    // What is worth more is taken less often, so that no action is best for everybody.
    taste.base = -2.2 - 0.22 * static_cast<double>(action);
    for (double& plan : taste.plan) plan = weight(1.4);
    for (double& page : taste.page) page = weight(1.2);
    taste.age = weight(1.2);
  }
}

Visit Truth::Draw(base::Random& random) const {
  return {.plan = random.Below(3),
          .page = random.Below(4),
          .age = 18 + static_cast<int>(random.Below(60))};
}

double Truth::Probability(const Visit& visit, size_t action) const {
  const Taste& taste = tastes_[action];
  const double age = (visit.age - 47.5) / 30;
  return Sigmoid(taste.base + taste.plan[visit.plan] + taste.page[visit.page] + taste.age * age);
}

double Truth::BestWorth(const Visit& visit) const {
  double best = 0;
  for (size_t action = 0; action < kActions; ++action) {
    best = std::max(best, Worth(visit, action));
  }
  return best;
}

double Truth::MeanWorth(const Visit& visit) const {
  double sum = 0;
  for (size_t action = 0; action < kActions; ++action) sum += Worth(visit, action);
  return sum / kActions;
}

void Truth::Drift() {
  for (Taste& taste : tastes_) {
    for (double& plan : taste.plan) plan = -plan;
    for (double& page : taste.page) page = -page;
    taste.age = -taste.age;
  }
}

// ---- The hub

HubChooser::HubChooser(const Truth& truth, std::string_view more)
    : hub_{.catalogue = decision::CatalogueOf(ShopYaml(truth, more))},
      models_(kActions),
      names_(hub_.catalogue->FindModel("clicks")->Names()) {
  for (size_t action = 0; action < kActions; ++action) {
    models_[action].beta.set_action(NameOf(action));
    learn::AdaptiveState& state = models_[action].adaptive;
    state.set_model("clicks");
    state.set_action(NameOf(action));
    state.set_placement("home");
    state.set_half_life(hub_.catalogue->FindModel("clicks")->half_life.micros);
  }
}

size_t HubChooser::Choose(const Visit& visit) {
  hub_.now = hub_.now + kBetween;
  hub_.person.With("plan", base::TextValue(kPlans[visit.plan]));
  hub_.person.With("age", base::NumberValue(visit.age));
  hub_.context.Clear();
  base::SetField(hub_.context, "page", base::TextValue(kPages[visit.page]));
  made_ = hub_.Decide(++asked_);
  chosen_ = kNothing;
  if (made_.chosen(0).nothing()) return chosen_;
  predicted_ = made_.chosen(0).propensity();
  const std::string& name = made_.chosen(0).action();
  for (chosen_ = 0; NameOf(chosen_) != name;) ++chosen_;
  return chosen_;
}

// As the fold teaches: see decision/lifecycle.h and engine/fold_model.cc.
void HubChooser::Learn(bool accepted) {
  if (chosen_ == kNothing) return;
  const decision::Chosen& chosen = made_.chosen(0);
  learn::TrainingMessage message;
  message.set_action(chosen.action());
  message.set_placement("home");
  message.set_level(learn::ACCEPTED_LEVEL);
  message.set_positive(accepted);
  message.set_weight_micros(1'000'000);
  message.set_example_time(hub_.now.micros);
  message.set_decision(made_.id());
  message.set_predicted(chosen.propensity());
  message.set_probability(chosen.probability());
  *message.mutable_values() = made_.predictors();
  if (chosen.has_score()) message.set_score(chosen.score());
  Model& model = models_[chosen_];
  learn::Train(model.beta, message, {});
  learn::TrainAdaptive(model.adaptive, message);
  Publish(chosen_);
}

void HubChooser::Publish(size_t action) {
  Model& model = models_[action];
  learn::PublishedModels update;
  update.set_version(++version_);
  update.add_actions(NameOf(action));
  learn::Forget(model.beta, {}, hub_.now);
  for (const learn::PublishedModel& one : learn::Publish(model.beta, {.now = hub_.now})) {
    *update.add_models() = one;
  }
  if (learn::IsWorthPublishing(model.adaptive)) {
    model.adaptive.set_published_at(model.adaptive.taught());
    learn::Settle(model.adaptive, names_, hub_.now);
    *update.add_adaptive() = learn::PublishAdaptive(model.adaptive, names_, hub_.now);
  }
  hub_.models = hub_.models.With(update);
}

// ---- The naive one

NaiveSquareCb::NaiveSquareCb(const Truth& truth, uint64_t seed)
    : truth_(truth), random_(seed, base::Id128{0, 2}, "naive", "") {
  for (auto& weights : weights_) weights[0] = -3;
}

NaiveSquareCb::Features NaiveSquareCb::FeaturesOf(const Visit& visit) {
  return {0, 1 + visit.plan, 4 + visit.page, 8 + static_cast<size_t>(visit.age - 18) / 10};
}

double NaiveSquareCb::Predict(size_t action) const {
  double sum = 0;
  for (const size_t feature : features_) sum += weights_[action][feature];
  return Sigmoid(sum);
}

size_t NaiveSquareCb::Choose(const Visit& visit) {
  features_ = FeaturesOf(visit);
  std::array<double, kActions> values = {};
  for (size_t action = 0; action < kActions; ++action) {
    values[action] = Predict(action) * truth_.ValueOf(action) / truth_.ValueOf(kActions - 1);
  }
  const auto best =
      static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
  const double gamma = 10 * std::sqrt(static_cast<double>(++rounds_));
  double draw = random_.Uniform();
  chosen_ = best;
  for (size_t action = 0; action < kActions; ++action) {
    if (action == best) continue;
    draw -= 1 / (kActions + gamma * (values[best] - values[action]));
    if (draw >= 0) continue;
    chosen_ = action;
    break;
  }
  return chosen_;
}

// Steps by Duchi, Hazan and Singer's AdaGrad (2011).
void NaiveSquareCb::Learn(bool accepted) {
  const double error = Predict(chosen_) - (accepted ? 1 : 0);
  for (const size_t feature : features_) {
    squares_[chosen_][feature] += error * error;
    weights_[chosen_][feature] -= 0.3 * error / (std::sqrt(squares_[chosen_][feature]) + 1e-3);
  }
}

}  // namespace batuta::learning
