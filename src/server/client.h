// Talks to a hub's API for the commands: finds the hub and the key, sends, and turns an error
// answer into a status with the hub's own words.
//
// Not thread-safe; a thread makes its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/value.pb.h"
#include "http/client.h"
#include "server/hub_folder.h"
#include "server/session.h"

namespace batuta::server {

// One entry of `errors` in a problem answer.
struct ApiError {
  std::string pointer;
  std::string code;
  std::string detail;
  std::string kind;  // of the resource, where it is about one; and its place
  std::string name;
  std::string file;
  int line = 0;
  int column = 0;
  std::string severity;
};

class ApiClient {
 public:
  // The server: --server, BATUTA_SERVER, the configuration's `listen`, else port 8480 of this
  // machine. The key: --key, BATUTA_KEY (BATUTA_WRITE_KEY), else the file of that key in the hub's
  // folder.
  static absl::StatusOr<ApiClient> Create(const Session& session, KeyFile which = KeyFile::kAdmin);

  absl::StatusOr<base::Value> Get(const std::string& target);
  absl::StatusOr<base::Value> Post(const std::string& target, std::string body);
  absl::StatusOr<base::Value> Delete(const std::string& target);
  // Sends a file of that content type. `replaces`: the etag of what it is made from, if it may only
  // take the place of that.
  absl::StatusOr<base::Value> Put(const std::string& target, std::string_view content_type,
                                  std::string body, std::string_view replaces = "");
  // The body, written as it comes: to the file, which is there only once it is complete, or to
  // standard output if the path is empty.
  absl::Status Download(const std::string& target, const std::string& path,
                        std::string_view accept = "*/*");
  // A body that comes in pieces, whole.
  absl::StatusOr<std::string> GetCsv(const std::string& target);
  // The body as it came, with any success status.
  absl::StatusOr<std::string> GetText(const std::string& target);
  // Any answer at all.
  absl::StatusOr<http::Response> Send(http::Method method, const std::string& target,
                                      std::string body);
  // What an answer that is an error says.
  absl::Status ErrorOf(const http::Response& response);
  // All rows of a list, page after page, up to `limit` of them.
  absl::StatusOr<std::vector<base::Value>> List(const std::string& target, size_t limit);

  // Of the last answer that was an error.
  const std::vector<ApiError>& errors() const { return errors_; }
  const std::string& server() const { return server_; }
  const std::string& key() const { return key_; }

 private:
  ApiClient(http::Client client, std::string server, std::string key)
      : client_(std::move(client)), server_(std::move(server)), key_(std::move(key)) {}
  http::ClientRequest RequestOf(http::Method method, const std::string& target,
                                std::string_view accept) const;
  absl::StatusOr<http::Response> OrNoHub(absl::StatusOr<http::Response> response) const;

  http::Client client_;
  std::string server_;
  std::string key_;
  std::vector<ApiError> errors_;
};

// For a path or a query: everything but unreserved characters percent-encoded.
std::string PercentEncode(std::string_view text);
// "email:a@b.mx" → "/v1/people/email:a%40b.mx"; also a person's id, "per_…". InvalidArgument if it
// is neither.
absl::StatusOr<std::string> PersonPath(std::string_view person);

}  // namespace batuta::server
