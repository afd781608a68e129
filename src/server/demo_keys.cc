#include "server/demo_keys.h"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

constexpr std::string_view kSources[] = {"crm", "web", "app", "call_center"};

absl::StatusOr<std::string> MakeKey(ApiClient& admin, std::string_view source) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("kind");
  json.String("write");
  json.Key("source");
  json.String(source);
  json.Key("title");
  json.String(base::StrCat("batuta demo: ", source));
  json.EndObject();
  BATUTA_ASSIGN_OR_RETURN(const base::Value made, admin.Post("/v1/keys", json.Take()));
  const base::Value* secret = base::Find(made.object(), "secret");
  if (secret == nullptr) return absl::InternalError("the hub made a key and did not tell it");
  return secret->text();
}

std::map<std::string, std::string, std::less<>> Read(const std::string& path) {
  std::map<std::string, std::string, std::less<>> keys;
  const auto text = ReadText(path);
  if (!text.ok()) return keys;  // none were kept yet
  const auto root = base::ParseJson(*text);
  if (!root.ok()) return keys;
  for (const base::Field& field : root->object().fields())
    keys[field.name()] = field.value().text();
  return keys;
}

absl::Status Keep(const DemoKeys& keys, const std::string& path) {
  base::JsonWriter json;
  json.BeginObject();
  for (const auto& [source, secret] : keys.write) {
    json.Key(source);
    json.String(secret);
  }
  json.EndObject();
  const std::string text = json.Take() + "\n";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool kept =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  return kept ? absl::OkStatus() : absl::InternalError(base::StrCat("cannot write ", path));
}

}  // namespace

absl::StatusOr<DemoKeys> TakeDemoKeys(ApiClient& admin, const std::string& path) {
  DemoKeys keys;
  keys.secret = admin.key();
  if (!path.empty()) keys.write = Read(path);
  bool made = false;
  for (const std::string_view source : kSources) {
    if (keys.write.contains(source)) continue;
    BATUTA_ASSIGN_OR_RETURN(keys.write[std::string(source)], MakeKey(admin, source));
    made = true;
  }
  keys.write[""] = keys.write["web"];
  if (made && !path.empty()) BATUTA_RETURN_IF_ERROR(Keep(keys, path));
  return keys;
}

}  // namespace batuta::server
