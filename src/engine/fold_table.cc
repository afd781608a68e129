// Tables, and the lists of segments: the rows of an upload, which come in parts by way of the
// control partition, and their coming into force in each partition at one record of its own log.
//
// Parts are laid up where they arrive; the last one brings what is said of all, and from it on
// rules read the new rows and nothing of the old ones is kept. An upload that is never completed is
// dropped when another of the same table begins, or the table is removed.
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/fold.h"
#include "rule/list.h"

namespace batuta::engine {
namespace {

std::string PartKey(std::string_view upload, uint32_t part) {
  base::ByteWriter writer;
  writer.Raw(upload);
  writer.U32(part);
  return writer.Take();
}

}  // namespace

void Fold::OnTablePartAsk(TablePartAsk ask) {
  BATUTA_CHECK(IsControl());
  TablePart& part = *ask.mutable_part();
  if (!rule::TakesRows(definitions_->resources, part.table())) {
    return ReplyError(ask.request_id(), absl::NotFoundError("there is no table of this name"));
  }
  if (!LayUpTablePart(part)) {
    return ReplyError(ask.request_id(),
                      absl::AbortedError("another upload of the table has begun meanwhile"));
  }
  const bool is_last = part.has_head();
  if (is_last) {
    table::Head& head = *part.mutable_head();
    const auto before = state_.GetRow<TableRow>(RowKind::kTable, part.table());
    head.set_version(before.has_value() ? before->head().version() + 1 : 1);
    head.set_time(log_time().micros);
    WaitForAll(RowKind::kTablePublishing, part.upload(), ask.request_id());
    SwitchTable(part.head());
    ExpectSweeps();
  }
  for (uint16_t i = 0; i < settings_.partitions; ++i) {
    Message message;
    *message.mutable_table_part() = part;
    Send(base::PartitionId{i}, std::move(message));
  }
  if (!is_last) Reply(ask.request_id(), "");
}

void Fold::OnTablePart(const TablePart& part) {
  BATUTA_CHECK(LayUpTablePart(part), "the control partition lets one upload through at a time");
  if (!part.has_head()) return;
  SwitchTable(part.head());
  BeginSweep();
  Message message;
  message.mutable_table_applied()->set_upload(part.upload());
  message.mutable_table_applied()->set_partition(base::Index(settings_.partition));
  Send(base::PartitionId{settings_.partitions}, std::move(message));
}

// An upload is answered with the table's version, when all partitions have it.
void Fold::OnTableApplied(const TableApplied& applied) {
  const auto publishing =
      CrossOff(RowKind::kTablePublishing, applied.upload(), applied.partition());
  BATUTA_CHECK(publishing.has_value());
  if (publishing->waiting_for().empty()) Reply(publishing->request_id(), "");
}

// False if the part does not follow on what is laid up.
bool Fold::LayUpTablePart(const TablePart& part) {
  auto laid_up = state_.GetRow<TableUploadRow>(RowKind::kTableUpload, part.table());
  if (part.number() == 0) {
    if (laid_up.has_value()) DropTableParts(laid_up->upload(), laid_up->parts());
    laid_up.emplace();
    laid_up->set_upload(part.upload());
  } else if (!laid_up.has_value() || laid_up->upload() != part.upload() ||
             laid_up->parts() != part.number()) {
    return false;
  }
  state_.rows.Put(PartitionState::KeyOf(RowKind::kTablePart, PartKey(part.upload(), part.number())),
                  part.rows());
  laid_up->set_parts(part.number() + 1);
  state_.PutRow(RowKind::kTableUpload, part.table(), *laid_up);
  return true;
}

void Fold::DropTableParts(std::string_view upload, uint32_t parts) {
  for (uint32_t i = 0; i < parts; ++i) {
    state_.EraseRow(RowKind::kTablePart, PartKey(upload, i));
  }
}

void Fold::SwitchTable(const table::Head& head) {
  if (const auto before = state_.GetRow<TableRow>(RowKind::kTable, head.table())) {
    DropTableParts(before->head().upload(), before->head().parts());
  }
  TableRow row;
  *row.mutable_head() = head;
  state_.EraseRow(RowKind::kTableUpload, head.table());
  state_.PutRow(RowKind::kTable, head.table(), row);
  state_.self.set_tables_version(state_.self.tables_version() + 1);
  LoadTables();
}

// Of tables that are not declared any more.
void Fold::DropTables() {
  std::vector<std::string> gone;
  for (const RowKind kind : {RowKind::kTable, RowKind::kTableUpload}) {
    for (std::string& name : state_.KeysOf(kind)) {
      if (!rule::TakesRows(definitions_->resources, name)) gone.push_back(std::move(name));
    }
  }
  for (const std::string& name : gone) {
    if (const auto row = state_.GetRow<TableRow>(RowKind::kTable, name)) {
      DropTableParts(row->head().upload(), row->head().parts());
      state_.EraseRow(RowKind::kTable, name);
    }
    if (const auto row = state_.GetRow<TableUploadRow>(RowKind::kTableUpload, name)) {
      DropTableParts(row->upload(), row->parts());
      state_.EraseRow(RowKind::kTableUpload, name);
    }
  }
  if (!gone.empty()) LoadTables();
}

void Fold::LoadTables() {
  auto tables = std::make_shared<table::Tables>();
  for (const auto& [name, row] : state_.RowsOf<TableRow>(RowKind::kTable)) {
    (*tables)[name] = ContentOf(row.head());
  }
  LoadPopulations(*tables);
  tables_ = std::move(tables);
  evaluation_->UseTables(tables_);
}

std::shared_ptr<const table::Content> Fold::ContentOf(const table::Head& head) {
  const auto known = tables_->find(head.table());
  if (known != tables_->end() && known->second->head().upload() == head.upload()) {
    return known->second;
  }
  const auto make = [&] {
    std::vector<std::string> parts;
    for (uint32_t i = 0; i < head.parts(); ++i) {
      auto part =
          state_.rows.Get(PartitionState::KeyOf(RowKind::kTablePart, PartKey(head.upload(), i)));
      BATUTA_CHECK(part.has_value(), "a table has all its parts");
      parts.push_back(*std::move(part));
    }
    auto content = table::Content::Make(head, std::move(parts));
    BATUTA_CHECK_OK(content.status());
    return *std::move(content);
  };
  return settings_.shared == nullptr ? make() : settings_.shared->tables.Get(head.upload(), make);
}

uint64_t Fold::Generation() const { return definitions_->version() + state_.self.tables_version(); }

uint64_t Fold::MeaningOf(const segment::Segment& segment) const {
  if (segment.tables.empty()) return segment.id;
  base::ByteWriter writer;
  writer.U64(segment.id);
  for (const std::string& table : segment.tables) {
    const auto found = tables_->find(table);
    writer.Bytes(found == tables_->end() ? "" : found->second->head().upload());
  }
  return base::Hash64(writer.bytes());
}

}  // namespace batuta::engine
