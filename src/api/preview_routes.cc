// What a segment would be that is not defined yet: how many fit its rule, which condition costs how
// many, and some of them. Nothing changes by it.
//
// Every partition asks its people some at a time, between everything else that it does, and stops
// when the client has gone.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/object_reader.h"
#include "api/routes.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "segment/evaluation.h"

namespace batuta::api {
namespace {

constexpr size_t kStep = 256;         // people asked at once
constexpr uint64_t kEstimate = 4000;  // people asked for an estimate, at least while there are more
constexpr size_t kShown = 10;
constexpr std::string_view kName = "preview";

struct PreviewWish {
  std::string rule;
  std::string purpose;
  bool is_estimate = false;
};

// What is asked; shared by the partitions.
struct Question {
  std::shared_ptr<const engine::Definitions> definitions;  // by which the rule reads
  std::shared_ptr<const segment::Segments> segments;
  const segment::Segment* segment = nullptr;
  std::vector<const rule::Rule::Part*> parts;
  bool is_estimate = false;
  uint64_t seed = 0;
};

struct Part {
  uint64_t people = 0;  // in the partition
  uint64_t asked = 0;
  uint64_t fit = 0;
  std::vector<uint64_t> conditions;  // people of whom each is true
  std::vector<base::PersonId> shown;
};

void CollectParts(const rule::Rule& rule, const expr::Expr& expr,
                  std::vector<const rule::Rule::Part*>& parts) {
  const bool is_not = expr.kind == expr::ExprKind::kUnary && expr.op == expr::Operator::kNot;
  if (expr.kind != expr::ExprKind::kLogical && !is_not) {
    parts.push_back(&rule.PartOf(expr));
    return;
  }
  for (const expr::ExprPtr& child : expr.children) CollectParts(rule, *child, parts);
}

// One partition's people, some at a time.
class Survey : public std::enable_shared_from_this<Survey> {
 public:
  Survey(ExchangePtr exchange, std::shared_ptr<const Question> question,
         base::PartitionId partition, std::function<void(Part)> done)
      : exchange_(std::move(exchange)),
        question_(std::move(question)),
        partition_(partition),
        done_(std::move(done)),
        evaluation_(question_->segments, question_->definitions->meaning()),
        random_(question_->seed, base::Id128{0, base::Index(partition)}, "preview", "") {}

  void Begin() {
    Next([self = shared_from_this()](engine::Fold& fold) {
      self->part_.conditions.resize(self->question_->parts.size());
      self->part_.people = fold.state().self.tallies().people();
      const uint64_t partitions = fold.settings().partitions;
      if (self->question_->is_estimate && self->part_.people > kEstimate / partitions) {
        self->left_ = kEstimate / partitions;
        self->DrawSome(fold);
      } else {
        self->AskSome(fold);
      }
    });
  }

 private:
  void Next(std::function<void(engine::Fold&)> task) {
    exchange_->core().hub.runtime().Run(partition_, std::move(task));
  }

  // By the editions that count just now.
  void Prepare(engine::Fold& fold) {
    std::vector<uint64_t> editions;
    for (const segment::Segment& segment : question_->segments->all()) {
      editions.push_back(fold.ActiveEdition(segment.name));
    }
    evaluation_.UseEditions(std::move(editions));
    evaluation_.UseTables(fold.tables());
  }

  // In the order of their numbers.
  void AskSome(engine::Fold& fold) {
    if (exchange_->Cancelled()) return done_(std::move(part_));
    Prepare(fold);
    std::vector<base::PersonId> people;
    fold.state().ScanNumbers(next_, [&](uint32_t number, const base::PersonId& person) {
      people.push_back(person);
      next_ = number + 1;
      return people.size() < kStep;
    });
    for (const base::PersonId& person : people) Ask(fold, person);
    if (people.size() < kStep) return done_(std::move(part_));
    Next([self = shared_from_this()](engine::Fold& later) { self->AskSome(later); });
  }

