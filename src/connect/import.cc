#include "connect/import.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::connect {
namespace {

struct Batch {
  uint64_t number = 0;
  std::string body;
  std::vector<uint64_t> lines;                                       // of each call in the body
  std::map<uint64_t, std::pair<std::string, std::string>> problems;  // by line: code, detail
  ImportCounts counts;
  ImportPlace after;
  uint64_t stored_bytes = 0;
};

std::string CsvText(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// Reads, sends and settles: one thread at a time reads, many send, and batches are settled in
// order.
class Run {
 public:
  Run(ImportSource& source, ImportState state, const ImportOptions& options, const SendBatch& send)
      : source_(source), options_(options), send_(send), state_(std::move(state)) {}

  absl::Status Prepare() {
    std::error_code error;
    if (state_.place.offset == 0) {
      std::ofstream(options_.report_path, std::ios::trunc) << "line,code,detail\n";
      state_.report_bytes = std::filesystem::file_size(options_.report_path, error);
    } else {
      // Lines behind the last state belong to batches that are sent again.
      std::filesystem::resize_file(options_.report_path, state_.report_bytes, error);
      if (!error) BATUTA_RETURN_IF_ERROR(source_.Resume(state_.place));
    }
    if (error) {
      return absl::FailedPreconditionError(
          base::StrCat(options_.report_path, ": ", error.message()));
    }
    report_.open(options_.report_path, std::ios::app);
    return report_ ? absl::OkStatus()
                   : absl::FailedPreconditionError("cannot write " + options_.report_path);
  }

  void Work(size_t worker) {
    while (true) {
      std::optional<Batch> batch = TakeNext();
      if (!batch.has_value()) return;
      std::vector<ImportRefusal> refusals;
      if (!batch->lines.empty()) {
        auto sent = send_(worker, std::move(batch->body));
        if (!sent.ok()) return Fail(sent.status());
        refusals = *std::move(sent);
      }
      for (ImportRefusal& refusal : refusals) {
        if (refusal.index >= batch->lines.size()) continue;
        batch->problems[batch->lines[refusal.index]] = {std::move(refusal.code),
                                                        std::move(refusal.detail)};
      }
      Settle(*std::move(batch));
    }
  }

  absl::StatusOr<ImportCounts> Result() {
    absl::MutexLock lock(&mutex_);
    if (!status_.ok()) return status_;
    state_.done = true;
    BATUTA_RETURN_IF_ERROR(WriteState());
    return state_.counts;
  }

 private:
  void Fail(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    status_.Update(status);
  }

  std::optional<Batch> TakeNext() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock reading(&source_mutex_);
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Run::MayGoOn));
      if (options_.cancelled && options_.cancelled())
        status_.Update(absl::CancelledError("stopped"));
      if (!status_.ok()) return std::nullopt;
    }
    Batch batch;
    const absl::Status read = Fill(batch);
    if (!read.ok()) {
      Fail(read);
      return std::nullopt;
    }
    if (batch.counts.rows == 0) return std::nullopt;
    absl::MutexLock lock(&mutex_);
    batch.number = batches_++;
    return batch;
  }

  // Batches that were sent before an earlier one are held in memory until that one is settled: so
  // many, and no more.
  bool MayGoOn() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !status_.ok() || batches_ - next_to_settle_ < 4 * options_.parallel;
  }

  absl::Status Fill(Batch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(source_mutex_) {
    batch.body = "{\"batch\":[";
    ImportItem item;
    while (batch.counts.rows < options_.batch_rows && batch.body.size() < options_.batch_bytes) {
      BATUTA_ASSIGN_OR_RETURN(const bool more, source_.Next(item));
      if (!more) break;
      ++batch.counts.rows;
      batch.after = item.after;
      if (!item.problem.empty()) {
        batch.problems[item.line] = {std::move(item.problem), std::move(item.detail)};
      } else if (item.json.empty()) {
        ++batch.counts.skipped;
      } else {
        base::StrAppend(&batch.body, batch.lines.empty() ? "" : ",", item.json);
        batch.lines.push_back(item.line);
      }
    }
    batch.body += "]}";
    batch.stored_bytes = source_.file().stored_offset();
    return absl::OkStatus();
  }

  void Settle(Batch batch) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    settled_.emplace(batch.number, std::move(batch));
    bool advanced = false;
    while (!settled_.empty() && settled_.begin()->first == next_to_settle_) {
      Advance(settled_.begin()->second);
      settled_.erase(settled_.begin());
      ++next_to_settle_;
      advanced = true;
    }
    if (advanced) status_.Update(WriteState());
  }

  void Advance(const Batch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const auto& [line, problem] : batch.problems) {
      const std::string text =
          base::StrCat(line, ",", problem.first, ",", CsvText(problem.second), "\n");
      report_ << text;
      state_.report_bytes += text.size();
    }
    state_.place = batch.after;
    state_.counts.rows += batch.counts.rows;
    state_.counts.skipped += batch.counts.skipped;
    state_.counts.rejected += batch.problems.size();
    state_.counts.accepted += batch.counts.rows - batch.counts.skipped - batch.problems.size();
    if (options_.progress) options_.progress(state_.counts, batch.stored_bytes);
  }

  absl::Status WriteState() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!report_.flush()) {
      return absl::ResourceExhaustedError("cannot write " + options_.report_path);
    }
    return base::ReplaceFile(*options_.disk, options_.state_path, state_.ToJson() + "\n");
  }

  ImportSource& source_;
  const ImportOptions& options_;
  const SendBatch& send_;
  absl::Mutex source_mutex_;  // before mutex_
  absl::Mutex mutex_;
  uint64_t batches_ ABSL_GUARDED_BY(mutex_) = 0;
  ImportState state_ ABSL_GUARDED_BY(mutex_);
  std::ofstream report_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Batch> settled_
      ABSL_GUARDED_BY(mutex_);  // by number; those before are missing
  uint64_t next_to_settle_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

