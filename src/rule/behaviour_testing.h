// For tests: a person who did things, written as JSON, and rules on what they did. Not part of the
// library.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "base/time.h"
#include "base/value.h"
#include "feature/catalogue.h"
#include "feature/set.h"
#include "profile/apply.h"
#include "resource/yaml.h"
#include "rule/compile.h"
#include "rule/explain.h"
#include "rule/person.h"
#include "rule/vocabulary.h"

namespace batuta::rule {

class Doer {
 private:
  struct Done {
    std::string name;
    base::Time time;
    base::Fields properties;
  };

  // What the person is, and the time.
  class Source : public expr::AttributeSource {
   public:
    Source(const PersonSource& person, base::Time now) : person_(person), now_(now) {}
    expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
      if (attribute.variable == "now") return TimeValue(now_.micros);
      return person_.Read(attribute, scratch);
    }

   private:
    const PersonSource& person_;
    const base::Time now_;
  };

  template <typename Do>
  auto With(std::string_view text, const Do& what) const {
    expr::AttributeTable table;
    const Compiled compiled = Compile(text, words_, {}, table);
    BATUTA_CHECK(compiled.rule != nullptr, std::string(text) + "\n" + Notes(text));
    std::vector<resource::Problem> problems;
    const auto catalogue = named_->With(compiled.rule->aggregates(), problems);
    feature::FeatureFold fold(catalogue->set());
    feature::PersonFeatures features;
    uint64_t identity = 0;
    for (const Done& done : events_) {
      fold.Apply({.name = done.name,
                  .source = "web",
                  .time = done.time,
                  .identity = ++identity,
                  .properties = &done.properties},
                 now_, features);
    }
    const PersonSource person({.rules = rules_, .features = catalogue.get()},
                              {.profile = profile_,
                               .features = &features,
                               .missing = missing_,
                               .segments = segments_,
                               .now = now_});
    const Source source(person, now_);
    expr::Activation activation(table, source);
    expr::Evaluator evaluator(kRuleBudget);
    return what(*compiled.rule, table, activation, evaluator);
  }

 public:
  // What the company defines: traits, features, segments. `now` is noon of 2026-03-15.
  explicit Doer(std::string_view yaml = "") {
    auto parsed = resource::ParseDocuments(yaml, "company.yaml", resource::Format::kYaml);
    EXPECT_TRUE(parsed.problems.empty()) << resource::ToText(parsed.problems);
    resource::Change change;
    change.documents = std::move(parsed.documents);
    const auto resources = resource::ResourceSet().After(change, {.author = "test", .time = {}});
    std::vector<resource::Problem> problems;
    named_ = feature::Catalogue::Compile(resources, {}, problems);
    EXPECT_FALSE(resource::HasError(problems)) << resource::ToText(problems);
    words_ = Vocabulary::Of(resources, named_);
  }

  // {"event": "Order Completed", "time": "2026-03-10T18:00:00Z", "properties": {…}}
  void Did(const base::Value& event) {
    const base::Fields& fields = event.object();
    const auto time = base::ParseTime(base::Find(fields, "time")->text());
    BATUTA_CHECK_OK(time.status());
    const base::Value* properties = base::Find(fields, "properties");
    events_.push_back({base::Find(fields, "event")->text(), *time,
                       properties == nullptr ? base::Fields() : properties->object()});
  }
  void Did(std::string_view event) { Did(*base::ParseJson(event)); }
  void Has(const base::Fields& traits) {
    profile::ApplyEvent(rules_,
                        {.type = profile::EventType::kIdentify,
                         .name = "",
                         .event_time = now_,
                         .log_time = now_,
                         .position = {},
                         .source = "web",
                         .traits = &traits,
                         .consents = {},
                         .preferences = {}},
                        profile_);
  }
  // Features that are not found yet, and segments that the person is in.
  void Misses(std::vector<uint64_t> features) { missing_ = std::move(features); }
  void IsIn(std::vector<std::string_view> segments) { segments_ = std::move(segments); }

  std::string Notes(std::string_view text, const CompileOptions& options = {}) const {
    expr::AttributeTable table;
    std::string all;
    for (const Note& note : Compile(text, words_, options, table).notes) {
      all += Describe(note, text) + "\n";
    }
    return all;
  }
  Outcome Ask(std::string_view text) const {
    return With(text,
                [&](const Rule& rule, const expr::AttributeTable&, expr::Activation& activation,
                    expr::Evaluator& evaluator) { return Judge(rule, activation, evaluator); });
  }
  std::vector<Leaf> Why(std::string_view text) const {
    return With(text, [&](const Rule& rule, const expr::AttributeTable& table,
                          expr::Activation& activation, expr::Evaluator& evaluator) {
      return Explain(rule, table, activation, evaluator);
    });
  }

  base::Time now() const { return now_; }

 private:
  const base::Time now_{1773576000 * int64_t{1'000'000}};
  const profile::Rules rules_;
  std::shared_ptr<const feature::Catalogue> named_;
  Vocabulary words_;
  profile::Profile profile_;
  std::vector<Done> events_;
  std::vector<uint64_t> missing_;
  std::vector<std::string_view> segments_;
};

}  // namespace batuta::rule
