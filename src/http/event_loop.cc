#include "http/event_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "http/connection.h"
#include "http/monotonic.h"

namespace batuta::http {
namespace {

// Timeouts are looked at this often: a quarter of the shortest, within bounds.
std::chrono::microseconds TickOf(const ServerOptions& options) {
  const int64_t shortest = std::min({options.header_timeout.micros, options.body_timeout.micros,
                                     options.idle_timeout.micros, options.write_timeout.micros,
                                     options.linger.micros, options.stream_poll.micros * 4});
  return std::chrono::microseconds(std::clamp<int64_t>(shortest / 4, 5'000, 250'000));
}

}  // namespace

EventLoop::EventLoop(std::shared_ptr<ServerSettings> settings)
    : settings_(std::move(settings)), work_(context_.get_executor()), ticker_(context_) {}

void EventLoop::Run() {
  thread_id_ = std::this_thread::get_id();
  Tick();
  context_.run();
  const std::lock_guard lock(mutex_);
  inbox_closed_ = true;
  inbox_.clear();
}

void EventLoop::Add(std::shared_ptr<Connection> connection) {
  connections_.insert(std::move(connection));
}

void EventLoop::Remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  EndIfDone();
}

void EventLoop::Leave(std::shared_ptr<Connection> connection, Response response) {
  bool announce = false;
  {
    const std::lock_guard lock(mutex_);
    if (inbox_closed_) return;
    inbox_.emplace_back(std::move(connection), std::move(response));
    announce = !std::exchange(inbox_announced_, true);
  }
  if (announce) boost::asio::post(context_, [this] { EmptyInbox(); });
}

void EventLoop::EmptyInbox() {
  std::vector<Letter> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(inbox_);
    inbox_announced_ = false;
  }
  for (Letter& letter : letters) letter.first->Answer(std::move(letter.second));
}

void EventLoop::Tick() {
  const base::Duration now = MonotonicNow();
  for (const auto& connection : ConnectionsNow()) connection->Tick(now);
  if (draining_ && connections_.empty()) return;
  ticker_.expires_after(TickOf(settings_->options));
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

void EventLoop::Drain() {
  boost::asio::post(context_, [this] {
    draining_ = true;
    for (const auto& connection : ConnectionsNow()) connection->Drain();
    EndIfDone();
  });
}

void EventLoop::Cut() {
  boost::asio::post(context_, [this] {
    for (const auto& connection : ConnectionsNow()) connection->Close();
  });
}

bool EventLoop::WaitUntilEmpty(base::Duration at_most) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, std::chrono::microseconds(at_most.micros),
                           [this] { return empty_; });
}

// A copy, because a connection that closes leaves the set.
std::vector<std::shared_ptr<Connection>> EventLoop::ConnectionsNow() const {
  return {connections_.begin(), connections_.end()};
}

void EventLoop::EndIfDone() {
  if (!draining_ || !connections_.empty()) return;
  ticker_.cancel();
  work_.reset();
  const std::lock_guard lock(mutex_);
  empty_ = true;
  emptied_.notify_all();
}

}  // namespace batuta::http
