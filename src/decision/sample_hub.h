// For tests: small hubs written as resources, and random ones. Not part of the library.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "decision/catalogue.h"
#include "decision/decide.h"
#include "decision/person_view.h"
#include "learn/models.h"
#include "policy/contact.pb.h"
#include "resource/problem.h"

namespace batuta::decision {

inline constexpr base::Time kNoon{base::Days(20'000).micros + base::Hours(12).micros};

// The resource set of a text in YAML; the test fails if it is not valid.
resource::ResourceSet ResourcesOf(std::string_view yaml);
// The catalogue of such a text; problems are appended if asked for, else they fail the test.
std::shared_ptr<const Catalogue> CatalogueOf(std::string_view yaml,
                                             std::vector<resource::Problem>* problems = nullptr);

// An action with its treatment for the placement "home" of the channel "web".
std::string ActionYaml(std::string_view name, std::string_view value, std::string_view more = "");
std::string GroupYaml(std::string_view name, std::string_view more = "");
inline constexpr std::string_view kHomeYaml =
    "---\nkind: placement\nname: home\nspec: {channel: web}\n";

base::Value EmptyList();

class SamplePerson : public PersonView {
 public:
  SamplePerson& With(std::string_view trait, base::Value value);
  SamplePerson& With(std::string_view purpose, ConsentState state);
  // What an aggregate gives, by the text that is written for it.
  SamplePerson& Did(std::string_view aggregate, base::Value value);
  SamplePerson& In(std::string_view segment);
  SamplePerson& NotIn(std::string_view segment);
  SamplePerson& Without(std::string_view trait);
  SamplePerson& Refuses(std::string_view kind, std::string_view name, base::Time until = {});
  SamplePerson& Accepts(std::string_view kind, std::string_view name);  // no more refused
  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override;
  ConsentState Consent(std::string_view purpose, std::string_view channel) const override;
  StatedPreference Preference(std::string_view kind, std::string_view name) const override;
  // What people write for aggregates; must outlive the person.
  SamplePerson& Knowing(const rule::AggregateTexts& texts);

 private:
  std::map<std::string, base::Value, std::less<>> traits_;
  std::map<std::string, ConsentState, std::less<>> consents_;
  std::map<std::string, base::Value, std::less<>> aggregates_;
  base::Value segments_ = EmptyList();
  std::map<std::pair<std::string, std::string>, base::Time> refusals_;
  const rule::AggregateTexts* texts_ = nullptr;
};

// A hub with one person, ready to decide.
struct SampleHub {
  std::shared_ptr<const Catalogue> catalogue;
  learn::Models models = {};
  SamplePerson person = {};
  policy::ContactState contacts = {};
  base::Fields context = {};  // of the request
  base::Time now = kNoon;
  absl::TimeZone zone = absl::UTCTimeZone();  // of the person
  uint64_t seed = 42;
  uint64_t person_number = 1;
  std::string yaml = {};  // of a random hub: what the catalogue was made of

  // The decision for the request with that number; the test fails if there is none.
  Decision Decide(uint64_t request, std::string_view placement = "home", uint32_t slots = 0) const;
  // What another system decided at "home".
  Decision Recount(uint64_t request, const Imported& imported) const;
  Decision Answer(uint64_t request, DecisionRequest asked) const;
};

base::DecisionId DecisionNumber(uint64_t number);
base::PersonId PersonNumber(uint64_t number);

// Publishes models with the given positives and negatives per action at "home".
learn::Models ModelsOf(const std::vector<std::pair<std::string, std::pair<int, int>>>& counts);

// Adaptive models "clicks" of these actions at "home", with predictors "plan" and "age": half of
// the people have the plan gold and accept more often than the others, whose plan is free.
learn::Models WithAdaptive(const learn::Models& models, const std::vector<std::string>& actions,
                           int examples);
inline constexpr std::string_view kClicksYaml =
    "---\nkind: model\nname: clicks\nspec:\n  predictors:\n"
    "    - {name: plan, value: person.traits.plan}\n"
    "    - {name: age, value: person.traits.age}\n"
    "    - {name: page, value: context.page}\n";

// Models "clicks" at "home" of these actions, or one that they share, with predictors "plan",
// "variant", "slot" and "worth": variant b is accepted more often than a, and what is shown in slot
// 1 more often than further down.
enum class Sharing { kEach, kAll };
learn::Models WithOffered(const learn::Models& models, const std::vector<std::string>& actions,
                          int examples, Sharing sharing);
std::string OfferedYaml(Sharing sharing);

// A hub with random actions, rules, policies, holdouts, models, person and history.
SampleHub RandomHub(base::Random& random);

}  // namespace batuta::decision
