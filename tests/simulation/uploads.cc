#include "simulation/uploads.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "rule/list.h"
#include "simulation/failure.h"
#include "simulation/plan.h"
#include "table/content.h"
#include "table/parts.h"

namespace batuta::simulation {
namespace {

constexpr std::string_view kTable = "stock";
constexpr std::string_view kList = "given";

std::string RowsOf(const table::Content& content) {
  std::string rows;
  for (size_t row = 0; row < content.rows(); ++row) content.AppendRow(row, rows);
  return rows;
}

}  // namespace

std::string Uploads::Documents() {
  return base::StrCat(
      "---\nkind: table\nname: ", kTable,
      "\nspec: {key: code, columns: [{name: code, type: integer}, {name: left, type: number}]}\n",
      "---\nkind: segment\nname: ", kList, "\nspec: {list: true}\n",
      "---\nkind: segment\nname: in-stock\nspec: {rule: 'lookup(\"", kTable,
      "\", int(person.traits.t1)).left > 5.0'}\n",
      "---\nkind: segment\nname: given-in-stock\nspec: {rule: '\"", kList,
      "\" in person.segments && \"in-stock\" in person.segments'}\n");
}

Uploads::UnderWay Uploads::Begin(engine::Hub& hub, Workload& workload, base::Random& dice) {
  UnderWay upload;
  upload.number = ++begun_;
  const bool is_list = Percent(dice, 50);
  upload.head.set_upload(hub.DrawId().ToBytes());
  upload.head.set_table(is_list ? rule::ListTable(kList) : std::string(kTable));
  upload.head.add_columns()->set_name(is_list ? "identifier" : "code");
  if (!is_list) {
    upload.head.mutable_columns(0)->set_type(table::INTEGER);
    upload.head.add_columns()->set_name("left");
    upload.head.mutable_columns(1)->set_type(table::NUMBER);
  }
  std::set<std::string> keys;
  uint64_t bytes = 0;
  const uint64_t parts = 1 + dice.Below(3);
  for (uint64_t part = 0; part < parts; ++part) {
    table::PartWriter writer;
    const uint64_t rows = 1 + dice.Below(4);
    for (uint64_t row = 0; row < rows; ++row) {
      const auto [type, value] = workload.AnyIdentifier();
      const std::string key = is_list ? hub.vault().HashIdentifier(type, value).ToBytes()
                                      : base::StrCat(static_cast<int>(dice.Below(6)) - 1);
      if (!keys.insert(key).second) continue;
      std::vector<table::Cell> cells;
      if (!is_list) cells.emplace_back(static_cast<double>(dice.Below(11)));
      writer.Add(key, cells);
    }
    upload.parts.push_back(writer.Take()[0]);
    bytes += upload.parts.back().size();
  }
  upload.head.set_rows(keys.size());
  upload.head.set_bytes(bytes);
  upload.head.set_parts(static_cast<uint32_t>(upload.parts.size()));
  const auto content = table::Content::Make(upload.head, upload.parts);
  Require(content.ok(), "an upload is sound");
  expected_[upload.head.upload()] = {upload.number, RowsOf(**content)};
  return upload;
}

Uploads::Part Uploads::Next(engine::Hub& hub, Workload& workload, base::Random& dice) {
  auto found = std::find_if(under_way_.begin(), under_way_.end(),
                            [](const UnderWay& one) { return !one.is_waiting; });
  if (found == under_way_.end() || Percent(dice, 20)) {
    under_way_.push_back(Begin(hub, workload, dice));
    found = std::prev(under_way_.end());
  }
  found->is_waiting = true;
  Part part = {.upload = found->number,
               .bytes = "",
               .request = hub.DrawId(),
               .is_last = found->next + 1 == found->parts.size(),
               .is_of_list = found->head.table() != kTable};
  engine::TablePartAsk ask;
  ask.set_request_id(part.request.ToBytes());
  ask.mutable_part()->set_table(found->head.table());
  ask.mutable_part()->set_upload(found->head.upload());
  ask.mutable_part()->set_number(static_cast<uint32_t>(found->next));
  ask.mutable_part()->set_rows(found->parts[found->next]);
  if (part.is_last) *ask.mutable_part()->mutable_head() = found->head;
  part.bytes = ask.SerializeAsString();
  return part;
}

void Uploads::OnAnswer(const Part& part, bool is_taken) {
  const auto found = std::find_if(under_way_.begin(), under_way_.end(),
                                  [&](const UnderWay& one) { return one.number == part.upload; });
  Require(found != under_way_.end(), "an answer to an upload that nobody makes");
  found->is_waiting = false;
  ++found->next;
  if (is_taken && !part.is_last) return;
  if (is_taken) {
    uint64_t& latest = acknowledged_[found->head.table()];
    latest = std::max(latest, found->number);
  }
  under_way_.erase(found);
}

void Uploads::Check(uint16_t partitions,
                    const std::function<engine::Fold&(base::PartitionId)>& folds) const {
  for (const std::string& name : {std::string(kTable), rule::ListTable(kList)}) {
    const auto latest = acknowledged_.find(name);
    std::string first;
    for (uint16_t p = 0; p <= partitions; ++p) {
      const auto tables = folds(base::PartitionId{p}).tables();
      const auto content = tables->find(name);
      const std::string upload = content == tables->end() ? "" : content->second->head().upload();
      if (p == 0) first = upload;
      Require(upload == first, base::StrCat("partitions read other rows of ", name));
      if (upload.empty()) {
        Require(latest == acknowledged_.end(), name + " was uploaded, and is not there");
        continue;
      }
      const Expected& expected = expected_.at(upload);
      Require(RowsOf(*content->second) == expected.rows, name + " has other rows");
      Require(latest == acknowledged_.end() || expected.number >= latest->second,
              name + " has rows of before the upload that was acknowledged");
    }
  }
}

}  // namespace batuta::simulation
