#include "api/batch_job.h"

#include <algorithm>
#include <limits>

#include "absl/synchronization/mutex.h"
#include "api/answer.h"
#include "api/audit.h"
#include "api/batch_names.h"
#include "api/batch_record.h"
#include "api/batch_rows.h"
#include "api/constraint_account.h"
#include "base/money.h"
#include "base/status.h"
#include "base/text.h"
#include "policy/constraints.h"

namespace batuta::api {
namespace {

// While definitions are being published the partitions switch one after the other.
constexpr int kAttemptsMax = 5;
constexpr base::Duration kBetweenAttempts = base::Millis(200);
// 16 bytes each.
constexpr size_t kBidsMax = 50'000'000;
constexpr size_t kItemsTogether = 4096;
// Parts of the whole, about.
constexpr double kScored = 0.6;

}  // namespace

BatchJob::BatchJob(Core& core, BatchWish wish, std::string source, std::string key)
    : core_(core),
      wish_(std::move(wish)),
      source_(std::move(source)),
      key_(std::move(key)),
      batch_(core.hub.DrawId()) {}

absl::StatusOr<JobResult> BatchJob::Run(JobContext& context) {
  // A dry run without identifiers tells nothing of anybody and changes nothing.
  if (!wish_.dry_run || !wish_.identifiers.empty()) {
    BATUTA_RETURN_IF_ERROR(QueueAudit(core_, AuditOf(kDecideAll, key_, wish_.placement)));
  }
  BATUTA_RETURN_IF_ERROR(Score(context));
  BATUTA_RETURN_IF_ERROR(Gather(context));
  BATUTA_RETURN_IF_ERROR(Admit(context));
  BATUTA_RETURN_IF_ERROR(WriteAll(context));
  const std::string extension = wish_.ndjson ? ".ndjson" : ".csv";
  return JobResult{
      .summary = Summary(),
      .file = "decisions",
      .content_type = wish_.ndjson ? "application/x-ndjson" : "text/csv; charset=utf-8",
      .file_name = base::StrCat(wish_.placement, extension)};
}

// ---- Scoring

absl::Status BatchJob::Score(JobContext& context) {
  absl::Status status;
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    if (attempt > 1) BATUTA_RETURN_IF_ERROR(context.Rest(kBetweenAttempts));
    BATUTA_RETURN_IF_ERROR(Ask());
    status = ScoreOnce(context);
    if (!absl::IsAborted(status)) break;
  }
  if (absl::IsAborted(status)) {
    return context.Fail({.status = http::Status::kConflict,
                         .code = "definitions_changed",
                         .detail = "The definitions changed while people were scored; ask again."});
  }
  if (absl::IsFailedPrecondition(status)) {
    return context.Fail({.status = http::Status::kConflict,
                         .code = "segment_not_found_yet",
                         .detail = "The members of the segment are still being found; ask again "
                                   "when its count says \"ready\"."});
  }
  return status;
}

// By the definitions of now.
absl::Status BatchJob::Ask() {
  auto question = std::make_shared<BatchQuestion>();
  question->wish = wish_;
  question->batch = batch_;
  question->definitions = core_.definitions.Now()->definitions;
  const decision::Catalogue& catalogue = *question->definitions->catalogue;
  question->placement = catalogue.FindPlacement(wish_.placement);
  if (question->placement == nullptr) return absl::NotFoundError("the placement was removed");
  if (!wish_.segment.empty() && question->definitions->segments->Find(wish_.segment) == nullptr) {
    return absl::NotFoundError("the segment was removed");
  }
  question->actions = decision::AdmissionActions::Of(catalogue, *question->placement);
  question->slots = wish_.slots == 0 ? question->placement->slots : wish_.slots;
  question_ = std::move(question);
  sides_.clear();
  for (uint16_t i = 0; i < core_.hub.partitions(); ++i) {
    sides_.push_back(std::make_unique<BatchSide>(question_, base::PartitionId{i}));
  }
  return absl::OkStatus();
}

