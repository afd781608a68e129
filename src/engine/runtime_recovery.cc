// Recovery: from the last checkpoints to the end of the log, and the messages that a crash kept
// back.
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/runtime.h"

namespace batuta::engine {

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Recover(RuntimeOptions options) {
  auto runtime = std::make_unique<Runtime>(std::move(options));
  BATUTA_RETURN_IF_ERROR(runtime->CatchUp());
  return runtime;
}

// What the logs hold of messages decides which emissions are sent again: those behind the last that
// reached the destination's log.
absl::Status Runtime::FindLoggedWatermarks() {
  const size_t count = partitions_.size();
  logged_.assign(count, std::vector<MessageNumber>(count));
  for (size_t at = 0; at < count; ++at) {
    RuntimePartition& partition = *partitions_[at];
    for (size_t source = 0; source < count; ++source) {
      logged_[at][source] =
          partition.fold().state().WatermarkOf(base::PartitionId{static_cast<uint16_t>(source)});
    }
    BATUTA_RETURN_IF_ERROR(
        options_.log->Scan(partition.id(), partition.applied(), options_.log->End(partition.id()),
                           [&](const log::Record& record) {
                             if (record.type != static_cast<uint8_t>(RecordType::kMessage))
                               return absl::OkStatus();
                             Message message;
                             BATUTA_CHECK(message.ParseFromString(record.payload));
                             MessageNumber& last = logged_[at][message.source()];
                             last = std::max(last, NumberOf(message));
                             return absl::OkStatus();
                           }));
  }
  return absl::OkStatus();
}

absl::Status Runtime::CatchUpPartition(RuntimePartition& partition,
                                       std::vector<log::Entry>& unsent) {
  const base::Offset end = options_.log->End(partition.id());
  if (partition.applied() > end) {
    return absl::DataLossError(
        absl::StrCat("partition ", base::Index(partition.id()), ": the state is at ",
                     base::Number(partition.applied()), ", the log ends at ", base::Number(end),
                     ": records are missing; restore the log, or all of it from a backup"));
  }
  Effects effects;
  return options_.log->Scan(
      partition.id(), partition.applied(), end, [&](const log::Record& record) {
        partition.Apply(record, effects);
        for (Outgoing& outgoing : effects.messages) {
          const MessageNumber number{base::Number(outgoing.offset), outgoing.number};
          const auto& logged = logged_[base::Index(outgoing.destination)];
          if (number <= logged[base::Index(partition.id())]) continue;
          unsent.push_back(MessageEntry(partition, outgoing));
        }
        effects.Clear();
        partition.CatchUpStep();
        return absl::OkStatus();
      });
}

absl::Status Runtime::CatchUp() {
  BATUTA_RETURN_IF_ERROR(FindLoggedWatermarks());
  std::vector<std::vector<log::Entry>> unsent(partitions_.size());
  std::vector<absl::Status> results(partitions_.size());
  const auto catch_up = [&](size_t worker) {
    for (size_t i = worker; i < partitions_.size(); i += options_.workers) {
      results[i] = CatchUpPartition(*partitions_[i], unsent[i]);
    }
  };
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < options_.workers; ++i) helpers.emplace_back(catch_up, i);
  catch_up(0);
  for (std::thread& helper : helpers) helper.join();
  for (size_t i = 0; i < partitions_.size(); ++i) {
    BATUTA_RETURN_IF_ERROR(results[i]);
    RuntimePartition& partition = *partitions_[i];
    partition.CaughtUp();
    CommitRequest request;
    request.internal = true;
    request.entries = std::move(unsent[i]);
    request.done = [&partition, emission = partition.last_emission()](const auto& appended) {
      if (appended.ok()) partition.MessagesDurable(emission);
    };
    BATUTA_RETURN_IF_ERROR(Push(std::move(request)));
  }
  logged_.clear();
  return absl::OkStatus();
}

}  // namespace batuta::engine
