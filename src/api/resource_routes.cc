// Resources one by one: list, read, put, delete, with entity tags so that nobody overwrites what
// they have not seen; and the JSON Schema of each kind.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/object_reader.h"
#include "api/publish.h"
#include "api/resource_value.h"
#include "api/routes.h"
#include "api/table_value.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/kind.h"
#include "resource/yaml.h"

namespace batuta::api {
namespace {

std::string Quoted(std::string_view etag) { return base::StrCat("\"", etag, "\""); }

// Whether a list of entity tags, or "*", holds the tag.
bool Matches(std::string_view list, std::string_view etag) {
  if (base::TrimAscii(list) == "*") return true;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (base::TrimAscii(list.substr(0, comma)) == Quoted(etag)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

const resource::Kind* KindInPath(const ExchangePtr& exchange) {
  const std::string& plural = exchange->parameter("plural");
  const resource::Kind* kind = resource::FindKindByPlural(plural);
  if (kind != nullptr) return kind;
  std::vector<std::string> names;
  for (const resource::Kind& known : resource::Kinds()) names.push_back(known.plural);
  const std::string near = base::Suggest(plural, names);
  exchange->Fail(http::Status::kNotFound, "no_such_path",
                 near.empty()
                     ? std::string("There is nothing at this path.")
                     : base::StrCat("There is nothing at this path; did you mean /v1/", near, "?"));
  return nullptr;
}

// Of a table also what is said of its rows.
base::Value ValueOf(const DefinitionsView& view, const resource::Resource& resource) {
  base::Value value = ResourceValue(resource);
  if (resource.key.kind == "table") AddContent(*view.tables, resource.key.name, value);
  return value;
}

void SendResource(const ExchangePtr& exchange, const resource::Resource& resource,
                  http::Status status) {
  const auto view = exchange->core().definitions.Now();
  http::Response response = http::Response::Json(status, base::ToJson(ValueOf(*view, resource)));
  response.headers.Set("ETag", Quoted(resource.etag));
  exchange->Send(std::move(response));
}

void List(const ExchangePtr& exchange) {
  const resource::Kind* kind = KindInPath(exchange);
  if (kind == nullptr) return;
  const auto view = exchange->core().definitions.Now();
  ListBuilder data;
  for (const resource::Resource* found : view->definitions->resources.OfKind(kind->name)) {
    data.Add(ValueOf(*view, *found));
  }
  ObjectBuilder out;
  out.Add("data", data.Take());
  out.Add("hasMore", false);
  out.AddCount("version", view->definitions->version());
  exchange->Json(base::ToJson(out.Take()));
}

void FailMissing(const ExchangePtr& exchange, const resource::Kind& kind) {
  exchange->Fail(http::Status::kNotFound, "no_such_resource",
                 base::StrCat("There is no ", kind.name, " of this name."));
}

void Read(const ExchangePtr& exchange) {
  const resource::Kind* kind = KindInPath(exchange);
  if (kind == nullptr) return;
  const auto view = exchange->core().definitions.Now();
  const resource::Resource* found =
      view->definitions->resources.Find(kind->name, exchange->parameter("name"));
  if (found == nullptr) return FailMissing(exchange, *kind);
  const std::string_view known = exchange->request().Header("If-None-Match");
  if (known.empty() || !Matches(known, found->etag)) {
    return SendResource(exchange, *found, http::Status::kOk);
  }
  http::Response response;
  response.status = http::Status::kNotModified;
  response.headers.Set("ETag", Quoted(found->etag));
  exchange->Send(std::move(response));
}

// What is there must be named by its tag before it is changed. Answers itself if it may not be.
bool MayChange(const ExchangePtr& exchange, const resource::Resource* found) {
  const std::string_view match = exchange->request().Header("If-Match");
  const std::string_view none_match = exchange->request().Header("If-None-Match");
  if (found == nullptr && match.empty()) return true;
  if (found != nullptr && match.empty() && none_match.empty()) {
    exchange->Fail(
        http::Status::kPreconditionRequired, "missing_if_match",
        "The resource exists: send If-Match with the ETag of the version you have seen.");
    return false;
  }
  const bool fits =
      found != nullptr && !match.empty() && Matches(match, found->etag) && none_match.empty();
  if (fits) return true;
  exchange->Fail(http::Status::kPreconditionFailed, "changed_meanwhile",
                 "The resource is not the version that you have seen; read it again.");
  return false;
}

void PublishOne(const ExchangePtr& exchange, const resource::Change& change,
                const resource::ResourceKey& key, bool is_new) {
  const Proposal proposal = Propose(exchange->core(), change, exchange->key()->id());
  if (resource::HasError(proposal.problems)) return FailProblems(exchange, proposal.problems);
  Publish(exchange->core(), proposal,
          [exchange, key, is_new,
           proposed = proposal.proposed](const absl::StatusOr<Published>& published) {
            if (!published.ok()) return FailPublish(exchange, published.status());
            const bool under_way = *published == Published::kUnderWay;
            const resource::Resource* found = proposed.Find(key.kind, key.name);
            if (found == nullptr) {
              http::Response gone;
              gone.status = under_way ? http::Status::kAccepted : http::Status::kNoContent;
              return exchange->Send(std::move(gone));
            }
            SendResource(exchange, *found,
                         under_way ? http::Status::kAccepted
                         : is_new  ? http::Status::kCreated
                                   : http::Status::kOk);
          });
}

// The body is the document; its kind and name may be left out, and what a GET adds is not minded.
std::optional<resource::Document> ReadDocument(const ExchangePtr& exchange,
                                               const resource::ResourceKey& key) {
  const http::Request& request = exchange->request();
  const bool yaml = request.Header("Content-Type").find("yaml") != std::string_view::npos;
  resource::ParsedValue parsed = resource::ParseValue(
      request.body, "", yaml ? resource::Format::kYaml : resource::Format::kJson);
  if (!parsed.value.has_value()) {
    FailProblems(exchange, parsed.problems);
    return std::nullopt;
  }
  std::vector<http::ProblemError> errors;
  ObjectReader body(*parsed.value, "", errors);
  const std::string kind = body.Text("kind");
  const std::string name = body.Text("name");
  if (!kind.empty() && kind != key.kind) body.Error("kind", "mismatch", "the path says another");
  if (!name.empty() && name != key.name) body.Error("name", "mismatch", "the path says another");
  const base::Value* spec = body.Object("spec", Need::kRequired);
  for (const char* read_only : {"version", "etag", "author", "time", "content"}) {
    body.Any(read_only);
  }
  body.Finish();
  if (!errors.empty()) {
    exchange->Fail(std::move(errors));
    return std::nullopt;
  }
  return resource::Document{key.kind, key.name, spec->object(), std::move(parsed.source)};
}

void Put(const ExchangePtr& exchange) {
  const resource::Kind* kind = KindInPath(exchange);
  if (kind == nullptr) return;
  const resource::ResourceKey key{kind->name, exchange->parameter("name")};
  const auto view = exchange->core().definitions.Now();
  const resource::Resource* found = view->definitions->resources.Find(key.kind, key.name);
  if (!MayChange(exchange, found)) return;
  const bool is_new = found == nullptr;
  InBackground(exchange, [exchange, key, is_new] {
    auto document = ReadDocument(exchange, key);
    if (!document.has_value()) return;
    resource::Change change;
    change.documents.push_back(*std::move(document));
    PublishOne(exchange, change, key, is_new);
  });
}

void Delete(const ExchangePtr& exchange) {
  const resource::Kind* kind = KindInPath(exchange);
  if (kind == nullptr) return;
  const resource::ResourceKey key{kind->name, exchange->parameter("name")};
  const auto view = exchange->core().definitions.Now();
  const resource::Resource* found = view->definitions->resources.Find(key.kind, key.name);
  if (found == nullptr) return FailMissing(exchange, *kind);
  if (!MayChange(exchange, found)) return;
  InBackground(exchange, [exchange, key] {
    resource::Change change;
    change.removals.push_back(key);
    PublishOne(exchange, change, key, false);
  });
}

void ShowSchema(const ExchangePtr& exchange) {
  const resource::Kind* kind = resource::FindKind(exchange->parameter("kind"));
  if (kind == nullptr) {
    return exchange->Fail(http::Status::kNotFound, "no_such_kind",
                          "There is no such kind of resource; GET /v1/schemas lists them.");
  }
  http::Response response =
      http::Response::Json(http::Status::kOk, base::ToJson(resource::JsonSchema(*kind)));
  response.headers.Set("Content-Type", "application/schema+json");
  exchange->Send(std::move(response));
}

void ListSchemas(const ExchangePtr& exchange) {
  ListBuilder data;
  for (const resource::Kind& kind : resource::Kinds()) {
    data.Add(ObjectBuilder()
                 .Add("kind", kind.name)
                 .Add("plural", kind.plural)
                 .Add("description", kind.description)
                 .Add("singleton", kind.singleton)
                 .Take());
  }
  exchange->Json(base::ToJson(ObjectBuilder().Add("data", data.Take()).Take()));
}

}  // namespace

base::Value ResourceValue(const resource::Resource& resource) {
  ObjectBuilder out;
  out.Add("kind", resource.key.kind);
  out.Add("name", resource.key.name);
  out.AddCount("version", resource.version);
  out.Add("etag", resource.etag);
  out.Add("author", resource.author);
  out.AddTime("time", resource.time.micros);
  out.AddObject("spec", resource.spec);
  return out.Take();
}

void AddResourceRoutes(Core& core) {
  constexpr Access kRead = {.scope = "resources:read"};
  constexpr Access kWrite = {.scope = "resources:write"};
  AddRoute(core, http::Method::kGet, "/v1/schemas", kRead, ListSchemas);
  AddRoute(core, http::Method::kGet, "/v1/schemas/{kind}", kRead, ShowSchema);
  AddRoute(core, http::Method::kGet, "/v1/{plural}", kRead, List);
  AddRoute(core, http::Method::kGet, "/v1/{plural}/{name}", kRead, Read);
  AddRoute(core, http::Method::kPut, "/v1/{plural}/{name}", kWrite, Put);
  AddRoute(core, http::Method::kDelete, "/v1/{plural}/{name}", kWrite, Delete);
}

}  // namespace batuta::api