  // At random, somebody perhaps twice.
  void DrawSome(engine::Fold& fold) {
    if (exchange_->Cancelled()) return done_(std::move(part_));
    Prepare(fold);
    for (size_t i = 0; i < kStep && left_ > 0; ++i) {
      const auto number = static_cast<uint32_t>(1 + random_.Below(fold.state().self.last_number()));
      const auto person = fold.state().PersonOf(number);
      if (!person.has_value()) continue;
      --left_;
      Ask(fold, *person);
    }
    if (left_ == 0) return done_(std::move(part_));
    Next([self = shared_from_this()](engine::Fold& later) { self->DrawSome(later); });
  }

  void Ask(engine::Fold& fold, const base::PersonId& person) {
    const engine::PersonRow* row = fold.state().people.Peek(person, scratch_);
    if (row == nullptr) return;
    ++part_.asked;
    evaluation_.Bind(fold.PersonOf(*row), row->segments());
    for (size_t i = 0; i < question_->parts.size(); ++i) {
      if (evaluation_.Evaluate(*question_->parts[i]->program).IsTrue()) ++part_.conditions[i];
    }
    if (!evaluation_.Fits(*question_->segment)) return;
    ++part_.fit;
    if (part_.shown.size() < kShown) part_.shown.push_back(person);
  }

