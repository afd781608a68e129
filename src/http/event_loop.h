// One thread of a server: its event loop, its connections, and the answers that other threads left
// for them. Internal to this folder.
//
// Everything is touched by the loop's own thread alone, but for the inbox, the counters and
// `settings`. Shared by the server and every connection, so that a Responder may outlive the
// server.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/time.h"
#include "http/inflater.h"
#include "http/message.h"
#include "http/server.h"
#include "http/server_counters.h"

namespace batuta::http {

class Connection;

// A number that one thread changes and any thread reads.
class Tally {
 public:
  void Add(uint64_t amount) { value_.store(value() + amount, std::memory_order_relaxed); }
  void Subtract(uint64_t amount) { value_.store(value() - amount, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct LoopTallies {
  Tally requests_under_way;
  Tally requests_handled;
  Tally bytes_in;
  Tally bytes_out;
  Tally handler_failures;
  std::array<Tally, kRefusals> refused;
};

// What all loops of a server share.
struct ServerSettings {
  ServerOptions options;
  ServerHooks hooks;
  std::atomic<uint64_t> connections_open{0};
  std::atomic<uint64_t> buffered_bytes{0};
  std::atomic<bool> stopping{false};
};

class EventLoop {
 public:
  explicit EventLoop(std::shared_ptr<ServerSettings> settings);

  boost::asio::io_context& context() { return context_; }
  ServerSettings& settings() { return *settings_; }
  LoopTallies& tallies() { return tallies_; }
  Inflater& inflater() { return inflater_; }
  bool OnOwnThread() const { return std::this_thread::get_id() == thread_id_; }

  // The body of the thread; returns when Drain has been called and nothing is left to do.
  void Run();

  // Own thread: the loop holds a connection from Add to Remove.
  void Add(std::shared_ptr<Connection> connection);
  void Remove(const std::shared_ptr<Connection>& connection);

  // Any thread: hands an answer to a connection of this loop. One wake-up serves all answers that
  // come before the loop gets to them.
  void Leave(std::shared_ptr<Connection> connection, Response response);

  // Any thread, for Server::Stop: close what is idle; cut everything; true once all are closed.
  void Drain();
  void Cut();
  bool WaitUntilEmpty(base::Duration at_most);

 private:
  using Letter = std::pair<std::shared_ptr<Connection>, Response>;

  void EmptyInbox();
  void Tick();
  std::vector<std::shared_ptr<Connection>> ConnectionsNow() const;
  void EndIfDone();

  const std::shared_ptr<ServerSettings> settings_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer ticker_;
  std::atomic<std::thread::id> thread_id_{};
  absl::flat_hash_set<std::shared_ptr<Connection>> connections_;
  Inflater inflater_;
  LoopTallies tallies_;
  bool draining_ = false;

  std::mutex mutex_;  // guards what follows
  std::condition_variable emptied_;
  std::vector<Letter> inbox_;
  bool inbox_announced_ = false;
  bool inbox_closed_ = false;
  bool empty_ = false;
};

}  // namespace batuta::http