absl::Status BatchJob::ScoreOnce(JobContext& context) {
  struct Shown {
    uint64_t total = 0;
    uint64_t looked = 0;
    size_t bids = 0;
  };
  absl::Mutex mutex;
  std::vector<Shown> shown(sides_.size());
  return context.OnPartitions([&](engine::Fold& fold) -> Turn {
    const size_t index = base::Index(fold.settings().partition);
    BatchSide& side = *sides_[index];
    BATUTA_RETURN_IF_ERROR(side.Look(fold, core_.hub.clock()));
    absl::MutexLock lock(&mutex);
    shown[index] = {.total = std::max(side.total(), side.looked()),
                    .looked = side.looked(),
                    .bids = side.bids.size()};
    Shown sum;
    for (const Shown& one : shown) {
      sum.total += one.total;
      sum.looked += one.looked;
      sum.bids += one.bids;
    }
    if (sum.bids > kBidsMax) {
      return context.Fail({.status = http::Status::kContentTooLarge,
                           .code = "too_many_people",
                           .detail = "These are too many people for one batch; take segments that "
                                     "have fewer members."});
    }
    context.Report(
        {.stage = "scoring", .done = sum.looked, .total = sum.total, .from = 0, .to = kScored});
    return !side.is_done();
  });
}

// All partitions' together. Their sides stay, without what they found, for what they know.
absl::Status BatchJob::Gather(JobContext& context) {
  BATUTA_RETURN_IF_ERROR(context.Check());
  size_t bids = 0;
  size_t people = 0;
  for (const auto& side : sides_) {
    bids += side->bids.size();
    people += side->people.size();
    looked_ += side->looked();
  }
  people_.reserve(people);
  bidders_.reserve(people);
  bids_.reserve(bids);
  for (const auto& side : sides_) {
    const auto before = static_cast<uint32_t>(people_.size());
    people_.insert(people_.end(), side->people.begin(), side->people.end());
    bidders_.insert(bidders_.end(), side->bidders.begin(), side->bidders.end());
    for (decision::Bid bid : side->bids) {
      bid.person += before;
      bids_.push_back(bid);
    }
    side->people = {};
    side->bidders = {};
    side->bids = {};
  }
  could_ = people_.size();
  return absl::OkStatus();
}

// ---- Admission

absl::Status BatchJob::Admit(JobContext& context) {
  context.Report({.stage = "admitting", .done = 0, .total = 0, .from = kScored, .to = kScored});
  const policy::Constraints& constraints = question_->definitions->catalogue->constraints();
  std::vector<std::vector<ConstraintAccounts>> parts(constraints.all().size());
  for (auto& part : parts) part.resize(sides_.size());
  BATUTA_RETURN_IF_ERROR(context.OnPartitions([&](engine::Fold& fold) -> Turn {
    for (size_t i = 0; i < parts.size(); ++i) {
      const policy::Constraint& constraint = constraints.all()[i];
      parts[i][base::Index(fold.settings().partition)] =
          AccountsIn(fold, constraint.kind, constraint.name);
    }
    return false;
  }));
  const base::Time now = core_.hub.clock().Wall();
  for (size_t i = 0; i < parts.size(); ++i) {
    limits_.left.push_back(LeftOf(constraints.all()[i], SumOf(parts[i]), now,
                                  question_->definitions->features->zone()));
  }
  limits_.slots = question_->slots;
  if (wish_.limit != 0) limits_.choices = wish_.limit;
  admission_ = decision::Admit(question_->actions, bidders_, std::move(bids_), limits_);
  return context.Check();
}

// ---- Deciding

// The next people, with all that was admitted of each.
std::vector<BatchItem> BatchJob::ItemsFrom(size_t& next) {
  std::vector<BatchItem> items;
  const auto& admitted = admission_.admitted;
  while (next < admitted.size() && items.size() < kItemsTogether) {
    const uint32_t person = admitted[next].person;
    const decision::HoldoutArm arm = bidders_[person].arm;
    BatchItem& item = items.emplace_back();
    item.id = people_[person];
    item.is_held_out = arm == decision::NOTHING_ARM;
    for (; next < admitted.size() && admitted[next].person == person; ++next) {
      if (arm != decision::RANDOM_ARM) item.only.push_back(admitted[next].action);
    }
  }
  return items;
}

