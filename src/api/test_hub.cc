#include "api/test_hub.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "absl/synchronization/notification.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "http/target.h"

namespace batuta::api {
namespace {

class Catcher : public http::ResponseSink {
 public:
  void Deliver(http::Response response) override {
    response_ = std::move(response);
    delivered_.Notify();
  }
  bool Cancelled() const override { return false; }
  http::Response Wait() {
    BATUTA_CHECK(delivered_.WaitForNotificationWithTimeout(absl::Seconds(60)), "no answer came");
    return std::move(response_);
  }

 private:
  http::Response response_;
  absl::Notification delivered_;
};

http::Request RequestOf(const TestCall& call) {
  http::Request request;
  request.method = call.method;
  request.target = call.target;
  BATUTA_CHECK(http::ParseTarget(&request), call.target);
  if (!call.key.empty()) request.headers.Add("Authorization", "Bearer " + call.key);
  for (const auto& [name, value] : call.headers) request.headers.Set(name, value);
  request.body.reserve(call.body.size() + http::kBodyPadding);
  request.body = call.body;
  request.has_body = !call.body.empty();
  request.content_length = call.body.size();
  return request;
}

}  // namespace

std::string TestAnswer::At(std::string_view path) const {
  const base::Value* value = &json;
  while (!path.empty()) {
    const size_t dot = std::min(path.find('.'), path.size());
    const std::string name(path.substr(0, dot));
    if (value->has_list()) {
      const int index = std::stoi(name);
      if (index >= value->list().values_size()) return "";
      value = &value->list().values(index);
    } else {
      value = base::Find(value->object(), name);
      if (value == nullptr) return "";
    }
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return value->has_text() ? value->text() : base::ToJson(*value);
}

TestHub::TestHub(ApiOptions options) {
  std::string name = (std::filesystem::temp_directory_path() / "batuta-api-XXXXXX").string();
  BATUTA_CHECK(mkdtemp(name.data()) != nullptr);
  folder_ = name;
  engine::HubOptions hub_options;
  hub_options.folder = folder_ + "/hub";
  hub_options.disk = &disk_;
  hub_options.clock = &clock_;
  hub_options.master_key = *vault::MasterKey::Draw();
  hub_options.partitions = 4;
  hub_options.segment_bytes = 4 << 20;
  hub_options.reserve_bytes = 1 << 20;
  auto hub = engine::Hub::Open(std::move(hub_options));
  BATUTA_CHECK_OK(hub.status());
  hub_ = *std::move(hub);
  hub_->Start();
  auto api = Api::Create(*hub_, std::move(options));
  BATUTA_CHECK_OK(api.status());
  api_ = *std::move(api);
  auto keys = api_->CreateFirstKeys();
  BATUTA_CHECK_OK(keys.status());
  keys_ = *std::move(keys);
  hooks_ = api_->Hooks();
  const TestAnswer applied = Call({.method = http::Method::kPost,
                                   .target = "/v1/resources:apply",
                                   .body = std::string(kSampleDocuments),
                                   .key = keys_.secret_key,
                                   .headers = {{"Content-Type", "application/yaml"}}});
  BATUTA_CHECK(applied.status == 200, applied.body);
  EXPECT_EQ(Call({.target = "/readyz"}).status, 503) << "the start is not over yet";
  api_->EndStart();
}

TestHub::~TestHub() {
  api_->StopJobs();
  hub_->Stop();
  api_.reset();
  hub_.reset();
  std::filesystem::remove_all(folder_);
}

http::Response TestHub::Open(const TestCall& call) {
  http::Request request = RequestOf(call);
  request.received = clock_.Monotonic();
  if (auto refused = hooks_.admission(request)) return *std::move(refused);
  auto sink = std::make_shared<Catcher>();
  hooks_.handler(std::move(request), http::Responder(sink));
  return sink->Wait();
}

TestAnswer TestHub::Call(const TestCall& call) {
  const std::string raw_path(RequestOf(call).RawPath());
  http::Response response = Open(call);
  while (response.stream) {
    const absl::StatusOr<bool> more = response.stream(&response.body);
    BATUTA_CHECK_OK(more.status());
    if (!*more) response.stream = nullptr;
  }
  const bool described = call.method != http::Method::kOptions && !raw_path.starts_with("/nowhere");
  if (described) {
    EXPECT_EQ(openapi_.Check(call.method, raw_path, response), "") << call.target << "\n"
                                                                   << response.body;
  }
  TestAnswer answer{static_cast<int>(response.status), response.headers, response.body, {}};
  const std::string_view type = response.headers.Get("Content-Type");
  if (type.find("json") != std::string_view::npos && type != "application/x-ndjson") {
    auto json = base::ParseJson(response.body);
    EXPECT_TRUE(json.ok()) << response.body;
    if (json.ok()) answer.json = *std::move(json);
  }
  return answer;
}

TestAnswer TestHub::Send(http::Method method, std::string_view target, std::string_view body) {
  TestCall call = {.method = method,
                   .target = std::string(target),
                   .body = std::string(body),
                   .key = keys_.secret_key};
  if (!position_.empty()) call.headers.emplace_back("X-Log-Position", position_);
  return Call(call);
}

TestAnswer TestHub::Ingest(std::string_view path, std::string_view body) {
  TestAnswer answer = Call({.method = http::Method::kPost,
                            .target = std::string(path),
                            .body = std::string(body),
                            .key = keys_.write_key});
  const std::string_view position = answer.headers.Get("X-Log-Position");
  if (!position.empty()) position_ = position;
  return answer;
}

std::string TestHub::KeyWith(std::string_view scopes_json) {
  const TestAnswer made =
      Post("/v1/keys", base::StrCat(R"({"kind":"secret","title":"t","scopes":)", scopes_json, "}"));
  EXPECT_EQ(made.status, 201) << made.body;
  return made.At("secret");
}

}  // namespace batuta::api
