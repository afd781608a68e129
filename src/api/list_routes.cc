// Static lists: the people of a segment by upload of their identifiers.
//
// A list holds keyed hashes of identifiers, never the values, and every line of the file counts:
// one whose identifier nobody has yet is told, and will count when somebody has it.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "api/answer.h"
#include "api/api_key.h"
#include "api/ask.h"
#include "api/person_ref.h"
#include "api/routes.h"
#include "api/rows_upload.h"
#include "base/csv.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "identity/refs.h"
#include "resource/reader.h"
#include "rule/list.h"
#include "table/parts.h"
#include "table/rows.h"

namespace batuta::api {
namespace {

constexpr size_t kTold = 100;  // lines listed in an answer
constexpr size_t kStep = 256;  // identifiers looked for at once

// One line of the file.
struct Listed {
  base::IdentifierHash hash;
  uint64_t line = 0;
  bool is_known = false;
};

struct List {
  std::string segment;
  std::string identifier;
  std::vector<Listed> listed;      // each identifier once, in the order of the lines
  uint64_t repeated = 0;           // lines that name one again
  std::vector<uint64_t> unusable;  // lines that no person can have
};

bool IsIdentifierColumn(std::string_view name) {
  for (const char* type : {"user_id", "email", "phone", "anonymous_id", "device_id"}) {
    if (name == type) return true;
  }
  return false;
}

class Reading {
 public:
  Reading(Core& core, std::string_view csv) : core_(core), parser_(csv) {}

  std::vector<http::ProblemError> errors;

  // Nothing of use if there are errors.
  List Run(std::string_view wanted) {
    List list;
    base::CsvRecord record;
    if (!parser_.Next(record) || !record.problem.empty()) {
      Fail(1, 1, "empty", "the first line names the columns");
      return list;
    }
    const size_t width = record.fields.size();
    size_t column = width;
    for (size_t i = width; i-- > 0;) {
      const std::string& name = record.fields[i].text;
      if (wanted.empty() ? IsIdentifierColumn(name) : name == wanted) column = i;
    }
    if (column == width) {
      Fail(1, 1, "missing_column",
           wanted.empty()
               ? std::string("there is no column user_id, email, phone, anonymous_id or device_id; "
                             "name yours with ?identifier=")
               : base::StrCat("there is no column ", wanted));
      return list;
    }
    list.identifier = record.fields[column].text;
    while (parser_.Next(record)) Take(record, width, column, list);
    return list;
  }

 private:
  void Fail(uint64_t line, uint64_t column, std::string code, std::string detail) {
    if (errors.size() >= table::kProblemsMax) return;
    errors.push_back({"", std::move(code), base::StrCat(line, ":", column, ": ", detail)});
  }

  void Take(const base::CsvRecord& record, size_t width, size_t column, List& list) {
    if (!record.problem.empty()) {
      return Fail(record.problem_line, record.problem_column, record.problem, record.detail);
    }
    if (record.fields.size() != width) {
      return Fail(record.line, 1, "ragged_row",
                  base::StrCat("the row has ", record.fields.size(), " fields, and there are ",
                               width, " columns"));
    }
    if (list.listed.size() >= table::kRowsMax) {
      if (!std::exchange(is_full_, true)) {
        Fail(record.line, 1, "too_many_rows",
             base::StrCat("a list has at most ", table::kRowsMax, " lines"));
      }
      return;
    }
    const auto ref = MakePersonRef(core_, list.identifier, record.fields[column].text);
    if (!ref.ok()) {
      list.unusable.push_back(record.line);
    } else if (seen_.insert(ref->hash.ToBytes()).second) {
      list.listed.push_back({ref->hash, record.line});
    } else {
      ++list.repeated;
    }
  }

  Core& core_;
  base::CsvParser parser_;
  absl::flat_hash_set<std::string> seen_;
  bool is_full_ = false;
};

// Finds out who has the identifiers, some at a time in one partition after the other.
class Search : public std::enable_shared_from_this<Search> {
 public:
  Search(ExchangePtr exchange, List list) : exchange_(std::move(exchange)), list_(std::move(list)) {
    const uint16_t partitions = exchange_->core().hub.runtime().partitions();
    by_home_.resize(partitions);
    for (size_t i = 0; i < list_.listed.size(); ++i) {
      by_home_[base::Index(identity::HomeOf(list_.listed[i].hash, partitions))].push_back(i);
    }
  }

  void Go() {
    while (home_ < by_home_.size() && next_ >= by_home_[home_].size()) {
      ++home_;
      next_ = 0;
    }
    if (home_ == by_home_.size()) {
      return InBackground(exchange_, [self = shared_from_this()] { self->Upload(); });
    }
    exchange_->core().hub.runtime().Run(base::PartitionId{static_cast<uint16_t>(home_)},
                                        [self = shared_from_this()](engine::Fold& fold) {
                                          self->Look(fold);
                                          self->Go();
                                        });
  }