absl::Status BatchJob::WriteAll(JobContext& context) {
  BATUTA_ASSIGN_OR_RETURN(JobFile file, JobFile::Create(context, "decisions"));
  BATUTA_RETURN_IF_ERROR(file.Append(BatchHead(wish_)));
  const size_t total = admission_.admitted.size();
  size_t next = 0;
  while (next < total) {
    context.Report({.stage = wish_.dry_run ? "trying" : "deciding",
                    .done = next,
                    .total = total,
                    .from = kScored,
                    .to = 1});
    std::vector<BatchItem> items = ItemsFrom(next);
    BATUTA_RETURN_IF_ERROR(Decide(context, items));
    BATUTA_RETURN_IF_ERROR(ReadIdentifiers(core_, context, wish_.identifiers, items));
    std::string rows;
    for (const BatchItem& item : items) Count(item, AppendBatchRows(*question_, item, rows));
    BATUTA_RETURN_IF_ERROR(file.Append(rows));
  }
  context.Report({.stage = "done", .done = total, .total = total, .from = kScored, .to = 1});
  return file.Finish();
}

absl::Status BatchJob::Decide(JobContext& context, std::vector<BatchItem>& items) {
  if (!wish_.dry_run) return Record(core_, context, *question_, source_, items);
  const absl::Status tried = Try(context, items);
  if (!absl::IsAborted(tried)) return tried;
  return context.Fail({.status = http::Status::kConflict,
                       .code = "definitions_changed",
                       .detail = "The definitions changed while people were decided for; ask "
                                 "again."});
}

absl::Status BatchJob::Try(JobContext& context, std::vector<BatchItem>& items) {
  for (BatchItem& item : items) {
    if (!item.is_held_out) sides_[base::Index(item.id.partition)]->to_try.push_back(&item);
  }
  for (const auto& side : sides_) {
    std::sort(side->to_try.begin(), side->to_try.end(),
              [](const BatchItem* a, const BatchItem* b) { return a->id < b->id; });
  }
  return context.OnPartitions([&](engine::Fold& fold) -> Turn {
    return sides_[base::Index(fold.settings().partition)]->Try(fold, core_.hub.clock());
  });
}

void BatchJob::Count(const BatchItem& item, size_t choices) {
  choices_ += choices;
  if (choices > 0) {
    ++decided_;
    for (const decision::Chosen& chosen : item.decision.chosen()) net_value_ += chosen.net_value();
  } else if (item.is_held_out) {
    ++held_out_;
  } else {
    ++changed_;
  }
}

// ---- What came of it

base::Value BatchJob::ConstraintsValue() const {
  ListBuilder list;
  const auto& constraints = question_->definitions->catalogue->constraints().all();
  for (size_t i = 0; i < constraints.size(); ++i) {
    const policy::Constraint& constraint = constraints[i];
    const bool concerns = std::any_of(
        question_->actions.uses.begin(), question_->actions.uses.end(), [i](const auto& uses) {
          return std::any_of(uses.begin(), uses.end(),
                             [i](const auto& use) { return use.constraint == i; });
        });
    if (!concerns || !constraint.HasLimit()) continue;
    ObjectBuilder one;
    one.Add("kind", policy::ConstraintKindName(constraint.kind)).Add("name", constraint.name);
    const auto add = [&](std::string_view name, int64_t amount) {
      if (constraint.kind == policy::ConstraintKind::kBudget) {
        one.Add(name, base::FormatAmount(amount));
      } else {
        one.Add(name, static_cast<double>(amount));
      }
    };
    add("left", limits_.left[i]);
    add("taken", admission_.taken[i]);
    one.AddCount("missed", admission_.missed[i]);
    list.Add(one.Take());
  }
  return list.Take();
}

base::Value BatchJob::Summary() const {
  ObjectBuilder out;
  out.Add("placement", wish_.placement);
  if (!wish_.segment.empty()) out.Add("segment", wish_.segment);
  out.Add("dryRun", wish_.dry_run);
  out.AddCount("people", looked_).AddCount("could", could_).AddCount("decided", decided_);
  out.AddCount("choices", choices_).AddCount("heldOut", held_out_).AddCount("changed", changed_);
  out.Add("netValue", net_value_);
  out.Add("currency", base::FormatCurrency(question_->definitions->catalogue->currency()));
  out.Add("constraints", ConstraintsValue());
  out.AddCount("definitionsVersion", question_->definitions->version());
  return out.Take();
}

}  // namespace batuta::api