  const ExchangePtr exchange_;
  const std::shared_ptr<const Question> question_;
  const base::PartitionId partition_;
  const std::function<void(Part)> done_;
  segment::Evaluation evaluation_;
  base::Random random_;
  engine::PersonRow scratch_;
  Part part_;
  uint32_t next_ = 0;
  uint64_t left_ = 0;
};

// Each partition's share of those asked stands for its people. The error is that of 95 % of such
// samples (normal approximation, strata by partition).
struct Estimate {
  double count = 0;
  double variance = 0;
  void Add(const Part& part, uint64_t hits) {
    if (part.asked == 0) return;
    const auto people = static_cast<double>(part.people);
    const double share = static_cast<double>(hits) / static_cast<double>(part.asked);
    count += people * share;
    variance += people * people * share * (1 - share) / static_cast<double>(part.asked);
  }
  double Error() const { return 1.96 * std::sqrt(variance); }
};

std::string AnswerJson(const Question& question, const std::vector<Part>& parts) {
  Estimate all;
  uint64_t people = 0;
  uint64_t asked = 0;
  std::vector<Estimate> conditions(question.parts.size());
  ListBuilder shown;
  size_t count_shown = 0;
  for (const Part& part : parts) {
    people += part.people;
    asked += part.asked;
    all.Add(part, part.fit);
    for (size_t i = 0; i < conditions.size(); ++i) conditions[i].Add(part, part.conditions[i]);
    for (const base::PersonId& person : part.shown) {
      if (count_shown++ < kShown) shown.Add(base::TextValue(person.ToString()));
    }
  }
  const bool is_exact = asked == people;
  ListBuilder list;
  for (size_t i = 0; i < conditions.size(); ++i) {
    ObjectBuilder condition;
    condition.Add("expression", question.parts[i]->text);
    condition.Add("count", std::round(conditions[i].count));
    list.Add(condition.Take());
  }
  ObjectBuilder out;
  out.Add("count", std::round(all.count));
  out.Add("exact", is_exact);
  if (!is_exact) out.Add("error", std::ceil(all.Error()));
  out.AddCount("people", people).AddCount("asked", asked);
  out.Add("conditions", list.Take());
  out.Add("sample", shown.Take());
  return base::ToJson(out.Take());
}

std::optional<PreviewWish> ReadPreview(const ExchangePtr& exchange) {
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) {
    exchange->FailNotJson(root.status());
    return std::nullopt;
  }
  std::vector<http::ProblemError> errors;
  ObjectReader body(*root, "", errors);
  PreviewWish wish;
  wish.rule = body.Text("rule", Need::kRequired);
  wish.purpose = body.Text("purpose");
  wish.is_estimate = body.Bool("estimate");
  body.Finish();
  if (errors.empty()) return wish;
  exchange->Fail(std::move(errors));
  return std::nullopt;
}

// Of what nothing counts yet it cannot be told who fits.
void TellUncounted(const engine::Definitions& definitions, const segment::Segment& segment,
                   std::vector<http::ProblemError>& errors) {
  for (const feature::FeatureSpec& spec : segment.rule->aggregates()) {
    if (definitions.features->set()->Find(feature::NumberOf(spec)) != nullptr) continue;
    errors.push_back({"/rule", "uncounted",
                      base::StrCat("`", feature::Print(spec),
                                   "` is not counted yet, so who fits is told only when the "
                                   "segment is defined; a feature can be defined before")});
  }
}

// Beside the segments that there are. Null, with what is wrong, if the rule is not right.
std::shared_ptr<Question> Compile(const std::shared_ptr<const engine::Definitions>& definitions,
                                  const PreviewWish& wish,
                                  std::vector<http::ProblemError>& errors) {
  std::string name(kName);
  while (definitions->resources.Find("segment", name) != nullptr) name += "-";
  resource::Document document;
  document.kind = "segment";
  document.name = name;
  base::SetField(document.spec, "rule", base::TextValue(wish.rule));
  if (!wish.purpose.empty()) {
    base::SetField(document.spec, "purpose", base::TextValue(wish.purpose));
  }
  resource::Change change;
  change.documents.push_back(std::move(document));
  const resource::ResourceSet with =
      definitions->resources.After(change, {.author = "", .time = {}});
  std::vector<resource::Problem> problems;
  auto question = std::make_shared<Question>();
  question->definitions = definitions;
  question->segments = segment::Segments::Compile(with, definitions->vocabulary, problems);
  for (const resource::Problem& problem : problems) {
    const bool is_error = problem.severity == resource::Severity::kError;
    if (!is_error || problem.resource.name != name) continue;
    const std::string place = problem.inside.line == 0 ? ""
                                                       : base::StrCat(problem.inside.line, ":",
                                                                      problem.inside.column, ": ");
    errors.push_back({"/rule", problem.code, place + problem.message});
  }
  if (!errors.empty()) return nullptr;
  question->segment = question->segments->Find(name);
  BATUTA_CHECK(question->segment != nullptr);
  TellUncounted(*definitions, *question->segment, errors);
  if (!errors.empty()) return nullptr;
  CollectParts(*question->segment->rule, question->segment->rule->tree(), question->parts);
  question->is_estimate = wish.is_estimate;
  question->seed = base::Hash64(wish.rule);
  return question;
}

void Preview(const ExchangePtr& exchange) {
  const auto wish = ReadPreview(exchange);
  if (!wish.has_value()) return;
  AfterSettling(exchange, [exchange, wish = *wish] {
    std::vector<http::ProblemError> errors;
    const auto view = exchange->core().definitions.Now();
    const std::shared_ptr<const Question> question = Compile(view->definitions, wish, errors);
    if (question == nullptr) return exchange->Fail(std::move(errors));
    struct State {
      absl::Mutex mutex;
      std::vector<Part> parts;
    };
    const auto state = std::make_shared<State>();
    const uint16_t partitions = exchange->core().hub.runtime().partitions();
    const auto done = [exchange, question, state, partitions](Part part) {
      absl::MutexLock lock(&state->mutex);
      state->parts.push_back(std::move(part));
      if (state->parts.size() < partitions) return;
      exchange->Json(AnswerJson(*question, state->parts));
    };
    for (uint16_t i = 0; i < partitions; ++i) {
      std::make_shared<Survey>(exchange, question, base::PartitionId{i}, done)->Begin();
    }
  });
}

}  // namespace

void AddPreviewRoutes(Core& core) {
  AddRoute(core, http::Method::kPost, "/v1/segments:preview", {.scope = "people:read"}, Preview);
}

}  // namespace batuta::api
