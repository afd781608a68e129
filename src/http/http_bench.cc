// How many small requests one core of the server takes: 64 kept connections, one request of a
// client library's size each time, answered inline or by another thread.
//
// Counts the CPU time of the server's thread (kernel included), because the load comes from the
// same machine; wall-clock rates say little when both compete for its cores.
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/status.h"
#include "http/monotonic.h"
#include "http/raw_connection.h"
#include "http/server.h"

namespace batuta::http {
namespace {

constexpr size_t kConnections = 64;
constexpr int64_t kRunMicros = 3'000'000;

// Answers what it collected, a batch at a time, as a committing thread does.
class Committer {
 public:
  Committer() : thread_([this] { Run(); }) {}
  ~Committer() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  void Take(Responder&& responder) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(responder));
    }
    wake_.notify_one();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (!done_) {
      wake_.wait(lock, [this] { return done_ || !waiting_.empty(); });
      std::vector<Responder> batch = std::exchange(waiting_, {});
      lock.unlock();
      for (Responder& responder : batch) responder.Send(Response::Json(Status::kOk, "{}"));
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Responder> waiting_;
  bool done_ = false;
  std::thread thread_;
};

int64_t CpuNanos(clockid_t clock) {
  timespec spent{};
  clock_gettime(clock, &spent);
  return int64_t{spent.tv_sec} * 1'000'000'000 + spent.tv_nsec;
}

std::string SmallPost() {
  const std::string body =
      R"({"type":"track","event":"Order Completed","userId":"user-12345","messageId":"m-0001",)"
      R"("timestamp":"2026-11-22T10:15:30.123Z","properties":{"orderId":"o-1","total":123.45,)"
      R"("currency":"MXN","coupon":"","items":[{"sku":"a-1","quantity":2,"price":50.5}]},)"
      R"("context":{"library":{"name":"analytics-node","version":"2.1.0"},"ip":"203.0.113.9"}})";
  return PostOf("/v1/track", body,
                "Content-Type: application/json\r\nAuthorization: Basic d3JpdGVrZXk6\r\n"
                "User-Agent: analytics-node/2.1.0\r\nAccept: */*\r\n");
}

// Each connection has one request under way at all times; returns how many were answered.
int64_t Load(uint16_t port) {
  std::vector<std::unique_ptr<RawConnection>> connections;
  std::vector<pollfd> polled;
  const std::string request = SmallPost();
  for (size_t i = 0; i < kConnections; ++i) {
    connections.push_back(std::make_unique<RawConnection>(port));
    polled.push_back({.fd = connections.back()->descriptor(), .events = POLLIN, .revents = 0});
    connections.back()->Say(request);
  }
  int64_t answered = 0;
  const int64_t end = MonotonicNow().micros + kRunMicros;
  while (MonotonicNow().micros < end) {
    BATUTA_CHECK(poll(polled.data(), polled.size(), 1000) >= 0);
    for (size_t i = 0; i < kConnections; ++i) {
      if (polled[i].revents == 0) continue;
      std::array<char, 4096> answer;
      const size_t size = connections[i]->ReadInto(answer.data(), answer.size());
      BATUTA_CHECK(std::string_view(answer.data(), size).starts_with("HTTP/1.1 200 OK"));
      connections[i]->Say(request);
      ++answered;
    }
  }
  return answered;
}

void Report(const char* name, int64_t answered, int64_t cpu_nanos) {
  std::printf("%-24s %9.0f req/s wall  %9.0f req/s per core  %5.2f us CPU per request\n", name,
              static_cast<double>(answered) * 1e6 / static_cast<double>(kRunMicros),
              static_cast<double>(answered) * 1e9 / static_cast<double>(cpu_nanos),
              static_cast<double>(cpu_nanos) / 1e3 / static_cast<double>(answered));
}

// What the kernel alone costs: reads whatever comes and sends a fixed answer, without looking at
// it.
void FloorLoop(int listener, const std::atomic<bool>& done) {
  const int epoll = epoll_create1(0);
  epoll_event listening{.events = EPOLLIN, .data = {.fd = listener}};
  BATUTA_CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &listening) == 0);
  constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  std::array<char, 8192> in;
  std::array<epoll_event, 128> events;
  while (!done) {
    const int ready = epoll_wait(epoll, events.data(), 128, 10);
    for (int i = 0; i < ready; ++i) {
      const int socket = events[static_cast<size_t>(i)].data.fd;
      if (socket == listener) {
        epoll_event added{.events = EPOLLIN, .data = {.fd = accept(listener, nullptr, nullptr)}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, added.data.fd, &added);
      } else if (recv(socket, in.data(), in.size(), 0) <= 0) {
        close(socket);
      } else {
        BATUTA_CHECK(send(socket, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) > 0);
      }
    }
  }
  close(epoll);
}

void MeasureFloor() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  BATUTA_CHECK(bind(listener, plain, size) == 0 && listen(listener, 128) == 0);
  BATUTA_CHECK(getsockname(listener, plain, &size) == 0);
  std::atomic<bool> done{false};
  std::thread thread([&] { FloorLoop(listener, done); });
  clockid_t clock{};
  BATUTA_CHECK(pthread_getcpuclockid(thread.native_handle(), &clock) == 0);
  const int64_t before = CpuNanos(clock);
  const int64_t answered = Load(ntohs(address.sin_port));
  Report("kernel alone", answered, CpuNanos(clock) - before);
  done = true;
  thread.join();
  close(listener);
}

void Measure(const char* name, std::function<void(Responder&&)> answer) {
  std::atomic<bool> known{false};
  clockid_t clock{};
  ServerHooks hooks;
  hooks.handler = [&](Request&&, Responder&& responder) {
    if (!known.load(std::memory_order_relaxed)) {
      BATUTA_CHECK(pthread_getcpuclockid(pthread_self(), &clock) == 0);
      known = true;
    }
    answer(std::move(responder));
  };
  auto server = Server::Start({}, std::move(hooks));
  BATUTA_CHECK_OK(server.status());
  RawConnection((*server)->port()).Ask(SmallPost());
  BATUTA_CHECK(known);
  const int64_t before = CpuNanos(clock);
  const int64_t answered = Load((*server)->port());
  const int64_t spent = CpuNanos(clock) - before;
  Report(name, answered, spent);
}

}  // namespace
}  // namespace batuta::http

int main() {
  using batuta::http::Responder;
  using batuta::http::Response;
  using batuta::http::Status;
  for (int round = 0; round < 3; ++round) {
    batuta::http::MeasureFloor();
    batuta::http::Measure("answered inline", [](Responder&& responder) {
      responder.Send(Response::Json(Status::kOk, "{}"));
    });
    batuta::http::Committer committer;
    batuta::http::Measure("answered by a committer",
                          [&](Responder&& responder) { committer.Take(std::move(responder)); });
  }
  return 0;
}
