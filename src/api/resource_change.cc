#include "api/resource_change.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "api/object_reader.h"
#include "base/json.h"
#include "base/text.h"

namespace batuta::api {

void JoinDocuments(resource::ParsedDocuments parsed, resource::Change& change,
                   std::vector<resource::Problem>& problems) {
  std::move(parsed.documents.begin(), parsed.documents.end(), std::back_inserter(change.documents));
  std::move(parsed.problems.begin(), parsed.problems.end(), std::back_inserter(problems));
}

namespace {

void ReadFiles(const base::Value& files, std::string_view pointer,
               std::vector<http::ProblemError>& errors, resource::Change& change,
               std::vector<resource::Problem>& problems) {
  int index = 0;
  for (const base::Value& file : files.list().values()) {
    ObjectReader reader(file, base::StrCat(pointer, "/files/", index++), errors);
    const std::string name = reader.Text("name", Need::kRequired);
    const std::string text = reader.Text("text", Need::kRequired);
    reader.Finish();
    JoinDocuments(resource::ParseDocuments(text, name, resource::FormatOf(name)), change, problems);
  }
}

void ReadRemovals(const base::Value& removals, std::string_view pointer,
                  std::vector<http::ProblemError>& errors, resource::Change& change) {
  int index = 0;
  for (const base::Value& removal : removals.list().values()) {
    ObjectReader reader(removal, base::StrCat(pointer, "/removals/", index++), errors);
    change.removals.push_back(
        {reader.Text("kind", Need::kRequired), reader.Text("name", Need::kRequired)});
    reader.Finish();
  }
}

}  // namespace

void ReadResourceChange(const base::Value& value, std::string_view pointer,
                        std::vector<http::ProblemError>& errors, resource::Change& change,
                        std::vector<resource::Problem>& problems) {
  ObjectReader body(value, pointer, errors);
  if (const base::Value* files = body.Any("files")) {
    ReadFiles(*files, pointer, errors, change, problems);
  }
  if (const base::Value* documents = body.Any("documents")) {
    JoinDocuments(resource::ParseDocuments(base::ToJson(*documents), "", resource::Format::kJson),
                  change, problems);
  }
  if (const base::Value* removals = body.Any("removals")) {
    ReadRemovals(*removals, pointer, errors, change);
  }
  change.remove_unstated = body.Bool("removeUnstated");
  body.Finish();
}

}  // namespace batuta::api