uint64_t CountAt(const base::Fields& fields, std::string_view name) {
  const base::Value* value = base::Find(fields, name);
  const bool is_count = value != nullptr && value->kind_case() == base::Value::kNumber &&
                        value->number() >= 0 && value->number() < 9e15;
  return is_count ? static_cast<uint64_t>(value->number()) : 0;
}

}  // namespace

std::string ImportState::ToJson() const {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("hash");
  json.String(hash);
  const auto add = [&json](const char* name, uint64_t number) {
    json.Key(name);
    json.Uint(number);
  };
  add("offset", place.offset);
  add("line", place.line);
  add("row", place.row);
  add("rows", counts.rows);
  add("accepted", counts.accepted);
  add("rejected", counts.rejected);
  add("skipped", counts.skipped);
  add("reportBytes", report_bytes);
  json.Key("done");
  json.Bool(done);
  json.EndObject();
  return json.Take();
}

absl::StatusOr<ImportState> ImportState::Parse(std::string_view json) {
  BATUTA_ASSIGN_OR_RETURN(const base::Value value, base::ParseJson(json));
  const base::Fields& fields = value.object();
  const base::Value* hash = base::Find(fields, "hash");
  if (hash == nullptr || !hash->has_text()) {
    return absl::DataLossError("this is no state of an import");
  }
  ImportState state;
  state.hash = hash->text();
  state.place = {CountAt(fields, "offset"), CountAt(fields, "line"), CountAt(fields, "row")};
  state.counts = {CountAt(fields, "rows"), CountAt(fields, "accepted"), CountAt(fields, "rejected"),
                  CountAt(fields, "skipped")};
  state.report_bytes = CountAt(fields, "reportBytes");
  const base::Value* done = base::Find(fields, "done");
  state.done = done != nullptr && done->boolean();
  return state;
}

absl::StatusOr<ImportCounts> RunImport(ImportSource& source, ImportState state,
                                       const ImportOptions& options, const SendBatch& send) {
  BATUTA_CHECK(options.disk != nullptr && options.parallel > 0);
  Run run(source, std::move(state), options, send);
  BATUTA_RETURN_IF_ERROR(run.Prepare());
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < options.parallel; ++i) helpers.emplace_back([&run, i] { run.Work(i); });
  run.Work(0);
  for (std::thread& helper : helpers) helper.join();
  return run.Result();
}

}  // namespace batuta::connect
