#include "server/running_hub.h"

#include <charconv>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "server/version.h"

namespace batuta::server {
namespace {

struct Address {
  std::string host;
  uint16_t port = 0;
};

absl::StatusOr<Address> ParseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  Address address;
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error == std::errc() && end == port.data() + port.size()) {
      address.host = std::string(text.substr(0, colon));
      if (address.host.starts_with("[") && address.host.ends_with("]")) {
        address.host = address.host.substr(1, address.host.size() - 2);
      }
      if (!address.host.empty()) return address;
    }
  }
  return absl::InvalidArgumentError(base::StrCat(
      "\"", text, "\" is no address to listen on; write it as 127.0.0.1:8480 or [::]:8480"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunningHub>> RunningHub::Start(const Config& config) {
  std::unique_ptr<RunningHub> running(new RunningHub);
  BATUTA_RETURN_IF_ERROR(running->OpenHub(config));
  // Before there are keys, which are shown once: by a start that does not fail.
  BATUTA_RETURN_IF_ERROR(running->Listen(config));
  BATUTA_RETURN_IF_ERROR(running->MakeFirstKeys(config.Text("data")));
  return running;
}

RunningHub::~RunningHub() { Stop(base::Duration{}); }

absl::Status RunningHub::OpenHub(const Config& config) {
  const std::string& folder = config.Text("data");
  BATUTA_RETURN_IF_ERROR(ParseAddress(config.Text("listen")).status());
  BATUTA_ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(folder));
  lock_ = std::make_unique<FolderLock>(std::move(lock));
  is_new_ = !HoldsHub(disk_, folder);
  BATUTA_ASSIGN_OR_RETURN(const vault::MasterKey key,
                          TakeMasterKey(disk_, folder, config.Text("master_key_file")));
  BATUTA_ASSIGN_OR_RETURN(hub_, engine::Hub::Open(HubOptionsOf(config, disk_, clock_, key)));
  hub_->Start();
  api::ApiOptions options;
  options.version = std::string(kVersion);
  options.body_bytes_max = config.Number("limits.body");
  options.events_per_second_per_key = config.Number("limits.events_per_key");
  BATUTA_ASSIGN_OR_RETURN(api_, api::Api::Create(*hub_, options));
  return absl::OkStatus();
}

absl::Status RunningHub::MakeFirstKeys(const std::string& folder) {
  auto keys = api_->CreateFirstKeys();
  if (absl::IsFailedPrecondition(keys.status())) return absl::OkStatus();
  BATUTA_RETURN_IF_ERROR(keys.status());
  BATUTA_RETURN_IF_ERROR(WriteKeyFile(folder, KeyFile::kAdmin, keys->secret_key));
  BATUTA_RETURN_IF_ERROR(WriteKeyFile(folder, KeyFile::kWrite, keys->write_key));
  first_keys_ = *std::move(keys);
  return absl::OkStatus();
}

absl::Status RunningHub::Listen(const Config& config) {
  BATUTA_ASSIGN_OR_RETURN(const Address address, ParseAddress(config.Text("listen")));
  http::ServerOptions options;
  options.address = address.host;
  options.port = address.port;
  options.threads = static_cast<int>(config.Number("http.threads"));
  options.max_connections = config.Number("http.connections");
  options.max_body_bytes = config.Number("limits.body");
  options.max_buffered_bytes = config.Number("limits.buffered");
  options.header_timeout = config.Duration("http.header_timeout");
  options.body_timeout = config.Duration("http.body_timeout");
  options.idle_timeout = config.Duration("http.idle_timeout");
  api_->ShowServerCounters([this] {
    const http::Server* server = counted_.load();
    return server == nullptr ? http::ServerCounters() : server->Counters();
  });
  BATUTA_ASSIGN_OR_RETURN(server_, http::Server::Start(options, api_->Hooks()));
  counted_ = server_.get();
  const bool is_any = address.host == "0.0.0.0" || address.host == "::";
  host_ = is_any ? "127.0.0.1" : address.host;
  if (host_.find(':') != std::string::npos) host_ = "[" + host_ + "]";
  return absl::OkStatus();
}

std::string RunningHub::url() const { return base::StrCat("http://", host_, ":", server_->port()); }

void RunningHub::Stop(base::Duration grace) {
  if (server_ != nullptr) server_->Stop(grace);
  if (api_ != nullptr) api_->StopJobs();
  if (hub_ != nullptr) hub_->Stop();
  counted_ = nullptr;
  server_.reset();
  api_.reset();
  hub_.reset();
  lock_.reset();
}

}  // namespace batuta::server