 private:
  void Look(engine::Fold& fold) {
    const std::vector<size_t>& here = by_home_[home_];
    identity::IdentifierRow scratch;
    const size_t end = std::min(next_ + kStep, here.size());
    for (; next_ < end; ++next_) {
      Listed& one = list_.listed[here[next_]];
      const identity::IdentifierRow* row = fold.state().identifiers.Peek(one.hash, scratch);
      one.is_known = row != nullptr && row->has_person();
    }
  }

  void Upload() {
    table::PartWriter writer;
    for (const Listed& one : list_.listed) writer.Add(one.hash.ToBytes(), {});
    std::vector<std::string> parts = writer.Take();
    table::Head head;
    head.set_table(rule::ListTable(list_.segment));
    head.add_columns()->set_name("identifier");
    head.set_rows(list_.listed.size());
    head.set_parts(static_cast<uint32_t>(parts.size()));
    uint64_t bytes = 0;
    for (const std::string& part : parts) bytes += part.size();
    head.set_bytes(bytes);
    head.set_author(exchange_->key()->id());
    UploadRows(exchange_->core(), std::move(head), std::move(parts),
               [self = shared_from_this()](const absl::StatusOr<Uploaded>& uploaded) {
                 InBackground(self->exchange_, [self, uploaded] { self->Answer(uploaded); });
               });
  }

  void Answer(const absl::StatusOr<Uploaded>& uploaded) {
    if (!uploaded.ok()) return FailUpload(exchange_, uploaded.status());
    std::vector<uint64_t> unknown;
    for (const Listed& one : list_.listed) {
      if (!one.is_known) unknown.push_back(one.line);
    }
    ObjectBuilder out;
    out.Add("segment", list_.segment);
    out.Add("identifier", list_.identifier);
    out.AddCount("listed", list_.listed.size());
    out.AddCount("known", list_.listed.size() - unknown.size());
    out.AddCount("unknown", unknown.size());
    out.AddCount("unusable", list_.unusable.size());
    out.AddCount("repeated", list_.repeated);
    out.Add("unknownLines", LinesValue(unknown));
    out.Add("unusableLines", LinesValue(list_.unusable));
    if (uploaded->is_in_force) out.AddCount("version", uploaded->head.version());
    out.Add("inForce", uploaded->is_in_force);
    exchange_->Json(base::ToJson(out.Take()),
                    uploaded->is_in_force ? http::Status::kOk : http::Status::kAccepted);
  }

  static base::Value LinesValue(const std::vector<uint64_t>& lines) {
    ListBuilder list;
    for (size_t i = 0; i < std::min(lines.size(), kTold); ++i) {
      list.Add(base::NumberValue(static_cast<double>(lines[i])));
    }
    return list.Take();
  }

  const ExchangePtr exchange_;
  List list_;
  std::vector<std::vector<size_t>> by_home_;
  size_t home_ = 0;
  size_t next_ = 0;
};

void PutList(const ExchangePtr& exchange) {
  if (exchange->request().Header("Content-Type").find("csv") == std::string_view::npos) {
    return exchange->Fail(http::Status::kUnsupportedMediaType, "not_csv",
                          "Identifiers are sent as CSV; say so: Content-Type: text/csv.");
  }
  // The answer tells which identifiers are known.
  if (!HasScope(*exchange->key(), "people:read")) {
    return exchange->Fail(http::Status::kForbidden, "wrong_key",
                          "A list takes a key with the scope \"people:read\", too.");
  }
  InBackground(exchange, [exchange] {
    const auto view = exchange->core().definitions.Now();
    const std::string& name = exchange->parameter("name");
    const resource::Resource* found = view->definitions->resources.Find("segment", name);
    if (found == nullptr) {
      return exchange->Fail(http::Status::kNotFound, "no_such_segment",
                            "There is no segment of this name.");
    }
    if (!resource::Reader(found->spec).Bool("list")) {
      return exchange->Fail(http::Status::kConflict, "not_a_list",
                            "The segment has a rule; only one with `list: true` takes a list.");
    }
    Reading reading(exchange->core(), exchange->request().body);
    List list = reading.Run(exchange->request().Query("identifier").value_or(""));
    list.segment = name;
    if (!reading.errors.empty()) return exchange->Fail(std::move(reading.errors));
    std::make_shared<Search>(exchange, std::move(list))->Go();
  });
}

}  // namespace

void AddListRoutes(Core& core) {
  AddRoute(core, http::Method::kPut, "/v1/segments/{name}/list", {.scope = "resources:write"},
           PutList);
}

}  // namespace batuta::api
